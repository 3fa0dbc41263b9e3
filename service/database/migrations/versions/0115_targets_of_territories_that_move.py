"""What of targets would go along with territories that hang elsewhere."""

import sqlalchemy as sa
from alembic import op

from service.database.migrations.tenancy import index
from service.database.tables import SCHEMA

revision = "0115"
down_revision = "0114"

_NAME = "territory_move_target"


def upgrade() -> None:
    """A part of a target goes with a customer, or with a territory."""
    op.alter_column(_NAME, "territory_move_id", nullable=True, schema=SCHEMA)
    op.add_column(_NAME, sa.Column("moved_territory_id", sa.Uuid(), nullable=True), schema=SCHEMA)
    op.create_foreign_key(
        f"{_NAME}_moved_territory_id_fk",
        _NAME,
        "territory",
        ["tenant_id", "moved_territory_id"],
        ["tenant_id", "id"],
        source_schema=SCHEMA,
        referent_schema=SCHEMA,
    )
    op.create_check_constraint(
        f"{_NAME}_with_check",
        _NAME,
        "num_nonnulls(territory_move_id, moved_territory_id) = 1",
        schema=SCHEMA,
    )
    columns = ("moved_territory_id", "id")
    index(f"{_NAME}_{'_'.join(columns)}_ix", _NAME, ["tenant_id", *columns])
