"""When what recurs is due. Pure."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID, uuid5


def falls_on(clock: Mapping[str, object], day: date) -> bool:
    """Tell whether a clock that recurs, by `weekday` or `day_of_month`, falls on a local day."""
    if "weekday" in clock:
        return clock["weekday"] == day.weekday()
    return clock.get("day_of_month") == day.day


def period_of(duty_id: UUID, day: date) -> UUID:
    """Return what stands for one period of a duty, the same for whoever opens its task."""
    return uuid5(duty_id, day.isoformat())
