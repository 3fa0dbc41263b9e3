"""Metrics, target plans, their nodes, and what changed a target after it was published."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing

revision = "0050"
down_revision = "0035"


def upgrade() -> None:
    """Make the tables, those first that others refer to."""
    _metric()
    _target_plan()
    _target_node()
    _target_change()
    _target_allocation()


def _metric() -> None:
    tenant_table(
        "metric",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("counting_event", sa.Text(), nullable=False),
        sa.Column("business", sa.Text(), nullable=False),
        sa.Column("product_codes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("new_only", sa.Boolean(), nullable=False),
        sa.Column("launch_first_day", sa.Date(), nullable=True),
        sa.Column("launch_last_day", sa.Date(), nullable=True),
        sa.Column("retired_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint(
            "business IN ('ALL', 'EXISTING', 'INCREMENTAL')", name="metric_business_check"
        ),
        sa.CheckConstraint("char_length(code) BETWEEN 1 AND 64", name="metric_code_length_check"),
        sa.CheckConstraint(
            "counting_event IN ('VISIT', 'NEW_CUSTOMER', 'SUBSCRIPTION', 'CONTRACT', 'CASH', 'ORDER', 'DELIVERY', 'WHOLESALE', 'INVOICE', 'SAMPLE_SITE', 'OTHER')",
            name="metric_counting_event_check",
        ),
        sa.CheckConstraint(
            "(unit = 'MONEY') = (currency IS NOT NULL)", name="metric_currency_check"
        ),
        sa.CheckConstraint("direction IN ('HIGHER', 'LOWER')", name="metric_direction_check"),
        sa.CheckConstraint("launch_last_day >= launch_first_day", name="metric_launch_check"),
        sa.CheckConstraint("unit IN ('MONEY', 'COUNT', 'RATIO')", name="metric_unit_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="metric_tenant_id_fk"
        ),
        sa.UniqueConstraint(*["tenant_id", "code"], name="metric_code_key"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="metric_pk"),
    )
    index("metric_code_id_ix", "metric", ["tenant_id", "code", "id"])
    run(fixing("metric", ("code", "unit", "currency")))


def _target_plan() -> None:
    tenant_table(
        "target_plan",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("calendar_site_id", sa.Uuid(), nullable=True),
        sa.Column("revision_of_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.CheckConstraint(
            "char_length(code) BETWEEN 1 AND 64", name="target_plan_code_length_check"
        ),
        sa.CheckConstraint("last_day >= first_day", name="target_plan_days_check"),
        sa.CheckConstraint(
            "state IN ('DRAFT', 'TOP_DOWN_SET', 'DISTRIBUTED', 'FEEDBACK', 'RECONCILED', 'APPROVED', 'PUBLISHED', 'REVISED', 'CLOSED')",
            name="target_plan_state_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "calendar_site_id"],
            ["app.site.tenant_id", "app.site.id"],
            name="target_plan_calendar_site_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "revision_of_id"],
            ["app.target_plan.tenant_id", "app.target_plan.id"],
            name="target_plan_revision_of_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="target_plan_tenant_id_fk"
        ),
        sa.UniqueConstraint(*["tenant_id", "code"], name="target_plan_code_key"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="target_plan_pk"),
    )
    index("target_plan_first_day_id_ix", "target_plan", ["tenant_id", "first_day", "id"])
    run(fixing("target_plan", ("code", "first_day", "last_day")))


def _target_node() -> None:
    tenant_table(
        "target_node",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("channel_code", sa.Text(), nullable=True),
        sa.Column("product_code", sa.Text(), nullable=True),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("is_unassigned", sa.Boolean(), nullable=False),
        sa.Column("is_vacancy", sa.Boolean(), nullable=False),
        sa.Column("over_assignment_basis_points", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "char_length(channel_code) BETWEEN 1 AND 64",
            name="target_node_channel_code_length_check",
        ),
        sa.CheckConstraint("last_day >= first_day", name="target_node_days_check"),
        sa.CheckConstraint(
            "NOT (is_unassigned AND (is_vacancy OR pinned)) AND NOT (is_vacancy AND seat IS NULL)",
            name="target_node_holder_check",
        ),
        sa.CheckConstraint(
            "kind IN ('COMMITMENT', 'STREET', 'OVERLAY')", name="target_node_kind_check"
        ),
        sa.CheckConstraint(
            "level IN ('TARGET', 'STRETCH', 'CHALLENGE')", name="target_node_level_check"
        ),
        sa.CheckConstraint(
            "over_assignment_basis_points BETWEEN 0 AND 10000",
            name="target_node_over_assignment_check",
        ),
        sa.CheckConstraint(
            "char_length(product_code) BETWEEN 1 AND 64",
            name="target_node_product_code_length_check",
        ),
        sa.CheckConstraint(
            "char_length(seat) BETWEEN 1 AND 64", name="target_node_seat_length_check"
        ),
        sa.CheckConstraint("split IN ('BREAKDOWN', 'PERIOD')", name="target_node_split_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="target_node_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "metric_id"],
            ["app.metric.tenant_id", "app.metric.id"],
            name="target_node_metric_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="target_node_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["app.target_node.tenant_id", "app.target_node.id"],
            name="target_node_parent_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"],
            ["app.target_plan.tenant_id", "app.target_plan.id"],
            name="target_node_plan_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="target_node_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="target_node_pk"),
    )
    index(
        "target_node_axes_key",
        "target_node",
        [
            "tenant_id",
            "plan_id",
            "parent_id",
            "metric_id",
            "org_unit_id",
            "territory_id",
            "member_id",
            "channel_code",
            "product_code",
            "seat",
            "first_day",
            "last_day",
            "kind",
            "level",
            "split",
            "is_unassigned",
            "is_vacancy",
        ],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    index(
        "target_node_member_id_position_id_ix",
        "target_node",
        ["tenant_id", "member_id", "position", "id"],
    )
    index(
        "target_node_org_unit_id_position_id_ix",
        "target_node",
        ["tenant_id", "org_unit_id", "position", "id"],
    )
    index(
        "target_node_parent_id_position_id_ix",
        "target_node",
        ["tenant_id", "parent_id", "position", "id"],
    )
    index(
        "target_node_plan_id_position_id_ix",
        "target_node",
        ["tenant_id", "plan_id", "position", "id"],
    )
    index("target_node_position_id_ix", "target_node", ["tenant_id", "position", "id"])
    index(
        "target_node_territory_id_position_id_ix",
        "target_node",
        ["tenant_id", "territory_id", "position", "id"],
    )
    run(
        fixing(
            "target_node",
            (
                "plan_id",
                "parent_id",
                "metric_id",
                "org_unit_id",
                "territory_id",
                "member_id",
                "channel_code",
                "product_code",
                "seat",
                "first_day",
                "last_day",
                "kind",
                "level",
                "split",
                "is_unassigned",
                "is_vacancy",
                "currency",
            ),
        )
    )


def _target_change() -> None:
    tenant_table(
        "target_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("opposite_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('ADJUSTMENT', 'RELIEF', 'RAMP', 'TRANSFER', 'VACANCY', 'REVISION')",
            name="target_change_kind_check",
        ),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 500", name="target_change_reason_length_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="target_change_author_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="target_change_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "metric_id"],
            ["app.metric.tenant_id", "app.metric.id"],
            name="target_change_metric_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "node_id"],
            ["app.target_node.tenant_id", "app.target_node.id"],
            name="target_change_node_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "opposite_id"],
            ["app.target_change.tenant_id", "app.target_change.id"],
            name="target_change_opposite_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="target_change_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"],
            ["app.target_plan.tenant_id", "app.target_plan.id"],
            name="target_change_plan_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="target_change_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="target_change_pk"),
        append_only=True,
    )
    index(
        "target_change_member_id_recorded_at_id_ix",
        "target_change",
        ["tenant_id", "member_id", "recorded_at", "id"],
    )
    index(
        "target_change_node_id_effective_on_id_ix",
        "target_change",
        ["tenant_id", "node_id", "effective_on", "id"],
    )
    index(
        "target_change_org_unit_id_recorded_at_id_ix",
        "target_change",
        ["tenant_id", "org_unit_id", "recorded_at", "id"],
    )
    index(
        "target_change_plan_id_recorded_at_id_ix",
        "target_change",
        ["tenant_id", "plan_id", "recorded_at", "id"],
    )
    index("target_change_recorded_at_id_ix", "target_change", ["tenant_id", "recorded_at", "id"])
    index(
        "target_change_territory_id_recorded_at_id_ix",
        "target_change",
        ["tenant_id", "territory_id", "recorded_at", "id"],
    )


def _target_allocation() -> None:
    tenant_table(
        "target_allocation",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("unassigned", sa.BigInteger(), nullable=False),
        sa.Column("parts", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="target_allocation_author_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="target_allocation_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "node_id"],
            ["app.target_node.tenant_id", "app.target_node.id"],
            name="target_allocation_node_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="target_allocation_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"],
            ["app.target_plan.tenant_id", "app.target_plan.id"],
            name="target_allocation_plan_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="target_allocation_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="target_allocation_pk"),
        append_only=True,
    )
    index(
        "target_allocation_member_id_recorded_at_id_ix",
        "target_allocation",
        ["tenant_id", "member_id", "recorded_at", "id"],
    )
    index(
        "target_allocation_node_id_recorded_at_id_ix",
        "target_allocation",
        ["tenant_id", "node_id", "recorded_at", "id"],
    )
    index(
        "target_allocation_org_unit_id_recorded_at_id_ix",
        "target_allocation",
        ["tenant_id", "org_unit_id", "recorded_at", "id"],
    )
    index(
        "target_allocation_recorded_at_id_ix",
        "target_allocation",
        ["tenant_id", "recorded_at", "id"],
    )
    index(
        "target_allocation_territory_id_recorded_at_id_ix",
        "target_allocation",
        ["tenant_id", "territory_id", "recorded_at", "id"],
    )
