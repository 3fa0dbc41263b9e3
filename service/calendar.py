"""Days, windows and deadlines as the rulebook counts them (TM-1 to TM-8). Pure.

Instants are UTC; a day is a calendar day of the site's zone. A window of N days after an event
does not count the event's own day and ends at 24:00 local of day N, given here as the first
instant outside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SATURDAY = 5
_DAYS_OF_A_WEEK = 7


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """Return the calendar day of an instant at the site (TM-1)."""
    return instant.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) of a local day.

    Where a clock change removes midnight, this is the first instant that exists.
    """
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def end_of_day(instant: datetime, zone: ZoneInfo) -> datetime:
    """Return 24:00 local of the instant's day: the first instant of the next (TM-5)."""
    return start_of_day(day_of(instant, zone) + timedelta(days=1), zone)


def window_closes(day_zero: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the first instant (UTC) outside a window of calendar days (TM-2)."""
    return start_of_day(day_of(day_zero, zone) + timedelta(days=days + 1), zone)


def last_day_inside(closes: datetime, zone: ZoneInfo) -> date:
    """Return the last local day of a window that closes at an instant."""
    return day_of(closes - timedelta(milliseconds=1), zone)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days count where a parameter says WORKING_DAYS (TM-3).

    Attributes:
        weekend: weekdays off, Monday is 0.
        exceptions: days that differ from the weekday: True is worked, False is free.
    """

    weekend: frozenset[int] = frozenset({SATURDAY, SATURDAY + 1})
    exceptions: Mapping[date, bool] = field(default_factory=dict)

    @property
    def week(self) -> int:
        """How many working days a usual week has."""
        return _DAYS_OF_A_WEEK - len(self.weekend)

    def works_on(self, day: date) -> bool:
        """Tell whether a day counts."""
        exception = self.exceptions.get(day)
        return day.weekday() not in self.weekend if exception is None else exception

    def worked(self, first: date, until: date) -> frozenset[date]:
        """Return the days that count from a day on, until another."""
        days = (first + timedelta(days=passed) for passed in range((until - first).days))
        return frozenset(day for day in days if self.works_on(day))

    def window_closes(self, day_zero: datetime, days: int, zone: ZoneInfo) -> datetime:
        """Return the first instant (UTC) outside a window of working days.

        Raises:
            ValueError: the calendar has no working day within two years.
        """
        last = day_of(day_zero, zone)
        left = days
        for _ in range(731 + days):
            if left == 0:
                return start_of_day(last + timedelta(days=1), zone)
            last += timedelta(days=1)
            left -= self.works_on(last)
        raise ValueError("no working day within two years")
