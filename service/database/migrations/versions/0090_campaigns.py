"""Campaigns, where they are for, their budgets and costs, and whom they brought."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing
from service.database.tables import SCHEMA

revision = "0090"
down_revision = "0085"


def upgrade() -> None:
    """Make the tables."""
    _campaign()
    _campaign_site()
    _campaign_budget()
    _campaign_cost()
    _campaign_touch()
    for table in ("visit", "call_record"):
        op.add_column(table, sa.Column("campaign_id", sa.Uuid(), nullable=True), schema=SCHEMA)
        op.create_foreign_key(
            f"{table}_campaign_id_fk",
            table,
            "campaign",
            ["tenant_id", "campaign_id"],
            ["tenant_id", "id"],
            source_schema=SCHEMA,
            referent_schema=SCHEMA,
        )


def _campaign() -> None:
    tenant_table(
        "campaign",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("attribution_days", sa.Integer(), nullable=True),
        sa.Column("cancelled_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("attribution_days >= 0", name="campaign_attribution_check"),
        sa.CheckConstraint(
            "(cancelled_on IS NULL) = (reason IS NULL)", name="campaign_cancelled_check"
        ),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 64", name="campaign_code_length_check"),
        sa.CheckConstraint("last_on >= first_on", name="campaign_days_check"),
        sa.CheckConstraint(
            "kind IN ('ADVERTISING', 'ONLINE', 'EVENT', 'EXHIBITION', 'ROADSHOW', 'FIELD_PROMOTION', 'REFERRAL', 'CHANNEL', 'PRODUCT_PROMOTION', 'SPECIAL_ACTION')",
            name="campaign_kind_check",
        ),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 500", name="campaign_reason_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="campaign_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "owner_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="campaign_owner_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="campaign_tenant_id_fk"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="campaign_territory_id_fk",
        ),
        sa.UniqueConstraint(*["tenant_id", "code"], name="campaign_code_key"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="campaign_pk"),
    )
    index(
        "campaign_cancelled_on_first_on_id_ix",
        "campaign",
        ["tenant_id", "cancelled_on", "first_on", "id"],
    )
    index("campaign_first_on_id_ix", "campaign", ["tenant_id", "first_on", "id"])
    index("campaign_kind_first_on_id_ix", "campaign", ["tenant_id", "kind", "first_on", "id"])
    index("campaign_last_on_id_ix", "campaign", ["tenant_id", "last_on", "id"])
    index(
        "campaign_org_unit_id_first_on_id_ix",
        "campaign",
        ["tenant_id", "org_unit_id", "first_on", "id"],
    )
    index(
        "campaign_owner_id_first_on_id_ix", "campaign", ["tenant_id", "owner_id", "first_on", "id"]
    )
    index(
        "campaign_territory_id_first_on_id_ix",
        "campaign",
        ["tenant_id", "territory_id", "first_on", "id"],
    )
    run(fixing("campaign", ("code", "kind", "currency", "attribution_days")))


def _campaign_site() -> None:
    tenant_table(
        "campaign_site",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["app.campaign.tenant_id", "app.campaign.id"],
            name="campaign_site_campaign_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="campaign_site_site_id_fk",
        ),
        sa.UniqueConstraint(
            *["tenant_id", "campaign_id", "site_id"], name="campaign_site_campaign_id_site_id_key"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="campaign_site_pk"),
        deletable=True,
    )
    index("campaign_site_site_id_ix", "campaign_site", ["tenant_id", "site_id"])


def _campaign_budget() -> None:
    tenant_table(
        "campaign_budget",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_minor >= 0", name="campaign_budget_amount_check"),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 500", name="campaign_budget_reason_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["app.campaign.tenant_id", "app.campaign.id"],
            name="campaign_budget_campaign_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "recorded_by"],
            ["app.member.tenant_id", "app.member.id"],
            name="campaign_budget_recorded_by_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="campaign_budget_pk"),
        append_only=True,
    )
    index(
        "campaign_budget_campaign_id_counted_on_recorded_at_id_ix",
        "campaign_budget",
        ["tenant_id", "campaign_id", "counted_on", "recorded_at", "id"],
    )
    index("campaign_budget_counted_on_id_ix", "campaign_budget", ["tenant_id", "counted_on", "id"])


def _campaign_cost() -> None:
    tenant_table(
        "campaign_cost",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(reverses_id IS NULL AND amount_minor > 0) OR (reverses_id IS NOT NULL AND amount_minor < 0)",
            name="campaign_cost_amount_check",
        ),
        sa.CheckConstraint(
            "char_length(purpose) BETWEEN 1 AND 200", name="campaign_cost_purpose_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["app.campaign.tenant_id", "app.campaign.id"],
            name="campaign_cost_campaign_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "recorded_by"],
            ["app.member.tenant_id", "app.member.id"],
            name="campaign_cost_recorded_by_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses_id"],
            ["app.campaign_cost.tenant_id", "app.campaign_cost.id"],
            name="campaign_cost_reverses_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="campaign_cost_pk"),
        append_only=True,
    )
    index(
        "campaign_cost_campaign_id_counted_on_id_ix",
        "campaign_cost",
        ["tenant_id", "campaign_id", "counted_on", "id"],
    )
    index("campaign_cost_counted_on_id_ix", "campaign_cost", ["tenant_id", "counted_on", "id"])
    index(
        "campaign_cost_reverses_id_key",
        "campaign_cost",
        ["tenant_id", "reverses_id"],
        unique=True,
        postgresql_where=text("reverses_id IS NOT NULL"),
    )
    index("campaign_cost_spent_on_id_ix", "campaign_cost", ["tenant_id", "spent_on", "id"])


def _campaign_touch() -> None:
    tenant_table(
        "campaign_touch",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("call_id", sa.Uuid(), nullable=True),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("sign", sa.SmallInteger(), nullable=False),
        sa.Column("touched_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("touched_on", sa.Date(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 500", name="campaign_touch_reason_length_check"
        ),
        sa.CheckConstraint("sign IN (-1, 1)", name="campaign_touch_sign_check"),
        sa.CheckConstraint(
            "num_nonnulls(visit_id, call_id) = abs(sign)", name="campaign_touch_subject_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "call_id"],
            ["app.call_record.tenant_id", "app.call_record.id"],
            name="campaign_touch_call_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["app.campaign.tenant_id", "app.campaign.id"],
            name="campaign_touch_campaign_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="campaign_touch_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "recorded_by"],
            ["app.member.tenant_id", "app.member.id"],
            name="campaign_touch_recorded_by_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "visit_id"],
            ["app.visit.tenant_id", "app.visit.id"],
            name="campaign_touch_visit_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="campaign_touch_pk"),
        append_only=True,
    )
    index("campaign_touch_call_id_ix", "campaign_touch", ["tenant_id", "call_id"])
    index(
        "campaign_touch_campaign_id_counted_on_id_ix",
        "campaign_touch",
        ["tenant_id", "campaign_id", "counted_on", "id"],
    )
    index("campaign_touch_counted_on_id_ix", "campaign_touch", ["tenant_id", "counted_on", "id"])
    index("campaign_touch_party_id_ix", "campaign_touch", ["tenant_id", "party_id"])
    index("campaign_touch_visit_id_ix", "campaign_touch", ["tenant_id", "visit_id"])
