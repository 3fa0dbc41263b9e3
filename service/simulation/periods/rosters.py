"""What was planned of shifts at each instant: a roster is changed on its own day too."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, time
from typing import Final, NamedTuple
from uuid import UUID

from service.database.session import Row
from service.replay.days import milliseconds
from service.replay.history import ShiftPlanned
from service.replay.succession import NEVER

# As the live queue has it: commands that plan, move and call off.
ROSTER_COMMANDS: Final = ("plan_shift", "change_shift", "cancel_shift")


class _Hours(NamedTuple):
    day: date
    starts_at: time
    ends_at: time


def planned_shifts(
    shifts: Iterable[Row],
    changes: Iterable[Row],
    sites: Mapping[UUID, int],
    member: Callable[[UUID], int],
) -> dict[tuple[int, int, int], list[ShiftPlanned]]:
    """Return whatever was planned by site, member and day, and from when until when it stood.

    Args:
        shifts: as they are now.
        changes: what the audit says of shifts that were moved: when, and what each `was`.
        sites: their numbers.
        member: numbers a member.
    """
    moved: dict[UUID, list[tuple[int, _Hours]]] = {}
    for row in changes:
        was = (milliseconds(row["at"]), _hours_of(row["details"]))
        moved.setdefault(row["subject_id"], []).append(was)
    planned: dict[tuple[int, int, int], list[ShiftPlanned]] = {}
    for row in shifts:
        called_off = NEVER if row["cancelled_at"] is None else milliseconds(row["cancelled_at"])
        now = _Hours(row["day"], row["starts_at"], row["ends_at"])
        stood = [*moved.get(row["id"], ()), (called_off, now)]
        for day, spell in _spans(milliseconds(row["created_at"]), stood):
            key = (sites[row["site_id"]], member(row["member_id"]), day.toordinal())
            planned.setdefault(key, []).append(spell)
    return planned


def _spans(begins: int, stood: Sequence[tuple[int, _Hours]]) -> Iterable[tuple[date, ShiftPlanned]]:
    for ends, hours in stood:
        clock = (hours.starts_at.isoformat(), hours.ends_at.isoformat())
        yield hours.day, ShiftPlanned(begins, ends, *clock)
        begins = ends


def _hours_of(details: Mapping[str, str]) -> _Hours:
    day, starts_at, ends_at = details["was"].split()
    return _Hours(
        date.fromisoformat(day), time.fromisoformat(starts_at), time.fromisoformat(ends_at)
    )
