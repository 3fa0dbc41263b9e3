"""Deadlines."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _timer()


def _timer() -> None:
    tenant_table(
        "timer",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("fired_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["app.tenant.tenant_id"], name="timer_tenant_id_fk"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="timer_pk"),
    )
    index(
        "timer_due_at_ix",
        "timer",
        ["tenant_id", "due_at"],
        postgresql_where=text("fired_at IS NULL"),
    )
    index(
        "timer_kind_subject_id_due_at_key",
        "timer",
        ["tenant_id", "kind", "subject_id", "due_at"],
        unique=True,
    )
    # ### end Alembic commands ###
