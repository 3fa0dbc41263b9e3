"""Command keys, audit, decisions, outbox, number series."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _audit_event()
    _command()
    _decision()
    _number_series()
    _outbox()


def _audit_event() -> None:
    tenant_table(
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
        sa.PrimaryKeyConstraint("tenant_id", "id", name="audit_event_pk"),
        append_only=True,
    )
    index("audit_event_actor_id_at_ix", "audit_event", ["tenant_id", "actor_id", "at"])
    index(
        "audit_event_at_id_ix",
        "audit_event",
        ["tenant_id", sa.literal_column("at DESC"), sa.literal_column("id DESC")],
    )
    index("audit_event_subject_id_at_ix", "audit_event", ["tenant_id", "subject_id", "at"])
    # ### end Alembic commands ###


def _command() -> None:
    tenant_table(
        "command",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("principal", sa.Uuid(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("received_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("answer", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="command_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="command_pk"),
    )
    index(
        "command_principal_idempotency_key_key",
        "command",
        ["tenant_id", "principal", "idempotency_key"],
        unique=True,
    )
    index("command_received_at_ix", "command", ["tenant_id", "received_at"])
    # ### end Alembic commands ###


def _decision() -> None:
    tenant_table(
        "decision",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("rulebook_version_id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("outcome", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("passed_over", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('RECEPTION', 'REGISTRATION', 'RENEWAL', 'CLAIM', 'CREDIT')",
            name="decision_kind_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="decision_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="decision_pk"),
        append_only=True,
    )
    index(
        "decision_at_id_ix",
        "decision",
        ["tenant_id", sa.literal_column("at DESC"), sa.literal_column("id DESC")],
    )
    index("decision_subject_id_at_ix", "decision", ["tenant_id", "subject_id", "at"])
    # ### end Alembic commands ###


def _number_series() -> None:
    tenant_table(
        "number_series",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("last_value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="number_series_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="number_series_pk"),
        sa.UniqueConstraint(
            "tenant_id", "series", "scope_id", "day", name="number_series_series_scope_id_day_key"
        ),
    )
    # ### end Alembic commands ###


def _outbox() -> None:
    tenant_table(
        "outbox",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "transaction",
            sa.BigInteger(),
            server_default=text("pg_current_xact_id()::text::bigint"),
            nullable=True,
        ),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("body", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="outbox_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="outbox_pk"),
    )
    index(
        "outbox_position_ix",
        "outbox",
        ["tenant_id", "position"],
        postgresql_where=text("published_at IS NULL"),
    )
    index("outbox_position_key", "outbox", ["tenant_id", "position"], unique=True)
    # ### end Alembic commands ###
