"""What a site has before it on a day: acts in the order of their times, each at its own instant."""

import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.clock import ManualClock

Act = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Agenda:
    """Acts to come.

    Attributes:
        clock: turned to each act's time; two acts never share one.
        until: nothing happens after it: the history ends there.
    """

    clock: ManualClock
    until: datetime
    _acts: list[tuple[datetime, int, Act]] = field(default_factory=list)
    _entered: int = 0

    def enter(self, at: datetime, act: Act) -> None:
        """Put an act on the agenda."""
        self._entered += 1
        heapq.heappush(self._acts, (at, self._entered, act))

    async def live_through(self) -> None:
        """Let everything happen that was entered, and what those acts enter."""
        while self._acts:
            at, _, act = heapq.heappop(self._acts)
            at = max(at, self.clock.now() + timedelta(seconds=1))
            if at > self.until:
                self._acts.clear()
                return
            self.clock.set(at)
            await act()
