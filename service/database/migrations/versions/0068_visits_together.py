"""Visitors who come together and buy apart."""

import sqlalchemy as sa
from alembic import op

from service.database.tables import SCHEMA

revision = "0068"
down_revision = "0067"


def upgrade() -> None:
    """Let a visit say with which other its visitor came."""
    op.add_column("visit", sa.Column("together_with_id", sa.Uuid(), nullable=True), schema=SCHEMA)
    op.create_foreign_key(
        "visit_together_with_id_fk",
        "visit",
        "visit",
        ["tenant_id", "together_with_id"],
        ["tenant_id", "id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )
