"""How an opportunity stood says of whom: what campaigns brought on a past day stays what it was."""

import sqlalchemy as sa
from alembic import op

from service.database.migrations.tenancy import index, run
from service.database.tables import SCHEMA

revision = "0103"
down_revision = "0102"
_TABLE = "opportunity_standing"
# What was there so far is the customer's that the opportunity has now.
_KNOWN = f"""
UPDATE {SCHEMA}.{_TABLE} s SET party_id = o.party_id FROM {SCHEMA}.opportunity o
WHERE o.tenant_id = s.tenant_id AND o.id = s.opportunity_id AND o.party_id IS NOT NULL
"""


def upgrade() -> None:
    """Add the column, and fill it."""
    op.add_column(_TABLE, sa.Column("party_id", sa.Uuid(), nullable=True), schema=SCHEMA)
    op.create_foreign_key(
        f"{_TABLE}_party_id_fk",
        _TABLE,
        "party",
        ["tenant_id", "party_id"],
        ["tenant_id", "id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )
    index(f"{_TABLE}_party_id_first_day_ix", _TABLE, ["tenant_id", "party_id", "first_day"])
    tables = (_TABLE, "opportunity")
    run(
        [
            *(f"ALTER TABLE {SCHEMA}.{table} NO FORCE ROW LEVEL SECURITY" for table in tables),
            _KNOWN,
            *(f"ALTER TABLE {SCHEMA}.{table} FORCE ROW LEVEL SECURITY" for table in tables),
        ]
    )
