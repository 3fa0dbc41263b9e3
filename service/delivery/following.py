"""One follower: what waits for him, and why he is sent away."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Final

from service.delivery.errors import SlowConsumer
from service.delivery.places import Place
from service.delivery.topics import Change, Interest

MOST_BEHIND: Final = 256
_AT_ONCE: Final = 32

Refill = Callable[["Follower"], Awaitable[None]]


class Ended(Exception):
    """The follower's rights are not what they were: he must come again, with a fresh token."""


class Follower:
    """Follows one interest from a place on.

    Attributes:
        after: he has been handed everything up to here.
        live: the hub offers him what happens; until then he reads back himself.
    """

    def __init__(self, interest: Interest, after: Place, refill: Refill) -> None:
        self.interest = interest
        self.after = after
        self.live = False
        self._refill = refill
        self._waiting: deque[Change] = deque()
        self._most = MOST_BEHIND
        self._ended: Exception | None = None
        self._called = asyncio.Event()

    def offer(self, change: Change) -> None:
        """Let a change wait for him, if he is interested and not too far behind already."""
        if self._ended is not None or change.place <= self.after:
            return
        if not self.interest.wants(change):
            return
        if len(self._waiting) >= self._most:
            self.end(SlowConsumer(at_most=MOST_BEHIND))
            return
        self._waiting.append(change)
        self._called.set()

    def catch_up(self, changes: Iterable[Change], place: Place) -> None:
        """Take what was read back for him, up to a place; it does not count as falling behind."""
        missed = [one for one in changes if one.place > self.after and self.interest.wants(one)]
        self._waiting.extend(missed)
        self._most = MOST_BEHIND + len(self._waiting)
        if not missed:
            self.after = max(self.after, place)

    def end(self, why: Exception) -> None:
        """Send him away; what waited for him he can have again, from his last cursor."""
        if self._ended is None:
            self._ended = why
            self._waiting.clear()
            self._called.set()

    async def take(self) -> list[Change]:
        """Return the next changes, at least one, in order.

        Raises:
            Ended, Refusal: why there is no more.
        """
        while True:
            if self._ended is not None:
                raise self._ended
            if self._waiting:
                taken = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
                self.after = taken[-1].place
                return taken
            if not self.live:
                self._most = MOST_BEHIND
                await self._refill(self)
                continue
            self._most = MOST_BEHIND
            self._called.clear()
            await self._called.wait()

    async def __aiter__(self) -> AsyncIterator[list[Change]]:
        """Yield what `take` returns, until he is sent away."""
        while True:
            yield await self.take()
