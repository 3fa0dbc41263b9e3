"""The conduct checklist, inspections and what they found."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _inspection_item()
    _inspection()
    _inspection_finding()


def _inspection_item() -> None:
    tenant_table(
        "inspection_item",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint(
            "char_length(code) BETWEEN 1 AND 64", name="inspection_item_code_length_check"
        ),
        sa.CheckConstraint(
            "part IN ('CONDUCT', 'SPEECH', 'TELEPHONE', 'RECEPTION', 'OTHER')",
            name="inspection_item_part_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="inspection_item_tenant_id_fk"
        ),
        sa.UniqueConstraint(*["tenant_id", "code"], name="inspection_item_code_key"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="inspection_item_pk"),
    )
    index("inspection_item_position_id_ix", "inspection_item", ["tenant_id", "position", "id"])


def _inspection() -> None:
    tenant_table(
        "inspection",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("inspected_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "char_length(remark) BETWEEN 1 AND 2000", name="inspection_remark_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inspector_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="inspection_inspector_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="inspection_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="inspection_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="inspection_site_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="inspection_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="inspection_pk"),
    )
    index("inspection_inspected_at_id_ix", "inspection", ["tenant_id", "inspected_at", "id"])
    index(
        "inspection_member_id_inspected_at_id_ix",
        "inspection",
        ["tenant_id", "member_id", "inspected_at", "id"],
    )
    index(
        "inspection_org_unit_id_inspected_at_id_ix",
        "inspection",
        ["tenant_id", "org_unit_id", "inspected_at", "id"],
    )
    index(
        "inspection_site_id_inspected_at_id_ix",
        "inspection",
        ["tenant_id", "site_id", "inspected_at", "id"],
    )
    index(
        "inspection_territory_id_inspected_at_id_ix",
        "inspection",
        ["tenant_id", "territory_id", "inspected_at", "id"],
    )


def _inspection_finding() -> None:
    tenant_table(
        "inspection_finding",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "char_length(remark) BETWEEN 1 AND 500", name="inspection_finding_remark_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inspection_id"],
            ["app.inspection.tenant_id", "app.inspection.id"],
            name="inspection_finding_inspection_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["app.inspection_item.tenant_id", "app.inspection_item.id"],
            name="inspection_finding_item_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="inspection_finding_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="inspection_finding_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="inspection_finding_site_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="inspection_finding_territory_id_fk",
        ),
        sa.UniqueConstraint(
            *["tenant_id", "inspection_id", "item_id"],
            name="inspection_finding_inspection_id_item_id_key",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="inspection_finding_pk"),
        append_only=True,
    )
    index("inspection_finding_at_id_ix", "inspection_finding", ["tenant_id", "at", "id"])
    index(
        "inspection_finding_item_id_at_id_ix",
        "inspection_finding",
        ["tenant_id", "item_id", "at", "id"],
    )
    index(
        "inspection_finding_member_id_at_id_ix",
        "inspection_finding",
        ["tenant_id", "member_id", "at", "id"],
    )
    index(
        "inspection_finding_org_unit_id_at_id_ix",
        "inspection_finding",
        ["tenant_id", "org_unit_id", "at", "id"],
    )
    index(
        "inspection_finding_site_id_at_id_ix",
        "inspection_finding",
        ["tenant_id", "site_id", "at", "id"],
    )
    index(
        "inspection_finding_territory_id_at_id_ix",
        "inspection_finding",
        ["tenant_id", "territory_id", "at", "id"],
    )
