"""The month, the quarter and the year of a board's day, beside the period that was asked for."""

from collections.abc import Collection
from collections.abc import Mapping as MappingType
from datetime import date
from typing import Any, Final

import strawberry

from service.schema.boards.figures import Aims, Board
from service.schema.planner.mapping import PLANNED, Declared, Rows, parts
from service.schema.scalars import BigInt
from service.targets.figures import EXACT

SPANS: Final = ("month", "quarter", "year")
_OBJECT: Final = """
SELECT (e.span->>'first_day')::date AS first_day, (e.span->>'last_day')::date AS last_day,
    (e.span->>'target')::bigint AS target, (e.span->>'credited')::bigint AS credited,
    (e.span->>'attainment_basis_points')::bigint AS attainment_basis_points,
    (e.span->>'target_summed')::boolean AS target_summed
FROM jsonb_array_elements({array}) e (span)
"""


@strawberry.type(description="A target beside what counted toward it so far.")
class BoardSpan:
    first_day: date = strawberry.field(description="Its first day.")
    last_day: date = strawberry.field(description="Its last day.")
    target: BigInt | None = strawberry.field(
        description="What is in force on the last day looked at; null where no published plan sets"
        " one within these days."
    )
    credited: BigInt = strawberry.field(description="What counted from its first day to then.")
    attainment_basis_points: BigInt | None = strawberry.field(
        description="Credited by target, half up; null without a target or with one of 0, and of a"
        " ratio of nothing."
    )
    target_summed: bool = strawberry.field(
        description="Whether a territory has no target of its own for these days, and `target` is"
        " the sum of those of the nearest territories below it that have one."
    )


parts(BoardSpan)


def span(name: str) -> Declared:
    """Declare the field of a span."""
    item = Rows("BoardSpan", _OBJECT, many=False, array=f't."{name}"')
    return strawberry.field(
        description=f"The calendar {name} of the last day looked at, whatever the period.",
        metadata={PLANNED: item},
    )


def spans_asked(asked: frozenset[str] | None) -> list[str]:
    """Return which spans are asked for."""
    return [name for name in SPANS if asked is None or name in asked]


def targets_in(board: Board, name: str, of: Aims) -> str:
    """Write the CTEs of the targets that lie within a span of the board's day."""
    first, until = _first(board, name), _until(board, name)
    return board.targets(of, first=first, until=until, name=f"_{name}")


def credited_in(board: Board, names: Collection[str]) -> str:
    """Write what is summed for the spans: for a GROUP BY over `r`, days of the ledger."""
    return ", ".join(
        f"sum(r.{column}) FILTER (WHERE r.kind = 'PRIMARY'"
        f" AND r.credited_on >= {_first(board, name)}) AS {name}_{column}"
        for name in names
        for column in ("amount", "base")
    )


def earliest(board: Board, names: Collection[str]) -> str:
    """Write the first day of the longest span."""
    return _first(board, max(names, key=SPANS.index))


def columns(board: Board, names: Collection[str], *, rolled: bool = False) -> list[str]:
    """Write the columns of the spans, over the rows of `joins`.

    Args:
        board: the board.
        names: which are asked for.
        rolled: whether targets are summed from below.
    """
    found = []
    for name in SPANS:
        if name not in names:
            found.append(f"NULL::jsonb AS {name}")
            continue
        target = f"aim_{name}.figure"
        is_summed = f"coalesce(aim_{name}.is_summed, FALSE)" if rolled else "FALSE"
        credited = (
            f"CASE WHEN kind.ratio THEN coalesce(round(sp.{name}_amount * 10000"
            f" / nullif(sp.{name}_base, 0)), 0) ELSE coalesce(sp.{name}_amount, 0) END"
        )
        # Of a ratio nothing is attained where there is nothing to divide by, and what is attained
        # is no quotient of one that was rounded for display.
        number = f"coalesce(sp.{name}_amount, 0) * CASE WHEN kind.ratio THEN 10000 ELSE 1 END"
        per = f"CASE WHEN kind.ratio THEN coalesce(sp.{name}_base, 0) ELSE 1 END"
        share = f"{number} * 10000 * {EXACT} / nullif({per} * {target}, 0)"
        found.append(
            f"jsonb_build_array(jsonb_build_object('first_day', {_first(board, name)},"
            f" 'last_day', {_until(board, name)} - 1, 'target', {target}, 'credited', {credited},"
            f" 'target_summed', {is_summed}, 'attainment_basis_points',"
            f" CASE WHEN kind.lower THEN round(20000 - {share}) ELSE round({share}) END))"
            f" AS {name}"
        )
    return found


def joins(names: Collection[str]) -> str:
    """Write the joins of the spans' targets and credits to the subjects `s`."""
    targets = [f" LEFT JOIN aim_{name} ON aim_{name}.subject = s.id" for name in names]
    return "".join([*targets, " LEFT JOIN spans sp ON sp.subject = s.id" if names else ""])


def made(row: MappingType[str, Any]) -> dict[str, BoardSpan | None]:
    """Make the spans of a row."""
    return {name: _span(row[name]) for name in SPANS}


def _span(found: Any) -> BoardSpan | None:  # noqa: ANN401 - JSON
    if not found:
        return None
    (one,) = found

    def figure(name: str) -> BigInt | None:
        return None if one[name] is None else BigInt(int(one[name]))

    return BoardSpan(
        first_day=date.fromisoformat(one["first_day"]),
        last_day=date.fromisoformat(one["last_day"]),
        target=figure("target"),
        credited=BigInt(int(one["credited"])),
        attainment_basis_points=figure("attainment_basis_points"),
        target_summed=one["target_summed"],
    )


def _first(board: Board, name: str) -> str:
    return f"date_trunc('{name}', {board.day}::timestamp)::date"


def _until(board: Board, name: str) -> str:
    length = {"month": "1 month", "quarter": "3 months", "year": "1 year"}[name]
    return f"(date_trunc('{name}', {board.day}::timestamp) + interval '{length}')::date"
