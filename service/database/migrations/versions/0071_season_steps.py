"""How a plan's days weigh: the steps of its season."""

import sqlalchemy as sa
from sqlalchemy import text

from service.database.migrations.tenancy import index, tenant_table

revision = "0071"
down_revision = "0070"


def upgrade() -> None:
    """Make the tables."""
    _season_step()


def _season_step() -> None:
    tenant_table(
        "season_step",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.CheckConstraint("last_day >= first_day", name="season_step_days_check"),
        sa.CheckConstraint("weight >= 0", name="season_step_weight_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "metric_id"],
            ["app.metric.tenant_id", "app.metric.id"],
            name="season_step_metric_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "plan_id"],
            ["app.target_plan.tenant_id", "app.target_plan.id"],
            name="season_step_plan_id_fk",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="season_step_pk"),
        deletable=True,
    )
    index(
        "season_step_key",
        "season_step",
        ["tenant_id", "plan_id", "metric_id", "first_day"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
