"""The rotation knows more of a rep than his place: roles, shifts, turns owed, being barred."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Keep the terms beside the order, in the row that every arrival locks and reads anyway."""
    op.add_column(
        "rotation_queue",
        sa.Column("terms", JSONB(), nullable=False, server_default=sa.text("'{}'")),
        schema="app",
    )
