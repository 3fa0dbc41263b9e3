"""Which seats a territory model would move with the territories that hang elsewhere in it."""

import sqlalchemy as sa
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from service.database.migrations.tenancy import index, tenant_table

revision = "0094"
down_revision = "0093"

_NAME = "territory_move_seat"
_TARGETS = {
    "territory_model_id": "territory_model",
    "territory_assignment_id": "territory_assignment",
    "territory_id": "territory",
    "member_id": "member",
    "moved_territory_id": "territory",
    "from_parent_id": "territory",
    "to_parent_id": "territory",
}
_OPTIONAL = ("member_id", "from_parent_id", "to_parent_id")
_FOUND_BY = (
    ("territory_model_id", "created_at", "id"),
    ("created_by", "created_at", "id"),
    ("territory_assignment_id",),
    ("territory_id", "id"),
    ("moved_territory_id", "id"),
    ("from_parent_id", "id"),
    ("to_parent_id", "id"),
    ("member_id", "id"),
    ("role", "id"),
    ("reason", "id"),
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
        *(sa.Column(name, sa.Uuid(), nullable=name in _OPTIONAL) for name in _TARGETS),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role IN ('OWNER', 'MANAGER', 'REP', 'OVERLAY')", name=f"{_NAME}_role_check"
        ),
        sa.CheckConstraint("reason IN ('REHUNG', 'LEFT_OUT')", name=f"{_NAME}_reason_check"),
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
            *("tenant_id", "territory_model_id", "created_by", "territory_assignment_id"),
            name=f"{_NAME}_once_key",
        ),
        deletable=True,
    )
    for columns in _FOUND_BY:
        index(f"{_NAME}_{'_'.join(columns)}_ix", _NAME, ["tenant_id", *columns])
