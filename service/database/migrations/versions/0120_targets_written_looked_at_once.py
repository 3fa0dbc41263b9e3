"""What is written of targets is read through once, and a sum that does not hold says whose it is."""

from service.database.migrations.tenancy import run
from service.database.target_guards import TARGET_FUNCTIONS

revision = "0120"
down_revision = "0119"


def upgrade() -> None:
    """Put the functions in the place of the former ones."""
    run(TARGET_FUNCTIONS)
