"""Customers whom the rulebook gives to the company when they come are in its pool."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.migrations.tenancy import index
from service.database.tables import SCHEMA

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Let a customer of the pool come from a visit as well as from a released registration."""
    op.add_column("pool_entry", sa.Column("visit_id", sa.Uuid(), nullable=True), schema=SCHEMA)
    for column in ("registration_id", "from_member_id", "departure_id"):
        op.alter_column("pool_entry", column, nullable=True, schema=SCHEMA)
    op.create_foreign_key(
        "pool_entry_visit_id_fk",
        "pool_entry",
        "visit",
        ["tenant_id", "visit_id"],
        ["tenant_id", "id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )
    op.create_check_constraint(
        "pool_entry_origin_check",
        "pool_entry",
        "num_nonnulls(registration_id, visit_id) = 1"
        " AND num_nonnulls(registration_id, from_member_id, departure_id) IN (0, 3)",
        schema=SCHEMA,
    )
    index(
        "pool_entry_visit_id_key",
        "pool_entry",
        ["tenant_id", "visit_id"],
        unique=True,
        postgresql_where=text("visit_id IS NOT NULL"),
    )
