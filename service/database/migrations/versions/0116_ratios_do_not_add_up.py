"""The parts of a ratio's target have goals of their own: no sum is asked of them."""

from service.database.migrations.tenancy import run
from service.database.target_guards import TARGET_FUNCTIONS

revision = "0116"
down_revision = "0115"


def upgrade() -> None:
    """Put the functions in the place of the former ones."""
    run(TARGET_FUNCTIONS)
