"""Cases of misconduct: what a finding voided, and what was done about it."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Make the table."""
    _penalty_case()


def _penalty_case() -> None:
    tenant_table(
        "penalty_case",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("register_book_id", sa.Uuid(), nullable=False),
        sa.Column("found_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("found_by", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("registration_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint(
            "char_length(measure) BETWEEN 1 AND 2000", name="penalty_case_measure_length_check"
        ),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 2000", name="penalty_case_reason_length_check"
        ),
        sa.CheckConstraint(
            "scope IN ('WHOLE_REGISTER', 'ENTRY', 'PERIOD')", name="penalty_case_scope_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "found_by"],
            ["app.member.tenant_id", "app.member.id"],
            name="penalty_case_found_by_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="penalty_case_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="penalty_case_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "register_book_id"],
            ["app.register_book.tenant_id", "app.register_book.id"],
            name="penalty_case_register_book_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="penalty_case_site_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="penalty_case_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="penalty_case_pk"),
    )
    index("penalty_case_found_at_id_ix", "penalty_case", ["tenant_id", "found_at", "id"])
    index(
        "penalty_case_member_id_found_at_id_ix",
        "penalty_case",
        ["tenant_id", "member_id", "found_at", "id"],
    )
    index(
        "penalty_case_org_unit_id_found_at_id_ix",
        "penalty_case",
        ["tenant_id", "org_unit_id", "found_at", "id"],
    )
    index(
        "penalty_case_site_id_found_at_id_ix",
        "penalty_case",
        ["tenant_id", "site_id", "found_at", "id"],
    )
    index(
        "penalty_case_territory_id_found_at_id_ix",
        "penalty_case",
        ["tenant_id", "territory_id", "found_at", "id"],
    )
