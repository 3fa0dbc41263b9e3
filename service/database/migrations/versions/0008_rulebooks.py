"""Versions of a tenant's rulebook."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _rulebook_version()


def _rulebook_version() -> None:
    tenant_table(
        "rulebook_version",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("document", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("overrides", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column(
            "effective_from", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True
        ),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "state = 'DRAFT' OR effective_from IS NOT NULL", name="rulebook_version_effective_check"
        ),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'PUBLISHED', 'RETIRED')", name="rulebook_version_state_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="rulebook_version_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="rulebook_version_pk"),
        sa.UniqueConstraint(
            "tenant_id", "policy", "number", name="rulebook_version_policy_number_key"
        ),
    )
    index(
        "rulebook_version_effective_from_id_ix",
        "rulebook_version",
        ["tenant_id", "effective_from", "id"],
    )
    index(
        "rulebook_version_policy_effective_from_ix",
        "rulebook_version",
        ["tenant_id", "policy", "effective_from"],
    )
    # ### end Alembic commands ###
