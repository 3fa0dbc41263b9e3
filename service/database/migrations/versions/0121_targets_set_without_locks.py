"""A whole tree of targets is set without a lock for each, and its plan is summed in one reading."""

from alembic import op

from service.database.migrations.tenancy import run
from service.database.security import fixing_afterwards
from service.database.tables import SCHEMA
from service.database.target_guards import TARGET_FUNCTIONS

revision = "0121"
down_revision = "0120"
_TABLE = "target_node"
_FIXED = (
    *("plan_id", "parent_id", "metric_id", "org_unit_id", "territory_id", "member_id"),
    *("channel_code", "product_code", "seat", "first_day", "last_day", "kind", "level", "split"),
    *("is_unassigned", "is_vacancy", "currency"),
)


def upgrade() -> None:
    """Put the trigger after the rows, and the functions in the place of the former ones."""
    op.execute(f"DROP TRIGGER {_TABLE}_fixed ON {SCHEMA}.{_TABLE}")
    run(fixing_afterwards(_TABLE, _FIXED))
    run(TARGET_FUNCTIONS)
