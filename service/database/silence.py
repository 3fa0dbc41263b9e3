"""Whether the server answers at all: one that stands still refuses nobody, and lets all wait.

A frozen machine, a stopped process, a network that swallows everything: no attempt fails, and
each request would wait for as long as its own statement may take, and then for a new connection.
Hence the server is asked on behalf of all of them, once nobody has heard of it for a second while
somebody waits. Where that is not answered either, whoever waits is told, and whoever comes is told
at once, until an attempt gets through.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

import asyncpg

from service.clock import monotonic_seconds

Connect = Callable[[], Awaitable["asyncpg.Connection[Any]"]]

_log = logging.getLogger(__name__)

_SWEEP_SECONDS: Final = 0.5
# A connection of its own: that takes some milliseconds of the server, so not for each slow read.
_DOUBT_SECONDS: Final = 1.0
_PROBE_SECONDS: Final = 2.0
_REST_SECONDS: Final = 0.5
# What a server says that refuses, or is not there, is an answer: the pools see to that.
_NO_ANSWER: Final = (TimeoutError, BlockingIOError)
_ANSWERS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


class DatabaseAway(ConnectionError):
    """No connection can be made just now."""


class DatabaseSilent(DatabaseAway):
    """The server takes connections and answers none of them: nobody need wait for it."""


class Attended(Protocol):
    """A pool, as the one who watches over it sees it."""

    def waits(self) -> bool:
        """Tell whether anybody waits for the server."""
        ...

    def end_overdue(self, now: float) -> None:
        """End what has waited for longer than the server itself would have let it."""
        ...

    def end_waits(self) -> None:
        """End whatever waits for the server now: it will not answer."""
        ...


class Silence:
    """Notices that the server has fallen silent, and that it answers again."""

    def __init__(self, connect: Connect) -> None:
        """Ask nothing yet; `connect` makes a connection as the pools do."""
        self._connect = connect
        self._attended: list[Attended] = []
        self._sweeping = False
        self._closed = False
        self._probe: asyncio.Task[None] | None = None
        self._heard_at = 0.0
        self.silent = False

    def attend(self, pool: Attended) -> None:
        """Watch over one pool more."""
        self._attended.append(pool)

    def check(self) -> None:
        """Refuse who would have to wait.

        Raises:
            DatabaseSilent: the server answers nobody.
        """
        if self.silent:
            raise DatabaseSilent("the database does not answer")

    def watch(self) -> None:
        """Look after who waits, from now on until nobody does."""
        if not self._sweeping:
            self._heard_at = monotonic_seconds()
            self._sweep_later()

    def heard(self, now: float) -> None:
        """Note that the server has answered somebody."""
        self._heard_at = now

    def close(self) -> None:
        """Ask no more."""
        self._closed = True
        if self._probe is not None:
            self._probe.cancel()

    def _sweep_later(self) -> None:
        self._sweeping = True
        asyncio.get_running_loop().call_later(_SWEEP_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = False
        if self._closed:
            return
        now = monotonic_seconds()
        for pool in self._attended:
            pool.end_overdue(now)
        if any(pool.waits() for pool in self._attended):
            if self._probe is None and now - self._heard_at > _DOUBT_SECONDS:
                self._probe = asyncio.ensure_future(self._find_out())
                self._probe.add_done_callback(self._found_out)
            self._sweep_later()

    def _found_out(self, _probe: "asyncio.Task[None]") -> None:
        self._probe = None

    async def _find_out(self) -> None:
        """Ask until there is an answer, of whatever kind."""
        while True:
            asked_at = monotonic_seconds()
            if await self._answers() or self._heard_at > asked_at:
                break
            if not self.silent:
                self.silent = True
                _log.warning("the database does not answer: requests are refused until it does")
            for pool in self._attended:
                pool.end_waits()
            await asyncio.sleep(_REST_SECONDS)
        self._heard_at = monotonic_seconds()
        if self.silent:
            self.silent = False
            _log.warning("the database answers again")

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                connection = await self._connect()
        except _NO_ANSWER:
            return False
        except _ANSWERS:
            return True
        with contextlib.suppress(*_ANSWERS):
            await connection.close(timeout=_PROBE_SECONDS)
        return True
