"""What the constraints of scorecards and bonus schemes mean."""

from service.database.constraints import answers
from service.errors import AlreadyTaken

for _name in ("scorecard_code_key", "bonus_scheme_code_key"):
    answers(_name, lambda value: AlreadyTaken(value=value, field=("input", "code")))
