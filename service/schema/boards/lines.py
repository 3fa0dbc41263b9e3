"""The board of lines of business: what came through each channel and of each product.

A target may be of a channel, of a product or of both; so is what counts toward it.
"""

from collections.abc import Mapping as MappingType
from typing import Annotated, Any, Final

import strawberry

from service.schema.boards.arguments import AsOfDay, Period, Restated, WithinTerritory
from service.schema.boards.choosing import set_for
from service.schema.boards.figures import ADDED_UP, FIGURES, SOMETHING, Board, Figures, standing
from service.schema.boards.subjects import below_territory
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.statistics.rows import in_rows, made_of, records_in_row
from service.schema.statistics.trees import MOST_NODES, whole
from service.schema.targets.previews import PaceColour
from service.schema.targets.types import TargetPlan
from service.targets.figures import DAYS, in_force

_LINES: Final = "app.metric_credit_line_day "
_SUBJECT: Final = "jsonb_build_array(t.channel_code, t.product_code)"
_SAME: Final = (
    "u.channel_code IS NOT DISTINCT FROM t.channel_code"
    " AND u.product_code IS NOT DISTINCT FROM t.product_code"
)
# What came through a channel is of its line, of its product's, and of the two together.
_EACH: Final = (
    "(SELECT d.channel_code, NULL::text UNION SELECT NULL, d.product_code"
    " UNION SELECT d.channel_code, d.product_code)"
)


@in_rows
@strawberry.type(description="A channel, a product, or a product in a channel against its target.")
class LineBoardRow(Figures):
    channel_code: str | None = strawberry.field(
        description="The channel; null in the line of a product through all channels."
    )
    product_code: str | None = strawberry.field(
        description="The product; null in the line of a channel with all its products."
    )
    target_summed: bool = strawberry.field(
        description="Whether the channel or the product has no target of its own as a whole, and"
        " `target` is the sum of those of its products, or of it in the channels, that have one;"
        " never of a ratio. `unassigned` is then 0."
    )
    added_up_plans: list[TargetPlan] = records_in_row("TargetPlan", ADDED_UP)


def _lines(statement: Statement, given: MappingType[str, Any], asked: frozenset[str] | None) -> str:
    board = Board.begun(statement, given)
    here = below_territory(board, given)
    days = statement.rows_of(mapping_of("MetricCreditDay")).replace(DAYS, _LINES)
    known = f" AND t.recorded_on <= {board.day}" if board.past else ""
    counted = (
        "SELECT t.channel_code, t.product_code, t.kind, t.amount, t.base, t.entry_count,"
        f" t.credited_on {days} AND t.metric_id = {board.metric}"
        f" AND t.credited_on >= {board.first}"
        f" AND t.credited_on < least({board.until}, {board.day} + 1){known} AND {here}"
    )
    of_lines = f"(t.channel_code IS NOT NULL OR t.product_code IS NOT NULL) AND {here}"
    same = f"{_SAME} AND {below_territory(board, given, 'u')}"
    doubled, plans, joined = board.added_up_beside(asked)
    parts = [
        board.time(),
        f"chosen AS ({board.uppermost(_SUBJECT, of_lines, same)})",
        board.held(),
        f"own_{board.aim()}",
        f"aim AS ({_with_wholes(board, of_lines)})",
        f"summed AS (SELECT r.subject, {board.sums()} FROM (SELECT"
        " jsonb_build_array(v.channel_code, v.product_code) AS subject, d.*"
        f" FROM ({counted}) d CROSS JOIN LATERAL {_EACH} v (channel_code, product_code)"
        " WHERE num_nonnulls(v.channel_code, v.product_code) > 0) r"
        f" GROUP BY 1 {SOMETHING})",
        "subjects AS (SELECT subject AS id FROM aim UNION SELECT subject FROM summed)",
    ]
    parts += doubled
    return (
        f"WITH {', '.join(parts)} SELECT s.id->>0 AS channel_code, s.id->>1 AS product_code,"
        " coalesce(a.is_summed, FALSE) AS target_summed,"
        f" {plans}, {FIGURES} {standing('subjects s')}{joined}"
        " ORDER BY s.id->>0 NULLS LAST, s.id->>1 NULLS FIRST"
        f" LIMIT {MOST_NODES + 1}"
    )


def _with_wholes(board: Board, of_lines: str) -> str:
    """Write the SELECT of the lines' targets, also of wholes that have none of their own.

    Such a one has what its parts on the other side have. Where its own is out of sight nothing is
    shown for it. Ratios do not add up.
    """
    every = "SELECT b.subject FROM own_aim b"
    if not board.statement.everywhere(mapping_of("TargetNode")):
        days, plan = (board.first, board.until), in_force("p", board.known_at())
        every = set_for(_SUBJECT, of_lines, days, board.metric, plan)
    return (
        "SELECT o.subject, o.figure, FALSE AS is_summed FROM own_aim o UNION ALL"
        " SELECT w.whole, sum(o.figure), TRUE FROM own_aim o CROSS JOIN LATERAL (VALUES"
        " (jsonb_build_array(o.subject->>0, NULL::text)),"
        " (jsonb_build_array(NULL::text, o.subject->>1))) w (whole)"
        " WHERE num_nonnulls(o.subject->>0, o.subject->>1) = 2"
        f" AND w.whole NOT IN ({every}) AND NOT (SELECT k.ratio FROM kind k) GROUP BY 1"
    )


@strawberry.type
class LinesQuery:
    @strawberry.field(
        description="Channels and products against their targets, by channel: each as a whole, then"
        " each of its products; then each product through all channels. One that has no target of"
        " its own as a whole has those of its parts (`targetSummed`). As far as the caller could"
        " list what counted; 5,000 lines at most, more are refused. Ask once for each metric,"
        " sell-in and sell-out.",
        metadata={PLANNED: Written(_lines), **costs(BOARD)},
    )
    async def line_board(
        self,
        info: Info,
        metric_id: Annotated[strawberry.ID, strawberry.argument(description="The metric.")],
        period: Period,
        *,
        territory_id: WithinTerritory = None,
        as_of_day: AsOfDay = None,
        restated: Restated = False,
    ) -> list[LineBoardRow]:
        given = {
            "metric_id": metric_id,
            "period": period,
            "territory_id": territory_id,
            "as_of_day": as_of_day,
            "restated": restated,
        }
        reader = await info.context.reader()
        found = await reader.fetch(lambda statement: _lines(statement, given, reader.asked))
        return [_made(dict(row)) for row in whole(found)]


def _made(row: dict[str, Any]) -> LineBoardRow:
    row["colour"] = PaceColour(row["colour"]) if row["colour"] else None
    return made_of(LineBoardRow, row)
