"""Previews of a target's division and pace: for forms, before anything is kept."""

import asyncio
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Annotated, Final

import strawberry

from service.errors import Expected, FieldPath, InvalidInput, NotFound
from service.money import BASIS_POINTS
from service.schema.context import Info
from service.schema.costs import WORKED_OUT, costs
from service.schema.scalars import BigInt, found_id
from service.schema.statistics.periods import PeriodInput, days_of
from service.targets import queries

# As of what a plan holds: what is missing of it still has 64 bits.
_GREATEST: Final = 2**60
_MOST_CHILDREN: Final = 10_000
# More are divided by a thread: nobody else would be answered meanwhile.
_MANY_CHILDREN: Final = 1_000
_LONGEST_KEY: Final = 64
_LONGEST_PERIOD_DAYS: Final = 3_660


@strawberry.enum(description="What a pace is shown as. Values are added.")
class PaceColour(Enum):
    GREEN = strawberry.enum_value("GREEN", description="100 % or more of what is expected.")
    AMBER = strawberry.enum_value("AMBER", description="From 90 % to below 100 %.")
    RED = strawberry.enum_value("RED", description="Below 90 %.")


@strawberry.input(description="Somebody or something that is to get a part of a total.")
class AllocationChildInput:
    key: str = strawberry.field(
        description="The caller's own name for it, 1 to 64 characters, each once."
    )
    weight: Decimal = strawberry.field(
        default=Decimal(1),
        description="Its part in proportion to the others': history, potential, capacity. 0 or"
        " more; if all are 0 the parts are equal.",
    )
    pinned: BigInt | None = strawberry.field(
        default=None, description="Its part where it is fixed; it takes no part in the division."
    )
    min: BigInt | None = strawberry.field(default=None, description="The least it may get.")
    max: BigInt | None = strawberry.field(default=None, description="The most it may get.")


@strawberry.input(description="A total to be divided.")
class AllocationPreviewInput:
    total: BigInt = strawberry.field(
        description="In whole units: minor units of a currency, or pieces. Below 0 for a reduction."
    )
    step: BigInt = strawberry.field(
        default=BigInt(1), description="The smallest part, in units; 1 or more."
    )
    children: list[AllocationChildInput] = strawberry.field(
        description="Who gets a part, in order; at most 10,000, each for a point."
    )


@strawberry.type(description="What one child gets.")
class AllocatedChild:
    key: str = strawberry.field(description="The caller's name for it.")
    amount: BigInt = strawberry.field(description="Its part, in whole units.")


@strawberry.type(description="A total, divided exactly: the parts and the rest sum to it.")
class AllocationPreview:
    children: list[AllocatedChild] = strawberry.field(description="The parts, in the given order.")
    unassigned: BigInt = strawberry.field(
        description="What no child is there to take, because all are pinned or there is none."
    )


@strawberry.input(description="A step of a season: a week, a month.")
class SeasonStepInput:
    last_day: date = strawberry.field(
        description="Its last day; it goes on from the day after the step before, 92 days at most."
    )
    weight: int = strawberry.field(
        description="Its weight beside the others', 0 to 1,000,000,000; it falls evenly on its"
        " working days."
    )


@strawberry.input(description="A target and what is credited towards it.")
class PacePreviewInput:
    target: BigInt = strawberry.field(description="The target, in whole units.")
    actual: BigInt = strawberry.field(description="What is credited so far, in whole units.")
    as_of: datetime = strawberry.field(
        description="The instant: days that are over by then, in the company's zone, have elapsed."
    )
    period: PeriodInput = strawberry.field(description="The target's period, at most ten years.")
    calendar_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Whose working days count: the company's own calendar, by the company's id,"
        " which is taken when left out.",
    )
    curve: list[SeasonStepInput] = strawberry.field(
        default_factory=list,
        description="The season's steps, from the period's first day to its last, at most 400; none"
        " lets every working day weigh the same.",
    )
    former_shares_basis_points: list[int] = strawberry.field(
        default_factory=list,
        description="What shares of their whole former periods had booked by this day, at most 20.",
    )


@strawberry.type(description="Where one stands against a target. What cannot be divided is null.")
class PacePreview:
    working_days: int = strawberry.field(description="Working days of the whole period.")
    elapsed_working_days: int = strawberry.field(description="Those that are over.")
    attainment_basis_points: int | None = strawberry.field(
        description="Credited ÷ target, half up; null when the target is 0, or where it is beyond"
        " 2,147,483,647: `attainmentPercent` says it whatever it is."
    )
    attainment_percent: Decimal | None = strawberry.field(
        description="The same in percent, two decimals: 37.14; null when the target is 0."
    )
    expected: BigInt = strawberry.field(
        description="What should be credited by now, in whole units, half up."
    )
    pace_basis_points: int | None = strawberry.field(
        description="Credited ÷ expected, half up; null while nothing is expected, or where it is"
        " beyond 2,147,483,647: `pacePercent` says it whatever it is."
    )
    pace_percent: Decimal | None = strawberry.field(
        description="The same in percent, two decimals; null while nothing is expected."
    )
    colour: PaceColour | None = strawberry.field(
        description="What the pace is shown as; null while there is none."
    )
    run_rate: Decimal | None = strawberry.field(
        description="Credited by elapsed working day, two decimals; null before the first."
    )
    projection: Decimal | None = strawberry.field(
        description="What the period comes to at this rate, two decimals; null before the first"
        " working day."
    )
    projection_by_history: Decimal | None = strawberry.field(
        description="What it comes to by the mean share that former periods had booked, two"
        " decimals; null without any."
    )
    gap: BigInt = strawberry.field(description="What is still missing; 0 when nothing is.")
    required_per_day: Decimal | None = strawberry.field(
        description="The gap by remaining working day, two decimals; null when none remains."
    )
    required_per_week: Decimal | None = strawberry.field(
        description="The gap by remaining week of the usual working days, two decimals; null when"
        " no working day remains."
    )


_DIVIDED = strawberry.argument(description="The total and who is to get a part of it.")
_PACED = strawberry.argument(description="The target, what is credited, and until when.")


@strawberry.type
class TargetPreviewsQuery:
    @strawberry.field(
        description="How a total would be divided: by weights, in whole steps, with pinned parts,"
        " floors and caps. Steps that are left over go to the largest fractions, equal ones to the"
        " larger weight, then to the earlier child. Nothing is kept.",
        metadata=costs(WORKED_OUT),
    )
    async def preview_allocation(
        self, info: Info, input: Annotated[AllocationPreviewInput, _DIVIDED]
    ) -> AllocationPreview:
        await info.context.reader()
        _check(input)
        wanted = [
            queries.WantedPart(sent.weight, sent.pinned, sent.min, sent.max)
            for sent in input.children
        ]
        divided = partial(queries.preview_allocation, input.total, input.step, wanted)
        many = len(wanted) > _MANY_CHILDREN
        done = await asyncio.to_thread(divided) if many else divided()
        return AllocationPreview(
            children=[
                AllocatedChild(key=sent.key, amount=BigInt(amount))
                for sent, amount in zip(input.children, done.amounts, strict=True)
            ],
            unassigned=BigInt(done.unassigned),
        )

    @strawberry.field(
        description="How a target would stand on a day: attainment, pace, projection and what is"
        " still to be done each working day of the company's calendar. Nothing is kept."
    )
    async def preview_pace(
        self, info: Info, input: Annotated[PacePreviewInput, _PACED]
    ) -> PacePreview:
        reader = await info.context.reader()
        days = days_of(input.period)
        if (days.until - days.first).days > _LONGEST_PERIOD_DAYS:
            raise InvalidInput(
                expected="FROM_TO", least=1, most=_LONGEST_PERIOD_DAYS, field=("input", "period")
            )
        _check_figures(input)
        _check_history(input.former_shares_basis_points)
        own = reader.sight.tenant_id
        if input.calendar_id and found_id(str(input.calendar_id), "tenant") != own:
            raise NotFound(field=("input", "calendarId"))
        span = (days.first, days.until)
        found = await reader.within(
            lambda sight: queries.preview_pace(
                sight,
                queries.WantedPace(
                    input.target,
                    input.actual,
                    span,
                    input.as_of,
                    tuple((step.last_day, step.weight) for step in input.curve),
                    tuple(input.former_shares_basis_points),
                ),
            )
        )
        return PacePreview(
            working_days=found.working_days,
            elapsed_working_days=found.elapsed_working_days,
            attainment_basis_points=_of_32_bits(found.attainment_basis_points),
            attainment_percent=_percent(found.attainment_basis_points),
            expected=BigInt(found.expected),
            pace_basis_points=_of_32_bits(found.pace_basis_points),
            pace_percent=_percent(found.pace_basis_points),
            colour=PaceColour(found.colour) if found.colour else None,
            run_rate=found.run_rate,
            projection=found.projection,
            projection_by_history=found.projection_by_history,
            gap=BigInt(found.gap),
            required_per_day=found.required_per_day,
            required_per_week=found.required_per_week,
        )


def _check(sent: AllocationPreviewInput) -> None:
    if sent.step < 1:
        raise _wrong("POSITIVE", "step")
    if len(sent.children) > _MOST_CHILDREN:
        raise InvalidInput(
            expected="AT_MOST_ENTRIES", most=_MOST_CHILDREN, field=("input", "children")
        )
    seen: set[str] = set()
    for place, child in enumerate(sent.children):
        if not 1 <= len(child.key) <= _LONGEST_KEY:
            field = ("input", "children", str(place), "key")
            raise InvalidInput(expected="CHARACTERS", least=1, most=_LONGEST_KEY, field=field)
        if child.key in seen:
            raise _wrong("EACH_ONCE", "children", str(place), "key")
        seen.add(child.key)
        if child.weight < 0:
            raise _wrong("NOT_NEGATIVE", "children", str(place), "weight")


def _check_figures(sent: PacePreviewInput) -> None:
    for name, figure in (("target", sent.target), ("actual", sent.actual)):
        if abs(figure) > _GREATEST:
            field = ("input", name)
            raise InvalidInput(expected="FROM_TO", least=-_GREATEST, most=_GREATEST, field=field)


def _of_32_bits(value: int | None) -> int | None:
    return value if value is not None and abs(value) < 2**31 else None


def _percent(basis_points: int | None) -> Decimal | None:
    return None if basis_points is None else Decimal(basis_points).scaleb(-2)


def _check_history(shares: list[int]) -> None:
    for place, share in enumerate(shares):
        if not 0 <= share <= BASIS_POINTS:
            field = ("input", "formerSharesBasisPoints", str(place))
            raise InvalidInput(expected="FROM_TO", least=0, most=BASIS_POINTS, field=field)


def _wrong(expected: Expected, *path: str) -> InvalidInput:
    field: FieldPath = ("input", *path)
    return InvalidInput(expected=expected, field=field)
