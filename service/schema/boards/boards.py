"""The boards: where each territory and each person stands against target, in one statement."""

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from typing import Annotated, Any, Final

import strawberry

from service.schema.boards import pipeline, spans
from service.schema.boards.arguments import (
    AsOfDay,
    Period,
    Restated,
    WithinTerritory,
    WithinUnit,
)
from service.schema.boards.figures import ADDED_UP, FIGURES, Board, Figures, standing
from service.schema.boards.pieces import (
    ENDS,
    PERSON,
    PERSON_CURSOR,
    PERSON_NAME,
    AfterMember,
    people_after,
    person_columns,
)
from service.schema.boards.pipeline import Forecasts
from service.schema.boards.slipping import REGISTER, Slipping, slipping
from service.schema.boards.slipping import columns as slipped_columns
from service.schema.boards.slipping import joins as slipped_joins
from service.schema.boards.spans import BoardSpan
from service.schema.boards.subjects import Whose, people_of, territories_of
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.organisation.types import Member, Territory
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.scalars import BigInt
from service.schema.statistics.fields import note_counted
from service.schema.statistics.rows import in_rows, made_of, record_in_row, records_in_row
from service.schema.statistics.trees import MOST_NODES, checked_depth, in_bounds, whole
from service.schema.targets.previews import PaceColour
from service.schema.targets.types import TargetChange, TargetPlan
from service.targets.figures import EXACT

_MetricId = Annotated[strawberry.ID, strawberry.argument(description="The metric.")]


@strawberry.type(description="What a board says of each.")
class BoardRow(Figures, Forecasts, Slipping):
    month: BoardSpan | None = spans.span("month")
    quarter: BoardSpan | None = spans.span("quarter")
    year: BoardSpan | None = spans.span("year")
    last_change: TargetChange | None = record_in_row(
        "TargetChange", "The change of its targets that began last by the day."
    )
    overlay_target: BigInt | None = strawberry.field(
        description="What is in force of targets that stand beside the total (`OVERLAY`), as a"
        " specialist's: in no sum and in no other figure. Null without one."
    )
    overlay_attainment_basis_points: BigInt | None = strawberry.field(
        description="`overlay` by `overlayTarget`, half up, as `attainmentBasisPoints` is; null"
        " where that is 0 or nothing, and of a ratio."
    )
    added_up_plans: list[TargetPlan] = records_in_row("TargetPlan", ADDED_UP)


@in_rows
@strawberry.type(description="A territory against its target, with everything below it.")
class TerritoryBoardRow(BoardRow):
    territory: Territory | None = record_in_row("Territory", "The territory.")
    parent: Territory | None = record_in_row(
        "Territory", "The territory above it in this answer; null for the first."
    )
    depth: int = strawberry.field(description="Levels below the territory asked for, which is 0.")
    target_summed: bool = strawberry.field(
        description="Whether it has no target of its own, and `target` is the sum of those of the"
        " nearest territories below it that have one; never of a ratio. `unassigned` is then 0, and"
        " each of its spans says so itself."
    )


@in_rows
@strawberry.type(description="A person against his target.")
class MemberBoardRow(BoardRow):
    member_name: str = strawberry.field(description=PERSON_NAME)
    member: Member | None = record_in_row("Member", PERSON)
    cursor: strawberry.ID = strawberry.field(description=PERSON_CURSOR)
    cut: bool = strawberry.field(description=ENDS)


def _territories(
    statement: Statement, given: MappingType[str, Any], asked: frozenset[str] | None
) -> str:
    board = Board.begun(statement, given)
    depth = statement.place(checked_depth(given["depth"]), "integer")
    before, whose = territories_of(board, given)
    columns = (
        "s.id AS territory, s.parent_id AS parent, s.depth,"
        " coalesce(a.is_summed, FALSE) AS target_summed"
    )
    return (
        f"{board_of(board, whose, before, asked, columns)}"
        f" WHERE s.depth <= {depth} AND {_stands(board, asked)}"
        f" ORDER BY s.place, s.id LIMIT {MOST_NODES + 1}"
    )


def _stands(board: Board, asked: frozenset[str] | None) -> str:
    """Write whether a territory `s` is a row: one retired before the period where it has figures.

    What counts of a territory counts of all above it as well, so that nothing is lost with a row.
    """
    aims = ["aim"]
    found = ["c.subject IS NOT NULL"]
    if names := spans.spans_asked(asked):
        aims += [f"aim_{name}" for name in names]
        found.append("sp.subject IS NOT NULL")
    if pipeline.hopes(asked):
        found.append("o.subject IS NOT NULL")
    found += [
        f"EXISTS (SELECT FROM upward u JOIN {aim} k ON k.subject = u.id"
        " WHERE u.above = s.id AND k.figure <> 0)"
        for aim in aims
    ]
    return (
        "(NOT EXISTS (SELECT FROM app.territory y WHERE y.tenant_id = $1 AND y.id = s.id"
        f" AND y.retired_at < {board.begins()}) OR {' OR '.join(found)})"
    )


_BESIDE: Final = frozenset({"overlayTarget", "overlayAttainmentBasisPoints"})
_BESIDE_COLUMNS: Final = (
    "w.figure::bigint AS overlay_target",
    "CASE WHEN NOT kind.ratio THEN CASE WHEN kind.lower"
    f" THEN round(20000 - f.beside * 10000 * {EXACT} / nullif(w.figure, 0))"
    f" ELSE round(f.beside * 10000 * {EXACT} / nullif(w.figure, 0)) END END::bigint"
    " AS overlay_attainment_basis_points",
)
_NOTHING_BESIDE: Final = (
    "NULL::bigint AS overlay_target",
    "NULL::bigint AS overlay_attainment_basis_points",
)


def board_of(
    board: Board,
    whose: Whose,
    before: Sequence[str],
    asked: frozenset[str] | None,
    columns: str,
) -> str:
    """Write a board up to its WHERE: what is not asked for is not looked at."""
    names = spans.spans_asked(asked)
    changed = asked is None or "lastChange" in asked
    parts = [
        *before,
        board.time(),
        board.targets(whose.targets),
        whose.summed(board, "summed", board.sums(), months=board.long),
        *(spans.targets_in(board, name, whose.targets) for name in names),
        *slipping(board, whose.subjects, asked),
    ]
    if names:
        first = spans.earliest(board, names)
        sums = spans.credited_in(board, names)
        parts.append(whose.summed(board, "spans", sums, first, months=True))
    if changed:
        parts.append(board.last_changes())
    beside = whose.beside or asked is None or not _BESIDE.isdisjoint(asked)
    if beside:
        parts.append(board.beside(whose.targets))
    doubled, plans, plans_joined = board.added_up_beside(asked)
    parts += doubled
    parts += whose.forecast(board, asked)
    selected = [
        columns,
        FIGURES,
        f"{'l.id' if changed else 'NULL::uuid'} AS last_change",
        plans,
        *(_BESIDE_COLUMNS if beside else _NOTHING_BESIDE),
        *spans.columns(board, names, rolled=whose.targets.rolled),
        *slipped_columns(board, asked),
        *pipeline.columns(asked),
    ]
    last = " LEFT JOIN changed l ON l.subject = s.id" if changed else ""
    last += plans_joined
    last += " LEFT JOIN aim_beside w ON w.subject = s.id" if beside else ""
    return (
        f"WITH {', '.join(parts)} SELECT {', '.join(selected)} {standing(whose.rows)}"
        f"{spans.joins(names)}{slipped_joins(asked)}{last}{pipeline.joins(asked)}"
    )


def _people(
    statement: Statement, given: MappingType[str, Any], asked: frozenset[str] | None
) -> str:
    board = Board.begun(statement, given)
    before, whose = people_of(board, given)
    return (
        f"{board_of(board, whose, before, asked, person_columns())}"
        f" WHERE ({whose.stands} OR w.figure <> 0){people_after(board, given)}"
    )


async def read_board(info: Info, kind: Any, write: Any, given: dict[str, Any]) -> list[Any]:  # noqa: ANN401 - the row's own type
    """Read the rows of a board, and write down whose registrations it counts.

    Args:
        info: the request's.
        kind: the rows' type.
        write: what writes its statement.
        given: the arguments.
    """
    reader = await info.context.reader()
    rows = whole(await reader.fetch(lambda statement: write(statement, given, reader.asked)))
    note_counted(reader, mapping_of("Registration"), rows)
    return [_made(kind, dict(row)) for row in rows]


def _made(kind: Any, row: dict[str, Any]) -> Any:  # noqa: ANN401 - the row's own type
    for name, words in (("colour", PaceColour), ("coverage_state", pipeline.CoverageState)):
        row[name] = words(row[name]) if row[name] else None
    return made_of(kind, row | spans.made(row))


@strawberry.type
class BoardsQuery:
    @strawberry.field(
        description="A territory first, then its sub-tree in depth-first order down to `depth`:"
        " each with everything below it against its target, as far as the caller could list what"
        " counted. Empty when territory or metric are out of sight. A territory that was retired"
        " before the period is a row only where something counted, is aimed at or hoped for there"
        " all the same. Open a figure by `metricCredits` and `targetChanges`.",
        metadata={
            PLANNED: Written(
                in_bounds(_territories, lambda policy: policy.territories),
                counts="Registration",
                counted_by=REGISTER,
            ),
            **costs(BOARD),
        },
    )
    async def territory_board(
        self,
        info: Info,
        territory_id: Annotated[
            strawberry.ID, strawberry.argument(description="The territory to begin with.")
        ],
        metric_id: _MetricId,
        period: Period,
        *,
        depth: Annotated[
            int, strawberry.argument(description="How many levels below it, 0 to 100.")
        ] = 1,
        as_of_day: AsOfDay = None,
        restated: Restated = False,
    ) -> list[TerritoryBoardRow]:
        given = {
            "territory_id": territory_id,
            "metric_id": metric_id,
            "period": period,
            "depth": depth,
            "as_of_day": as_of_day,
            "restated": restated,
        }
        return await read_board(info, TerritoryBoardRow, _territories, given)

    @strawberry.field(
        description="People of a unit, of a territory or in sight at all who have a target, also"
        " one beside the total, or a credit in the period, by name, each against his own target."
        " The first 500 of them: the last says whether more follow (`cut`).",
        metadata={
            PLANNED: Written(_people, counts="Registration", counted_by=REGISTER),
            **costs(BOARD),
        },
    )
    async def member_board(
        self,
        info: Info,
        metric_id: _MetricId,
        period: Period,
        *,
        org_unit_id: WithinUnit = None,
        territory_id: WithinTerritory = None,
        as_of_day: AsOfDay = None,
        restated: Restated = False,
        after_id: AfterMember = None,
    ) -> list[MemberBoardRow]:
        given = {
            "after_id": after_id,
            "metric_id": metric_id,
            "period": period,
            "org_unit_id": org_unit_id,
            "territory_id": territory_id,
            "as_of_day": as_of_day,
            "restated": restated,
        }
        return await read_board(info, MemberBoardRow, _people, given)
