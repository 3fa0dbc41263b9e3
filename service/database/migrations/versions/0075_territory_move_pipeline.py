"""What a territory model would move of the pipeline, beside registrations and deals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.tables import SCHEMA

revision = "0075"
down_revision = "0074"


def upgrade() -> None:
    """Add how many opportunities are open, and what they come to."""
    count = sa.Column("opportunity_count", sa.Integer(), server_default=text("0"), nullable=False)
    op.add_column("territory_move", count, schema=SCHEMA)
    amount = sa.Column("pipeline_minor", sa.BigInteger(), nullable=True)
    op.add_column("territory_move", amount, schema=SCHEMA)
