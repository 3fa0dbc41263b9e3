"""Rows of a statement that the connection has prepared already, asked of the driver's core.

The driver's own way there looks at its clock four times, sets a timer for each statement and
passes through five functions: a fifth of what a short read costs this process. What it does
besides is left to it: a statement that is not prepared, one that a migration has made stale, a
connection that somebody listens to.

What a statement needs to have been said before it, a transaction's beginning or whose the session
is, goes out with it and is not waited for: the server answers both at once, and where it refuses
the first it carries out nothing of the rest.
"""

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import asyncpg
from asyncpg.protocol import protocol as driver

# None of it is the driver's public interface; its version is pinned, and tests/database fails where
# they have gone.
UNTIMED: Final = driver.NO_TIMEOUT
"""For whoever sees to it himself that a wait without end is ended."""
_ONE_ROW: Final = 1
_ALL_ROWS: Final = 0


async def row_of(
    connection: "asyncpg.Connection[Any]",
    statement: str,
    values: Sequence[object],
    opening: tuple[str, ...] = (),
) -> Any:  # noqa: ANN401 - asyncpg's row
    """Return the first row, or None; whoever waits for it must end a wait without end himself.

    Args:
        connection: outside a transaction.
        statement: with `$1`…
        values: of its parameters.
        opening: commands to be carried out before it, on its trip: they have no parameters, return
            no rows, and are undone where it fails.
    """
    core: Any = connection
    prepared = core._stmt_cache.get((statement, asyncpg.Record, False))  # noqa: SLF001 - see above
    if prepared is None or core._query_loggers or core.is_closed():  # noqa: SLF001 - see above
        if opening:
            await connection.execute("; ".join(opening))
        return await connection.fetchrow(statement, *values)
    if opening:
        core._transport.write(_unwaited(opening))  # noqa: SLF001 - see above
    try:
        found = await core._protocol.bind_execute(  # noqa: SLF001 - see above
            prepared, values, "", _ONE_ROW, False, UNTIMED
        )
    except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError):
        # The driver knows what to forget, and runs it again where that is possible.
        if opening:
            await connection.execute("; ".join(opening))
        return await connection.fetchrow(statement, *values)
    return found[0] if found else None


async def rows_of(
    connection: "asyncpg.Connection[Any]",
    statement: str,
    values: Sequence[object],
    seconds: Any,  # noqa: ANN401 - the driver's own mark, too
    opening: tuple[str, ...] = (),
) -> Any:  # noqa: ANN401 - asyncpg's rows
    """Return all rows; in a transaction a statement that has become stale undoes it.

    Args:
        connection: within a transaction or not.
        statement: with `$1`…
        values: of its parameters.
        seconds: how long the answer is waited for; None for as long as the connection says, or
            `UNTIMED`.
        opening: what begins a transaction that is to have the statement: commands that have no
            parameters and return no rows, the first of them `BEGIN`.
    """
    core: Any = connection
    prepared = core._stmt_cache.get((statement, asyncpg.Record, False))  # noqa: SLF001 - see above
    if prepared is None or core._query_loggers or core.is_closed():  # noqa: SLF001 - see above
        timed = None if seconds is UNTIMED else seconds
        if opening:
            await connection.execute("; ".join(opening), timeout=timed)
        return await connection.fetch(statement, *values, timeout=timed)
    protocol = core._protocol  # noqa: SLF001 - see above
    if opening:
        core._transport.write(_unwaited(opening))  # noqa: SLF001 - see above
    try:
        return await protocol.bind_execute(prepared, values, "", _ALL_ROWS, False, seconds)
    except asyncpg.OutdatedSchemaCacheError:
        await core.reload_schema_state()
        raise
    except asyncpg.InvalidCachedStatementError:
        core._drop_global_statement_cache()  # noqa: SLF001 - see above
        if protocol.is_in_transaction():
            raise
        return await connection.fetch(
            statement, *values, timeout=None if seconds is UNTIMED else seconds
        )


@lru_cache(maxsize=1024)
def _unwaited(commands: tuple[str, ...]) -> bytes:
    """Write commands as the protocol has them: each parsed, bound and carried out, without a Sync.

    The next statement's is theirs, too. The driver passes over what the server says of them, as it
    does where it has a statement parsed once more; none of them may return rows.
    """
    parts = []
    for command in commands:
        text = command.encode()
        parts += [
            _message(b"P", b"\0%b\0\0\0" % text),
            _message(b"B", b"\0\0\0\0\0\0\0\0"),
            _message(b"E", b"\0\0\0\0\0"),
        ]
    return b"".join(parts)


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body
