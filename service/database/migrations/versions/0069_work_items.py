"""Work plans beside targets: actions, campaigns, people and money."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing

revision = "0069"
down_revision = "0068"


def upgrade() -> None:
    """Make the table."""
    _work_item()


def _work_item() -> None:
    tenant_table(
        "work_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.BigInteger(), nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint(
            "planned >= 0 AND result >= 0 AND cost >= 0", name="work_item_figures_check"
        ),
        sa.CheckConstraint(
            "kind IN ('ACTION', 'CAMPAIGN', 'HEADCOUNT', 'BUDGET')", name="work_item_kind_check"
        ),
        sa.CheckConstraint(
            "char_length(remark) BETWEEN 1 AND 2000", name="work_item_remark_length_check"
        ),
        sa.CheckConstraint(
            "char_length(title) BETWEEN 1 AND 200", name="work_item_title_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "node_id"],
            ["app.target_node.tenant_id", "app.target_node.id"],
            name="work_item_node_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="work_item_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="work_item_owner_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="work_item_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="work_item_pk"),
    )
    index("work_item_due_on_id_ix", "work_item", ["tenant_id", "due_on", "id"])
    index("work_item_node_id_due_on_id_ix", "work_item", ["tenant_id", "node_id", "due_on", "id"])
    index(
        "work_item_org_unit_id_due_on_id_ix",
        "work_item",
        ["tenant_id", "org_unit_id", "due_on", "id"],
    )
    index("work_item_owner_id_due_on_id_ix", "work_item", ["tenant_id", "owner_id", "due_on", "id"])
    index(
        "work_item_territory_id_due_on_id_ix",
        "work_item",
        ["tenant_id", "territory_id", "due_on", "id"],
    )
    run(fixing("work_item", ("node_id", "kind", "org_unit_id", "territory_id")))
