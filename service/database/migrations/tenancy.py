"""The one way a migration makes a tenant's table: with its wall."""

from collections.abc import Sequence
from typing import Any

from alembic import op
from sqlalchemy import text
from sqlalchemy.schema import SchemaItem

from service.database.partitions import default_part
from service.database.security import wall
from service.database.tables import SCHEMA


def tenant_table(
    name: str, *parts: SchemaItem, append_only: bool = False, deletable: bool = False
) -> None:
    """Make a table of the tenants with row security, grants and triggers.

    Args:
        name: the table's name.
        parts: columns and constraints.
        append_only: rows are never changed or deleted.
        deletable: the application may delete rows.
    """
    op.create_table(name, *parts, schema=SCHEMA)
    run(wall(name, append_only=append_only, deletable=deletable))


def monthly_ledger(name: str, *parts: SchemaItem) -> None:
    """Make a ledger kept by month, with its wall and the part for what has no month yet."""
    op.create_table(name, *parts, schema=SCHEMA, postgresql_partition_by="RANGE (at)")
    run([*wall(name, append_only=True), *default_part(name)])


def global_table(name: str, *parts: SchemaItem) -> None:
    """Make a table that is no tenant's; its grants are given by name."""
    op.create_table(name, *parts, schema=SCHEMA)


def index(name: str, table: str, columns: Sequence[Any], **options: Any) -> None:  # noqa: ANN401 - Alembic's own
    """Make an index in our schema."""
    op.create_index(name, table, list(columns), schema=SCHEMA, **options)


def index_beside_writers(
    name: str,
    table: str,
    columns: Sequence[str],
    **options: Any,  # noqa: ANN401 - Alembic's own
) -> None:
    """Make an index on a table that may be large, while others go on writing to it.

    For a migration of its own that does nothing else: it stands outside the transaction, is done
    again as often as it must, and clears away what a broken attempt has left.
    """
    broken = text(
        "SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(:named)"
        " AND NOT indisvalid)"
    )
    with op.get_context().autocommit_block():
        if op.get_bind().scalar(broken, {"named": f"{SCHEMA}.{name}"}):
            op.execute(f"DROP INDEX CONCURRENTLY {SCHEMA}.{name}")
        index(name, table, columns, postgresql_concurrently=True, if_not_exists=True, **options)


def run(statements: Sequence[str]) -> None:
    """Run statements one by one: several in one text do not propagate everywhere."""
    for statement in statements:
        op.execute(statement)
