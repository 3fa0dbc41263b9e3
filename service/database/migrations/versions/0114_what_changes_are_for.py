"""What a change of a target is for: a leave it relieves, or that the target is another's now."""

import sqlalchemy as sa
from alembic import op

from service.database.tables import SCHEMA

revision = "0114"
down_revision = "0113"


def upgrade() -> None:
    """Add the columns; of earlier changes only who left is known to have handed his target over."""
    for column in (
        sa.Column("away_from", sa.Date(), nullable=True),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("hands_over", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("target_change", column, schema=SCHEMA)
    op.alter_column("target_change", "hands_over", server_default=None, schema=SCHEMA)
    op.create_check_constraint(
        "target_change_away_check",
        "target_change",
        "away_until >= away_from AND num_nulls(away_from, away_until) <> 1",
        schema=SCHEMA,
    )
