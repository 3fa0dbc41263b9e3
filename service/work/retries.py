"""Running again what another transaction, or a lost connection, undid (database page 3.2)."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import asyncpg

from service.clock import monotonic_seconds
from service.database.constraints import is_lost_race, refusal_of
from service.database.pool import PoolExhausted
from service.database.session import WriteMissed, WrongPlace
from service.database.silence import DatabaseSilent
from service.errors import Busy, NotSignedIn, Unavailable
from service.telemetry.metrics import Counter

_R = TypeVar("_R")
LookAgain = Callable[[], Awaitable[None]]

RETRIES = Counter(
    "command_setbacks_total",
    "Times a command could not be carried out at once: a lost race, a lost connection, no time.",
    ("reason",),
)
_ATTEMPTS = 5
_RECONNECT_SECONDS = 20.0
_RECONNECT_PAUSE = 0.2
CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ReadOnlySQLTransactionError,
    ConnectionError,
    FileNotFoundError,
    # A server that has vanished from the network answers nothing at all.
    TimeoutError,
)
# A migration has changed a table under a statement that was prepared before. The driver has
# forgotten its statements by then, and can begin again by itself only outside a transaction.
_STALE_STATEMENT = asyncpg.InvalidCachedStatementError
_LOST_RACE = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    WriteMissed,
    _STALE_STATEMENT,
)
_NO_TIME = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError, PoolExhausted)
# A statement that took too long itself is no matter of waiting: it asks for too much.
_NO_ROOM = (asyncpg.LockNotAvailableError, PoolExhausted)
WORTH_A_SECOND_LOOK: Final = (
    WrongPlace,
    Unavailable,
    *_NO_ROOM,
    *CONNECTION_LOST,
    _STALE_STATEMENT,
)
"""What a read is told of and may be begun anew for, or is refused with in words."""
_WORTH_ANOTHER_LOOK = (
    asyncpg.IntegrityConstraintViolationError,
    *_LOST_RACE,
    *_NO_TIME,
    WrongPlace,
    *CONNECTION_LOST,
)


async def again(once: Callable[[], Awaitable[_R]], look_again: LookAgain) -> _R:
    """Run a command until it won.

    A lost race is run again a few times, a lost connection for twenty seconds unless the server
    answers nobody, and what met the wrong place once, after the directory has been asked anew.

    Raises:
        Refusal: the command's own, or NotSignedIn, Busy, Unavailable.
    """
    tries = _Tries(look_again)
    while True:
        try:
            return await once()
        except _WORTH_ANOTHER_LOOK as error:
            await tries.before_the_next(error)


class _Tries:
    """How often and for how long one command has been tried."""

    def __init__(self, look_again: LookAgain) -> None:
        self._look_again = look_again
        self._started = monotonic_seconds()
        self._count = 0
        self._looked = False

    async def before_the_next(self, error: Exception) -> None:
        """Wait as long as the error asks for; raises when it is of no use to try again."""
        self._count += 1
        RETRIES.add(_reason(error))
        if isinstance(error, asyncpg.IntegrityConstraintViolationError):
            self._judge_constraint(error)
        elif isinstance(error, WrongPlace):
            if self._looked:
                raise NotSignedIn from error
            await self._look()
        elif isinstance(error, _LOST_RACE):
            if self._count >= _ATTEMPTS:
                raise Busy from error
            if isinstance(error, WriteMissed):
                # The tenant may have moved away between two statements (database page 5.3).
                await self._look()
        elif isinstance(error, _NO_TIME):
            raise Busy from error
        elif (
            # One that restarts, or hands over to another, is soon back; nobody knows of this one.
            isinstance(error, DatabaseSilent)
            or monotonic_seconds() - self._started > _RECONNECT_SECONDS
        ):
            raise Unavailable from error
        else:
            await asyncio.sleep(_RECONNECT_PAUSE)
        await asyncio.sleep(_pause(self._count))

    def _judge_constraint(self, error: asyncpg.IntegrityConstraintViolationError) -> None:
        name = error.constraint_name
        refusal = refusal_of(name, error.detail)
        if refusal is not None:
            raise refusal from error
        if not is_lost_race(name) or self._count >= _ATTEMPTS:
            raise error

    async def _look(self) -> None:
        self._looked = True
        await _asked(self._look_again)


async def again_once(once: Callable[[], Awaitable[_R]], look_again: LookAgain) -> _R:
    """Begin a read, a second time where the connection was found dead or the place wrong.

    Nobody waits for a database that is away: the client is told when to come again.

    Raises:
        Refusal: NotSignedIn, Busy, Unavailable, or what the caller is refused with.
    """
    try:
        return await once()
    except WORTH_A_SECOND_LOOK as error:
        return await once_more(error, once, look_again)


async def once_more(
    first: Exception, once: Callable[[], Awaitable[_R]], look_again: LookAgain
) -> _R:
    """Begin a read a second time, where that may help against what became of it at first.

    Raises:
        Refusal: as `again_once`.
    """
    if isinstance(first, WrongPlace):
        await _asked(look_again)
    elif isinstance(first, _NO_ROOM):
        raise Busy from first
    try:
        return await once()
    except WrongPlace as error:
        raise NotSignedIn from error
    except _NO_ROOM as error:
        raise Busy from error
    except (*CONNECTION_LOST, _STALE_STATEMENT) as error:
        raise Unavailable from error


def _reason(error: Exception) -> str:
    if isinstance(error, CONNECTION_LOST):
        return "connection"
    if isinstance(error, _NO_TIME):
        return "no_time"
    return "wrong_place" if isinstance(error, WrongPlace) else "lost_race"


async def _asked(look_again: LookAgain) -> None:
    try:
        await look_again()
    except CONNECTION_LOST as lost:
        raise Unavailable from lost


def _pause(attempt: int) -> float:
    """Return 10 to 160 ms, doubled each time, with jitter, so that two losers part."""
    longest: float = 0.01 * 2.0 ** min(attempt - 1, 4)
    return longest * (0.5 + os.urandom(1)[0] / 512)
