"""What counted of each customer, summed by month: what is shared when he goes elsewhere."""

import sqlalchemy as sa
from sqlalchemy import text

from service.database.credit_sums import CREDIT_PARTY_FUNCTIONS, CREDIT_PARTY_TRIGGERS
from service.database.migrations.tenancy import index, run, tenant_table

revision = "0111"
down_revision = "0110"

_FILLED = """
INSERT INTO app.metric_credit_party_month (tenant_id, metric_id, credited_on, party_id,
    territory_id, product_code, amount)
SELECT c.tenant_id, c.metric_id, date_trunc('month', c.credited_on::timestamp)::date, c.party_id,
    c.territory_id, c.product_code, sum(c.amount)
FROM app.metric_credit c WHERE c.kind = 'PRIMARY' GROUP BY 1, 2, 3, 4, 5, 6
"""


def upgrade() -> None:
    """Make the sums, fill them, and the trigger that keeps them."""
    tenant_table(
        "metric_credit_party_month",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("credited_on", sa.Date(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("territory_id", sa.Uuid(), nullable=True),
        sa.Column("product_code", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{table}_id"],
                [f"app.{table}.tenant_id", f"app.{table}.id"],
                name=f"metric_credit_party_month_{table}_id_fk",
            )
            for table in ("metric", "party", "territory")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="metric_credit_party_month_pk"),
    )
    index(
        "metric_credit_party_month_key",
        "metric_credit_party_month",
        ["tenant_id", "metric_id", "credited_on", "party_id", "territory_id", "product_code"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    tables = ("metric_credit", "metric_credit_party_month")
    run(
        [
            *CREDIT_PARTY_FUNCTIONS,
            *CREDIT_PARTY_TRIGGERS,
            # Forced row security holds the owner too: he would copy nothing.
            *(f"ALTER TABLE app.{table} NO FORCE ROW LEVEL SECURITY" for table in tables),
            _FILLED,
            *(f"ALTER TABLE app.{table} FORCE ROW LEVEL SECURITY" for table in tables),
        ]
    )
