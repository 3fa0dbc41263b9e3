"""The day and the instant a board looks at, by the company's clock."""

from datetime import date, timedelta

from service.schema.planner.statements import Statement
from service.schema.statistics.periods import known_day


def looked_at(statement: Statement, as_of: date | None) -> tuple[str, str]:
    """Place the last day looked at, and the first that is not over.

    Args:
        statement: the statement.
        as_of: the last day looked at, which is over then; left out, today, which is not.
    """
    if not as_of:
        return (today(statement),) * 2
    as_of = known_day(as_of)
    return statement.place(as_of, "date"), statement.place(as_of + timedelta(days=1), "date")


def end_of(statement: Statement, day: str) -> str:
    """Write the last instant of a day, or now where it is not over."""
    end = f"({day} + 1)::timestamp AT TIME ZONE {zone(statement)}"
    return statement.settle(f"least({{now}}, {end} - interval '1 millisecond')")


def zone(statement: Statement) -> str:
    """Place the company's time zone."""
    return statement.place(statement.sight.tenant.time_zone, "text")


def today(statement: Statement) -> str:
    """Write the company's day of the reading."""
    return statement.settle(f"({{now}} AT TIME ZONE {zone(statement)})::date")
