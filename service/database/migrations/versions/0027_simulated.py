"""What simulations showed: cases and sums; and the draft a simulation was made of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0027"
down_revision = "0026"

_INSTANT = postgresql.TIMESTAMP(timezone=True, precision=3)
_JSON = postgresql.JSONB(none_as_null=True)


def upgrade() -> None:
    """Make the tables."""
    op.add_column(
        "rulebook_simulation",
        sa.Column("rulebook_draft_id", sa.Uuid(), nullable=True),
        schema="app",
    )
    op.create_foreign_key(
        "rulebook_simulation_rulebook_draft_id_fk",
        "rulebook_simulation",
        "rulebook_draft",
        ["tenant_id", "rulebook_draft_id"],
        ["tenant_id", "id"],
        source_schema="app",
        referent_schema="app",
    )
    _cases()
    _tallies()


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"app.{target}.tenant_id", f"app.{target}.id"],
        name=f"{table}_{column}_fk",
        ondelete="CASCADE" if target == "rulebook_simulation" else None,
    )


def _number(name: str, kind: type[sa.Integer] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind(), nullable=False)


def _cases() -> None:
    table = "simulation_case"
    people = [f"{who}_{when}_id" for who in ("receiver", "owner") for when in ("before", "after")]
    tenant_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("rulebook_simulation_id", sa.Uuid(), nullable=False),
        _number("position"),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("deal_id", sa.Uuid(), nullable=True),
        sa.Column("happened_at", _INSTANT, nullable=False),
        *(
            sa.Column(name, sa.Boolean(), nullable=False)
            for name in ("receiver_changed", "owner_changed", "credit_changed")
        ),
        sa.Column("rule_before", sa.Text(), nullable=False),
        sa.Column("rule_after", sa.Text(), nullable=False),
        sa.Column("mode_before", sa.Text(), nullable=True),
        sa.Column("mode_after", sa.Text(), nullable=True),
        *(sa.Column(name, sa.Uuid(), nullable=True) for name in people),
        sa.Column("credit_before", _JSON, nullable=False),
        sa.Column("credit_after", _JSON, nullable=False),
        sa.CheckConstraint("subject IN ('VISIT', 'DEAL')", name="simulation_case_subject_check"),
        _key(table, "rulebook_simulation_id", "rulebook_simulation"),
        _key(table, "site_id", "site"),
        _key(table, "visit_id", "visit"),
        _key(table, "deal_id", "deal"),
        *(_key(table, name, "member") for name in people),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="simulation_case_pk"),
        sa.UniqueConstraint(
            "tenant_id",
            "rulebook_simulation_id",
            "position",
            name="simulation_case_rulebook_simulation_id_position_key",
        ),
        append_only=True,
    )
    columns = ["tenant_id", "rulebook_simulation_id", "position", "id"]
    index("simulation_case_rulebook_simulation_id_position_id_ix", table, columns)


def _tallies() -> None:
    table = "simulation_tally"
    tenant_table(
        table,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("rulebook_simulation_id", sa.Uuid(), nullable=False),
        _number("position"),
        sa.Column("tally_of", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        _number("visits_before"),
        _number("visits_after"),
        _number("turns_before"),
        _number("turns_after"),
        _number("credit_before", sa.BigInteger),
        _number("credit_after", sa.BigInteger),
        _number("receiver_changed"),
        _number("owner_changed"),
        _number("credit_changed"),
        sa.CheckConstraint(
            "tally_of IN ('MEMBER', 'SITE', 'RULE')", name="simulation_tally_tally_of_check"
        ),
        _key(table, "rulebook_simulation_id", "rulebook_simulation"),
        _key(table, "site_id", "site"),
        _key(table, "member_id", "member"),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="simulation_tally_pk"),
        sa.UniqueConstraint(
            "tenant_id",
            "rulebook_simulation_id",
            "position",
            name="simulation_tally_rulebook_simulation_id_position_key",
        ),
        append_only=True,
    )
    columns = ["tenant_id", "rulebook_simulation_id", "position", "id"]
    index("simulation_tally_rulebook_simulation_id_position_id_ix", table, columns)
