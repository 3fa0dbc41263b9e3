"""Where a model is gone back to, customers of territories it does not know go to those above."""

from alembic import op

from service.database.tables import SCHEMA

revision = "0080"
down_revision = "0075"


def upgrade() -> None:
    """Let a move be for that reason."""
    op.drop_constraint("territory_move_reason_check", "territory_move", schema=SCHEMA)
    # Every row there is satisfies the longer list: none is looked at again under the lock.
    op.create_check_constraint(
        "territory_move_reason_check",
        "territory_move",
        "reason IN ('LISTED', 'RULE', 'ABOVE', 'LEFT_OUT')",
        schema=SCHEMA,
        postgresql_not_valid=True,
    )
    op.execute(
        f"ALTER TABLE {SCHEMA}.territory_move VALIDATE CONSTRAINT territory_move_reason_check"
    )
