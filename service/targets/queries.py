"""Previews of a target's division and pace: nothing is kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from service.calendar import day_of
from service.errors import InvalidInput, Refusal
from service.money import BASIS_POINTS
from service.targets.errors import LimitsNotReachable
from service.targets.facts import working_calendar
from service.targets.rules.distributing import (
    Child,
    ChildAtOddsWithItself,
    Distribution,
    LimitsUnsatisfiable,
    distribute,
)
from service.targets.rules.pacing import Period, pace, projection_by_history
from service.targets.rules.rounding import rounded, shown
from service.targets.rules.seasons import LONGEST_STEP, SeasonStep, Span, season_over
from service.work import Sight

MOST_WEIGHT: Final = 10**9


@dataclass(frozen=True, slots=True)
class WantedPart:
    """A child as it is asked for; the limits are in whole units."""

    weight: Decimal
    pinned: int | None
    least: int | None
    most: int | None


def preview_allocation(total: int, step: int, wanted: Sequence[WantedPart]) -> Distribution:
    """Divide a total as `distribute` does.

    Raises:
        InvalidInput: a child's cap is below its floor.
        LimitsNotReachable: no division keeps all limits.
    """
    children = [Child(Fraction(one.weight), one.pinned, one.least, one.most) for one in wanted]
    try:
        return distribute(total, children, step)
    except ChildAtOddsWithItself as error:
        field = ("input", "children", str(error.index), "max")
        raise InvalidInput(expected="NOT_BELOW_MIN", field=field) from error
    except LimitsUnsatisfiable as error:
        raise LimitsNotReachable(
            total=total, least=error.least, most=error.most, field=("input", "total")
        ) from error


@dataclass(frozen=True, slots=True)
class PaceFound:
    """Where one stands, rounded for people: half up, basis points and two decimals.

    Attributes:
        colour: a word of Colour; None where there is no pace.
        projection_by_history: by the shares that former periods had booked by this day.
    """

    working_days: int
    elapsed_working_days: int
    attainment_basis_points: int | None
    expected: int
    pace_basis_points: int | None
    colour: str | None
    run_rate: Decimal | None
    projection: Decimal | None
    gap: int
    required_per_day: Decimal | None
    required_per_week: Decimal | None
    projection_by_history: Decimal | None


@dataclass(frozen=True, slots=True)
class WantedPace:
    """A target and what is credited toward it, in whole units.

    Attributes:
        span: the period's first day, and the first day after it.
        as_of: days that are over by then, in the company's zone, have elapsed.
        curve: last days and weights of the season's steps, from the period's first day on.
        former: what shares former periods had booked by this day, in basis points.
    """

    target: int
    actual: int
    span: tuple[date, date]
    as_of: datetime
    curve: tuple[tuple[date, int], ...] = ()
    former: tuple[int, ...] = ()


async def preview_pace(sight: Sight, wanted: WantedPace) -> PaceFound:
    """Compare what is credited with a target, by the working days of the company's calendar.

    Raises:
        InvalidInput: the curve does not end with the period, or a weight or a step is none.
    """
    first, until = wanted.span
    for fault in curve_faults(first, until - timedelta(days=1), wanted.curve, "curve"):
        raise fault
    today = day_of(wanted.as_of, sight.tenant.zone)
    calendar = await working_calendar(sight, first, until)
    worked = calendar.worked(first, until)
    elapsed, whole = sum(day < today for day in worked), len(worked)
    steps = [SeasonStep(day, Fraction(weight)) for day, weight in wanted.curve]
    season = season_over(first, steps, worked, Span(first, until, today)) if steps else None
    period = Period(
        Fraction(elapsed), Fraction(whole), Fraction(whole - elapsed), season, calendar.week
    )
    found = pace(wanted.target, wanted.actual, period)
    shares = [Fraction(share, BASIS_POINTS) for share in wanted.former]
    return PaceFound(
        working_days=whole,
        elapsed_working_days=elapsed,
        attainment_basis_points=_basis_points(found.attainment),
        expected=rounded(found.expected),
        pace_basis_points=_basis_points(found.index),
        colour=found.colour.value if found.colour else None,
        run_rate=_decimal(found.run_rate),
        projection=_decimal(found.projection),
        gap=found.gap,
        required_per_day=_decimal(found.required),
        required_per_week=_decimal(found.required_in_a_week),
        projection_by_history=_decimal(projection_by_history(wanted.actual, shares)),
    )


def curve_faults(
    first: date, last: date, steps: Sequence[tuple[date, int]], field: str
) -> Iterator[Refusal]:
    """Yield what is wrong with a season: its order, its end, a step or a weight."""
    before, at = first - timedelta(days=1), ("input", field)
    for place, (last_day, weight) in enumerate(steps):
        if not 1 <= (last_day - before).days <= LONGEST_STEP:
            where = (*at, str(place), "lastDay")
            yield InvalidInput(field=where, expected="DAY_SPAN", least=1, most=LONGEST_STEP)
        if not 0 <= weight <= MOST_WEIGHT:
            where = (*at, str(place), "weight")
            yield InvalidInput(field=where, expected="FROM_TO", least=0, most=MOST_WEIGHT)
        before = last_day
    if steps and before != last:
        yield InvalidInput(field=at, expected="STEPS_TO_DAY", choices=(last.isoformat(),))
    if steps and not any(weight for _, weight in steps):
        yield InvalidInput(field=at, expected="WEIGHT_ABOVE_0")


def _basis_points(value: Fraction | None) -> int | None:
    return None if value is None else rounded(value * BASIS_POINTS)


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(shown(value))
