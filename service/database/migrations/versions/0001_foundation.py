"""The first tables."""

from importlib import import_module

from alembic import op

from service.database.security import PLATFORM_GRANTS, REFUSE_CHANGE, wall, wall_of
from service.database.tables import METADATA, tenant_tables

revision = "0001"
down_revision = None

for name in [  # every feature's tables
    "tenants",
    "identity",
    "organisation",
    "territories",
    "customers",
    "rulebooks",
    "tasks",
    "journal",
    "timers",
    "ownership",
    "reception",
]:
    import_module(f"service.{name}.tables")


def upgrade() -> None:
    """Make the tables and their walls."""
    op.execute(REFUSE_CHANGE)
    METADATA.create_all(op.get_bind())
    for table in tenant_tables():
        for statement in wall_of(table):
            op.execute(statement)
    for statement in wall("tenant"):
        op.execute(statement)
    for statement in PLATFORM_GRANTS:
        op.execute(statement)
