"""Rows of a statement that the connection has prepared already, asked of the driver's core.

The driver's own way there looks at its clock four times, sets a timer for each statement and
passes through five functions: a fifth of what a short read costs this process. What it does
besides is left to it: a statement that is not prepared, one that a migration has made stale, a
connection that somebody listens to.
"""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from asyncpg.protocol import protocol as driver

# Neither is the driver's public interface; its version is pinned, and tests/database/test_pool.py
# fails where they have gone.
_NO_TIMER: Final = driver.NO_TIMEOUT
_ONE_ROW: Final = 1
_ALL_ROWS: Final = 0


async def row_of(
    connection: "asyncpg.Connection[Any]", statement: str, values: Sequence[object]
) -> Any:  # noqa: ANN401 - asyncpg's row
    """Return the first row, or None; whoever waits for it must end a wait without end himself."""
    core: Any = connection
    prepared = core._stmt_cache.get((statement, asyncpg.Record, False))  # noqa: SLF001 - see above
    if prepared is None or core._query_loggers:  # noqa: SLF001 - see above
        return await connection.fetchrow(statement, *values)
    try:
        found = await core._protocol.bind_execute(  # noqa: SLF001 - see above
            prepared, values, "", _ONE_ROW, False, _NO_TIMER
        )
    except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError):
        # The driver knows what to forget, and runs it again where that is possible.
        return await connection.fetchrow(statement, *values)
    return found[0] if found else None


async def rows_of(
    connection: "asyncpg.Connection[Any]",
    statement: str,
    values: Sequence[object],
    seconds: float | None,
) -> Any:  # noqa: ANN401 - asyncpg's rows
    """Return all rows; in a transaction a statement that has become stale undoes it.

    Args:
        connection: within a transaction or not.
        statement: with `$1`…
        values: of its parameters.
        seconds: how long the answer is waited for; None for as long as the connection says.
    """
    core: Any = connection
    prepared = core._stmt_cache.get((statement, asyncpg.Record, False))  # noqa: SLF001 - see above
    if prepared is None or core._query_loggers:  # noqa: SLF001 - see above
        return await connection.fetch(statement, *values, timeout=seconds)
    protocol = core._protocol  # noqa: SLF001 - see above
    try:
        return await protocol.bind_execute(
            prepared,
            values,
            "",
            _ALL_ROWS,
            False,
            protocol._get_timeout(seconds),  # noqa: SLF001 - see above
        )
    except asyncpg.OutdatedSchemaCacheError:
        await core.reload_schema_state()
        raise
    except asyncpg.InvalidCachedStatementError:
        core._drop_global_statement_cache()  # noqa: SLF001 - see above
        if protocol.is_in_transaction():
            raise
        return await connection.fetch(statement, *values, timeout=seconds)
