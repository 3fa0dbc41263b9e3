"""Tenants, their words and calendars, and the directory that finds them."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import global_table, run, tenant_table
from service.database.security import REFUSE_CHANGE

revision = "0001"
down_revision = None


CLUSTER = "INSERT INTO app.global_cluster (code, kind, region) VALUES ('default', 'PLAIN', 'local')"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    run([REFUSE_CHANGE])
    _global_cluster()
    _tenant()
    _calendar_day()
    _channel()
    _global_tenant_directory()
    _term()
    # The one cluster a new installation has: nothing can refer to a cluster before it.
    run([CLUSTER])


def _global_cluster() -> None:
    global_table(
        "global_cluster",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('PLAIN', 'CITUS')", name="global_cluster_kind_check"),
        sa.PrimaryKeyConstraint("code", name="global_cluster_pk"),
    )
    # ### end Alembic commands ###


def _tenant() -> None:
    tenant_table(
        "tenant",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("access_version", sa.BigInteger(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("phone_region", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{1,62}$'", name="tenant_code_check"),
        sa.CheckConstraint("state IN ('ACTIVE', 'SUSPENDED', 'CLOSED')", name="tenant_state_check"),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="tenant_name_length_check"),
        sa.PrimaryKeyConstraint("tenant_id", name="tenant_pk"),
    )
    # ### end Alembic commands ###


def _calendar_day() -> None:
    tenant_table(
        "calendar_day",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="calendar_day_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="calendar_day_pk"),
        sa.UniqueConstraint("tenant_id", "day", name="calendar_day_day_key"),
        deletable=True,
    )
    # ### end Alembic commands ###


def _channel() -> None:
    tenant_table(
        "channel",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="channel_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="channel_pk"),
        sa.UniqueConstraint("tenant_id", "code", name="channel_code_key"),
    )
    # ### end Alembic commands ###


def _global_tenant_directory() -> None:
    global_table(
        "global_tenant_directory",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("cluster", sa.Text(), server_default=text("'default'"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tenant_state", sa.Text(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.CheckConstraint(
            "state IN ('PREPARING', 'ACTIVE', 'FROZEN', 'MOVING')",
            name="global_tenant_directory_state_check",
        ),
        sa.CheckConstraint(
            "tenant_state IN ('ACTIVE', 'SUSPENDED', 'CLOSED')",
            name="global_tenant_directory_tenant_state_check",
        ),
        sa.ForeignKeyConstraint(
            ["cluster"], ["app.global_cluster.code"], name="global_tenant_directory_cluster_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", name="global_tenant_directory_pk"),
        sa.UniqueConstraint("code", name="global_tenant_directory_code_key"),
    )
    # ### end Alembic commands ###


def _term() -> None:
    tenant_table(
        "term",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["app.tenant.tenant_id"], name="term_tenant_id_fk"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="term_pk"),
        sa.UniqueConstraint("tenant_id", "code", name="term_code_key"),
    )
    # ### end Alembic commands ###
