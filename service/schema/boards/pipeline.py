"""What is hoped for beside what is missing: coverage, forecasts, projection by history.

Written in SQL, since a board is one statement; `tests/schema/test_board_forecasts.py` holds it
against the exact arithmetic of `service.targets.rules.pacing`.
"""

from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import pairwise
from typing import Final

import strawberry
from strawberry.utils.str_converters import to_camel_case

from service.schema.boards.figures import Board
from service.schema.boards.slipping import Subjects
from service.schema.planner.mapping import mapping_of
from service.schema.scalars import BigInt
from service.schema.statistics.periods import Days
from service.targets.figures import EXACT

_HUNDREDTHS: Final = "Rounded half up to two decimals."
_NONE: Final = "Null of a ratio, and where lower is better."
_FORMER: Final = 3


@strawberry.enum(
    description="Whether what is hoped for makes up for what is missing. Values are added."
)
class CoverageState(Enum):
    COVERED = strawberry.enum_value("COVERED", description="Nothing is missing any more.")
    ENOUGH = strawberry.enum_value(
        "ENOUGH", description="The open pipeline is as much as what is missing, or more."
    )
    SHORT = strawberry.enum_value("SHORT", description="It is less.")


@strawberry.type(description="What is hoped for beside what is missing.")
class Forecasts:
    open_pipeline: BigInt | None = strawberry.field(
        description="Opportunities open on the last day looked at that are expected in the period,"
        f" without those OMITTED: `opportunityStandings` has them. {_NONE}"
    )
    coverage: Decimal | None = strawberry.field(
        description=f"The open pipeline by the gap; null without a gap or a target. {_HUNDREDTHS}"
    )
    coverage_state: CoverageState | None = strawberry.field(
        description=f"What the coverage means; null without a target. {_NONE}"
    )
    weighted_forecast: Decimal | None = strawberry.field(
        description="Credited, and each opportunity of the pipeline by its chance."
        f" {_HUNDREDTHS} {_NONE}"
    )
    shortfall: Decimal | None = strawberry.field(
        description=f"What the weighted forecast lacks of the target; 0 when nothing is, null"
        f" without a target. {_HUNDREDTHS}"
    )
    commit_forecast: BigInt | None = strawberry.field(
        description=f"Credited, and what is COMMIT. {_NONE}"
    )
    best_forecast: BigInt | None = strawberry.field(
        description=f"Credited, and what is COMMIT or BEST. {_NONE}"
    )
    pipeline_forecast: BigInt | None = strawberry.field(
        description=f"Credited, and the whole open pipeline. {_NONE}"
    )
    projection_by_history: Decimal | None = strawberry.field(
        description="What it comes to by the mean share of their whole that the three periods"
        f" before had by this day; null where none had any. {_HUNDREDTHS} {_NONE}"
    )


_HOPED: Final = (
    "open_pipeline",
    "coverage",
    "coverage_state",
    "weighted_forecast",
    "shortfall",
    "commit_forecast",
    "best_forecast",
    "pipeline_forecast",
)
_PROJECTED: Final = "projection_by_history"
_TYPES: Final = {
    "coverage": "numeric",
    "coverage_state": "text",
    "weighted_forecast": "numeric",
    "shortfall": "numeric",
    _PROJECTED: "numeric",
}
_ABOVE_ALL: Final = "NOT kind.ratio AND NOT kind.lower"
# Over `f`, the sums of one, `kind`, and `o`, what is hoped for.
_FIGURES: Final = {
    "open_pipeline": "coalesce(o.open, 0)",
    "coverage": f"round(coalesce(o.open, 0) * {EXACT}"
    " / nullif(greatest(f.target - f.credited, 0), 0), 2)",
    "coverage_state": "CASE WHEN f.target <= f.credited THEN 'COVERED'"
    " WHEN coalesce(o.open, 0) >= f.target - f.credited THEN 'ENOUGH'"
    " WHEN f.target > f.credited THEN 'SHORT' END",
    "weighted_forecast": "round(f.credited + coalesce(o.weighted, 0) / 10000, 2)",
    "shortfall": "CASE WHEN f.target IS NOT NULL THEN"
    " round(greatest(f.target - f.credited - coalesce(o.weighted, 0) / 10000, 0), 2) END",
    "commit_forecast": "f.credited + coalesce(o.commit, 0)",
    "best_forecast": "f.credited + coalesce(o.commit, 0) + coalesce(o.best, 0)",
    "pipeline_forecast": "f.credited + coalesce(o.open, 0)",
}
_PART: Final = "coalesce(b.total_{n}, 1)"
_BOOKED: Final = "coalesce(b.booked_{n}, 0)"


def _projected() -> str:
    """Write the projection over `b`: periods without a whole above 0 are null there."""
    wholes = [_PART.format(n=n) for n in range(_FORMER)]
    each = [
        " * ".join([_BOOKED.format(n=n), *(one for m, one in enumerate(wholes) if m != n)])
        for n in range(_FORMER)
    ]
    count = f"num_nonnulls({', '.join(f'b.total_{n}' for n in range(_FORMER))})"
    whole = f"f.credited * {EXACT} * {count} * {' * '.join(wholes)}"
    return f"round({whole} / nullif({' + '.join(each)}, 0), 2)"


FORECASTS: Final = {
    name: f"CASE WHEN {_ABOVE_ALL} THEN {sql} END::{_TYPES.get(name, 'bigint')} AS {name}"
    for name, sql in {**_FIGURES, _PROJECTED: _projected()}.items()
}
"""The columns by Python name, over `f`, `kind`, `o` and `b`."""


def wanted(asked: frozenset[str] | None) -> list[str]:
    """Return the figures asked for, by Python name; None asks for all."""
    return [name for name in FORECASTS if asked is None or to_camel_case(name) in asked]


def hopes(asked: frozenset[str] | None) -> bool:
    """Tell whether anything of what is hoped for is asked for."""
    return not set(_HOPED).isdisjoint(wanted(asked))


def projects(asked: frozenset[str] | None) -> bool:
    """Tell whether the projection by history is asked for."""
    return _PROJECTED in wanted(asked)


def hoped(board: Board, subjects: Subjects) -> str:
    """Write the CTE of what is hoped for: sums of open opportunities by subject."""
    rows = board.statement.rows_of(mapping_of("OpportunityStanding"))
    column = subjects.column
    each = (
        f"SELECT t.{column}, t.category, t.amount,"
        f" t.amount::numeric * t.probability_basis_points AS weighted {rows}"
        f" AND t.metric_id = {board.metric} AND t.expected_on >= {board.first}"
        f" AND t.expected_on < {board.until} AND t.first_day <= {board.day}"
        f" AND t.last_day >= {board.day} AND t.state = 'OPEN' AND t.category <> 'OMITTED'"
        f" AND t.{column} {subjects.among}"
    )
    if subjects.rolled:
        each = f"SELECT u.above AS {column}, d.category, d.amount, d.weighted FROM upward u" + (
            f" JOIN ({each}) d ON d.{column} = u.id"
        )
    return (
        f"hoped AS (SELECT r.{column} AS subject, sum(r.amount) AS open,"
        " sum(r.weighted) AS weighted,"
        " sum(r.amount) FILTER (WHERE r.category = 'COMMIT') AS commit,"
        f" sum(r.amount) FILTER (WHERE r.category = 'BEST') AS best FROM ({each}) r GROUP BY 1)"
    )


def former_days(days: Days) -> list[Days]:
    """Return the periods before one: as many months where it is of whole months, or else days."""
    months = (days.until.year - days.first.year) * 12 + days.until.month - days.first.month
    if months and days.first.day == days.until.day == 1:
        firsts = [_months_before(days.first, months * n) for n in range(_FORMER + 1)]
    else:
        first, length = days.first.toordinal(), (days.until - days.first).days
        firsts = [date.fromordinal(max(first - length * n, 1)) for n in range(_FORMER + 1)]
    return [Days(first, until) for until, first in pairwise(firsts)]


def _months_before(day: date, months: int) -> date:
    since = max(day.year * 12 + day.month - 1 - months, 12)
    return date(since // 12, since % 12 + 1, 1)


def former_sums(board: Board) -> tuple[str, str]:
    """Write the sums over `r`, days of the ledger: the whole of each former period, and by then.

    Returns:
        The sums, and the first day they need.
    """
    statement, sums = board.statement, []
    by_then = f"({board.day} - {board.first})"
    periods = former_days(board.days)
    for n, period in enumerate(periods):
        first = statement.place(period.first, "date")
        until = statement.place(period.until, "date")
        inside = f"r.kind = 'PRIMARY' AND r.credited_on >= {first} AND r.credited_on < {until}"
        total = f"sum(r.amount) FILTER (WHERE {inside})"
        booked = f"sum(r.amount) FILTER (WHERE {inside} AND r.credited_on <= {first} + {by_then})"
        sums += [
            f"CASE WHEN {total} > 0 THEN {total} END AS total_{n}",
            f"CASE WHEN {total} > 0 THEN {booked} END AS booked_{n}",
        ]
    return ", ".join(sums), statement.place(periods[-1].first, "date")


def columns(asked: frozenset[str] | None) -> list[str]:
    """Write the columns; of what is not asked for they are null."""
    names = wanted(asked)
    return [
        sql if name in names else f"NULL::{_TYPES.get(name, 'bigint')} AS {name}"
        for name, sql in FORECASTS.items()
    ]


def joins(asked: frozenset[str] | None) -> str:
    """Write the joins of the sums to the subjects `s`."""
    open_now = " LEFT JOIN hoped o ON o.subject = s.id" if hopes(asked) else ""
    return open_now + (" LEFT JOIN former b ON b.subject = s.id" if projects(asked) else "")
