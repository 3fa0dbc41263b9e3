"""How versions follow one another at a site, and what of them takes over what already runs."""

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Final

from service.replay.play import Play

NEVER: Final = 1 << 62
Timeline = Sequence[tuple[int, Play]]
"""The versions in force at a site, each from an instant on; the first also decides before it."""


def in_order(timeline: Timeline) -> list[tuple[int, Play]]:
    """Return the versions as they follow one another."""
    return sorted(timeline, key=itemgetter(0))


def at_instant(timeline: Timeline, at: int) -> Play:
    """Return the version of an ordered timeline that decides at an instant."""
    begun = (play for begins, play in reversed(timeline) if begins <= at)
    return next(begun, timeline[0][1])


class Takeovers:
    """The versions that take over what runs when they begin (`running: switch`).

    Attributes:
        next_at: when the next of them begins; NEVER where none is to come.
    """

    __slots__ = ("_to_come", "next_at")

    def __init__(self, timelines: Sequence[Timeline]) -> None:
        found = [
            (at, site, play)
            for site, timeline in enumerate(timelines)
            for at, play in timeline[1:]
            if play.switches
        ]
        self._to_come = sorted(found, key=itemgetter(0), reverse=True)
        self.next_at = self._to_come[-1][0] if self._to_come else NEVER

    def begun(self, until: int) -> Iterator[tuple[int, int, Play]]:
        """Give those that begin up to an instant, once each: when, at which site, which."""
        while self.next_at <= until and self._to_come:
            yield self._to_come.pop()
            self.next_at = self._to_come[-1][0] if self._to_come else NEVER
