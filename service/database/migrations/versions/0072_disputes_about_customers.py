"""A dispute may be about a customer before there is any deal."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.migrations.tenancy import index
from service.database.tables import SCHEMA

revision = "0072"
down_revision = "0071"

_ORIGIN = (
    "num_nonnulls(registration_id, visit_id) = 1"
    " AND (registration_id IS NULL) = (from_member_id IS NULL)"
    " AND (departure_id IS NULL OR registration_id IS NOT NULL)"
)


def upgrade() -> None:
    """Let disputes say what they are about, and the pool hold whom a verdict gave the company."""
    # The default is for processes of the former release, which know of no subject.
    op.add_column(
        "dispute",
        sa.Column("subject", sa.Text(), server_default=text("'DEAL'"), nullable=False),
        schema=SCHEMA,
    )
    op.alter_column("dispute", "deal_id", nullable=True, schema=SCHEMA)
    op.create_check_constraint(
        "dispute_subject_check", "dispute", "subject IN ('CUSTOMER', 'DEAL')", schema=SCHEMA
    )
    op.create_check_constraint(
        "dispute_has_subject_check",
        "dispute",
        "subject = 'CUSTOMER' OR deal_id IS NOT NULL",
        schema=SCHEMA,
    )
    index(
        "dispute_party_id_site_id_key",
        "dispute",
        ["tenant_id", "party_id", "site_id"],
        unique=True,
        postgresql_where=text("deal_id IS NULL AND ended_at IS NULL"),
    )
    op.drop_constraint("pool_entry_origin_check", "pool_entry", schema=SCHEMA)
    op.create_check_constraint("pool_entry_origin_check", "pool_entry", _ORIGIN, schema=SCHEMA)
