"""Local days of a zone, asked millions of times: instants are whole milliseconds since 1970."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from service.calendar import day_of, end_of_day, start_of_day, window_closes

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# No zone's day begins anywhere but at a quarter of an hour of UTC.
_SLOT = 15 * 60 * 1000


def milliseconds(instant: datetime) -> int:
    """Return an instant as whole milliseconds since 1970."""
    return (instant - _EPOCH) // _MILLISECOND


def instant_of(milliseconds_since: int) -> datetime:
    """Return the instant (UTC) of whole milliseconds since 1970."""
    return _EPOCH + milliseconds_since * _MILLISECOND


class Days:
    """The days of one zone, each computed once by the calendar's own functions."""

    __slots__ = ("_begins", "_closes", "_days", "_ends", "zone")

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._days: dict[int, int] = {}
        self._begins: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        self._closes: dict[tuple[int, int], int] = {}

    def day(self, at: int) -> int:
        """Return the local day of an instant, as its ordinal."""
        slot = at // _SLOT
        known = self._days.get(slot)
        if known is None:
            known = day_of(instant_of(at), self.zone).toordinal()
            self._days[slot] = known
        return known

    def begin(self, at: int) -> int:
        """Return the first instant of the local day of an instant."""
        day = self.day(at)
        known = self._begins.get(day)
        if known is None:
            known = milliseconds(start_of_day(date.fromordinal(day), self.zone))
            self._begins[day] = known
        return known

    def end(self, at: int) -> int:
        """Return the first instant after the local day of an instant (TM-5)."""
        day = self.day(at)
        known = self._ends.get(day)
        if known is None:
            known = milliseconds(end_of_day(instant_of(at), self.zone))
            self._ends[day] = known
        return known

    def closes(self, at: int, days: int) -> int:
        """Return the first instant outside a window of days that begins with an instant (TM-2)."""
        key = (at // _SLOT, days)
        known = self._closes.get(key)
        if known is None:
            known = milliseconds(window_closes(instant_of(at), days, self.zone))
            self._closes[key] = known
        return known
