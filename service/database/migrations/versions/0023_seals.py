"""Audit and decisions know the transaction that wrote them, and are sealed by the worker."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import run, tenant_table

revision = "0023"
down_revision = "0022"

_INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    """Add the column, its index, and the table of seals."""
    for table in ("audit_event", "decision"):
        # The default comes second: lines that are there stay as they are, and nothing is rewritten.
        op.add_column(table, sa.Column("transaction", sa.BigInteger(), nullable=True), schema="app")
        run(
            [
                f"ALTER TABLE app.{table} ALTER COLUMN transaction"
                " SET DEFAULT pg_current_xact_id()::text::bigint"
            ]
        )
        op.create_index(
            f"{table}_transaction_ix",
            table,
            ["tenant_id", "transaction"],
            schema="app",
            postgresql_using="brin",
        )
    tenant_table(
        "journal_seal",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", _INSTANT, nullable=False),
        sa.Column("ledgers", sa.Text(), nullable=False),
        sa.Column("record_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("hashes", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("last_transaction", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", _INSTANT, nullable=False),
        sa.Column("until_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="journal_seal_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="journal_seal_pk"),
        sa.UniqueConstraint("tenant_id", "number", name="journal_seal_number_key"),
        append_only=True,
    )
