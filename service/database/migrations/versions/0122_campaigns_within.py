"""A campaign that names sites alone is of the territory that has them."""

import sqlalchemy as sa
from alembic import op

from service.database.migrations.tenancy import index, run
from service.database.tables import SCHEMA

revision = "0122"
down_revision = "0121"
_COLUMN = "within_territory_id"
_READ = ("campaign", "campaign_site", "site")
# Of sites in several territories it is known once the campaign is changed: which tree stood when it
# was planned is not told by any one table.
_KNOWN = f"""
UPDATE {SCHEMA}.campaign m SET {_COLUMN} = coalesce(m.territory_id, (
    SELECT CASE WHEN count(*) = count(s.territory_id) AND count(DISTINCT s.territory_id) = 1
                THEN min(s.territory_id::text)::uuid END
    FROM {SCHEMA}.campaign_site a
    JOIN {SCHEMA}.site s ON s.tenant_id = a.tenant_id AND s.id = a.site_id
    WHERE a.tenant_id = m.tenant_id AND a.campaign_id = m.id))
"""


def upgrade() -> None:
    """Add the column, and say of the campaigns there are what is known of them."""
    op.add_column("campaign", sa.Column(_COLUMN, sa.Uuid(), nullable=True), schema=SCHEMA)
    op.create_foreign_key(
        f"campaign_{_COLUMN}_fk",
        "campaign",
        "territory",
        ["tenant_id", _COLUMN],
        ["tenant_id", "id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )
    run(
        [
            # Forced row security holds the owner too: he would find nothing.
            *(f"ALTER TABLE {SCHEMA}.{table} NO FORCE ROW LEVEL SECURITY" for table in _READ),
            _KNOWN,
            *(f"ALTER TABLE {SCHEMA}.{table} FORCE ROW LEVEL SECURITY" for table in _READ),
            "SET CONSTRAINTS ALL IMMEDIATE",
        ]
    )
    columns = (_COLUMN, "first_on", "id")
    index(f"campaign_{'_'.join(columns)}_ix", "campaign", ["tenant_id", *columns])
