"""The contract of a deal: when it was recorded, its day, by whom; claims may count from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index
from service.database.tables import SCHEMA

revision = "0110"
down_revision = "0109"


def upgrade() -> None:
    """Add the columns; a deal whose days to claim have not begun counts from nothing yet."""
    instant = postgresql.TIMESTAMP(timezone=True, precision=3)
    for column in (
        sa.Column("contracted_at", instant, nullable=True),
        sa.Column("contracted_on", sa.Date(), nullable=True),
        sa.Column("contracted_by", sa.Uuid(), nullable=True),
    ):
        op.add_column("deal", column, schema=SCHEMA)
    op.alter_column("deal", "counted_from", nullable=True, schema=SCHEMA)
    op.create_foreign_key(
        "deal_contracted_by_fk",
        "deal",
        "member",
        ["tenant_id", "contracted_by"],
        ["tenant_id", "id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )
    op.create_check_constraint(
        "deal_contract_check",
        "deal",
        "num_nonnulls(contracted_at, contracted_on, contracted_by) IN (0, 3)",
        schema=SCHEMA,
    )
    index("deal_contracted_on_id_ix", "deal", ["tenant_id", "contracted_on", "id"])
