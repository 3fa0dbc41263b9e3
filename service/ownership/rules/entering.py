"""From when an entry in a register comes too late (TR-1)."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.ownership.rules.claiming import registration_facts
from service.policies.rulebooks.rulebook import Rulebook

_COMPLETE: Final = dict.fromkeys(
    ("name_given", "phone_given", "document_given", "face_given"), True
)
_HORIZON: Final = timedelta(days=31)
_STEP: Final = timedelta(milliseconds=1)


def late_from(rulebook: Rulebook, arrived_at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first instant at which a complete entry is too late; None if not in a month.

    The rulebook is asked (decision `registration`), and not its parameters: what is late once
    stays so, and the first such instant lies between one that is in time and one that is not.
    """

    def late(after: int) -> bool:
        facts = registration_facts(arrived_at, arrived_at + after * _STEP, zone)
        then = rulebook.decide("registration", {**_COMPLETE, **facts}).then
        return str(then["result"]) == "INVALID_LATE"

    in_time, too_late = 0, _HORIZON // _STEP
    if late(in_time) or not late(too_late):
        return arrived_at if late(in_time) else None
    while too_late - in_time > 1:
        middle = (in_time + too_late) // 2
        if late(middle):
            too_late = middle
        else:
            in_time = middle
    return arrived_at + too_late * _STEP
