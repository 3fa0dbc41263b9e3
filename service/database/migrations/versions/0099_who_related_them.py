"""A relation keeps with whose right a stand-in recorded it, and stays as it was recorded."""

import sqlalchemy as sa
from alembic import op

from service.database.migrations.tenancy import run
from service.database.security import fixing
from service.database.tables import SCHEMA

revision = "0099"
down_revision = "0098"
_TABLE = "party_relation"
_FIXED = (
    "party_id",
    "other_party_id",
    "kind",
    "unit_code",
    "created_at",
    "created_by",
    "on_behalf_of_id",
)
# The audit knows it of those that are there.
_KNOWN = """
UPDATE app.party_relation r SET on_behalf_of_id = a.on_behalf_of_id
FROM app.audit_event a
WHERE a.tenant_id = r.tenant_id AND a.at = r.created_at AND a.command = 'link_parties'
  AND a.subject_id = r.party_id AND a.actor_id = r.created_by AND a.on_behalf_of_id IS NOT NULL
"""


def upgrade() -> None:
    """Add the column, fill it, and let nobody change what a claim is judged on."""
    op.add_column(_TABLE, sa.Column("on_behalf_of_id", sa.Uuid(), nullable=True), schema=SCHEMA)
    op.create_foreign_key(
        f"{_TABLE}_on_behalf_of_id_fk",
        _TABLE,
        "member",
        ["tenant_id", "on_behalf_of_id"],
        ["tenant_id", "id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )
    tables = (_TABLE, "audit_event")
    run(
        [
            *(f"ALTER TABLE {SCHEMA}.{table} NO FORCE ROW LEVEL SECURITY" for table in tables),
            _KNOWN,
            *(f"ALTER TABLE {SCHEMA}.{table} FORCE ROW LEVEL SECURITY" for table in tables),
        ]
    )
    run(fixing(_TABLE, _FIXED))
