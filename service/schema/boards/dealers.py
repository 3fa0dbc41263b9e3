"""The board of dealers: each against its target, as a whole and for each brand and region.

A dealer is a unit right below the one asked for, with all that is below it; a territory of a
dealer's business is a brand in a region (industries page 3.2).
"""

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from service.organisation.unit_tree import units_at
from service.policies.access.trees import Tree
from service.schema.boards.arguments import AsOfDay, Period, Restated
from service.schema.boards.choosing import of_everything, set_for, summed_from_below
from service.schema.boards.figures import ADDED_UP, FIGURES, SOMETHING, Board, Figures, standing
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.organisation.types import OrgUnit, Territory
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.scalars import NO_ROW, found_id
from service.schema.statistics.rows import in_rows, made_of, record_in_row, records_in_row
from service.schema.statistics.trees import MOST_DEPTH, MOST_NODES, in_bounds, whole
from service.schema.targets.previews import PaceColour
from service.schema.targets.types import TargetPlan
from service.targets.figures import in_force

# Over `t`, a target: whose it is as a whole, and whose in a territory.
_WHOLE: Final = "t.org_unit_id || '/'"
_THERE: Final = "t.org_unit_id || '/' || t.territory_id"


@in_rows
@strawberry.type(description="A dealer against its target, as a whole or in one territory.")
class DealerBoardRow(Figures):
    dealer: OrgUnit | None = record_in_row("OrgUnit", "The dealer: a unit with those below it.")
    territory: Territory | None = record_in_row(
        "Territory", "Its business there alone, as a brand in a region; null in a `total`."
    )
    total: bool = strawberry.field(description="Whether it is all of the dealer's business.")
    target_summed: bool = strawberry.field(
        description="Whether the dealer has no target of its own, there or as a whole, and `target`"
        " is the sum of those of the nearest units below it that have one; never of a ratio."
        " `unassigned` is then 0."
    )
    added_up_plans: list[TargetPlan] = records_in_row("TargetPlan", ADDED_UP)


def _dealers(
    statement: Statement, given: MappingType[str, Any], asked: frozenset[str] | None
) -> str:
    board = Board.begun(statement, given)
    belongs = _belongs(board, found_id(str(given["org_unit_id"]), "org_unit") or NO_ROW)
    seen = statement.rows_of(mapping_of("OrgUnit"))
    here = "t.org_unit_id = ANY(ARRAY(SELECT b.unit FROM belongs b))"
    days = board.credits("t.org_unit_id, t.territory_id", here, months=board.long)
    dealers = "ARRAY(SELECT b.dealer FROM belongs b)"
    doubled, plans, joined = board.added_up_beside(asked)
    parts = [
        belongs,
        f"dealers AS (SELECT t.id, t.code {seen} AND t.id = ANY({dealers}){_there(board)})",
        board.time(),
        *_aims(board),
        f"summed AS (SELECT r.subject, {board.sums()} FROM (SELECT b.dealer || v.part AS subject,"
        f" d.* FROM ({days}) d JOIN belongs b ON b.unit = d.org_unit_id"
        " CROSS JOIN LATERAL (VALUES ('/'), ('/' || d.territory_id)) v (part)"
        " WHERE v.part IS NOT NULL) r GROUP BY 1 "
        f"{SOMETHING})",
        "subjects AS (SELECT subject AS id FROM aim UNION SELECT subject FROM summed"
        " UNION SELECT id || '/' FROM dealers)",
        "named AS (SELECT s.id, d.id AS dealer, d.code,"
        " nullif(split_part(s.id, '/', 2), '')::uuid AS territory"
        " FROM subjects s JOIN dealers d ON d.id = split_part(s.id, '/', 1)::uuid)",
    ]
    parts += doubled
    return (
        f"WITH RECURSIVE {', '.join(parts)} SELECT s.dealer, s.territory,"
        " s.territory IS NULL AS total, coalesce(a.is_summed, FALSE) AS target_summed,"
        f" {plans}, {FIGURES}"
        f" {standing('named s')}{joined} ORDER BY s.code, s.dealer, (SELECT y.code"
        " FROM app.territory y WHERE y.tenant_id = $1 AND y.id = s.territory) NULLS FIRST, s.id"
        f" LIMIT {MOST_NODES + 1}"
    )


def _belongs(board: Board, above: UUID) -> str:
    """Write the CTE `belongs`: the dealers, each with every unit of its business."""
    statement = board.statement
    if board.dated:
        # The tree as it stood: a unit that was moved since counts where it was.
        units, root = units_at(board.at()), statement.place(above, "uuid")
        return (
            f"units AS (SELECT * FROM {units} u), belongs (dealer, unit) AS"
            f" (SELECT u.org_unit_id, u.org_unit_id FROM units u WHERE u.parent_id = {root}"
            " UNION ALL SELECT b.dealer, u.org_unit_id FROM belongs b"
            " JOIN units u ON u.parent_id = b.unit)"
        )
    tree = statement.sight.policy.org_units
    pairs = [(one, unit) for one in _right_below(tree, above) for unit in tree.below(one)]
    dealers = statement.place([one for one, _ in pairs], "uuid[]")
    units = statement.place([unit for _, unit in pairs], "uuid[]")
    return f"belongs AS (SELECT * FROM unnest({dealers}, {units}) b (dealer, unit))"


def _there(board: Board) -> str:
    """Write that a dealer was made by a past day, or is said now to have been there on it."""
    if not board.dated:
        return ""
    return (
        f" AND t.created_at <= {board.at()}" if board.past else f" AND t.valid_from <= {board.day}"
    )


def _aims(board: Board) -> list[str]:
    """Write the CTEs of the targets, which are those of a dealer's units where it has none itself.

    Of each unit as a whole, and of each in a territory; the uppermost alone counts.
    """
    here = (
        "t.member_id IS NULL AND NOT t.is_vacancy"
        " AND t.org_unit_id = ANY(ARRAY(SELECT b.unit FROM belongs b))"
    )
    there = f"{here} AND t.territory_id IS NOT NULL"
    same = "u.org_unit_id = t.org_unit_id"
    same_there = f"{same} AND u.territory_id = t.territory_id"
    chosen = (
        f"{board.uppermost(_WHOLE, here, same)}"
        f" UNION ALL {board.uppermost(_THERE, there, same_there)}"
    )
    every = "SELECT b.subject FROM own_aim b"
    if not board.statement.everywhere(mapping_of("TargetNode")):
        days, plan = (board.first, board.until), in_force("p", board.known_at())
        every = " UNION ALL ".join(
            set_for(subject, condition, days, board.metric, plan)
            for subject, condition in ((_WHOLE, here), (_THERE, there))
        )
    return [
        "climbed (unit, path) AS (SELECT b.dealer, ARRAY[b.dealer] FROM belongs b"
        " WHERE b.unit = b.dealer UNION ALL SELECT u.org_unit_id, c.path || u.org_unit_id"
        f" FROM climbed c JOIN {units_at(board.at())} u ON u.parent_id = c.unit"
        f" WHERE cardinality(c.path) < {MOST_DEPTH})",
        f"chosen AS ({of_everything(chosen)})",
        board.held(),
        f"own_{board.aim()}",
        "upward AS (SELECT o.subject AS id, above.depth,"
        " above.unit || '/' || split_part(o.subject, '/', 2) AS above FROM own_aim o"
        " JOIN climbed c ON c.unit = split_part(o.subject, '/', 1)::uuid,"
        " unnest(c.path) WITH ORDINALITY above (unit, depth))",
        f"aim AS ({summed_from_below('own_aim', every)})",
    ]


def _right_below(tree: Tree, unit: UUID) -> Iterator[UUID]:
    span = tree.spans.get(unit)
    if span is None:
        return
    place = span[0] + 1
    while place < span[1]:
        yield tree.order[place]
        place = tree.spans[tree.order[place]][1]


@strawberry.type
class DealersQuery:
    @strawberry.field(
        description="The units right below one, by code, each with all below it against its target:"
        " first as a whole, then for each territory where it has a target or something counted, as"
        " a brand in a region; as far as the caller could list what counted. Without a target of"
        " its own it has those of its units below (`targetSummed`). Ask once for each"
        " metric, wholesale and retail.",
        metadata={
            PLANNED: Written(in_bounds(_dealers, lambda policy: policy.org_units)),
            **costs(BOARD),
        },
    )
    async def dealer_board(
        self,
        info: Info,
        org_unit_id: Annotated[
            strawberry.ID,
            strawberry.argument(description="The unit above the dealers: a region, a group."),
        ],
        metric_id: Annotated[strawberry.ID, strawberry.argument(description="The metric.")],
        period: Period,
        *,
        as_of_day: AsOfDay = None,
        restated: Restated = False,
    ) -> list[DealerBoardRow]:
        given = {
            "org_unit_id": org_unit_id,
            "metric_id": metric_id,
            "period": period,
            "as_of_day": as_of_day,
            "restated": restated,
        }
        reader = await info.context.reader()
        found = await reader.fetch(lambda statement: _dealers(statement, given, reader.asked))
        return [_made(dict(row)) for row in whole(found)]


def _made(row: dict[str, Any]) -> DealerBoardRow:
    row["colour"] = PaceColour(row["colour"]) if row["colour"] else None
    return made_of(DealerBoardRow, row)
