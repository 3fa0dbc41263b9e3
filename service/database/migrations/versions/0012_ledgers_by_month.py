"""The audit and the changes of the queue are kept by month; the lines there are move along."""

from datetime import date

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.clock import SystemClock
from service.database.migrations.tenancy import index, monthly_ledger, run
from service.database.partitions import month_part, months_ahead

revision = "0012"
down_revision = "0011"

_OLD = "{0}_unparted"


def upgrade() -> None:
    """Set each table aside, make it anew by month, and move its lines."""
    for name, indexes, make in (
        ("audit_event", ("actor_id_at_ix", "at_id_ix", "subject_id_at_ix"), _audit_event),
        ("queue_event", ("site_id_day_at_id_ix",), _queue_event),
    ):
        _set_aside(name, indexes)
        make()
        _move(name)


def _set_aside(name: str, indexes: tuple[str, ...]) -> None:
    old, columns = f"app.{_OLD.format(name)}", _columns(f"app.{name}")
    run(
        [
            f"ALTER TABLE app.{name} RENAME TO {_OLD.format(name)}",
            # Row security holds the owner too: he would move nothing.
            f"ALTER TABLE {old} NO FORCE ROW LEVEL SECURITY",
            # Names of indexes and of what is not null are the schema's; the new table wants them.
            f"ALTER TABLE {old} DROP CONSTRAINT {name}_pk",
            *(f"DROP INDEX app.{name}_{ending}" for ending in indexes),
            *(f'ALTER TABLE {old} ALTER "{column}" DROP NOT NULL' for column in columns),
        ]
    )


def _move(name: str) -> None:
    old = f"app.{_OLD.format(name)}"
    lived = op.get_bind().scalars(
        text(f"SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'UTC')::date FROM {old}")
    )
    months: set[date] = {*lived, *months_ahead(SystemClock().now())}
    for month in sorted(months):
        run(month_part(name, month))
    columns = ", ".join(f'"{column}"' for column in _columns(old))
    run(
        [
            f"ALTER TABLE app.{name} NO FORCE ROW LEVEL SECURITY",
            f"INSERT INTO app.{name} ({columns}) SELECT {columns} FROM {old}",
            f"ALTER TABLE app.{name} FORCE ROW LEVEL SECURITY",
            f"DROP TABLE {old}",
        ]
    )


def _columns(table: str) -> list[str]:
    asked = text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:named AS regclass)"
        " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    )
    return list(op.get_bind().scalars(asked, {"named": table}))


def _audit_event() -> None:
    monthly_ledger(
        "audit_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of_id", sa.Uuid(), nullable=True),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=True),
        sa.Column("subject_type", sa.Text(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("details", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="audit_event_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "at", "id", name="audit_event_pk"),
    )
    index("audit_event_actor_id_at_ix", "audit_event", ["tenant_id", "actor_id", "at"])
    index("audit_event_subject_id_at_ix", "audit_event", ["tenant_id", "subject_id", "at"])


def _queue_event() -> None:
    monthly_ledger(
        "queue_event",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "change IN ('JOIN', 'CONSUME', 'SKIP', 'RESTORE', 'LEAVE', 'OVERRIDE')",
            name="queue_event_change_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="queue_event_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="queue_event_site_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "at", "id", name="queue_event_pk"),
    )
    index(
        "queue_event_site_id_day_at_id_ix",
        "queue_event",
        ["tenant_id", "site_id", "day", "at", "id"],
    )
