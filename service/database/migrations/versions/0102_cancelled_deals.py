"""A deal that fell through: when, by whom and why; its visit may be sold again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run
from service.database.security import ending
from service.database.tables import SCHEMA

revision = "0102"
down_revision = "0101"

_CANCELLATION = (
    "cancelled_at",
    "cancelled_on",
    "cancelled_by",
    "cancellation_reason",
    "cancellation_restated",
)


def upgrade() -> None:
    """Add the columns, their walls, and the indexes of what is asked by them."""
    _deal()
    _dispute()
    index(
        "credit_entry_reverses_id_key",
        "credit_entry",
        ["tenant_id", "reverses_id"],
        unique=True,
        postgresql_where="reverses_id IS NOT NULL",
    )


def _deal() -> None:
    instant = postgresql.TIMESTAMP(timezone=True, precision=3)
    for column in (
        sa.Column("cancelled_at", instant, nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("cancellation_reason", sa.Text(), nullable=True),
        sa.Column("cancellation_restated", sa.Boolean(), server_default="false", nullable=False),
    ):
        op.add_column("deal", column, schema=SCHEMA)
    op.create_foreign_key(
        "deal_cancelled_by_fk",
        "deal",
        "member",
        ["tenant_id", "cancelled_by"],
        ["tenant_id", "id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )
    op.create_check_constraint(
        "deal_cancellation_check",
        "deal",
        "num_nonnulls(cancelled_at, cancelled_on, cancelled_by, cancellation_reason) IN (0, 4)"
        " AND (cancelled_at IS NOT NULL OR NOT cancellation_restated)",
        schema=SCHEMA,
    )
    op.create_check_constraint(
        "deal_cancellation_reason_length_check",
        "deal",
        "char_length(cancellation_reason) BETWEEN 1 AND 2000",
        schema=SCHEMA,
    )
    run(ending("deal", _CANCELLATION))
    op.drop_index("deal_visit_id_key", "deal", schema=SCHEMA)
    index(
        "deal_visit_id_key",
        "deal",
        ["tenant_id", "visit_id"],
        unique=True,
        postgresql_where="cancelled_at IS NULL",
    )
    index("deal_visit_id_ix", "deal", ["tenant_id", "visit_id"])
    index("deal_cancelled_at_id_ix", "deal", ["tenant_id", "cancelled_at", "id"])
    index("deal_cancelled_on_id_ix", "deal", ["tenant_id", "cancelled_on", "id"])


def _dispute() -> None:
    instant = postgresql.TIMESTAMP(timezone=True, precision=3)
    op.add_column("dispute", sa.Column("cancelled_at", instant, nullable=True), schema=SCHEMA)
    op.drop_constraint("dispute_step_kind_check", "dispute_step", schema=SCHEMA)
    op.create_check_constraint(
        "dispute_step_kind_check",
        "dispute_step",
        "kind IN ('OPENED', 'PROPOSED', 'HANDOVER_ASKED', 'DECIDED', 'APPEALED',"
        " 'APPEAL_DECIDED', 'CANCELLED')",
        schema=SCHEMA,
    )
