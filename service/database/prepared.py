"""Rows of a statement that the connection has prepared already, asked of the driver's core.

The driver's own way there looks at its clock four times, sets a timer for each statement and
passes through five functions: a fifth of what a short read costs this process. What it does
besides is left to it: a statement that is not prepared, one that a migration has made stale, a
connection that somebody listens to.

What a statement needs to have been said before it, a transaction's beginning or whose the session
is, goes out with it and is not waited for: the server answers both at once, and where it refuses
the first it carries out nothing of the rest.

None of that is the driver's public interface. So a connection goes this way only as a `Pipelining`
one, which is made where the driver is the one it was tried with and does what it did then
(`departure`); any other goes by the driver's public functions alone, with a trip more for what has
to be said before, and the same answers.
"""

import asyncio
import struct
from collections.abc import Awaitable, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import asyncpg
from asyncpg.protocol import protocol as driver

TRIED: Final = "0.32.0"
"""The driver's version with which `Pipelining` was soaked (docs/performance.md)."""

UNTIMED: Final[Any] = getattr(driver, "NO_TIMEOUT", None)
"""For whoever sees to it himself that a wait without end is ended."""

AnyConnection: TypeAlias = "asyncpg.Connection[Any]"

_ONE_ROW: Final = 1
_ALL_ROWS: Final = 0
_TRIAL_SECONDS: Final = 3.0
# What is used of the driver besides its public functions.
_OF_A_CONNECTION: Final = (
    *("_stmt_cache", "_query_loggers", "_transport", "_protocol"),
    "_drop_global_statement_cache",
)
_OF_ITS_CORE: Final = ("bind_execute", "is_in_transaction")


class Telling(asyncpg.Connection):  # type: ignore[misc]  # the driver declares no types here
    """A connection that says it is lost also where it is ended between two steps of the driver's.

    The driver prepares a statement, then asks a protocol that `terminate` has taken away meanwhile:
    an AttributeError, which would be a fault of ours, and the lost connection nobody's.
    """

    __slots__ = ()

    async def execute(self, *asked: Any, **others: Any) -> Any:  # noqa: ANN401 - the driver's
        """Do as the driver does; raises ConnectionDoesNotExistError where it is lost."""
        try:
            return await super().execute(*asked, **others)
        except AttributeError as error:
            raise self.lost(error) from error

    async def fetch(self, *asked: Any, **others: Any) -> Any:  # noqa: ANN401 - the driver's
        """Do as the driver does; raises as `execute`."""
        try:
            return await super().fetch(*asked, **others)
        except AttributeError as error:
            raise self.lost(error) from error

    async def fetchrow(self, *asked: Any, **others: Any) -> Any:  # noqa: ANN401 - the driver's
        """Do as the driver does; raises as `execute`."""
        try:
            return await super().fetchrow(*asked, **others)
        except AttributeError as error:
            raise self.lost(error) from error

    async def fetchval(self, *asked: Any, **others: Any) -> Any:  # noqa: ANN401 - the driver's
        """Do as the driver does; raises as `execute`."""
        try:
            return await super().fetchval(*asked, **others)
        except AttributeError as error:
            raise self.lost(error) from error

    def is_in_transaction(self) -> bool:
        """Tell whether it is in one; a lost connection is in none."""
        return not self.is_closed() and bool(super().is_in_transaction())

    def lost(self, error: AttributeError) -> Exception:
        """Return what an error means: the loss of a connection that is closed, else itself."""
        meant: Exception = error
        if self.is_closed():
            meant = asyncpg.ConnectionDoesNotExistError("the connection was ended meanwhile")
        return meant


class Pipelining(Telling):
    """A connection that says on the trip of a statement what has to be said before it."""

    __slots__ = ()

    def prepared(self, statement: str) -> Any:  # noqa: ANN401 - the driver's own
        """Return the statement as the driver has prepared it; None where it has to see to it."""
        found = self._stmt_cache.get((statement, asyncpg.Record, False))
        return None if self._query_loggers or self.is_closed() else found

    def carry_out(
        self,
        prepared: Any,  # noqa: ANN401 - the driver's own
        values: Sequence[object],
        most: int,
        seconds: Any,  # noqa: ANN401 - the driver's own mark, too
        opening: tuple[str, ...],
    ) -> Awaitable[Any]:
        """Send what opens and, when awaited, the statement in one go; return the statement's rows.

        An AttributeError of either is told by `lost`.
        """
        if opening:
            self._transport.write(_unwaited(opening))
        sent: Awaitable[Any] = self._protocol.bind_execute(
            prepared, values, "", most, False, seconds
        )
        return sent

    def forget_prepared(self) -> None:
        """Let the driver forget what it had prepared before a migration."""
        self._drop_global_statement_cache()


async def row_of(
    connection: AnyConnection,
    statement: str,
    values: Sequence[object],
    opening: tuple[str, ...] = (),
) -> Any:  # noqa: ANN401 - asyncpg's row
    """Return the first row, or None; whoever waits for it must end a wait without end himself.

    Args:
        connection: outside a transaction.
        statement: with `$1`…
        values: of its parameters.
        opening: commands to be carried out before it: they have no parameters and return no rows.
            A pipelining connection undoes them where the statement fails.
    """
    # Not isinstance: to the driver each of its connections is one of every kind.
    if type(connection) is Pipelining:
        prepared = connection.prepared(statement)
        if prepared is not None:
            try:
                found = await connection.carry_out(prepared, values, _ONE_ROW, UNTIMED, opening)
            except (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError):
                # The driver knows what to forget, and runs it again where that is possible.
                pass
            except AttributeError as error:
                raise connection.lost(error) from error
            else:
                return found[0] if found else None
    if opening:
        await connection.execute("; ".join(opening))
    return await connection.fetchrow(statement, *values)


async def rows_of(
    connection: AnyConnection,
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
    if type(connection) is Pipelining:
        prepared = connection.prepared(statement)
        if prepared is not None:
            try:
                return await connection.carry_out(prepared, values, _ALL_ROWS, seconds, opening)
            except asyncpg.OutdatedSchemaCacheError:
                await connection.reload_schema_state()
                raise
            except asyncpg.InvalidCachedStatementError:
                connection.forget_prepared()
                if connection.is_in_transaction():
                    raise
            except AttributeError as error:
                raise connection.lost(error) from error
    timed = None if seconds is UNTIMED else seconds
    if opening:
        await connection.execute("; ".join(opening), timeout=timed)
    return await connection.fetch(statement, *values, timeout=timed)


def departure() -> str | None:
    """Tell in what the installed driver is not the one that was tried; None where it is."""
    if asyncpg.__version__ != TRIED:
        return f"asyncpg {asyncpg.__version__} is installed, {TRIED} was tried"
    parts: tuple[tuple[Any, tuple[str, ...]], ...] = (
        (asyncpg.Connection, _OF_A_CONNECTION),
        (driver.BaseProtocol, _OF_ITS_CORE),
        (driver, ("NO_TIMEOUT",)),
    )
    missing = [name for holder, names in parts for name in names if not hasattr(holder, name)]
    return f"asyncpg has no {', '.join(missing)} any more" if missing else None


async def misbehaviour(connection: AnyConnection) -> str | None:
    """Try out on a new connection what is to be relied on; tell what came out wrong, or None.

    The driver may have everything by name and do something else with it, and so may whatever
    stands between us and the server.
    """
    text = "SELECT coalesce(current_setting('app.tenant_id', true), '') AS whose, $1::int AS given"
    begin = ("BEGIN", "SET LOCAL app.tenant_id = 'tried'")
    try:
        async with asyncio.timeout(_TRIAL_SECONDS):
            await connection.fetchrow(text, 0)
            inside = [tuple(row) for row in await rows_of(connection, text, [1], UNTIMED, begin)]
            begun = connection.is_in_transaction()
            await connection.execute("ROLLBACK")
            outside = tuple(await row_of(connection, text, [2]))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not what was tried
        connection.terminate()
        return f"a statement behind a beginning failed with {type(error).__name__}"
    good = inside == [("tried", 1)] and begun and outside == ("", 2)
    return None if good else "a statement behind a beginning was not answered as it should be"


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
