"""When what recurs is due. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from service.calendar import window_closes


def falls_on(clock: Mapping[str, object], day: date) -> bool:
    """Tell whether a clock that recurs, by `weekday` or `day_of_month`, falls on a local day."""
    if "weekday" in clock:
        return clock["weekday"] == day.weekday()
    return clock.get("day_of_month") == day.day


def period_of(duty_id: UUID, day: date) -> UUID:
    """Return what stands for one period of a duty, the same for whoever opens its task."""
    return uuid5(duty_id, day.isoformat())


def answered_by(clock: Mapping[str, int], event_at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant at which an answer to an event is late.

    Days are counted in the zone and do not include the event's own (TM-2); minutes are elapsed
    time, also across a clock change (TM-4).
    """
    if "within_minutes" in clock:
        return event_at + timedelta(minutes=clock["within_minutes"])
    return window_closes(event_at, clock["within_days"], zone)
