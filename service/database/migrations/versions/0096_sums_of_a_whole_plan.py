"""The sums of a plan are looked at in one go where a statement writes many of its targets."""

from service.database.migrations.tenancy import run
from service.database.target_guards import TARGET_FUNCTIONS

revision = "0096"
down_revision = "0095"


def upgrade() -> None:
    """Put the functions in the place of the former ones."""
    run(TARGET_FUNCTIONS)
