"""Tenants that answer trusted documents only."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.tables import SCHEMA

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Let a tenant be set so; none is yet."""
    op.add_column(
        "tenant",
        sa.Column(
            "trusted_documents_only", sa.Boolean(), server_default=text("false"), nullable=False
        ),
        schema=SCHEMA,
    )
