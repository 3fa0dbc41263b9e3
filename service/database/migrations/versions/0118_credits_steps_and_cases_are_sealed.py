"""Metric credits, steps of disputes and cases of misconduct are sealed as well."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.migrations.tenancy import index

revision = "0118"
down_revision = "0117"


def upgrade() -> None:
    """Add the transaction of each line."""
    for table in ("metric_credit", "dispute_step", "penalty_case"):
        # What is there is of this migration's transaction: the next seal takes it as it is found.
        # The value is kept beside the table; nothing is rewritten.
        column = sa.Column(
            "transaction",
            sa.BigInteger(),
            nullable=True,
            server_default=text("pg_current_xact_id()::text::bigint"),
        )
        op.add_column(table, column, schema="app")
        index(
            f"{table}_transaction_ix",
            table,
            ["tenant_id", "transaction"],
            postgresql_using="brin",
        )
