"""What is in force where on which day: the calendar of versions of a site, or of the company."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of, start_of_day
from service.rulebooks import facts
from service.rulebooks.rules import Span, calendar, in_force_at
from service.work import Sight


@dataclass(frozen=True, slots=True)
class DatedSpan:
    """A stretch of a calendar under one version, with the local days it touches.

    Attributes:
        begins_on: the local day it begins in.
        ends_on: the local day it ends in, the first without it where it ends at midnight; None
            while nothing follows.
        of_site: it is the site's own version.
    """

    version_id: UUID
    begins_at: datetime
    ends_at: datetime | None
    begins_on: date
    ends_on: date | None
    of_site: bool


async def days_of(
    sight: Sight, policy: str, site_id: UUID | None, days: tuple[date, date]
) -> tuple[DatedSpan, ...]:
    """Return which versions decide in a range of local days, half-open, in order.

    Where no site is asked about, the company's clock cuts the days and sites' own versions are
    left out. Nothing for a site that is not there.
    """
    spans, zone, own = await _calendar(sight, policy, site_id)
    if zone is None:
        return ()
    begins, ends = (start_of_day(day, zone) for day in days)
    return tuple(
        DatedSpan(
            version_id=span.version_id,
            begins_at=span.begins,
            ends_at=span.ends,
            begins_on=day_of(span.begins, zone),
            ends_on=None if span.ends is None else day_of(span.ends, zone),
            of_site=span.version_id in own,
        )
        for span in spans
        if span.begins < ends and (span.ends is None or span.ends > begins)
    )


async def version_on(
    sight: Sight, policy: str, site_id: UUID | None, on: date | None = None
) -> UUID | None:
    """Return the version that decides at the end of a local day, or now; None where none does."""
    spans, zone, _ = await _calendar(sight, policy, site_id)
    if zone is None:
        return None
    if on is None:
        return in_force_at(spans, sight.now)
    last = start_of_day(on + timedelta(days=1), zone) - timedelta(milliseconds=1)
    return in_force_at(spans, last)


async def _calendar(
    sight: Sight, policy: str, site_id: UUID | None
) -> tuple[tuple[Span, ...], ZoneInfo | None, frozenset[UUID]]:
    zones = await facts.zones(sight, site_id)
    if not zones:
        return (), None, frozenset()
    windows = await facts.windows(sight, policy)
    own = frozenset(one.version_id for one in windows if one.site_id is not None)
    return calendar(windows, site_id, zones[0]), zones[0], own
