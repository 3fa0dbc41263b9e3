"""Targets in force follow customers whom a territory model moves, unless they are not to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.migrations.tenancy import run
from service.database.security import fixing
from service.database.tables import SCHEMA

revision = "0092"
down_revision = "0091"
_TABLE = "territory_activation"
_FIXED = ("territory_model_id", "active_on", "active_from", "targets_follow")


def upgrade() -> None:
    """Let an activation say whether they do, for good."""
    follow: sa.Column[bool] = sa.Column(
        "targets_follow", sa.Boolean(), server_default=text("true"), nullable=False
    )
    op.add_column(_TABLE, follow, schema=SCHEMA)
    op.execute(f"DROP TRIGGER {_TABLE}_fixed ON {SCHEMA}.{_TABLE}")
    run(fixing(_TABLE, _FIXED))
