"""Scorecards with their lines, and bonus schemes with their steps."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, run, tenant_table
from service.database.security import fixing

revision = "0074"
down_revision = "0073"


def upgrade() -> None:
    """Make the tables."""
    _scorecard()
    _scorecard_line()
    _bonus_scheme()
    _bonus_step()


def _scorecard() -> None:
    tenant_table(
        "scorecard",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "char_length(code) BETWEEN 1 AND 64", name="scorecard_code_length_check"
        ),
        sa.CheckConstraint("last_day >= first_day", name="scorecard_days_check"),
        sa.CheckConstraint("num_nonnulls(role_id, member_id) <= 1", name="scorecard_for_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "member_id"],
            ["app.member.tenant_id", "app.member.id"],
            name="scorecard_member_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "role_id"],
            ["app.role.tenant_id", "app.role.id"],
            name="scorecard_role_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="scorecard_tenant_id_fk"
        ),
        sa.UniqueConstraint(*["tenant_id", "code"], name="scorecard_code_key"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="scorecard_pk"),
    )
    index("scorecard_first_day_id_ix", "scorecard", ["tenant_id", "first_day", "id"])
    index(
        "scorecard_member_id_first_day_id_ix",
        "scorecard",
        ["tenant_id", "member_id", "first_day", "id"],
    )
    index(
        "scorecard_role_id_first_day_id_ix",
        "scorecard",
        ["tenant_id", "role_id", "first_day", "id"],
    )
    run(fixing("scorecard", ("code", "role_id", "member_id", "first_day")))


def _scorecard_line() -> None:
    tenant_table(
        "scorecard_line",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("scorecard_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("cap_basis_points", sa.Integer(), nullable=True),
        sa.Column("floor_basis_points", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "weight > 0 AND cap_basis_points >= 0 AND floor_basis_points >= 0",
            name="scorecard_line_figures_check",
        ),
        sa.CheckConstraint(
            "method IN ('DIRECT', 'LINEAR', 'RATIO')", name="scorecard_line_method_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "metric_id"],
            ["app.metric.tenant_id", "app.metric.id"],
            name="scorecard_line_metric_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "scorecard_id"],
            ["app.scorecard.tenant_id", "app.scorecard.id"],
            name="scorecard_line_scorecard_id_fk",
        ),
        sa.UniqueConstraint(
            *["tenant_id", "scorecard_id", "metric_id"],
            name="scorecard_line_scorecard_id_metric_id_key",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="scorecard_line_pk"),
        append_only=True,
    )
    index(
        "scorecard_line_scorecard_id_position_ix",
        "scorecard_line",
        ["tenant_id", "scorecard_id", "position"],
    )


def _bonus_scheme() -> None:
    tenant_table(
        "bonus_scheme",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("metric_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("retroactive", sa.Boolean(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "char_length(code) BETWEEN 1 AND 64", name="bonus_scheme_code_length_check"
        ),
        sa.CheckConstraint("last_day >= first_day", name="bonus_scheme_days_check"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "metric_id"],
            ["app.metric.tenant_id", "app.metric.id"],
            name="bonus_scheme_metric_id_fk",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["app.tenant.tenant_id"], name="bonus_scheme_tenant_id_fk"
        ),
        sa.UniqueConstraint(*["tenant_id", "code"], name="bonus_scheme_code_key"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="bonus_scheme_pk"),
    )
    index("bonus_scheme_first_day_id_ix", "bonus_scheme", ["tenant_id", "first_day", "id"])
    index(
        "bonus_scheme_metric_id_first_day_id_ix",
        "bonus_scheme",
        ["tenant_id", "metric_id", "first_day", "id"],
    )
    run(fixing("bonus_scheme", ("code", "metric_id", "currency", "first_day", "retroactive")))


def _bonus_step() -> None:
    tenant_table(
        "bonus_step",
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("scheme_id", sa.Uuid(), nullable=False),
        sa.Column("from_basis_points", sa.Integer(), nullable=False),
        sa.Column("amount_each_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "from_basis_points >= 0 AND amount_each_minor >= 0", name="bonus_step_figures_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "scheme_id"],
            ["app.bonus_scheme.tenant_id", "app.bonus_scheme.id"],
            name="bonus_step_scheme_id_fk",
        ),
        sa.UniqueConstraint(
            *["tenant_id", "scheme_id", "from_basis_points"],
            name="bonus_step_scheme_id_from_basis_points_key",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="bonus_step_pk"),
        append_only=True,
    )
