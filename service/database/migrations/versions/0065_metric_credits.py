"""What counts toward metrics, entry by entry and by day."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.credit_sums import CREDIT_FUNCTIONS, CREDIT_TRIGGERS
from service.database.migrations.tenancy import index, run, tenant_table

revision = "0065"
down_revision = "0063"


def upgrade() -> None:
    """Make the ledger, its sums, and the trigger that keeps these."""
    _metric_credit()
    _metric_credit_day()
    run([*CREDIT_FUNCTIONS, *CREDIT_TRIGGERS])


def _metric_credit() -> None:
    tenant_table(
        "metric_credit",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("deal_id", sa.Uuid(), nullable=True),
        sa.Column("product_code", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=True),
        sa.Column("credited_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "basis_points BETWEEN 0 AND 10000", name="metric_credit_basis_points_check"
        ),
        sa.CheckConstraint("kind IN ('PRIMARY', 'OVERLAY')", name="metric_credit_kind_check"),
        sa.CheckConstraint(
            "char_length(product_code) BETWEEN 1 AND 64",
            name="metric_credit_product_code_length_check",
        ),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 500", name="metric_credit_reason_length_check"
        ),
        sa.CheckConstraint(
            "source IN ('DEAL', 'VISIT', 'CUSTOMER', 'RECORDED')", name="metric_credit_source_check"
        ),
        sa.CheckConstraint(
            "char_length(source_key) BETWEEN 1 AND 200",
            name="metric_credit_source_key_length_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="metric_credit_author_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["app.deal.tenant_id", "app.deal.id"],
            name="metric_credit_deal_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="metric_credit_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "metric_id"],
            ["app.metric.tenant_id", "app.metric.id"],
            name="metric_credit_metric_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="metric_credit_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "party_id"],
            ["app.party.tenant_id", "app.party.id"],
            name="metric_credit_party_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses_id"],
            ["app.metric_credit.tenant_id", "app.metric_credit.id"],
            name="metric_credit_reverses_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="metric_credit_site_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="metric_credit_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="metric_credit_pk"),
        append_only=True,
    )
    index("metric_credit_credited_on_id_ix", "metric_credit", ["tenant_id", "credited_on", "id"])
    index(
        "metric_credit_deal_id_credited_on_id_ix",
        "metric_credit",
        ["tenant_id", "deal_id", "credited_on", "id"],
    )
    index(
        "metric_credit_member_id_credited_on_id_ix",
        "metric_credit",
        ["tenant_id", "member_id", "credited_on", "id"],
    )
    index(
        "metric_credit_metric_id_credited_on_id_ix",
        "metric_credit",
        ["tenant_id", "metric_id", "credited_on", "id"],
    )
    index(
        "metric_credit_org_unit_id_credited_on_id_ix",
        "metric_credit",
        ["tenant_id", "org_unit_id", "credited_on", "id"],
    )
    index(
        "metric_credit_reverses_id_key",
        "metric_credit",
        ["tenant_id", "reverses_id"],
        unique=True,
        postgresql_where=text("reverses_id IS NOT NULL"),
    )
    index(
        "metric_credit_source_key",
        "metric_credit",
        ["tenant_id", "metric_id", "source", "source_key", "kind", "member_id"],
        unique=True,
        postgresql_where=text("reverses_id IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    index(
        "metric_credit_territory_id_credited_on_id_ix",
        "metric_credit",
        ["tenant_id", "territory_id", "credited_on", "id"],
    )


def _metric_credit_day() -> None:
    tenant_table(
        "metric_credit_day",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("credited_on", sa.Date(), nullable=False),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="metric_credit_day_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "metric_id"],
            ["app.metric.tenant_id", "app.metric.id"],
            name="metric_credit_day_metric_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="metric_credit_day_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="metric_credit_day_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="metric_credit_day_pk"),
    )
    index(
        "metric_credit_day_credited_on_id_ix",
        "metric_credit_day",
        ["tenant_id", "credited_on", "id"],
    )
    index(
        "metric_credit_day_key",
        "metric_credit_day",
        [
            "tenant_id",
            "metric_id",
            "kind",
            "credited_on",
            "territory_id",
            "org_unit_id",
            "member_id",
        ],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    index(
        "metric_credit_day_member_id_credited_on_id_ix",
        "metric_credit_day",
        ["tenant_id", "member_id", "credited_on", "id"],
    )
    index(
        "metric_credit_day_metric_id_credited_on_id_ix",
        "metric_credit_day",
        ["tenant_id", "metric_id", "credited_on", "id"],
    )
    index(
        "metric_credit_day_metric_id_member_id_credited_on_ix",
        "metric_credit_day",
        ["tenant_id", "metric_id", "member_id", "credited_on"],
    )
    index(
        "metric_credit_day_metric_id_territory_id_credited_on_ix",
        "metric_credit_day",
        ["tenant_id", "metric_id", "territory_id", "credited_on"],
    )
    index(
        "metric_credit_day_org_unit_id_credited_on_id_ix",
        "metric_credit_day",
        ["tenant_id", "org_unit_id", "credited_on", "id"],
    )
    index(
        "metric_credit_day_territory_id_credited_on_id_ix",
        "metric_credit_day",
        ["tenant_id", "territory_id", "credited_on", "id"],
    )
