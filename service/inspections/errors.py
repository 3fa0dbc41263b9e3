"""What the conduct checklist says no with."""

from service.database.constraints import answers
from service.errors import AlreadyTaken

answers(
    "inspection_item_code_key", lambda value: AlreadyTaken(value=value, field=("input", "code"))
)
