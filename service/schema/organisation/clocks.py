"""By when an obligation is due, as people read it: the rulebook's number where it sets one."""

from collections.abc import Mapping
from typing import Any, Final

import strawberry

from service.rulebooks import queries
from service.schema.context import Info

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


async def clock_shown(info: Info, clock: Mapping[str, Any] | None) -> DutyClock | None:
    """Show the clock of an obligation with the number that counts now."""
    if clock is None:
        return None
    numbers: dict[str, int] = {name: clock[name] for name in _NUMBERS if name in clock}
    parameter = clock.get("parameter")
    if parameter is not None:
        number = await _number(info, parameter)
        if number is not None:
            numbers = dict.fromkeys(numbers, number)
    return DutyClock(
        within_days=numbers.get("within_days"),
        within_minutes=numbers.get("within_minutes"),
        end_of_day=bool(clock.get("end_of_day", False)),
        weekday=numbers.get("weekday"),
        day_of_month=numbers.get("day_of_month"),
        after=clock.get("after"),
        parameter=parameter,
    )


async def _number(info: Info, parameter: str) -> int | None:
    reader = await info.context.reader()

    async def load(names: list[str]) -> list[int | None]:
        found = await reader.within(lambda sight: queries.numbers_in_force(sight, names))
        return [found.get(name) for name in names]

    number: int | None = await reader.loader(queries.numbers_in_force, load).load(parameter)
    return number
