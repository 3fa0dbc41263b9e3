"""Units, members, roles, duties and who holds them when."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _duty()
    _org_unit()
    _role()
    _duty_permission()
    _member()
    _role_duty()
    _role_inclusion()
    _separated_duties()
    _assignment()
    _delegation()
    _leave()


def _duty() -> None:
    tenant_table(
        "duty",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("wording", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("sources", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("metric", sa.Text(), nullable=True),
        sa.Column("obligation", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("built_in", sa.Boolean(), nullable=False),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 64", name="duty_code_length_check"),
        sa.ForeignKeyConstraint(["tenant_id"], ["app.tenant.tenant_id"], name="duty_tenant_id_fk"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="duty_pk"),
        sa.UniqueConstraint("tenant_id", "code", name="duty_code_key"),
    )
    # ### end Alembic commands ###


def _org_unit() -> None:
    tenant_table(
        "org_unit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 64", name="org_unit_code_length_check"),
        sa.CheckConstraint("valid_until > valid_from", name="org_unit_lasts_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="org_unit_parent_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="org_unit_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="org_unit_pk"),
        sa.UniqueConstraint("tenant_id", "code", name="org_unit_code_key"),
    )
    index("org_unit_parent_id_ix", "org_unit", ["tenant_id", "parent_id"])
    # ### end Alembic commands ###


def _role() -> None:
    tenant_table(
        "role",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("built_in", sa.Boolean(), nullable=False),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 64", name="role_code_length_check"),
        sa.ForeignKeyConstraint(["tenant_id"], ["app.tenant.tenant_id"], name="role_tenant_id_fk"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="role_pk"),
        sa.UniqueConstraint("tenant_id", "code", name="role_code_key"),
    )
    # ### end Alembic commands ###


def _duty_permission() -> None:
    tenant_table(
        "duty_permission",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=True),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("limit", sa.Text(), nullable=True),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "duty_id IS NOT NULL OR effect = 'deny'", name="duty_permission_of_duty_check"
        ),
        sa.CheckConstraint("effect IN ('allow', 'deny')", name="duty_permission_effect_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "duty_id"],
            ["app.duty.tenant_id", "app.duty.id"],
            name="duty_permission_duty_id_fk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="duty_permission_pk"),
        deletable=True,
    )
    index("duty_permission_duty_id_ix", "duty_permission", ["tenant_id", "duty_id"])
    # ### end Alembic commands ###


def _member() -> None:
    tenant_table(
        "member",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("staff_code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('ACTIVE', 'LEFT')", name="member_state_check"),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 200", name="member_name_length_check"),
        sa.CheckConstraint(
            "char_length(staff_code) BETWEEN 1 AND 64", name="member_staff_code_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="member_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="member_territory_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="member_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="member_pk"),
        sa.UniqueConstraint("tenant_id", "staff_code", name="member_staff_code_key"),
    )
    index("member_created_at_id_ix", "member", ["tenant_id", "created_at", "id"])
    index("member_name_id_ix", "member", ["tenant_id", "name", "id"])
    index(
        "member_org_unit_id_created_at_id_ix",
        "member",
        ["tenant_id", "org_unit_id", "created_at", "id"],
    )
    index(
        "member_territory_id_created_at_id_ix",
        "member",
        ["tenant_id", "territory_id", "created_at", "id"],
    )
    # ### end Alembic commands ###


def _role_duty() -> None:
    tenant_table(
        "role_duty",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "duty_id"],
            ["app.duty.tenant_id", "app.duty.id"],
            name="role_duty_duty_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"],
            ["app.role.tenant_id", "app.role.id"],
            name="role_duty_role_id_fk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="role_duty_pk"),
        sa.UniqueConstraint(
            "tenant_id", "role_id", "duty_id", name="role_duty_role_id_duty_id_key"
        ),
        deletable=True,
    )
    index("role_duty_duty_id_ix", "role_duty", ["tenant_id", "duty_id"])
    # ### end Alembic commands ###


def _role_inclusion() -> None:
    tenant_table(
        "role_inclusion",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("included_role_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "included_role_id"],
            ["app.role.tenant_id", "app.role.id"],
            name="role_inclusion_included_role_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"],
            ["app.role.tenant_id", "app.role.id"],
            name="role_inclusion_role_id_fk",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="role_inclusion_pk"),
        sa.UniqueConstraint(
            "tenant_id",
            "role_id",
            "included_role_id",
            name="role_inclusion_role_id_included_role_id_key",
        ),
        deletable=True,
    )
    # ### end Alembic commands ###


def _separated_duties() -> None:
    tenant_table(
        "separated_duties",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("other_duty_id", sa.Uuid(), nullable=False),
        sa.Column("reason", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "duty_id"],
            ["app.duty.tenant_id", "app.duty.id"],
            name="separated_duties_duty_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "other_duty_id"],
            ["app.duty.tenant_id", "app.duty.id"],
            name="separated_duties_other_duty_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="separated_duties_pk"),
        sa.UniqueConstraint(
            "tenant_id",
            "duty_id",
            "other_duty_id",
            name="separated_duties_duty_id_other_duty_id_key",
        ),
        deletable=True,
    )
    # ### end Alembic commands ###


def _assignment() -> None:
    tenant_table(
        "assignment",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("valid_until", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint("valid_until >= valid_from", name="assignment_lasts_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="assignment_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="assignment_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"],
            ["app.role.tenant_id", "app.role.id"],
            name="assignment_role_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="assignment_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="assignment_pk"),
    )
    index("assignment_created_at_id_ix", "assignment", ["tenant_id", "created_at", "id"])
    index(
        "assignment_member_id_valid_from_ix", "assignment", ["tenant_id", "member_id", "valid_from"]
    )
    index("assignment_org_unit_id_ix", "assignment", ["tenant_id", "org_unit_id"])
    index("assignment_role_id_ix", "assignment", ["tenant_id", "role_id"])
    # ### end Alembic commands ###


def _delegation() -> None:
    tenant_table(
        "delegation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("from_member_id", sa.Uuid(), nullable=False),
        sa.Column("to_member_id", sa.Uuid(), nullable=False),
        sa.Column("commands", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("valid_from", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("valid_until", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint("from_member_id <> to_member_id", name="delegation_to_another_check"),
        sa.CheckConstraint("valid_until > valid_from", name="delegation_lasts_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "from_member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="delegation_from_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "to_member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="delegation_to_member_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="delegation_pk"),
    )
    index("delegation_from_member_id_ix", "delegation", ["tenant_id", "from_member_id"])
    index(
        "delegation_to_member_id_valid_until_ix",
        "delegation",
        ["tenant_id", "to_member_id", "valid_until"],
    )
    index("delegation_valid_until_id_ix", "delegation", ["tenant_id", "valid_until", "id"])
    # ### end Alembic commands ###


def _leave() -> None:
    tenant_table(
        "leave",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('ANNUAL', 'SICK', 'PERSONAL', 'TRAINING', 'OTHER')", name="leave_kind_check"
        ),
        sa.CheckConstraint("last_day >= first_day", name="leave_lasts_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="leave_member_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="leave_pk"),
    )
    index("leave_member_id_first_day_ix", "leave", ["tenant_id", "member_id", "first_day"])
    # ### end Alembic commands ###
