"""What the rulebook made of a call: whether it was answered in time, and was not too long."""

import sqlalchemy as sa
from alembic import op

revision = "0108"
down_revision = "0107"


def upgrade() -> None:
    """Add the columns; of calls recorded before nothing is known."""
    for name in ("rings_in_time", "length_in_time"):
        op.add_column("call_record", sa.Column(name, sa.Boolean(), nullable=True), schema="app")
