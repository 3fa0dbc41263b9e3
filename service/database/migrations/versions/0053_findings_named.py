"""What a finding of falsification named: an entry, or days; so for those that named an entry."""

import sqlalchemy as sa
from alembic import op

from service.database.migrations.tenancy import run
from service.database.tables import SCHEMA

revision = "0053"
down_revision = "0052"

_TABLE = "penalty_case"


def upgrade() -> None:
    """Add the columns; where one entry alone fell it was the one named."""
    for column in (
        sa.Column("named_registration_id", sa.Uuid(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
    ):
        op.add_column(_TABLE, column, schema=SCHEMA)
    op.create_foreign_key(
        "penalty_case_named_registration_id_fk",
        _TABLE,
        "registration",
        ["tenant_id", "named_registration_id"],
        ["tenant_id", "id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )
    # Row security is forced on the owner too: for every tenant at once it has to stand aside.
    run(
        [
            f"ALTER TABLE {SCHEMA}.{_TABLE} NO FORCE ROW LEVEL SECURITY",
            f"UPDATE {SCHEMA}.{_TABLE} SET named_registration_id = registration_ids[1]"
            " WHERE scope = 'ENTRY'",
            f"ALTER TABLE {SCHEMA}.{_TABLE} FORCE ROW LEVEL SECURITY",
        ]
    )
