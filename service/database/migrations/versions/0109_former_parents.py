"""Where a unit stood before it was moved: a board of a past day has it there."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0109"
down_revision = "0108"


def upgrade() -> None:
    """Make the table; where units stood before it was there is not known."""
    tenant_table(
        "former_parent",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                ["app.org_unit.tenant_id", "app.org_unit.id"],
                name=f"former_parent_{column}_fk",
            )
            for column in ("org_unit_id", "parent_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="former_parent_pk"),
        append_only=True,
    )
    index(
        "former_parent_org_unit_id_recorded_at_id_ix",
        "former_parent",
        ["tenant_id", "org_unit_id", "recorded_at", "id"],
    )
