"""What of the targets would follow customers whom a territory model moves."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0093"
down_revision = "0092"

_NAME = "territory_move_target"
_TARGETS = {
    "territory_model_id": "territory_model",
    "plan_id": "target_plan",
    "metric_id": "metric",
    "from_node_id": "target_node",
    "to_node_id": "target_node",
    "from_territory_id": "territory",
    "to_territory_id": "territory",
    "owner_id": "member",
}
_OPTIONAL = ("to_node_id", "to_territory_id", "owner_id")
_FOUND_BY = (
    ("territory_model_id", "created_at", "id"),
    ("created_by", "created_at", "id"),
    ("plan_id", "created_at", "id"),
    ("metric_id", "created_at", "id"),
    ("from_node_id",),
    ("to_node_id",),
    ("from_territory_id", "id"),
    ("to_territory_id", "id"),
    ("owner_id", "id"),
    ("kind", "id"),
    ("level", "id"),
)


def upgrade() -> None:
    """Make the table."""
    tenant_table(
        _NAME,
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), server_default=text("uuidv7()"), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=text("1"), nullable=False),
        sa.Column("territory_move_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Uuid(), nullable=name in _OPTIONAL) for name in _TARGETS),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('COMMITMENT', 'STREET', 'OVERLAY')", name=f"{_NAME}_kind_check"
        ),
        sa.CheckConstraint(
            "level IN ('TARGET', 'STRETCH', 'CHALLENGE')", name=f"{_NAME}_level_check"
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "territory_move_id"],
            ["app.territory_move.tenant_id", "app.territory_move.id"],
            name=f"{_NAME}_territory_move_id_fk",
            ondelete="CASCADE",
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", name],
                [f"app.{target}.tenant_id", f"app.{target}.id"],
                name=f"{_NAME}_{name}_fk",
            )
            for name, target in _TARGETS.items()
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"{_NAME}_pk"),
        sa.UniqueConstraint(
            *("tenant_id", "territory_move_id", "from_node_id"),
            name=f"{_NAME}_once_key",
        ),
        deletable=True,
    )
    for columns in _FOUND_BY:
        index(f"{_NAME}_{'_'.join(columns)}_ix", _NAME, ["tenant_id", *columns])
