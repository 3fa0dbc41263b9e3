"""The territory tree."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _territory()


def _territory() -> None:
    tenant_table(
        "territory",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint(
            "char_length(code) BETWEEN 1 AND 64", name="territory_code_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="territory_parent_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="territory_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="territory_pk"),
        sa.UniqueConstraint("tenant_id", "code", name="territory_code_key"),
    )
    index("territory_parent_id_ix", "territory", ["tenant_id", "parent_id"])
    # ### end Alembic commands ###
