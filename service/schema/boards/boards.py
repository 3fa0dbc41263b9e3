"""The boards: where each territory and each person stands against target, in one statement."""

from collections.abc import Mapping as MappingType
from datetime import date
from typing import Annotated, Any, Final

import strawberry

from service.organisation.territory_tree import places_at
from service.schema.boards.figures import FIGURES, Board, Figures, standing
from service.schema.context import Info
from service.schema.costs import AGGREGATE, costs
from service.schema.organisation.types import Member, Territory
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.scalars import NO_ROW, found_id
from service.schema.statistics.periods import PeriodInput, days_of
from service.schema.statistics.rows import in_rows, made_of, record_in_row
from service.schema.statistics.trees import MOST_NODES, checked_depth, in_bounds, walked, whole
from service.schema.targets.previews import PaceColour

_MOST_PEOPLE: Final = 500
_MetricId = Annotated[strawberry.ID, strawberry.argument(description="The metric.")]
_Period = Annotated[PeriodInput, strawberry.argument(description="The days of the targets.")]
_AsOf = Annotated[
    date | None,
    strawberry.argument(
        description="The last day looked at, which is over then; left out, today, which is not."
    ),
]


@in_rows
@strawberry.type(description="A territory against its target, with everything below it.")
class TerritoryBoardRow(Figures):
    territory: Territory | None = record_in_row("Territory", "The territory.")
    parent: Territory | None = record_in_row(
        "Territory", "The territory above it in this answer; null for the first."
    )
    depth: int = strawberry.field(description="Levels below the territory asked for, which is 0.")


@in_rows
@strawberry.type(description="A person against his target.")
class MemberBoardRow(Figures):
    member: Member | None = record_in_row("Member", "The person.")


def _territories(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    root = statement.place(_id(given), "uuid")
    depth = statement.place(checked_depth(given["depth"]), "integer")
    nodes = statement.place(list(statement.sight.policy.territories.below(_id(given))), "uuid[]")
    board = Board.begun(statement, given["metric_id"], days_of(given["period"]), given["as_of_day"])
    places = places_at(statement.settle("{now}"))
    here = f"t.territory_id = ANY({nodes})"
    parts = [
        walked(statement, "Territory", f"t.id = ANY({nodes})", root, places),
        "upward AS (SELECT w.id, above.id AS above FROM walked w, unnest(w.path) above (id))",
        board.time(),
        board.targets("territory_id", f"{here} AND t.member_id IS NULL"),
        "summed AS (SELECT r.above AS subject,"
        f" {board.sums()} FROM (SELECT u.above, d.* FROM upward u"
        f" JOIN ({board.credits('t.territory_id', here)}) d ON d.territory_id = u.id) r"
        " GROUP BY 1)",
    ]
    return (
        f"WITH {', '.join(parts)} SELECT s.id AS territory, s.parent_id AS parent, s.depth,"
        f" {FIGURES} {standing('walked s')} WHERE s.depth <= {depth}"
        f" ORDER BY s.place, s.id LIMIT {MOST_NODES + 1}"
    )


def _id(given: MappingType[str, Any]) -> Any:  # noqa: ANN401 - an id
    return found_id(str(given["territory_id"]), "territory") or NO_ROW


def _people(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    board = Board.begun(statement, given["metric_id"], days_of(given["period"]), given["as_of_day"])
    people = statement.rows_of(mapping_of("Member"))
    where = ["TRUE"]
    if given["territory_id"]:
        below = statement.place(
            list(statement.sight.policy.territories.below(_id(given))), "uuid[]"
        )
        where.append(f"t.territory_id = ANY({below})")
    if given["org_unit_id"]:
        unit = found_id(str(given["org_unit_id"]), "org_unit") or NO_ROW
        below = statement.place(list(statement.sight.policy.org_units.below(unit)), "uuid[]")
        where.append(f"t.org_unit_id = ANY({below})")
    here = " AND ".join(where)
    parts = [
        f"people AS (SELECT t.id, t.name {people} AND {here} AND t.state = 'ACTIVE')",
        board.time(),
        board.targets("member_id", "t.member_id IN (SELECT id FROM people)"),
        f"summed AS (SELECT r.member_id AS subject, {board.sums()} FROM"
        f" ({board.credits('t.member_id', 't.member_id IN (SELECT id FROM people)')}) r"
        " GROUP BY 1)",
    ]
    return (
        f"WITH {', '.join(parts)} SELECT s.id AS member, {FIGURES} {standing('people s')}"
        " WHERE a.figure IS NOT NULL OR c.amount IS NOT NULL"
        f" ORDER BY s.name, s.id LIMIT {_MOST_PEOPLE}"
    )


async def _read(info: Info, kind: Any, write: Any, given: dict[str, Any]) -> list[Any]:  # noqa: ANN401 - the row's own type
    reader = await info.context.reader()
    rows = whole(await reader.fetch(lambda statement: write(statement, given, reader.asked)))
    return [_made(kind, dict(row)) for row in rows]


def _made(kind: Any, row: dict[str, Any]) -> Any:  # noqa: ANN401 - the row's own type
    row["colour"] = PaceColour(row["colour"]) if row["colour"] else None
    return made_of(kind, row)


@strawberry.type
class BoardsQuery:
    @strawberry.field(
        description="A territory first, then its sub-tree in depth-first order down to `depth`:"
        " each with everything below it against its target, as far as the caller could list what"
        " counted. Empty when territory or metric are out of sight. Open a figure by"
        " `metricCredits` and `targetChanges`.",
        metadata={
            PLANNED: Written(in_bounds(_territories, lambda policy: policy.territories)),
            **costs(AGGREGATE),
        },
    )
    async def territory_board(
        self,
        info: Info,
        territory_id: Annotated[
            strawberry.ID, strawberry.argument(description="The territory to begin with.")
        ],
        metric_id: _MetricId,
        period: _Period,
        *,
        depth: Annotated[
            int, strawberry.argument(description="How many levels below it, 0 to 100.")
        ] = 1,
        as_of_day: _AsOf = None,
    ) -> list[TerritoryBoardRow]:
        given = {
            "territory_id": territory_id,
            "metric_id": metric_id,
            "period": period,
            "depth": depth,
            "as_of_day": as_of_day,
        }
        return await _read(info, TerritoryBoardRow, _territories, given)

    @strawberry.field(
        description="People of a unit, of a territory or in sight at all who have a target or a"
        " credit in the period, by name, each against his own target; at most 500.",
        metadata={PLANNED: Written(_people), **costs(AGGREGATE)},
    )
    async def member_board(
        self,
        info: Info,
        metric_id: _MetricId,
        period: _Period,
        *,
        org_unit_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="A unit, with those below it."),
        ] = None,
        territory_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="A territory, with those below it."),
        ] = None,
        as_of_day: _AsOf = None,
    ) -> list[MemberBoardRow]:
        given = {
            "metric_id": metric_id,
            "period": period,
            "org_unit_id": org_unit_id,
            "territory_id": territory_id,
            "as_of_day": as_of_day,
        }
        return await _read(info, MemberBoardRow, _people, given)
