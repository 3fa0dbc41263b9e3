"""What counts toward metrics, summed by month."""

import sqlalchemy as sa
from sqlalchemy import text

from service.database.credit_sums import CREDIT_MONTH_FUNCTIONS, CREDIT_MONTH_TRIGGERS
from service.database.migrations.tenancy import index, run, tenant_table

revision = "0073"
down_revision = "0072"

_FILLED = """
INSERT INTO app.metric_credit_month (tenant_id, metric_id, kind, credited_on, territory_id,
    org_unit_id, member_id, amount, base)
SELECT d.tenant_id, d.metric_id, d.kind, date_trunc('month', d.credited_on::timestamp)::date,
    d.territory_id, d.org_unit_id, d.member_id, sum(d.amount), sum(d.base)
FROM app.metric_credit_day d GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


def upgrade() -> None:
    """Make the sums, fill them, and the trigger that keeps them."""
    tenant_table(
        "metric_credit_month",
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
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{table}_id"],
                [f"app.{table}.tenant_id", f"app.{table}.id"],
                name=f"metric_credit_month_{table}_id_fk",
            )
            for table in ("member", "metric", "org_unit", "territory")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="metric_credit_month_pk"),
    )
    index(
        "metric_credit_month_key",
        "metric_credit_month",
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
    for column in ("territory_id", "member_id", "org_unit_id"):
        index(
            f"metric_credit_month_metric_id_{column}_credited_on_ix",
            "metric_credit_month",
            ["tenant_id", "metric_id", column, "credited_on"],
        )
    tables = ("metric_credit_day", "metric_credit_month")
    run(
        [
            *CREDIT_MONTH_FUNCTIONS,
            *CREDIT_MONTH_TRIGGERS,
            # Forced row security holds the owner too: he would copy nothing.
            *(f"ALTER TABLE app.{table} NO FORCE ROW LEVEL SECURITY" for table in tables),
            _FILLED,
            *(f"ALTER TABLE app.{table} FORCE ROW LEVEL SECURITY" for table in tables),
        ]
    )
