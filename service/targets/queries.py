"""Previews of a target's division and pace: nothing is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.errors import InvalidInput
from service.money import BASIS_POINTS
from service.targets.errors import LimitsNotReachable
from service.targets.facts import worked_days
from service.targets.rules.distributing import (
    Child,
    ChildAtOddsWithItself,
    Distribution,
    LimitsUnsatisfiable,
    distribute,
)
from service.targets.rules.pacing import Period, pace
from service.targets.rules.rounding import rounded, shown
from service.work import Sight


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


async def preview_pace(
    sight: Sight, target: int, actual: int, span: tuple[date, date], as_of: datetime
) -> PaceFound:
    """Compare what is credited with a target, by the working days of the company's calendar.

    Args:
        sight: the caller's.
        target: in whole units.
        actual: in whole units.
        span: the period's first day, and the first day after it.
        as_of: days that are over by then, in the company's zone, have elapsed.
    """
    today = day_of(as_of, ZoneInfo(sight.tenant.time_zone))
    elapsed, whole = await _working_days(sight, span, today)
    period = Period(Fraction(elapsed), Fraction(whole), Fraction(whole - elapsed))
    found = pace(target, actual, period)
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
    )


async def _working_days(sight: Sight, span: tuple[date, date], today: date) -> tuple[int, int]:
    worked = await worked_days(sight, *span)
    return sum(day < today for day in worked), len(worked)


def _basis_points(value: Fraction | None) -> int | None:
    return None if value is None else rounded(value * BASIS_POINTS)


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(shown(value))
