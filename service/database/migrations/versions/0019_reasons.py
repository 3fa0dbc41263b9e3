"""Why a day of the calendar differs is kept in several languages; what there is stands in one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import run

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the column and fill it from the old one, which the release before still writes."""
    op.add_column(
        "calendar_day",
        sa.Column("reasons", postgresql.JSONB(none_as_null=True), nullable=True),
        schema="app",
    )
    tables = ("app.calendar_day", "app.tenant")
    run(
        [
            # Row security holds the owner too: he would fill nothing.
            *(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY" for table in tables),
            "UPDATE app.calendar_day d SET reasons = jsonb_build_object(t.locale, d.reason)"
            " FROM app.tenant t WHERE t.tenant_id = d.tenant_id AND d.reason IS NOT NULL",
            *(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY" for table in tables),
        ]
    )
