"""When versions of a rulebook decide, and where: windows, their order, what a period runs under.

Pure. A window is half-open. A version of the whole company that begins with a local day begins at
each site's own midnight (TM-1); a site's own version beats the company's while it lasts, and when
it ends the company's decides there again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import start_of_day


@dataclass(frozen=True, slots=True)
class Window:
    """When a version decides, on the clock of its site, or of the company where it has none.

    Attributes:
        begins, ends: half-open; `ends` is None while nothing follows.
        day: the local day it begins with; None where it began at an instant.
    """

    version_id: UUID
    number: int
    site_id: UUID | None
    begins: datetime
    ends: datetime | None = None
    day: date | None = None

    @property
    def is_empty(self) -> bool:
        """Whether another version took its whole time."""
        return self.ends is not None and self.ends <= self.begins

    def begins_in(self, zone: ZoneInfo) -> datetime:
        """Return when it begins at a site of a zone."""
        if self.day is None or self.site_id is not None:
            return self.begins
        return start_of_day(self.day, zone)

    def holds_at(self, instant: datetime) -> bool:
        """Tell whether an instant of its own clock lies inside."""
        return self.begins <= instant and (self.ends is None or instant < self.ends)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a site's calendar under one version."""

    version_id: UUID
    begins: datetime
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Splice:
    """What taking a place among other windows comes to: where it ends, and who is cut short."""

    ends: datetime | None
    cut: Mapping[UUID, datetime]


def spliced(others: Iterable[Window], begins: datetime, ends: datetime | None = None) -> Splice:
    """Make room for a window among those of its own place.

    What holds then is cut short, what begins later stays and bounds it; of two that begin at the
    same instant the later published one decides.
    """
    others = tuple(others)
    cut = {
        other.version_id: begins
        for other in others
        if not other.is_empty and other.holds_at(begins)
    }
    later = [other.begins for other in others if not other.is_empty and other.begins > begins]
    bounds = [*later, *([] if ends is None else [ends])]
    return Splice(min(bounds, default=None), cut)


def restored(others: Iterable[Window], removed: Window) -> Mapping[UUID, datetime | None]:
    """Return how the one before goes on when a window is taken away before it has begun.

    It lasts as long as both would have; what began later than the removed one stays.
    """
    before = [
        other
        for other in others
        if other.version_id != removed.version_id and other.ends == removed.begins
    ]
    latest = max(before, key=lambda other: (other.begins, other.number), default=None)
    return {} if latest is None else {latest.version_id: removed.ends}


def calendar(windows: Iterable[Window], site_id: UUID | None, zone: ZoneInfo) -> tuple[Span, ...]:
    """Return which version decides when at a site (at None: wherever no site has its own)."""
    given = tuple(windows)
    common = _common((one for one in given if one.site_id is None), zone)
    if site_id is None:
        return common
    own = sorted(
        (one for one in given if one.site_id == site_id and not one.is_empty),
        key=lambda one: one.begins,
    )
    for window in own:
        common = _over(common, Span(window.version_id, window.begins, window.ends))
    return common


def _common(windows: Iterable[Window], zone: ZoneInfo) -> tuple[Span, ...]:
    # In the company's order: a later published version that began at an instant stays in force
    # where midnight of the earlier one's day comes only after it.
    ordered = sorted(windows, key=lambda one: (one.begins, one.number))
    spans: list[Span] = []
    ends: datetime | None = None
    for window in reversed(ordered):
        begins = window.begins_in(zone)
        if ends is None or begins < ends:
            spans.append(Span(window.version_id, begins, ends))
            ends = begins
    return tuple(reversed(spans))


def _over(spans: Sequence[Span], upper: Span) -> tuple[Span, ...]:
    """Lay one span over others, which go on before and after it."""
    found: list[Span] = []
    for span in spans:
        if span.begins < upper.begins:
            ends = upper.begins if span.ends is None else min(span.ends, upper.begins)
            found.append(replace(span, ends=ends))
        if upper.ends is not None and (span.ends is None or span.ends > upper.ends):
            found.append(replace(span, begins=max(span.begins, upper.ends)))
    return tuple(sorted((*found, upper), key=lambda span: span.begins))


def in_force_at(spans: Iterable[Span], instant: datetime) -> UUID | None:
    """Return the version that decides at an instant."""
    for span in spans:
        if span.begins <= instant and (span.ends is None or instant < span.ends):
            return span.version_id
    return None
