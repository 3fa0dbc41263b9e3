"""Where customers were when a territory model was left: there they go when it is gone back to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table
from service.database.tables import SCHEMA

revision = "0095"
down_revision = "0094"

_NAME = "territory_return"
_TARGETS = ("territory_model", "territory", "party")


def upgrade() -> None:
    """Make the table, and let a move be for that reason."""
    tenant_table(
        _NAME,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        *(sa.Column(f"{target}_id", sa.Uuid(), nullable=False) for target in _TARGETS),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", f"{target}_id"],
                [f"app.{target}.tenant_id", f"app.{target}.id"],
                name=f"{_NAME}_{target}_id_fk",
            )
            for target in _TARGETS
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{_NAME}_pk"),
        sa.UniqueConstraint(
            *("tenant_id", "territory_model_id", "party_id"),
            name=f"{_NAME}_territory_model_id_party_id_key",
        ),
        deletable=True,
    )
    for column in ("territory_id", "party_id"):
        index(f"{_NAME}_{column}_ix", _NAME, ["tenant_id", column])
    op.drop_constraint("territory_move_reason_check", "territory_move", schema=SCHEMA)
    # Every row there is satisfies the longer list: none is looked at again under the lock.
    op.create_check_constraint(
        "territory_move_reason_check",
        "territory_move",
        "reason IN ('LISTED', 'RULE', 'BACK', 'ABOVE', 'LEFT_OUT')",
        schema=SCHEMA,
        postgresql_not_valid=True,
    )
    op.execute(
        f"ALTER TABLE {SCHEMA}.territory_move VALIDATE CONSTRAINT territory_move_reason_check"
    )
