"""What is said to targets; the database keeps the sums of plans, and what was published."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.target_guards import TARGET_FUNCTIONS, TARGET_TRIGGERS

revision = "0058"
down_revision = "0053"


def upgrade() -> None:
    """Make the table, what plans and changes are found by, the functions, and what calls them."""
    _found_by("target_plan", "state", "first_day")
    _found_by("target_change", "metric_id", "effective_on")
    _found_by("target_change", "kind", "recorded_at")
    _target_response()
    run(TARGET_FUNCTIONS)
    run(TARGET_TRIGGERS)


def _found_by(table: str, *columns: str) -> None:
    name = f"{table}_{'_'.join(columns)}_id_ix"
    index(name, table, ["tenant_id", *columns, "id"])


def _target_response() -> None:
    tenant_table(
        "target_response",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.CheckConstraint(
            "(kind = 'PROPOSAL') = (amount IS NOT NULL)", name="target_response_amount_check"
        ),
        sa.CheckConstraint(
            "char_length(comment) BETWEEN 1 AND 500", name="target_response_comment_length_check"
        ),
        sa.CheckConstraint(
            "kind IN ('PROPOSAL', 'APPROVAL', 'RETURN', 'ACKNOWLEDGEMENT')",
            name="target_response_kind_check",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "author_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="target_response_author_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="target_response_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "node_id"],
            ["app.target_node.tenant_id", "app.target_node.id"],
            name="target_response_node_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["app.org_unit.tenant_id", "app.org_unit.id"],
            name="target_response_org_unit_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"],
            ["app.target_plan.tenant_id", "app.target_plan.id"],
            name="target_response_plan_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_id"],
            ["app.territory.tenant_id", "app.territory.id"],
            name="target_response_territory_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="target_response_pk"),
        append_only=True,
    )
    index(
        "target_response_plan_id_recorded_at_id_ix",
        "target_response",
        ["tenant_id", "plan_id", "recorded_at", "id"],
    )
    index(
        "target_response_kind_recorded_at_id_ix",
        "target_response",
        ["tenant_id", "kind", "recorded_at", "id"],
    )
    index(
        "target_response_member_id_recorded_at_id_ix",
        "target_response",
        ["tenant_id", "member_id", "recorded_at", "id"],
    )
    index(
        "target_response_node_id_recorded_at_id_ix",
        "target_response",
        ["tenant_id", "node_id", "recorded_at", "id"],
    )
    index(
        "target_response_org_unit_id_recorded_at_id_ix",
        "target_response",
        ["tenant_id", "org_unit_id", "recorded_at", "id"],
    )
    index(
        "target_response_recorded_at_id_ix", "target_response", ["tenant_id", "recorded_at", "id"]
    )
    index(
        "target_response_territory_id_recorded_at_id_ix",
        "target_response",
        ["tenant_id", "territory_id", "recorded_at", "id"],
    )
