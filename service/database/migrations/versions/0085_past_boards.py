"""What came to be known late: credits of earlier days, and days of the calendar that changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.credit_sums import (
    CREDIT_LATE_FUNCTIONS,
    CREDIT_LATE_TRIGGERS,
    CREDIT_MONTH_FUNCTIONS,
)
from service.database.migrations.tenancy import index, run, tenant_table

revision = "0085"
down_revision = "0080"

_COUNTED = """
UPDATE app.metric_credit_month m SET entry_count = d.n
FROM (
    SELECT tenant_id, metric_id, kind, date_trunc('month', credited_on::timestamp)::date AS month,
           territory_id, org_unit_id, member_id, sum(entry_count) AS n
    FROM app.metric_credit_day GROUP BY 1, 2, 3, 4, 5, 6, 7) d
WHERE m.tenant_id = d.tenant_id AND m.metric_id = d.metric_id AND m.kind = d.kind
AND m.credited_on = d.month AND m.territory_id IS NOT DISTINCT FROM d.territory_id
AND m.org_unit_id IS NOT DISTINCT FROM d.org_unit_id
AND m.member_id IS NOT DISTINCT FROM d.member_id
"""
_LATE = """
INSERT INTO app.metric_credit_late (tenant_id, metric_id, kind, credited_on, recorded_on,
    territory_id, org_unit_id, member_id, amount, base, entry_count)
SELECT c.tenant_id, c.metric_id, c.kind, c.credited_on,
       (c.recorded_at AT TIME ZONE t.time_zone)::date, c.territory_id, c.org_unit_id, c.member_id,
       sum(c.amount), coalesce(sum(c.base), 0), count(*)
FROM app.metric_credit c JOIN app.tenant t ON t.tenant_id = c.tenant_id
WHERE (c.recorded_at AT TIME ZONE t.time_zone)::date > c.credited_on
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""


def upgrade() -> None:
    """Make the tables, fill them, and the triggers that keep them."""
    _late()
    _calendar()
    op.add_column(
        "metric_credit_month", sa.Column("entry_count", sa.Integer(), nullable=True), schema="app"
    )
    tables = (
        "metric_credit",
        "metric_credit_day",
        "metric_credit_month",
        "metric_credit_late",
        "tenant",
    )
    run(
        [
            *CREDIT_LATE_FUNCTIONS,
            *CREDIT_LATE_TRIGGERS,
            *CREDIT_MONTH_FUNCTIONS,
            # Forced row security holds the owner too: he would copy nothing.
            *(f"ALTER TABLE app.{table} NO FORCE ROW LEVEL SECURITY" for table in tables),
            _COUNTED,
            _LATE,
            *(f"ALTER TABLE app.{table} FORCE ROW LEVEL SECURITY" for table in tables),
            "SET CONSTRAINTS ALL IMMEDIATE",
            "ALTER TABLE app.metric_credit_month ALTER COLUMN entry_count SET NOT NULL",
        ]
    )


def _late() -> None:
    places = ("territory_id", "org_unit_id", "member_id")
    tenant_table(
        "metric_credit_late",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("credited_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        *(sa.Column(place, sa.Uuid(), nullable=True) for place in places),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("recorded_on > credited_on", name="metric_credit_late_days_check"),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{table}_id"],
                [f"app.{table}.tenant_id", f"app.{table}.id"],
                name=f"metric_credit_late_{table}_id_fk",
            )
            for table in ("member", "metric", "org_unit", "territory")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="metric_credit_late_pk"),
    )
    index(
        "metric_credit_late_key",
        "metric_credit_late",
        ["tenant_id", "metric_id", "kind", "credited_on", "recorded_on", *places],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    for columns in (("credited_on", "recorded_on"), ("recorded_on", "credited_on")):
        index(
            f"metric_credit_late_metric_id_{'_'.join(columns)}_ix",
            "metric_credit_late",
            ["tenant_id", "metric_id", *columns],
        )


def _calendar() -> None:
    tenant_table(
        "calendar_day_change",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("former", sa.Boolean(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="calendar_day_change_tenant_id_fk"
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="calendar_day_change_pk"),
        append_only=True,
    )
    for columns in (("day", "recorded_at", "id"), ("recorded_at", "id")):
        index(
            f"calendar_day_change_{'_'.join(columns)}_ix",
            "calendar_day_change",
            ["tenant_id", *columns],
        )
