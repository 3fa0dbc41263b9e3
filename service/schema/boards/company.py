"""The company against its number: one row, for who may see the whole of it."""

from collections.abc import Mapping as MappingType
from typing import Annotated, Any, Final

import strawberry

from service.organisation.territory_tree import places_at
from service.organisation.unit_tree import units_at
from service.schema.boards.arguments import AsOfDay, Period, Restated
from service.schema.boards.boards import BoardRow, board_of, read_board
from service.schema.boards.choosing import whole_company_in_sight
from service.schema.boards.figures import Aims, Board
from service.schema.boards.slipping import REGISTER, Subjects
from service.schema.boards.subjects import Whose
from service.schema.context import Info
from service.schema.costs import AGGREGATE, costs
from service.schema.planner.mapping import PLANNED
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.statistics.rows import in_rows, records_in_row
from service.schema.targets.types import TargetNode
from service.targets.overlapping import one_above_all

# Over `n`, a target: nobody's in particular, or at the top of a plan that of the one unit or
# territory which stands above all others.
_COMPANY: Final = (
    "{n}.member_id IS NULL AND CASE WHEN num_nonnulls({n}.org_unit_id, {n}.territory_id) = 0"
    " THEN TRUE ELSE ({n}.parent_id IS NULL OR {n}.split = 'PERIOD')"
    " AND coalesce({n}.org_unit_id = (SELECT o.unit FROM top o), TRUE)"
    " AND coalesce({n}.territory_id = (SELECT o.territory FROM top o), TRUE) END"
)


@in_rows
@strawberry.type(description="The company against its target, with all that counts in it.")
class CompanyBoardRow(BoardRow):
    targets: list[TargetNode] = records_in_row(
        "TargetNode", "The targets that sum to it, uppermost ones of their plans."
    )


def _company(
    statement: Statement, given: MappingType[str, Any], asked: frozenset[str] | None
) -> str:
    board = Board.begun(statement, given)
    whole = whole_company_in_sight(statement)
    subjects = Subjects("tenant_id", "= $1", rolled=False, whole=True)
    aims = Aims("t.tenant_id", _COMPANY.format(n="t"), part=_COMPANY.format(n="u"))
    row = f"(SELECT $1::uuid AS id WHERE {str(whole).upper()}) s"
    whose = Whose(subjects, "TRUE", aims, row)
    targets = "ARRAY(SELECT c.id FROM chosen c ORDER BY c.id) AS targets"
    return board_of(board, whose, [_top(board)], asked, targets)


def _top(board: Board) -> str:
    """Write the CTE `top`: the unit and the territory above all others then, where one is."""
    at = board.at()
    unit = one_above_all("org_unit_id", units_at(at))
    territory = one_above_all("territory_id", places_at(at))
    return f"top AS (SELECT {unit} AS unit, {territory} AS territory)"


@strawberry.type
class CompanyQuery:
    @strawberry.field(
        description="The company against its target: nobody's in particular, or that of the one"
        " unit or territory above all others; everything that counted, wherever it did. It has no"
        " target but its own: below it more may be given out than it is counted on for, and units,"
        " territories and lines divide the same business, so that no sum of theirs is the company's"
        " (`territoryBoard` and `dealerBoard` sum within their tree). One row for"
        " who may see every target, or their totals, and all that counts, none for others. Open a"
        " figure by `targets`, `metricCredits` and `targetChanges`.",
        metadata={
            PLANNED: Written(_company, counts="Registration", counted_by=REGISTER),
            **costs(AGGREGATE),
        },
    )
    async def company_board(
        self,
        info: Info,
        metric_id: Annotated[strawberry.ID, strawberry.argument(description="The metric.")],
        period: Period,
        *,
        as_of_day: AsOfDay = None,
        restated: Restated = False,
    ) -> list[CompanyBoardRow]:
        given = {
            "metric_id": metric_id,
            "period": period,
            "as_of_day": as_of_day,
            "restated": restated,
        }
        return await read_board(info, CompanyBoardRow, _company, given)
