"""What a duty makes its holder owe: the kinds, clocks and evidence there are. Pure.

The vocabulary is closed, as that of actions is: the worker knows how to see each kind fulfilled.
A test holds it against what the shipped duty sheets may say.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from service.errors import FieldPath, InvalidInput, Refusal

KINDS: Final = (
    "same_day_entry",
    "first_follow_up",
    "inspection",
    "recurring_report",
    "bulletin",
    "response",
)
EVIDENCE: Final = (
    "registration_recorded",
    "follow_up_recorded",
    "register_viewed",
    "call_recorded",
    "task_completed",
)
EVENTS: Final = (
    "ReceptionAssigned",
    "CustomerRegistered",
    "TaskAssigned",
    "DealRecorded",
    "CallRecorded",
)
# Day 29 and later does not exist in every month.
_MOST: Final = {"within_days": 366, "within_minutes": 1440, "weekday": 6, "day_of_month": 28}
# What the worker enforces: of each kind, the clocks it goes by and the event they count from. A
# kind that is not here is known from the shipped duty sheets and kept, but promised to nobody new.
ENFORCED: Final[dict[str, tuple[tuple[str, ...], str | None]]] = {
    "same_day_entry": (("end_of_day",), "ReceptionAssigned"),
    "first_follow_up": (("within_days",), "CustomerRegistered"),
    "inspection": (("weekday", "day_of_month"), None),
    "recurring_report": (("weekday", "day_of_month"), None),
    "bulletin": (("weekday", "day_of_month"), None),
}
_PARAMETER: Final = re.compile(r"[a-z_]{1,40}(\.[a-z_]{1,40}){1,3}", re.ASCII)
_LEAST: Final = {"within_days": 1, "within_minutes": 1, "weekday": 0, "day_of_month": 1}


@dataclass(frozen=True, slots=True)
class Clock:
    """When it is due; exactly one way of counting is set.

    `within_days` and `within_minutes` count from the event `after` (TM-2, TM-4); `end_of_day` is
    24:00 of its day (TM-5); `weekday` (Monday is 0) and `day_of_month` recur. With `parameter`
    the rulebook in force sets the number.
    """

    within_days: int | None = None
    within_minutes: int | None = None
    end_of_day: bool = False
    weekday: int | None = None
    day_of_month: int | None = None
    after: str | None = None
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Obligation:
    """What is owed, by when, and which record shows that it was done."""

    kind: str
    clock: Clock
    evidence: str

    def stored(self) -> dict[str, Any]:
        """Return it as the duty's row keeps it: the clock without what is unset."""
        names = ("within_days", "within_minutes", "weekday", "day_of_month", "after", "parameter")
        values = ((name, getattr(self.clock, name)) for name in names)
        clock = {name: value for name, value in values if value is not None}
        if self.clock.end_of_day:
            clock["end_of_day"] = True
        return {"kind": self.kind, "clock": clock, "evidence": self.evidence}


def obligation_faults(obligation: Obligation, field: FieldPath) -> Iterator[Refusal]:
    """Yield what is wrong with an obligation, each with its path."""
    if obligation.kind not in ENFORCED:
        yield InvalidInput(field=(*field, "kind"), expected="ONE_OF", choices=tuple(ENFORCED))
    else:
        yield from _unenforced(obligation, (*field, "clock"))
    if obligation.evidence not in EVIDENCE:
        yield InvalidInput(field=(*field, "evidence"), expected="ONE_OF", choices=tuple(EVIDENCE))
    yield from _clock_faults(obligation.clock, (*field, "clock"))


def _unenforced(obligation: Obligation, field: FieldPath) -> Iterator[Refusal]:
    ways, after = ENFORCED[obligation.kind]
    # Monday is 0, and set.
    values = (getattr(obligation.clock, way) for way in ways)
    if all(value is None or value is False for value in values):
        yield InvalidInput(field=field, expected="ONE_OF", choices=ways)
    if after is not None and obligation.clock.after != after:
        yield InvalidInput(field=(*field, "after"), expected="ONE_OF", choices=(after,))


def _clock_faults(clock: Clock, field: FieldPath) -> Iterator[Refusal]:
    numbers = {name: getattr(clock, name) for name in _MOST if getattr(clock, name) is not None}
    if len(numbers) + clock.end_of_day != 1:
        ways = (*_MOST, "end_of_day")
        yield InvalidInput(field=field, expected="EXACTLY_ONE_OF", choices=ways)
    for name, value in numbers.items():
        if not _LEAST[name] <= value <= _MOST[name]:
            least, most = _LEAST[name], _MOST[name]
            yield InvalidInput(field=(*field, name), expected="FROM_TO", least=least, most=most)
    recurs = clock.weekday is not None or clock.day_of_month is not None
    if recurs is not (clock.after is None):
        yield InvalidInput(field=(*field, "after"), expected="EVENT_UNLESS_RECURRING")
    if clock.after is not None and clock.after not in EVENTS:
        yield InvalidInput(field=(*field, "after"), expected="ONE_OF", choices=tuple(EVENTS))
    if clock.parameter is not None and _PARAMETER.fullmatch(clock.parameter) is None:
        yield InvalidInput(field=(*field, "parameter"), expected="RULEBOOK_PARAMETER")
