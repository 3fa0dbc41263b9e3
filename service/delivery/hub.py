"""One process's reading of what happens, for all who follow it there.

One connection listens and reads, for all tenants with followers, in one statement at a time.
NOTIFY only wakes: the outbox is read every second besides, soon again while something waits for a
transaction that still runs, and at once after the connection was lost. That somebody here follows
a tenant stands in `outbox_listener`, for a while at a time: nobody else's commands notify, because
a commit that notifies passes through a lock of the whole cluster (database page 2.8).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
import structlog

from service.clock import Clock, monotonic_seconds, new_id
from service.delivery.errors import ResyncRequired
from service.delivery.following import Follower
from service.delivery.places import Place
from service.delivery.reading import Connection, Page, database_of, horizon, read_after
from service.delivery.topics import OF_RIGHTS, Change, Interest, changes_of
from service.errors import Unavailable
from service.work import CONNECTION_LOST

CHANNEL: Final = "outbox"
_POLL_SECONDS: Final = 1.0
_HELD_SECONDS: Final = 0.02
_LOST_SECONDS: Final = 0.5
_READY_SECONDS: Final = 5.0
_LINGER_SECONDS: Final = 30.0
_RENEWED_SECONDS: Final = 20.0
_LISTENS: Final = timedelta(seconds=60)
_REMEMBERED: Final = 1_024
_COMPLAIN_SECONDS: Final = 30.0

_log = structlog.get_logger(__name__)

_LISTENING = """
INSERT INTO app.outbox_listener (tenant_id, id, expires_at)
SELECT w.tenant_id, $2, $3 FROM unnest($1::uuid[]) AS w(tenant_id)
ON CONFLICT (tenant_id, id) DO UPDATE SET expires_at = EXCLUDED.expires_at
"""
_NOT_LISTENING = "DELETE FROM app.outbox_listener WHERE tenant_id = ANY($1::uuid[]) AND id = $2"


class _Feed:
    """What one tenant's followers share.

    Attributes:
        place: up to where it has been read; None before the first reading.
        floor: `recent` holds everything that followed.
        members: who follows, or reads back in order to follow.
        followers: those of them who are told.
    """

    def __init__(self, now: float) -> None:
        self.place: Place | None = None
        self.floor: Place | None = None
        self.recent: deque[Change] = deque()
        self.members: set[Follower] = set()
        self.followers: set[Follower] = set()
        self.left_at = now
        self.begun = asyncio.Event()

    def begin(self, place: Place) -> None:
        """Stand at a place."""
        self.place = self.floor = place
        self.begun.set()

    def take(self, page: Page) -> None:
        """Hand a page on to everybody."""
        for change in changes_of(page.rows):
            self.recent.append(change)
            if len(self.recent) > _REMEMBERED:
                self.floor = self.recent.popleft().place
            # One who falls behind leaves while the others are told.
            for follower in tuple(self.followers):
                follower.offer(change)
        self.place = page.place


class Hub:
    """Reads for everybody who follows something in this process.

    Attributes:
        on_rights_changed: told of each tenant where rights have changed.
    """

    def __init__(self, pool: "asyncpg.Pool[Any]", clock: Clock) -> None:
        """Take the way to the outbox.

        Args:
            pool: under `bailiwick_relay`; one connection is kept while anybody follows.
            clock: by which the word that somebody listens is kept for a while.
        """
        self._pool = pool
        self._clock = clock
        self.on_rights_changed: Callable[[UUID], None] = lambda _tenant: None
        self._id = new_id()
        self._feeds: dict[UUID, _Feed] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._database: str | None = None
        self._told: frozenset[UUID] = frozenset()
        self._told_at = 0.0
        self._held_since: float | None = None
        self._complained_at = 0.0

    def follow(self, tenant_id: UUID, interest: Interest, after: Place) -> Follower:
        """Begin to follow; what happened after a place comes first, and nothing twice."""
        feed = self._feeds.get(tenant_id)
        if feed is None:
            feed = self._feeds[tenant_id] = _Feed(monotonic_seconds())
            self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="outbox hub")

        async def refill(follower: Follower) -> None:
            await self._refill(tenant_id, follower)

        follower = Follower(interest, after, refill)
        feed.members.add(follower)
        return follower

    def leave(self, tenant_id: UUID, follower: Follower) -> None:
        """Follow no more."""
        feed = self._feeds.get(tenant_id)
        if feed is not None:
            feed.followers.discard(follower)
            feed.members.discard(follower)
            feed.left_at = monotonic_seconds()

    @property
    def follower_count(self) -> int:
        """How many follow something now."""
        return sum(len(feed.members) for feed in self._feeds.values())

    async def close(self) -> None:
        """Stop reading; nobody is told anything more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _refill(self, tenant_id: UUID, follower: Follower) -> None:
        """Read back for a follower until what is remembered here takes over, in the same breath."""
        feed = self._feeds[tenant_id]
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await feed.begun.wait()
        except TimeoutError as error:
            raise Unavailable from error
        if feed.floor is not None and feed.place is not None and follower.after >= feed.floor:
            follower.catch_up(feed.recent, feed.place)
            follower.live = True
            feed.followers.add(follower)
            return
        topics = [follower.interest.topic]
        try:
            async with self._pool.acquire() as connection:
                pages = await read_after(connection, {tenant_id: follower.after}, topics)
        except CONNECTION_LOST:
            await asyncio.sleep(_LOST_SECONDS)
            return
        page = pages[tenant_id]
        follower.catch_up(changes_of(page.rows, topics), page.place)

    async def _run(self) -> None:
        """Read until nobody has followed anything for a while."""
        while self._feeds:
            try:
                async with self._pool.acquire() as connection:
                    await self._listen(connection)
            except (asyncpg.PostgresError, *CONNECTION_LOST, TimeoutError) as error:
                _log.warning("delivery.database_lost", error=repr(error))
                await asyncio.sleep(_LOST_SECONDS)
            except Exception:  # noqa: BLE001 - followers would wait for ever
                # Whoever follows something waits for nothing else: reading goes on.
                _log.exception("delivery.failed")
                await asyncio.sleep(_POLL_SECONDS)

    async def _listen(self, connection: Connection) -> None:
        database = await database_of(connection)
        if self._database not in {None, database}:
            self._forget_all()
        self._database = database
        self._told = frozenset()
        await connection.add_listener(CHANNEL, self._woken)
        # Whatever was told while nobody listened is read now.
        self._wake.set()
        try:
            pause = _POLL_SECONDS
            while self._feeds:
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await self._wake.wait()
                self._wake.clear()
                held = await self._round(connection)
                self._mark(held=held)
                waits = _HELD_SECONDS if pause == _POLL_SECONDS else pause * 2
                pause = min(waits, _POLL_SECONDS) if held else _POLL_SECONDS
        finally:
            if not connection.is_closed():
                await connection.remove_listener(CHANNEL, self._woken)

    def _mark(self, *, held: bool) -> None:
        """Note since when something waits for a transaction that does not end."""
        now = monotonic_seconds()
        if not held:
            self._held_since = None
        elif self._held_since is None:
            self._held_since = self._complained_at = now
        elif now - self._complained_at >= _COMPLAIN_SECONDS:
            self._complained_at = now
            _log.warning("delivery.held_back", seconds=round(now - self._held_since))

    @property
    def behind_seconds(self) -> float:
        """How long something has been waiting for a transaction that still runs; 0 if nothing."""
        return 0.0 if self._held_since is None else monotonic_seconds() - self._held_since

    def _woken(self, *_: object) -> None:
        self._wake.set()

    async def _round(self, connection: Connection) -> bool:
        """Read everything there is; tells whether something waits for a running transaction."""
        self._drop_left()
        await self._tell(connection)
        held = False
        reading = await self._places(connection)
        while reading:
            pages = await read_after(connection, reading)
            reading = {}
            for tenant_id, page in pages.items():
                feed = self._feeds.get(tenant_id)
                if feed is None:
                    continue
                feed.take(page)
                held = held or page.held
                if page.more:
                    reading[tenant_id] = page.place
                if any(row["kind"] in OF_RIGHTS for row in page.rows):
                    self.on_rights_changed(tenant_id)
        return held

    async def _places(self, connection: Connection) -> dict[UUID, Place]:
        if any(feed.place is None for feed in self._feeds.values()):
            new = [feed for feed in self._feeds.values() if feed.place is None]
            here = await horizon(connection)
            for feed in new:
                feed.begin(here)
        return {tenant: feed.place for tenant, feed in self._feeds.items() if feed.place}

    async def _tell(self, connection: Connection) -> None:
        """Let commands of the tenants followed here notify, and those of others not."""
        tenants = frozenset(self._feeds)
        stale = monotonic_seconds() - self._told_at >= _RENEWED_SECONDS
        if tenants == self._told and not stale:
            return
        until = self._clock.now() + _LISTENS
        await connection.execute(_LISTENING, list(tenants), self._id, until)
        left = list(self._told - tenants)
        if left:
            await connection.execute(_NOT_LISTENING, left, self._id)
        self._told, self._told_at = tenants, monotonic_seconds()

    def _drop_left(self) -> None:
        """Forget tenants that nobody has followed for a while; a reconnect finds its own there."""
        long_ago = monotonic_seconds() - _LINGER_SECONDS
        for tenant_id, feed in list(self._feeds.items()):
            if not feed.members and feed.left_at < long_ago:
                del self._feeds[tenant_id]

    def _forget_all(self) -> None:
        """Send everybody away: the database is another, or was set back."""
        for feed in self._feeds.values():
            for follower in feed.members:
                follower.end(ResyncRequired())
            feed.followers.clear()
            feed.place = feed.floor = None
            feed.recent.clear()
            feed.begun.clear()
