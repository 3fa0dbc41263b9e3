"""What becomes of a running period when another version of the rulebook begins: keep, or switch.

A version says of itself `running: keep` or `switch`. Under `keep` a period that runs when it
begins goes on as it was counted. Under `switch` it is counted by the new version from the day it
last began anew, and ends at the earliest when that version begins: nothing is taken back of what
was decided under the old one. What has ended before is over under either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from service.ownership.rules.claiming import Terms, closes

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Switch(Generic[_T]):
    """A version that takes running periods over, and what it sets for them.

    Attributes:
        at: when it begins at the site.
    """

    at: datetime
    terms: _T


@dataclass(frozen=True, slots=True)
class Moment:
    """What began a tracking, or began it anew, and the terms it was decided under."""

    at: datetime
    terms: Terms


@dataclass(frozen=True, slots=True)
class Lengths:
    """What a version sets for a tracking that it takes over.

    Attributes:
        fresh: while nothing has begun it anew; a call's days are a parameter of their own.
        renewed: once something has.
    """

    fresh: Terms
    renewed: Terms


def tracking_ends(
    received_at: datetime, moments: Sequence[Moment], switches: Iterable[Switch[Lengths]]
) -> datetime:
    """Return the first instant outside a tracking, from all that moved it.

    Args:
        received_at: the instant whose local day is day 0.
        moments: what began it and each contact that began it anew, in order; the first is the
            reception.
        switches: the versions that took running periods over since, or will.
    """
    first, *later = moments
    day_zero, ends = first.at, closes(first.at, received_at, first.terms)
    fresh = True
    # What is decided as a version begins is decided under it: it has taken over before.
    events: list[Moment | Switch[Lengths]] = [*switches, *later]
    events.sort(key=lambda event: event.at)
    for event in events:
        if isinstance(event, Moment):
            day_zero, fresh = event.at, False
            ends = max(ends, closes(day_zero, received_at, event.terms))
        elif event.at < ends:
            terms = event.terms.fresh if fresh else event.terms.renewed
            ends = max(event.at, closes(day_zero, received_at, terms))
    return ends


def runs_on(ends: datetime, switches: Iterable[Switch[datetime]]) -> datetime:
    """Return the end of a period that nothing begins anew: a claim window, a first follow-up.

    Args:
        ends: as counted by the version it began under.
        switches: the versions that take it over, each with the end it counts.
    """
    for switch in sorted(switches, key=lambda switch: switch.at):
        if switch.at < ends:
            ends = max(switch.at, switch.terms)
    return ends


def taken_over(switches: Iterable[Switch[_T]], ends: datetime) -> _T | None:
    """Return what the last version sets that took a period over before it ended; None: none did."""
    last: Switch[_T] | None = None
    for switch in sorted(switches, key=lambda switch: switch.at):
        if switch.at < ends:
            last = switch
    return None if last is None else last.terms
