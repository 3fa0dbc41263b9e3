"""Opportunities, their stages, and how each stood on any day."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing

revision = "0070"
down_revision = "0069"


def upgrade() -> None:
    """Make the tables."""
    _opportunity_stage()
    _opportunity()
    _opportunity_standing()


def _opportunity_stage() -> None:
    tenant_table(
        "opportunity_stage",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("probability_basis_points", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint(
            "category IN ('COMMIT', 'BEST', 'PIPELINE', 'OMITTED')",
            name="opportunity_stage_category_check",
        ),
        sa.CheckConstraint(
            "char_length(code) BETWEEN 1 AND 64", name="opportunity_stage_code_length_check"
        ),
        sa.CheckConstraint(
            "probability_basis_points BETWEEN 0 AND 10000",
            name="opportunity_stage_probability_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="opportunity_stage_tenant_id_fk"
        ),
        sa.UniqueConstraint(*["tenant_id", "code"], name="opportunity_stage_code_key"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="opportunity_stage_pk"),
    )
    index("opportunity_stage_position_id_ix", "opportunity_stage", ["tenant_id", "position", "id"])
    run(fixing("opportunity_stage", ("code",)))


def _opportunity() -> None:
    tenant_table(
        "opportunity",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("stage_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("probability_basis_points", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("amount >= 0", name="opportunity_amount_check"),
        sa.CheckConstraint(
            "category IN ('COMMIT', 'BEST', 'PIPELINE', 'OMITTED')",
            name="opportunity_category_check",
        ),
        sa.CheckConstraint(
            "(state = 'OPEN') = (closed_on IS NULL)", name="opportunity_closed_check"
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 200", name="opportunity_name_length_check"
        ),
        sa.CheckConstraint(
            "probability_basis_points BETWEEN 0 AND 10000", name="opportunity_probability_check"
        ),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 500", name="opportunity_reason_length_check"
        ),
        sa.CheckConstraint(
            "state IN ('OPEN', 'WON', 'LOST', 'ABANDONED')", name="opportunity_state_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="opportunity_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "metric_id"],
            ["app.metric.tenant_id", "app.metric.id"],
            name="opportunity_metric_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="opportunity_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="opportunity_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "stage_id"],
            ["app.opportunity_stage.tenant_id", "app.opportunity_stage.id"],
            name="opportunity_stage_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="opportunity_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="opportunity_pk"),
    )
    index(
        "opportunity_category_expected_on_id_ix",
        "opportunity",
        ["tenant_id", "category", "expected_on", "id"],
    )
    index("opportunity_expected_on_id_ix", "opportunity", ["tenant_id", "expected_on", "id"])
    index(
        "opportunity_member_id_expected_on_id_ix",
        "opportunity",
        ["tenant_id", "member_id", "expected_on", "id"],
    )
    index(
        "opportunity_metric_id_expected_on_id_ix",
        "opportunity",
        ["tenant_id", "metric_id", "expected_on", "id"],
    )
    index(
        "opportunity_org_unit_id_expected_on_id_ix",
        "opportunity",
        ["tenant_id", "org_unit_id", "expected_on", "id"],
    )
    index(
        "opportunity_party_id_expected_on_id_ix",
        "opportunity",
        ["tenant_id", "party_id", "expected_on", "id"],
    )
    index(
        "opportunity_stage_id_expected_on_id_ix",
        "opportunity",
        ["tenant_id", "stage_id", "expected_on", "id"],
    )
    index(
        "opportunity_state_expected_on_id_ix",
        "opportunity",
        ["tenant_id", "state", "expected_on", "id"],
    )
    index(
        "opportunity_territory_id_expected_on_id_ix",
        "opportunity",
        ["tenant_id", "territory_id", "expected_on", "id"],
    )
    run(fixing("opportunity", ("metric_id", "currency")))


def _opportunity_standing() -> None:
    tenant_table(
        "opportunity_standing",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("opportunity_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("stage_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("probability_basis_points", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "category IN ('COMMIT', 'BEST', 'PIPELINE', 'OMITTED')",
            name="opportunity_standing_category_check",
        ),
        sa.CheckConstraint("last_day >= first_day", name="opportunity_standing_days_check"),
        sa.CheckConstraint(
            "state IN ('OPEN', 'WON', 'LOST', 'ABANDONED')", name="opportunity_standing_state_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="opportunity_standing_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "metric_id"],
            ["app.metric.tenant_id", "app.metric.id"],
            name="opportunity_standing_metric_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "opportunity_id"],
            ["app.opportunity.tenant_id", "app.opportunity.id"],
            name="opportunity_standing_opportunity_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="opportunity_standing_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "stage_id"],
            ["app.opportunity_stage.tenant_id", "app.opportunity_stage.id"],
            name="opportunity_standing_stage_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="opportunity_standing_territory_id_fk",
        ),
        sa.UniqueConstraint(
            *["tenant_id", "opportunity_id", "first_day"],
            name="opportunity_standing_opportunity_id_first_day_key",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="opportunity_standing_pk"),
    )
    index(
        "opportunity_standing_first_day_id_ix",
        "opportunity_standing",
        ["tenant_id", "first_day", "id"],
    )
    index(
        "opportunity_standing_member_id_first_day_id_ix",
        "opportunity_standing",
        ["tenant_id", "member_id", "first_day", "id"],
    )
    index(
        "opportunity_standing_metric_id_expected_on_last_day_ix",
        "opportunity_standing",
        ["tenant_id", "metric_id", "expected_on", "last_day"],
    )
    index(
        "opportunity_standing_metric_id_first_day_id_ix",
        "opportunity_standing",
        ["tenant_id", "metric_id", "first_day", "id"],
    )
    index(
        "opportunity_standing_opportunity_id_first_day_id_ix",
        "opportunity_standing",
        ["tenant_id", "opportunity_id", "first_day", "id"],
    )
    index(
        "opportunity_standing_org_unit_id_first_day_id_ix",
        "opportunity_standing",
        ["tenant_id", "org_unit_id", "first_day", "id"],
    )
    index(
        "opportunity_standing_territory_id_first_day_id_ix",
        "opportunity_standing",
        ["tenant_id", "territory_id", "first_day", "id"],
    )
    run(fixing("opportunity_standing", ("opportunity_id", "metric_id", "currency", "first_day")))
