"""The extension that a caller's number was given with."""

import sqlalchemy as sa
from alembic import op

revision = "0107"
down_revision = "0106"


def upgrade() -> None:
    """Add the column."""
    op.add_column("call_record", sa.Column("extension", sa.Text(), nullable=True), schema="app")
