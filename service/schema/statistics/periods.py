"""Periods: days, months, quarters, years and ranges, cut in the zone of each record's site."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import strawberry

from service.errors import InvalidInput
from service.schema.planner.statements import Statement

_YEARS: Final = (1900, 2900)
_FIRST_DAY: Final = date(_YEARS[0], 1, 1)
_LAST_DAY: Final = date(_YEARS[1], 12, 31)
_MONTHS: Final = (1, 12)
_QUARTERS: Final = (1, 4)
# No zone is further than this from UTC, so a local day lies within its days of UTC and one more.
_ZONES: Final = timedelta(days=1)


@strawberry.input(description="A month of a year.")
class YearMonthInput:
    year: int = strawberry.field(description="The year, 1900 to 2900.")
    month: int = strawberry.field(description="The month, 1 to 12.")


@strawberry.input(description="A quarter of a year.")
class YearQuarterInput:
    year: int = strawberry.field(description="The year, 1900 to 2900.")
    quarter: int = strawberry.field(description="The quarter, 1 to 4.")


@strawberry.input(description="Days from one on, until another.")
class DateRangeInput:
    from_: date = strawberry.field(name="from", description="The first day.")
    until: date = strawberry.field(description="The first day after it, later than `from`.")


@strawberry.input(
    one_of=True, description="A span of days, cut in the time zone of each record's site."
)
class PeriodInput:
    day: date | None = strawberry.field(default=strawberry.UNSET, description="One day.")
    month: YearMonthInput | None = strawberry.field(
        default=strawberry.UNSET, description="A calendar month."
    )
    quarter: YearQuarterInput | None = strawberry.field(
        default=strawberry.UNSET, description="A calendar quarter."
    )
    year: int | None = strawberry.field(
        default=strawberry.UNSET, description="A calendar year, 1900 to 2900."
    )
    range: DateRangeInput | None = strawberry.field(
        default=strawberry.UNSET, description="Any days in a row."
    )


@dataclass(frozen=True, slots=True)
class Days:
    """A span of local days; `until` is the first day after it."""

    first: date
    until: date


def days_of(period: PeriodInput) -> Days:
    """Return the days of a period.

    Raises:
        InvalidInput: a year, month or quarter there is not, or a range that ends before it begins.
    """
    if period.day:
        return _known(period.day, _after(period.day))
    if period.month:
        return _months(period.month.year, _within(period.month.month, _MONTHS, "month"), 1)
    if period.quarter:
        quarter = _within(period.quarter.quarter, _QUARTERS, "quarter")
        return _months(period.quarter.year, 3 * quarter - 2, 3)
    if period.range:
        if period.range.until <= period.range.from_:
            raise InvalidInput(expected="AFTER_START", field=("period", "range", "until"))
        return _known(period.range.from_, period.range.until)
    return _months(period.year or 0, 1, 12)


def _months(year: int, first: int, length: int) -> Days:
    _within(year, _YEARS, "year")
    last = first - 1 + length
    return Days(date(year, first, 1), date(year + last // 12, last % 12 + 1, 1))


def _within(value: int, bounds: tuple[int, int], name: str) -> int:
    least, most = bounds
    if not least <= value <= most:
        raise InvalidInput(expected="FROM_TO", least=least, most=most, field=("period", name))
    return value


def known_day(day: date) -> date:
    """Return a day, or the nearest of the years there are records of: some send 9999 for ever."""
    return min(max(day, _FIRST_DAY), _LAST_DAY)


def _known(first: date, until: date) -> Days:
    first = known_day(first)
    return Days(first, known_day(until - timedelta(days=1)) + timedelta(days=1))


def _after(day: date) -> date:
    return min(day, date.max - timedelta(days=1)) + timedelta(days=1)


def within(statement: Statement, days: Days, at: str, day: str) -> str:
    """Write that a record is of these days.

    Args:
        statement: where the days are bound.
        days: the days.
        at: SQL of the instant, which an index knows; its bounds hold for every zone.
        day: SQL of the local day, which decides.
    """
    earliest = statement.place(_instant(days.first, -_ZONES), "timestamptz")
    latest = statement.place(_instant(days.until, _ZONES), "timestamptz")
    first, until = statement.place(days.first, "date"), statement.place(days.until, "date")
    return f"({at} >= {earliest} AND {at} < {latest} AND {day} >= {first} AND {day} < {until})"


def _instant(day: date, shift: timedelta) -> datetime:
    edge = min(max(day, date(2, 1, 1)), date(9998, 12, 31))
    return datetime.combine(edge, time(), UTC) + shift
