"""An entry of a register may come from a call, where the tenant's rulebook lets a call register."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.migrations.tenancy import index

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Let an entry name a call in the place of a visit."""
    op.alter_column("registration", "visit_id", nullable=True, schema="app")
    op.add_column("registration", sa.Column("call_id", sa.Uuid(), nullable=True), schema="app")
    op.create_foreign_key(
        "registration_call_id_fk",
        "registration",
        "call_record",
        ["tenant_id", "call_id"],
        ["tenant_id", "id"],
        source_schema="app",
        referent_schema="app",
    )
    op.create_check_constraint(
        "registration_origin_check",
        "registration",
        "num_nonnulls(visit_id, call_id) = 1",
        schema="app",
    )
    index(
        "registration_call_id_party_id_member_id_key",
        "registration",
        ["tenant_id", "call_id", "party_id", "member_id"],
        unique=True,
        postgresql_where=text("call_id IS NOT NULL AND superseded_at IS NULL"),
    )
