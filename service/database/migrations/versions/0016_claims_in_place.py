"""A claim knows its deal's place, so that lists of claims are read from one index."""

import sqlalchemy as sa
from alembic import op

from service.database.migrations.tenancy import index, run
from service.database.tables import SCHEMA

revision = "0016"
down_revision = "0015"

_PLACE = (("org_unit_id", "org_unit"), ("territory_id", "territory"))


def upgrade() -> None:
    """Give claims the columns, fill them from the deals, which never move, and index them."""
    for column, target in _PLACE:
        op.add_column("claim", sa.Column(column, sa.Uuid(), nullable=True), schema=SCHEMA)
        op.create_foreign_key(
            f"claim_{column}_fk",
            "claim",
            target,
            ["tenant_id", column],
            ["tenant_id", "id"],
            source_schema=SCHEMA,
            referent_schema=SCHEMA,
        )
    run(
        [
            # Row security holds the owner too: he would fill nothing.
            f"ALTER TABLE {SCHEMA}.claim NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {SCHEMA}.deal NO FORCE ROW LEVEL SECURITY",
            f"UPDATE {SCHEMA}.claim c SET org_unit_id = d.org_unit_id,"
            f" territory_id = d.territory_id FROM {SCHEMA}.deal d"
            " WHERE d.tenant_id = c.tenant_id AND d.id = c.deal_id",
            f"ALTER TABLE {SCHEMA}.deal FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {SCHEMA}.claim FORCE ROW LEVEL SECURITY",
        ]
    )
    for column, _ in _PLACE:
        index(f"claim_{column}_filed_at_id_ix", "claim", ["tenant_id", column, "filed_at", "id"])
    # A table in parts cannot be indexed beside its writers, so this is not with the others.
    index("audit_event_command_at_id_ix", "audit_event", ["tenant_id", "command", "at", "id"])
