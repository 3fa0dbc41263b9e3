"""Where the registrations of a planned departure will go, as the rulebook known today says."""

import sqlalchemy as sa
from alembic import op

from service.database.migrations.tenancy import index, run
from service.database.tables import SCHEMA

revision = "0062"
down_revision = "0061"

_TABLE = "departure"


def upgrade() -> None:
    """Add the column; what somebody wished is what will be, the rest is written as it is asked."""
    op.add_column(_TABLE, sa.Column("goes", sa.Text(), nullable=True), schema=SCHEMA)
    op.create_check_constraint(
        "departure_goes_check",
        _TABLE,
        "goes IN ('POOL', 'SUCCESSOR', 'ROTATION', 'KEPT')",
        schema=SCHEMA,
    )
    index(
        "pool_entry_departure_id_entered_at_id_ix",
        "pool_entry",
        ["tenant_id", "departure_id", "entered_at", "id"],
    )
    # Row security is forced on the owner too: for every tenant at once it has to stand aside.
    run(
        [
            f"ALTER TABLE {SCHEMA}.{_TABLE} NO FORCE ROW LEVEL SECURITY",
            f"UPDATE {SCHEMA}.{_TABLE} SET goes = coalesce(went, wish)",
            f"ALTER TABLE {SCHEMA}.{_TABLE} FORCE ROW LEVEL SECURITY",
        ]
    )
