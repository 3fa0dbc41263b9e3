"""Whether a version takes running periods over stands beside its document.

Every arrival asks it, and a document is two hundred kilobytes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Add the column; the database fills it."""
    op.add_column(
        "rulebook_version",
        sa.Column(
            "switches",
            sa.Boolean(),
            sa.Computed("coalesce(document->>'running' = 'switch', false)", persisted=True),
            nullable=True,
        ),
        schema="app",
    )
