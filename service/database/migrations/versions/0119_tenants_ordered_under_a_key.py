"""The directory knows under which of an operator's keys a tenant was ordered."""

import sqlalchemy as sa
from alembic import op

from service.database.tables import SCHEMA

revision = "0119"
down_revision = "0118"

_NAME = "global_tenant_directory"


def upgrade() -> None:
    """Keep key and order beside the tenant; those made before have none."""
    for column, kind in (
        ("ordered_by", sa.Uuid()),
        ("order_key", sa.Text()),
        ("order_digest", sa.Text()),
    ):
        op.add_column(_NAME, sa.Column(column, kind, nullable=True), schema=SCHEMA)
    op.create_unique_constraint(
        f"{_NAME}_ordered_by_order_key_key", _NAME, ["ordered_by", "order_key"], schema=SCHEMA
    )
