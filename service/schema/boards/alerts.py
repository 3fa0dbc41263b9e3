"""What is wrong with the targets in sight, as it is at this instant."""

from collections.abc import Mapping as MappingType
from enum import Enum
from typing import Annotated, Any, Final

import strawberry

from service.schema.boards.choosing import targets_in_sight
from service.schema.boards.pieces import ENDS, AfterRow, cut
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.organisation.types import Member
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.scalars import NO_ROW, BigInt, found_id
from service.schema.statistics.rows import in_rows, made_of, record_in_row
from service.schema.targets.types import TargetNode, TargetPlan
from service.targets.alerts import alerts

MOST: Final = 500
_ORDER: Final = "f.kind, f.target"


@strawberry.enum(description="What is wrong. Values are added.")
class TargetAlertKind(Enum):
    PACE_LOW = strawberry.enum_value(
        "PACE_LOW",
        description="At the end of each of the last working days, as many as the company says,"
        " less counted than the company's share of what was expected by then.",
    )
    REP_IDLE = strawberry.enum_value(
        "REP_IDLE",
        description="Whose it is has recorded nothing for the working days the company says, and"
        " is not on leave.",
    )
    WITHOUT_OWNER = strawberry.enum_value(
        "WITHOUT_OWNER",
        description="Nobody answers for it: who had it has left, or no seat of its territory is"
        " filled.",
    )
    SUM_BROKEN = strawberry.enum_value(
        "SUM_BROKEN", description="Its parts do not sum to what it has to give out."
    )
    PLANS_ADD_UP = strawberry.enum_value(
        "PLANS_ADD_UP",
        description="Another published plan has a target of the same holder, metric and days:"
        " boards add them up. The highest such target of the plan that was published later.",
    )


@in_rows
@strawberry.type(description="Something wrong with a target in force.")
class TargetAlert:
    kind: TargetAlertKind = strawberry.field(description="What is wrong.")
    target: TargetNode | None = record_in_row("TargetNode", "The target.")
    member: Member | None = record_in_row("Member", "Whose it is; null where it is no person's.")
    pace_basis_points: BigInt | None = strawberry.field(
        description="Of PACE_LOW: the pace at the end of the last working day."
    )
    wanted: BigInt | None = strawberry.field(
        description="Of SUM_BROKEN: what the parts should have together, in whole units."
    )
    found: BigInt | None = strawberry.field(description="Of SUM_BROKEN: what they have.")
    other_plan: TargetPlan | None = record_in_row(
        "TargetPlan", "Of PLANS_ADD_UP: the plan that was published before."
    )
    cursor: strawberry.ID = strawberry.field(description="The row's place in the list.")
    cut: bool = strawberry.field(description=ENDS)


def _alerts(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    kind = given["kind"]
    zone = statement.place(statement.sight.tenant.time_zone, "text")
    found = alerts(
        targets_in_sight(statement),
        statement.rows_of(mapping_of("MetricCreditDay")),
        statement.settle(f"({{now}} AT TIME ZONE {zone})::date"),
        statement.settle("{now}"),
    )
    where = []
    if kind:
        word = statement.place(kind.value if isinstance(kind, TargetAlertKind) else kind, "text")
        where.append(f"f.kind = {word}")
    if given.get("after_id"):
        # Names a kind and a target of it; whatever else it is, nothing comes after it.
        named, _, target = str(given["after_id"]).partition(":")
        known = named if named in TargetAlertKind.__members__ else "~"
        after = statement.place(known, "text")
        one = statement.place(found_id(target, "target_node") or NO_ROW, "uuid")
        where.append(f"(f.kind, f.target) > ({after}, {one})")
    return (
        "SELECT f.kind, f.target, f.member, f.pace_basis_points, f.wanted, f.found, f.other_plan,"
        f" f.kind || ':target_node_' || f.target AS cursor, {cut(_ORDER, MOST)}"
        f" FROM ({found}) f{' WHERE ' if where else ''}{' AND '.join(where)}"
        f" ORDER BY {_ORDER} LIMIT {MOST}"
    )


@strawberry.type
class TargetAlertsQuery:
    @strawberry.field(
        description="What is wrong with the targets in the caller's sight at this instant, by kind."
        " The first 500: the last says whether more follow (`cut`). Whoever may adjust them nearest"
        " by has a task for each until it is over.",
        metadata={PLANNED: Written(_alerts), **costs(BOARD)},
    )
    async def target_alerts(
        self,
        info: Info,
        kind: Annotated[
            TargetAlertKind | None, strawberry.argument(description="Only of this kind.")
        ] = None,
        after_id: AfterRow = None,
    ) -> list[TargetAlert]:
        reader = await info.context.reader()
        given = {"kind": kind, "after_id": after_id}
        rows = await reader.fetch(lambda statement: _alerts(statement, given, None))
        return [made_of(TargetAlert, _made(dict(row))) for row in rows]


def _made(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"kind": TargetAlertKind(row["kind"])}
