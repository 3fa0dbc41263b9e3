"""Registers, their entries, follow-ups and relations are sealed as well."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.migrations.tenancy import index

revision = "0101"
down_revision = "0100"


def upgrade() -> None:
    """Add the transaction of each line."""
    for table in ("register_book", "registration", "follow_up", "party_relation"):
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
