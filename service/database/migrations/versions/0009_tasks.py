"""Tasks and notifications."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _notification()
    _task()


def _notification() -> None:
    tenant_table(
        "notification",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("read_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="notification_member_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="notification_pk"),
    )
    index(
        "notification_event_key_member_id_key",
        "notification",
        ["tenant_id", "event_key", "member_id"],
        unique=True,
    )
    index("notification_member_id_at_id_ix", "notification", ["tenant_id", "member_id", "at", "id"])
    # ### end Alembic commands ###


def _task() -> None:
    tenant_table(
        "task",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("arguments", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=True),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint("state IN ('OPEN', 'DONE', 'CANCELLED')", name="task_state_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "duty_id"], ["app.duty.tenant_id", "app.duty.id"], name="task_duty_id_fk"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="task_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="task_org_unit_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="task_pk"),
    )
    index("task_created_at_id_ix", "task", ["tenant_id", "created_at", "id"])
    index(
        "task_kind_subject_id_member_id_key",
        "task",
        ["tenant_id", "kind", "subject_id", "member_id"],
        unique=True,
        postgresql_where=text("state = 'OPEN'"),
    )
    index("task_member_id_due_at_id_ix", "task", ["tenant_id", "member_id", "due_at", "id"])
    # ### end Alembic commands ###
