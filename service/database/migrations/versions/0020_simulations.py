"""Simulations of a rulebook's text, kept with what they showed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0020"
down_revision = "0019"

_INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)
_JSON = postgresql.JSONB(none_as_null=True)


def upgrade() -> None:
    """Make the table and its indexes."""
    _table()
    _indexes()


def _table() -> None:
    tenant_table(
        "rulebook_simulation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.Text(), nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("overrides", _JSON, nullable=False),
        sa.Column("rulebook_version_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("site_ids", _JSON, nullable=False),
        sa.Column("done_count", sa.BigInteger(), nullable=False),
        sa.Column("total_count", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("heartbeat_at", _INSTANT, nullable=True),
        sa.Column("cancel_requested_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("summary", _JSON, nullable=True),
        sa.CheckConstraint(
            "kind IN ('STATELESS', 'STATEFUL')", name="rulebook_simulation_kind_check"
        ),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'RUNNING', 'DONE', 'CANCELLED', 'FAILED')",
            name="rulebook_simulation_state_check",
        ),
        sa.CheckConstraint("last_day >= first_day", name="rulebook_simulation_period_check"),
        sa.CheckConstraint(
            "(state = 'DONE') = (summary IS NOT NULL)", name="rulebook_simulation_summary_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="rulebook_simulation_tenant_id_fk"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "rulebook_version_id"],
            ["app.rulebook_version.tenant_id", "app.rulebook_version.id"],
            name="rulebook_simulation_rulebook_version_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="rulebook_simulation_pk"),
    )


def _indexes() -> None:
    index(
        "rulebook_simulation_text_hash_created_at_ix",
        "rulebook_simulation",
        ["tenant_id", "text_hash", "created_at"],
    )
    index(
        "rulebook_simulation_created_at_id_ix",
        "rulebook_simulation",
        ["tenant_id", "created_at", "id"],
    )
    op.create_index(
        "rulebook_simulation_one_running_key",
        "rulebook_simulation",
        ["tenant_id"],
        unique=True,
        schema="app",
        postgresql_where=text("state = 'RUNNING'"),
    )
    op.create_index(
        "rulebook_simulation_waiting_ix",
        "rulebook_simulation",
        ["tenant_id", "created_at"],
        schema="app",
        postgresql_where=text("state IN ('QUEUED', 'RUNNING')"),
    )
