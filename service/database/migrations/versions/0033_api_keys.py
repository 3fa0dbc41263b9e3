"""Keys by which programs ask as a member who is no person."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Make the table; what a key is stays as it was written."""
    tenant_table(
        "api_key",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="api_key_name_length_check"),
        sa.CheckConstraint("expires_at > created_at", name="api_key_lasts_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="api_key_member_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="api_key_pk"),
    )
    index("api_key_member_id_ix", "api_key", ["tenant_id", "member_id"])
    index("api_key_created_at_id_ix", "api_key", ["tenant_id", "created_at", "id"])
    run(fixing("api_key", ("member_id", "name", "secret_hash", "expires_at")))
