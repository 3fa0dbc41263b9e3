"""What a duty makes its holder owe: the kinds, clocks and evidence there are. Pure.

The vocabulary is closed, as that of actions is: the worker knows how to see each kind fulfilled.
A test holds it against what the shipped duty sheets may say.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from service.errors import FieldPath, InvalidInput, Refusal

EVIDENCE: Final = (
    "registration_recorded",
    "follow_up_recorded",
    "register_viewed",
    "task_completed",
)
EVENTS: Final = ("ReceptionAssigned", "CustomerRegistered", "TaskAssigned", "DealRecorded")
# Day 29 and later does not exist in every month.
_MOST: Final = {"within_days": 366, "within_minutes": 1440, "weekday": 6, "day_of_month": 28}


@dataclass(frozen=True, slots=True)
class Enforced:
    """How a kind is enforced.

    Attributes:
        clocks: the ways of counting it goes by.
        evidence: what shows that it was done, by the event it counts from; None where it recurs.
        parameter: the parameter of the rulebook that sets the number, if one does.
    """

    clocks: tuple[str, ...]
    evidence: Mapping[str | None, str]
    parameter: str | None = None


_RECURRING: Final = ("weekday", "day_of_month")
# Nothing may be written into a duty that the product does not see to.
ENFORCED: Final[Mapping[str, Enforced]] = {
    "same_day_entry": Enforced(("end_of_day",), {"ReceptionAssigned": "registration_recorded"}),
    "first_follow_up": Enforced(
        ("within_days",),
        {"CustomerRegistered": "follow_up_recorded"},
        "followup.first_due_days",
    ),
    "inspection": Enforced(_RECURRING, {None: "register_viewed"}),
    "recurring_report": Enforced(_RECURRING, {None: "task_completed"}),
    "bulletin": Enforced(_RECURRING, {None: "task_completed"}),
    "response": Enforced(
        ("within_days", "within_minutes"),
        {"DealRecorded": "follow_up_recorded", "TaskAssigned": "task_completed"},
    ),
}
KINDS: Final = tuple(ENFORCED)
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
    enforced = ENFORCED.get(obligation.kind)
    if enforced is None:
        yield InvalidInput(field=(*field, "kind"), expected="ONE_OF", choices=KINDS)
    else:
        yield from _unenforced(obligation.clock, enforced, (*field, "clock"))
    shown_by: tuple[str, ...] = EVIDENCE
    if enforced is not None and obligation.clock.after in enforced.evidence:
        shown_by = (enforced.evidence[obligation.clock.after],)
    if obligation.evidence not in shown_by:
        yield InvalidInput(field=(*field, "evidence"), expected="ONE_OF", choices=shown_by)
    yield from _clock_faults(obligation.clock, (*field, "clock"))


def _unenforced(clock: Clock, enforced: Enforced, field: FieldPath) -> Iterator[Refusal]:
    # Monday is 0, and set.
    values = (getattr(clock, way) for way in enforced.clocks)
    if all(value is None or value is False for value in values):
        yield InvalidInput(field=field, expected="ONE_OF", choices=enforced.clocks)
    events = tuple(event for event in enforced.evidence if event is not None)
    if events and clock.after not in events:
        yield InvalidInput(field=(*field, "after"), expected="ONE_OF", choices=events)
    if clock.parameter != enforced.parameter:
        parameter, wanted = (*field, "parameter"), enforced.parameter
        if wanted is None:
            yield InvalidInput(field=parameter, expected="NOTHING")
        else:
            yield InvalidInput(field=parameter, expected="ONE_OF", choices=(wanted,))


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
