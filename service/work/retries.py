"""Running again what another transaction, or a lost connection, undid (database page 3.2)."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from service.clock import monotonic_seconds
from service.database.constraints import is_lost_race, refusal_of
from service.database.session import WriteMissed
from service.errors import Busy, Unavailable

_R = TypeVar("_R")

_ATTEMPTS = 5
_RECONNECT_SECONDS = 20.0
CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    ConnectionError,
    FileNotFoundError,
)
_LOST_RACE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, WriteMissed)


async def again(once: Callable[[], Awaitable[_R]]) -> _R:
    """Run until won: lost races a few times, a lost connection for twenty seconds (3.2)."""
    started = monotonic_seconds()
    attempt = 0
    while True:
        attempt += 1
        try:
            return await once()
        except asyncpg.IntegrityConstraintViolationError as error:
            name = error.constraint_name
            refusal = refusal_of(name, error.detail)
            if refusal is not None:
                raise refusal from error
            if not is_lost_race(name) or attempt >= _ATTEMPTS:
                raise
        except _LOST_RACE as error:
            if attempt >= _ATTEMPTS:
                raise Busy from error
        except (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError) as error:
            raise Busy from error
        except CONNECTION_LOST as error:
            if monotonic_seconds() - started > _RECONNECT_SECONDS:
                raise Unavailable from error
            await asyncio.sleep(0.2)
        await asyncio.sleep(_pause(attempt))


def _pause(attempt: int) -> float:
    """Return 10 to 160 ms, doubled each time, with jitter, so that two losers part."""
    longest: float = 0.01 * 2.0 ** min(attempt - 1, 4)
    return longest * (0.5 + os.urandom(1)[0] / 512)
