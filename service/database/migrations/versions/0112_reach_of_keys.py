"""Where an API key's requests come from, and whether it sends registered documents only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import run
from service.database.security import fixing
from service.database.tables import SCHEMA

revision = "0112"
down_revision = "0111"

_TABLE = "api_key"
_FIXED = (
    *("member_id", "name", "secret_hash", "expires_at"),
    *("address_ranges", "trusted_documents_only"),
)


def upgrade() -> None:
    """Add the columns; the keys there are come from everywhere and send what they like."""
    ranges = postgresql.ARRAY(sa.Text())
    none, no = text("'{}'"), text("false")
    op.add_column(
        _TABLE,
        sa.Column("address_ranges", ranges, server_default=none, nullable=False),
        schema=SCHEMA,
    )
    op.add_column(
        _TABLE,
        sa.Column("trusted_documents_only", sa.Boolean(), server_default=no, nullable=False),
        schema=SCHEMA,
    )
    run([f"DROP TRIGGER {_TABLE}_fixed ON {SCHEMA}.{_TABLE}"])
    run(fixing(_TABLE, _FIXED))
