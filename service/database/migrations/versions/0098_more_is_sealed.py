"""Credit entries and published rulebooks are sealed as well."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.migrations.tenancy import index

revision = "0098"
down_revision = "0097"


def upgrade() -> None:
    """Add the transaction of each line, and what a seal looked through."""
    for table in ("credit_entry", "rulebook_version"):
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
        "credit_entry_transaction_ix",
        "credit_entry",
        ["tenant_id", "transaction"],
        postgresql_using="brin",
    )
    looked_through = sa.Column("looked_through", sa.Text(), nullable=False, server_default="AD")
    op.add_column("journal_seal", looked_through, schema="app")
    op.alter_column("journal_seal", "looked_through", server_default=None, schema="app")
