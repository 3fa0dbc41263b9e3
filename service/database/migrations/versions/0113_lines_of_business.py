"""Through which channel something counts, and what counts by channel and product, by day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from service.database.credit_sums import CREDIT_LINE_FUNCTIONS, CREDIT_LINE_TRIGGERS
from service.database.migrations.tenancy import index, run, tenant_table

revision = "0113"
down_revision = "0112"

# Entries of before name no channel.
_FILLED = """
INSERT INTO app.metric_credit_line_day (tenant_id, metric_id, credited_on, recorded_on, kind,
    product_code, territory_id, org_unit_id, member_id, amount, base, entry_count)
SELECT c.tenant_id, c.metric_id, c.credited_on, (c.recorded_at AT TIME ZONE t.time_zone)::date,
    c.kind, c.product_code, c.territory_id, c.org_unit_id, c.member_id, sum(c.amount),
    coalesce(sum(c.base), 0), count(*)
FROM app.metric_credit c JOIN app.tenant t ON t.tenant_id = c.tenant_id
WHERE c.product_code IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
"""


def upgrade() -> None:
    """Make the column and the sums, fill them, and the trigger that keeps them."""
    op.add_column("metric_credit", sa.Column("channel_code", sa.Text()), schema="app")
    op.create_check_constraint(
        "metric_credit_channel_code_length_check",
        "metric_credit",
        "char_length(channel_code) BETWEEN 1 AND 64",
        schema="app",
    )
    places = ("territory_id", "org_unit_id", "member_id")
    tenant_table(
        "metric_credit_line_day",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("credited_on", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel_code", sa.Text(), nullable=True),
        sa.Column("product_code", sa.Text(), nullable=True),
        *(sa.Column(place, sa.Uuid(), nullable=True) for place in places),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{table}_id"],
                [f"app.{table}.tenant_id", f"app.{table}.id"],
                name=f"metric_credit_line_day_{table}_id_fk",
            )
            for table in ("member", "metric", "org_unit", "territory")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="metric_credit_line_day_pk"),
    )
    lines = ("credited_on", "recorded_on", "kind", "channel_code", "product_code")
    index(
        "metric_credit_line_day_key",
        "metric_credit_line_day",
        ["tenant_id", "metric_id", *lines, *places],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    tables = ("metric_credit", "metric_credit_line_day", "tenant")
    run(
        [
            *CREDIT_LINE_FUNCTIONS,
            *CREDIT_LINE_TRIGGERS,
            # Forced row security holds the owner too: he would copy nothing.
            *(f"ALTER TABLE app.{table} NO FORCE ROW LEVEL SECURITY" for table in tables),
            _FILLED,
            *(f"ALTER TABLE app.{table} FORCE ROW LEVEL SECURITY" for table in tables),
        ]
    )
