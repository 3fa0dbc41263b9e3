"""Connections of one role, lent to one reader or command at a time; whose tenant each is set to.

asyncpg's own pool gives a connection back through a task and a timeout, which costs as much as a
statement; it cannot choose the connection that is set to a tenant already, waits without end when
none is free, and tries a server that is gone once for each request. Hence one of ours, on its
connections.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final, NamedTuple, Self
from uuid import UUID

import asyncpg

from service.clock import monotonic_seconds
from service.database.lending import Lending
from service.database.prepared import row_of
from service.database.session import WrongPlace
from service.database.silence import Connect, DatabaseAway, Silence
from service.telemetry.tracing import step

PATIENCE_SECONDS: Final = 5.0
# Above the server's own limits (service.database.bootstrap): only one that has vanished from the
# network takes longer.
ANSWER_SECONDS: Final = 8.0
# After a failed attempt nobody tries again for so long: an outage must not be a storm.
_REST_SECONDS: Final = 0.25
_MEND_SECONDS: Final = 2.0
_CLOSE_SECONDS: Final = 10.0
# A connection that keeps to a tenant finds his records where it left them, so who waits for the
# tenant it is set to goes first; but nobody at the head of the queue is passed by more often.
_MOST_OVERTAKEN: Final = 8
# As many tenants can have their share of the connections at once.
_SHARE: Final = 4
# One tenant's requests that run at the same time are fewer: whoever else waits is found among them.
_MOST_LOOKED_AT: Final = 96
# A connection that nobody used for so long may have been forgotten on the way by a firewall.
_IDLE_SECONDS: Final = 300.0
# The server's side of a connection keeps every plan it has made; a new one begins empty.
_LIFE_SECONDS: Final = 3600.0
# Every way in which a connection says that it is of no use.
_FAULTS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


@lru_cache(maxsize=1024)
def _turning(tenant_id: UUID) -> tuple[str]:
    """Return what sets a session to a tenant."""
    return (f"SET app.tenant_id = '{tenant_id}'",)


class PoolExhausted(Exception):
    """No connection became free in time: the caller is told to come again."""


class _Waiter(NamedTuple):
    """Who waits for a connection, and of which tenant he will ask."""

    turn: "asyncio.Future[PooledConnection | None]"
    tenant_id: UUID | None
    until: float


class PooledConnection:
    """A connection, and which tenant its session is set to.

    Attributes:
        tenant_id: of the session-level setting as far as it is known; None where it must be made.
        asked_at: when the statement was sent whose answer is waited for without a timer.
        patience: how long it is waited for, in seconds.
        lent_to: the tenant it was lent to last.
    """

    __slots__ = ("asked_at", "connection", "lent_to", "made_at", "patience", "tenant_id", "used_at")

    def __init__(self, connection: "asyncpg.Connection[Any]") -> None:
        self.connection = connection
        self.tenant_id: UUID | None = None
        self.lent_to: UUID | None = None
        self.asked_at: float | None = None
        self.patience = ANSWER_SECONDS
        self.made_at = self.used_at = monotonic_seconds()

    async def turn_to(self, tenant_id: UUID) -> None:
        """Set the session to a tenant, unless it is (database page 2.4)."""
        if self.tenant_id == tenant_id:
            return
        self.tenant_id = None
        await self.connection.execute(*_turning(tenant_id))
        self.tenant_id = tenant_id

    async def row_of(self, tenant_id: UUID, statement: str, values: Sequence[object]) -> Any:  # noqa: ANN401 - asyncpg's row
        """Return a statement's first row; where the session is another's, it is turned with it."""
        if self.tenant_id == tenant_id:
            return await row_of(self.connection, statement, values)
        self.tenant_id = None
        row = await row_of(self.connection, statement, values, _turning(tenant_id))
        self.tenant_id = tenant_id
        return row


class TenantPool:
    """At most so many connections; whoever comes when all are lent waits his turn, not for ever.

    One that is given back goes to a tenant of whom the fewest are lent, all within their share
    being equal; of several such, to who waits for the tenant it is set to, if anybody does.

    Attributes:
        silence: tells whether the server answers at all; nobody is lent a connection to one that
            does not.
    """

    def __init__(
        self,
        connect: Connect,
        size: int,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        read_seconds: float = ANSWER_SECONDS,
    ) -> None:
        """Open nothing yet.

        Args:
            connect: makes a connection.
            size: connections at the most.
            patience_seconds: how long anybody waits for one.
            read_seconds: how long a read waits for the server, which has its own limit below it.
        """
        self._connect = connect
        self._patience = patience_seconds
        self._reading = read_seconds
        self.silence = Silence(connect)
        self.silence.attend(self)
        # A timer for each read and each who waits would cost more than looking at all of them.
        self._ushering = False
        self._open = 0
        self._closing = False
        self._all_back = asyncio.Event()
        self._idle: deque[PooledConnection] = deque()
        self._lent: set[PooledConnection] = set()
        self._waiters: deque[_Waiter] = deque()
        self._overtaken = 0
        self._ending: set[asyncio.Future[None]] = set()
        self._away_until = 0.0
        self.size = size

    @property
    def in_use(self) -> int:
        """Connections that are lent."""
        return len(self._lent)

    @property
    def waiting(self) -> int:
        """Who waits for one."""
        return sum(not waiter.turn.done() for waiter in self._waiters)

    def acquire(self, tenant_id: UUID | None = None) -> Lending:
        """Lend a connection for a while: `async with pool.acquire() as connection`."""
        return Lending(self, tenant_id)

    async def fetch(self, statement: str, *arguments: object) -> Any:  # noqa: ANN401 - asyncpg's rows
        """Run one statement on any connection."""
        async with self.acquire() as connection:
            return await connection.fetch(statement, *arguments)

    async def read_here(self, tenant_id: UUID, statement: str, *arguments: object) -> Any:  # noqa: ANN401 - asyncpg's row
        """Run one statement of a tenant, of one row, outside a transaction.

        One trip. Run it under `service.work.retries.again_once`: that asks the directory anew, and
        begins again where the connection was found dead.

        Args:
            tenant_id: whose rows are read.
            statement: brings its witness (database page 5.3) as the column `here`.
            arguments: values of the statement's parameters.

        Raises:
            WrongPlace: `here` is null or false.
        """
        held = self._taken(tenant_id) or await self.take(tenant_id)
        held.patience = self._reading
        try:
            held.asked_at = monotonic_seconds()
            with step("database"):
                row = _witnessed(await held.row_of(tenant_id, statement, arguments))
        except BaseException:
            await asyncio.shield(self.mend(held))
            raise
        finally:
            held.asked_at = None
        self.give_back(held)
        return row

    async def take(self, tenant_id: UUID | None = None) -> PooledConnection:
        """Lend a connection, best one that is set to the tenant; give or mend it back.

        Raises:
            PoolExhausted: none became free in time.
            DatabaseAway: none can be made, or the server answers nobody.
        """
        while True:
            held = self._taken(tenant_id)
            if held is not None:
                return held
            if self._open < self.size:
                held = await self._made()
            if held is None:
                held = await self._handed_over(tenant_id)
            if held is not None:
                return self._lend(held, tenant_id)

    def _taken(self, tenant_id: UUID | None) -> PooledConnection | None:
        """Lend a connection that rests; None where none does.

        Raises:
            DatabaseAway: the server answers nobody.
        """
        if self.silence.silent:
            self._hand_over(None)
            self.silence.check()
        held = self._idle_for(tenant_id)
        return None if held is None else self._lend(held, tenant_id)

    def _lend(self, held: PooledConnection, tenant_id: UUID | None) -> PooledConnection:
        held.lent_to, held.patience = tenant_id, ANSWER_SECONDS
        self._lent.add(held)
        self.silence.watch()
        return held

    def give_back(self, held: PooledConnection) -> None:
        """Take a connection back that is as it was lent: no transaction, no doubt."""
        self._lent.discard(held)
        if self._closing and not self._lent:
            self._all_back.set()
        now = monotonic_seconds()
        if held.connection.is_closed():
            self._drop()
            self._close_idle()
        elif self._closing or now - held.made_at > _LIFE_SECONDS:
            self._retire(held)
            self._drop()
        else:
            held.used_at = now
            self.silence.heard(now)
            if not self._hand_over(held):
                self._idle.append(held)

    async def mend(self, held: PooledConnection) -> None:
        """Take a connection back after an error: undone, its setting unknown, or closed.

        A statement whose caller was cancelled is cancelled in the server first; asyncpg holds the
        next statement back until that is through.
        """
        held.tenant_id = None
        if not held.connection.is_closed():
            try:
                async with asyncio.timeout(_MEND_SECONDS):
                    await held.connection.execute("ROLLBACK")
            except _FAULTS:
                held.connection.terminate()
        self.give_back(held)

    async def close(self) -> None:
        """Wait a little for what is lent, then close everything."""
        self._closing = True
        self.silence.close()
        for waiter in self._waiters:
            if not waiter.turn.done():
                waiter.turn.set_exception(DatabaseAway("the pool is closing"))
        if self._lent:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_back.wait(), _CLOSE_SECONDS)
        for held in self._lent:
            held.connection.terminate()
        idle = [held.connection for held in self._idle]
        self._idle.clear()
        await asyncio.gather(*(one.close(timeout=2) for one in idle), return_exceptions=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _idle_for(self, tenant_id: UUID | None) -> PooledConnection | None:
        """Return the idle connection set to the tenant, else the one that rested longest.

        So each connection keeps to a tenant as long as it can.
        """
        if self._closing:
            raise DatabaseAway("the pool is closing")
        idle = self._idle
        if not idle:
            return None
        oldest = monotonic_seconds() - _IDLE_SECONDS
        while idle:
            for held in idle:
                if held.tenant_id == tenant_id:
                    idle.remove(held)
                    break
            else:
                held = idle.popleft()
            if held.used_at > oldest and not held.connection.is_closed():
                return held
            held.connection.terminate()
            self._drop()
        return None

    async def _made(self) -> PooledConnection:
        if monotonic_seconds() < self._away_until:
            # Whoever waits is told the same, one after another.
            self._hand_over(None)
            raise DatabaseAway("the last attempt failed a moment ago")
        self._open += 1
        try:
            return PooledConnection(await self._connect())
        except _FAULTS as error:
            self._away_until = monotonic_seconds() + _REST_SECONDS
            self._drop()
            raise DatabaseAway(str(error)) from error
        except BaseException:
            self._drop()
            raise

    async def _handed_over(self, tenant_id: UUID | None) -> PooledConnection | None:
        waiter: asyncio.Future[PooledConnection | None]
        waiter = asyncio.get_running_loop().create_future()
        until = monotonic_seconds() + self._patience
        self._waiters.append(_Waiter(waiter, tenant_id, until))
        if not self._ushering:
            self._usher_later(self._patience)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())
            raise

    def _usher_later(self, seconds: float) -> None:
        self._ushering = True
        asyncio.get_running_loop().call_later(seconds, self._usher)

    def _usher(self) -> None:
        """Send away who has waited too long: they stand in the order in which they came."""
        now = monotonic_seconds()
        while self._waiters and self._waiters[0].until <= now:
            _give_up(self._waiters.popleft().turn)
        self._ushering = False
        if self._waiters:
            self._usher_later(self._waiters[0].until - now)

    def watch(self) -> None:
        """End what takes too long on the connections that are lent now (`asked_at`)."""
        self.silence.watch()

    def waits(self) -> bool:
        """Tell whether any connection is lent: its reader waits for the server, or soon will."""
        return bool(self._lent)

    def end_overdue(self, now: float) -> None:
        """End the connections whose server has vanished: whoever reads on one is told so."""
        for held in self._lent:
            if held.asked_at is not None and now - held.asked_at > held.patience:
                held.connection.terminate()

    def end_waits(self) -> None:
        """End the connections that are lent; those that rest are as good as the server will be."""
        for held in self._lent:
            held.connection.terminate()

    def _hand_over(self, held: PooledConnection | None) -> bool:
        while self._waiters:
            waiter = self._next(None if held is None else held.tenant_id)
            if not waiter.done():
                waiter.set_result(held)
                return True
        return False

    def _next(self, tenant_id: UUID | None) -> "asyncio.Future[PooledConnection | None]":
        """Take the next out of the queue.

        A tenant with many slow requests must not have all connections for as long as they last:
        who waits for one with fewer goes first. Among equals the tenant that the connection is set
        to does, else who waits longest.
        """
        if len(self._waiters) > 1 and self._overtaken < _MOST_OVERTAKEN:
            place = self._fairest(tenant_id)
            self._overtaken = self._overtaken + 1 if place else 0
            turn = self._waiters[place].turn
            del self._waiters[place]
            return turn
        self._overtaken = 0
        return self._waiters.popleft().turn

    def _fairest(self, tenant_id: UUID | None) -> int:
        """Return the place in the queue of whose turn it is."""
        lent: dict[UUID | None, int] = {}
        for held in self._lent:
            lent[held.lent_to] = lent.get(held.lent_to, 0) + 1
        # Within his share nobody is put back: to turn a session costs more than a moment's wait.
        share = self.size // _SHARE
        found, fewest = 0, (self.size + 1, True)
        for place, waiter in enumerate(islice(self._waiters, _MOST_LOOKED_AT)):
            has = lent.get(waiter.tenant_id, 0)
            weight = has if has >= share else 0, waiter.tenant_id != tenant_id
            if weight < fewest:
                found, fewest = place, weight
                if weight == (0, False):
                    break
        return found

    def _pass_on(self, held: PooledConnection | None) -> None:
        if held is None:
            self._hand_over(None)
        else:
            self.give_back(held)

    def _drop(self) -> None:
        self._open -= 1
        # There is room for one more: whoever waits longest makes it.
        self._hand_over(None)

    def _retire(self, held: PooledConnection) -> None:
        ending = asyncio.ensure_future(held.connection.close(timeout=_MEND_SECONDS))
        self._ending.add(ending)
        ending.add_done_callback(self._ended)

    def _ended(self, ending: "asyncio.Future[None]") -> None:
        self._ending.discard(ending)
        if not ending.cancelled():
            # How a connection that nobody wants any more ends is of no interest.
            ending.exception()

    def _close_idle(self) -> None:
        """Close what is idle: one lost connection seldom comes alone."""
        while self._idle:
            self._idle.pop().connection.terminate()
            self._drop()


def _witnessed(row: Any) -> Any:  # noqa: ANN401 - asyncpg's row
    if row is None or not row["here"]:
        raise WrongPlace
    return row


def _give_up(waiter: "asyncio.Future[PooledConnection | None]") -> None:
    if not waiter.done():
        waiter.set_exception(PoolExhausted())
