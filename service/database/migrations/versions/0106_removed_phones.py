"""A number may be taken from a customer; that he had it is kept."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import APPLICATION

revision = "0106"
down_revision = "0105"

_INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)


def upgrade() -> None:
    """Make the table, and let numbers go."""
    tenant_table(
        "removed_phone",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=True),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("removed_at", _INSTANT, nullable=False),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 500", name="removed_phone_reason_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="removed_phone_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "removed_by"],
            ["app.member.tenant_id", "app.member.id"],
            name="removed_phone_removed_by_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="removed_phone_pk"),
        append_only=True,
    )
    index(
        "removed_phone_party_id_removed_at_id_ix",
        "removed_phone",
        ["tenant_id", "party_id", "removed_at", "id"],
    )
    index(
        "removed_phone_phone_removed_at_ix", "removed_phone", ["tenant_id", "phone", "removed_at"]
    )
    run([f"GRANT DELETE ON app.contact_point TO {APPLICATION}"])
