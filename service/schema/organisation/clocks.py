"""By when an obligation is due, as people read it: the rulebook's number where it sets one."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import strawberry

from service.rulebooks import queries
from service.rulebooks.in_force import VERSION_IN_FORCE
from service.schema.context import Info
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import Finished
from service.schema.reasons import in_force_of

_NUMBERS: Final = ("within_days", "within_minutes", "weekday", "day_of_month")


@strawberry.type(description="When an obligation is due; exactly one way of counting is set.")
class DutyClock:
    within_days: int | None = strawberry.field(
        description="Whole days after the event, whose own day is not counted."
    )
    within_minutes: int | None = strawberry.field(description="Minutes after the event.")
    end_of_day: bool = strawberry.field(description="At 24:00 of the event's day.")
    weekday: int | None = strawberry.field(description="Every week on this day; Monday is 0.")
    day_of_month: int | None = strawberry.field(description="Every month on this day, 1 to 28.")
    after: str | None = strawberry.field(
        description="The event it counts from, like `CustomerRegistered`; null where it recurs."
    )
    parameter: str | None = strawberry.field(
        description="The rulebook's parameter that sets the number; the number shown is the one in"
        " force now. Null where the duty sets it."
    )


def planned_clock(clock: str) -> Finished:
    """Return how a clock is planned, whose SQL over `t` is given."""
    in_force = VERSION_IN_FORCE.format(at="{now}")
    raw = f"CASE WHEN {clock} IS NOT NULL THEN json_build_array({clock}, {in_force}) END"
    return Finished(raw, _finish)


async def _finish(finishing: Finishing, raw: Any, _arguments: object) -> DutyClock | None:  # noqa: ANN401 - JSON
    clock, version_row = raw
    if clock is None:
        return None
    number: object = None
    if version_row is not None and clock.get("parameter") is not None:
        known = await in_force_of(finishing, UUID(version_row))
        number = known.rulebook.parameters.get(clock["parameter"])
    counts = isinstance(number, int) and not isinstance(number, bool)
    return _clock(clock, number if counts else None)


async def clock_shown(info: Info, clock: Mapping[str, Any] | None) -> DutyClock | None:
    """Show the clock of an obligation with the number that counts now."""
    if clock is None:
        return None
    parameter = clock.get("parameter")
    return _clock(clock, None if parameter is None else await _number(info, parameter))


def _clock(clock: Mapping[str, Any], number: Any) -> DutyClock:  # noqa: ANN401 - a number or none
    numbers: dict[str, int] = {name: clock[name] for name in _NUMBERS if name in clock}
    if number is not None:
        numbers = dict.fromkeys(numbers, number)
    return DutyClock(
        within_days=numbers.get("within_days"),
        within_minutes=numbers.get("within_minutes"),
        end_of_day=bool(clock.get("end_of_day", False)),
        weekday=numbers.get("weekday"),
        day_of_month=numbers.get("day_of_month"),
        after=clock.get("after"),
        parameter=clock.get("parameter"),
    )


async def _number(info: Info, parameter: str) -> int | None:
    reader = await info.context.reader()

    async def load(names: list[str]) -> list[int | None]:
        found = await reader.within(lambda sight: queries.numbers_in_force(sight, names))
        return [found.get(name) for name in names]

    number: int | None = await reader.loader(queries.numbers_in_force, load).load(parameter)
    return number
