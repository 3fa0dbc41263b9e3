"""What is read of metrics, plans and targets: one by one, listed, as a tree, as a preview."""

from collections.abc import Mapping as MappingType
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case

from service.errors import NotFound
from service.schema.boards.pieces import ENDS, cut
from service.schema.connections import Connection, Orders, SortKey
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.filters import (
    DateFilter,
    DateTimeFilter,
    Filter,
    IdFilter,
    OrgUnitScope,
    TerritoryScope,
    TextFilter,
    every,
    none_of,
    on,
    on_id,
    on_org_unit,
    on_territory,
    some,
)
from service.schema.listing import listing
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.reading import one
from service.schema.scalars import NO_ROW, BigInt, found_id
from service.schema.statistics.periods import PeriodInput, days_of
from service.schema.statistics.rows import in_rows, made_of, record_in_row
from service.schema.statistics.trees import MOST_DEPTH, MOST_NODES, checked_depth
from service.schema.targets.inputs import TargetAllocationInput, allocation_of
from service.schema.targets.types import (
    Metric,
    TargetChange,
    TargetNode,
    TargetPlan,
    TargetResponse,
)
from service.schema.targets.words import (
    TargetChangeKind,
    TargetKind,
    TargetLevel,
    TargetPlanState,
    TargetResponseKind,
    TargetSplit,
)
from service.targets.commands import allocating


@strawberry.input(description="Which plans.")
class TargetPlanFilter:
    and_: list["TargetPlanFilter"] | None = every()
    or_: list["TargetPlanFilter"] | None = some()
    not_: "TargetPlanFilter | None" = none_of()
    code: TextFilter | None = on("t.code", "text", "By code.")
    state: Filter[TargetPlanState] | None = on("t.state", "text", "By state.")
    first_day: DateFilter | None = on("t.first_day", "date", "By first day.")


@strawberry.input(description="Which targets.")
class TargetNodeFilter:
    and_: list["TargetNodeFilter"] | None = every()
    or_: list["TargetNodeFilter"] | None = some()
    not_: "TargetNodeFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "target_node", "By id.")
    plan_id: IdFilter | None = on_id("t.plan_id", "target_plan", "By plan.")
    parent_id: IdFilter | None = on_id("t.parent_id", "target_node", "By the target above.")
    metric_id: IdFilter | None = on_id("t.metric_id", "metric", "By metric.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By person.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    kind: Filter[TargetKind] | None = on("t.kind", "text", "By what it is for.")
    level: Filter[TargetLevel] | None = on("t.level", "text", "By how hard it is.")
    split: Filter[TargetSplit] | None = on("t.split", "text", "By how it is a part.")


@strawberry.input(description="Which changes of targets.")
class TargetChangeFilter:
    and_: list["TargetChangeFilter"] | None = every()
    or_: list["TargetChangeFilter"] | None = some()
    not_: "TargetChangeFilter | None" = none_of()
    plan_id: IdFilter | None = on_id("t.plan_id", "target_plan", "By plan.")
    node_id: IdFilter | None = on_id("t.node_id", "target_node", "By target.")
    metric_id: IdFilter | None = on_id("t.metric_id", "metric", "By metric.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By the person who has it.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    kind: Filter[TargetChangeKind] | None = on("t.kind", "text", "By why.")
    effective_on: DateFilter | None = on("t.effective_on", "date", "By first day.")
    recorded_at: DateTimeFilter | None = on("t.recorded_at", "timestamptz", "By instant.")


@strawberry.input(description="Which of what was said to targets.")
class TargetResponseFilter:
    and_: list["TargetResponseFilter"] | None = every()
    or_: list["TargetResponseFilter"] | None = some()
    not_: "TargetResponseFilter | None" = none_of()
    plan_id: IdFilter | None = on_id("t.plan_id", "target_plan", "By plan.")
    node_id: IdFilter | None = on_id("t.node_id", "target_node", "By target.")
    kind: Filter[TargetResponseKind] | None = on("t.kind", "text", "By what it is.")


_BELOW: Final = "of the target and all below it in sight; null where there is none."
_MINOR: Final = "in minor units of the plan's currency"
_RESOURCES: Final = {
    "planned_headcount": "sum(r.planned) FILTER (WHERE r.kind = 'HEADCOUNT')",
    "headcount": "sum(r.result) FILTER (WHERE r.kind = 'HEADCOUNT')",
    "planned_budget": "sum(r.planned) FILTER (WHERE r.kind = 'BUDGET')",
    "spent_budget": "sum(r.result) FILTER (WHERE r.kind = 'BUDGET')",
}


@in_rows
@strawberry.type(description="A target as it stands in its tree.")
class TargetTreeNode:
    target: TargetNode | None = record_in_row("TargetNode", "The target.")
    parent: TargetNode | None = record_in_row(
        "TargetNode", "The target above it in this answer; null at the top of it."
    )
    depth: int = strawberry.field(description="Levels below the top of this answer, which is 0.")
    child_count: int = strawberry.field(
        description="How many targets in sight are right below it, also where `depth` or the"
        " period leaves them out."
    )
    cut: bool = strawberry.field(description=ENDS)
    planned_headcount: BigInt | None = strawberry.field(
        description=f"People planned by work items of kind HEADCOUNT, {_BELOW}"
    )
    headcount: BigInt | None = strawberry.field(
        description=f"People there are, as those items report, {_BELOW}"
    )
    planned_budget: BigInt | None = strawberry.field(
        description=f"Money planned by those of kind BUDGET, {_MINOR}, {_BELOW}"
    )
    spent_budget: BigInt | None = strawberry.field(
        description=f"Money spent, as those report, {_MINOR}, {_BELOW}"
    )


@in_rows
@strawberry.type(description="What a division would do to one part.")
class AllocationPart:
    node: TargetNode | None = record_in_row(
        "TargetNode", "The part; null where it is what is unassigned and would be new."
    )
    parent: TargetNode | None = record_in_row("TargetNode", "The target it is a part of.")
    before: BigInt = strawberry.field(description="What it has, in whole units.")
    after: BigInt = strawberry.field(description="What it would have.")
    difference: BigInt = strawberry.field(description="What it would gain; below 0, lose.")


@strawberry.type(description="A division that is not carried out.")
class TargetAllocationPreview:
    plan_version: int = strawberry.field(
        description="The plan's version it stands on: sent back as `expectedVersion`, exactly this"
        " division is carried out, or none."
    )
    total: BigInt = strawberry.field(
        description="What the target has to give out, with its over-assignment."
    )
    parts: list[AllocationPart] = strawberry.field(description="Its parts, in their order.")
    unassigned_before: BigInt = strawberry.field(description="What nobody is assigned.")
    unassigned: BigInt = strawberry.field(description="What nobody would be assigned.")
    below: list[AllocationPart] = strawberry.field(
        description=f"What would change further down, as `below` says: the first {MOST_NODES:,}."
    )
    below_count: int = strawberry.field(description="How many targets these are altogether.")


_METRICS: Final = Orders({"CODE": SortKey("t.code", "text")}, "CODE", descending=False)
_PLANS: Final = Orders({"FIRST_DAY": SortKey("t.first_day", "date")}, "FIRST_DAY")
TARGETS: Final = Orders({"POSITION": SortKey("t.position", "bigint")}, "POSITION", descending=False)
_CHANGES: Final = Orders({"RECORDED_AT": SortKey("t.recorded_at", "timestamptz")}, "RECORDED_AT")


def _resources(statement: Statement, plan: str) -> str:
    """Write the CTEs `rising`, what is planned at each target and each above it, and `resources`.

    Over `seen`, so that nothing counts which stands between targets out of sight.
    """
    items = statement.rows_of(mapping_of("WorkItem"))
    sums = ", ".join(f"{sql}::bigint AS {name}" for name, sql in _RESOURCES.items())
    return (
        f", item AS (SELECT t.node_id, t.kind, t.planned, t.result {items}"
        " AND t.kind IN ('HEADCOUNT', 'BUDGET') AND t.node_id IN (SELECT id FROM seen)"
        " AND (t.kind = 'HEADCOUNT' OR t.currency = (SELECT p.currency FROM app.target_plan p"
        f" WHERE p.tenant_id = $1 AND p.id = {plan}))),"
        " rising AS (SELECT s.id, s.parent_id, i.kind, i.planned, i.result"
        " FROM item i JOIN seen s ON s.id = i.node_id"
        " UNION ALL SELECT s.id, s.parent_id, r.kind, r.planned, r.result"
        " FROM rising r JOIN seen s ON s.id = r.parent_id),"
        f" resources AS (SELECT r.id, {sums} FROM rising r GROUP BY 1)"
    )


def _tree(statement: Statement, given: MappingType[str, Any], asked: frozenset[str] | None) -> str:
    plan = statement.place(found_id(str(given["plan_id"]), "target_plan") or NO_ROW, "uuid")
    root_id = given.get("root_id")
    rows = statement.rows_of(mapping_of("TargetNode"))
    # Looked up, not joined: of a plan just imported one row is expected, and each of its 10,000
    # would be held against every other.
    top = "(s.parent_id IN (SELECT id FROM seen)) IS NOT TRUE"
    if root_id:
        root = statement.place(found_id(str(root_id), "target_node") or NO_ROW, "uuid")
        top = f"s.id = {root}"
    shown = "TRUE"
    if given.get("period"):
        days = days_of(given["period"])
        first, until = statement.place(days.first, "date"), statement.place(days.until, "date")
        shown = f"w.first_day < {until} AND w.last_day >= {first}"
    if given.get("after_id"):
        after = statement.place(found_id(str(given["after_id"]), "target_node") or NO_ROW, "uuid")
        shown += f" AND w.place > (SELECT a.place FROM walked a WHERE a.id = {after})"
    depth = statement.place(checked_depth(given["depth"]), "integer")
    resourced = asked is None or any(to_camel_case(name) in asked for name in _RESOURCES)
    resources = ", ".join(
        f"e.{name}" if resourced else f"NULL::bigint AS {name}" for name in _RESOURCES
    )
    return (
        "WITH RECURSIVE seen AS (SELECT t.id, t.parent_id, t.position, t.first_day, t.last_day"
        f" {rows} AND t.plan_id = {plan}),"
        " walked AS (SELECT s.id, NULL::uuid AS parent_id, 0 AS depth, s.first_day, s.last_day,"
        " ARRAY[lpad(s.position::text, 10, '0') || s.id] AS place"
        f" FROM seen s WHERE {top}"
        " UNION ALL"
        " SELECT s.id, s.parent_id, w.depth + 1, s.first_day, s.last_day,"
        " w.place || (lpad(s.position::text, 10, '0') || s.id)"
        f" FROM walked w JOIN seen s ON s.parent_id = w.id WHERE w.depth < {MOST_DEPTH}"
        f" AND w.depth < {depth}){_resources(statement, plan) if resourced else ''}"
        " SELECT w.id AS target, w.parent_id AS parent, w.depth,"
        " coalesce(c.n, 0)::integer AS child_count,"
        f" {cut('w.place', MOST_NODES)}, {resources}"
        " FROM walked w LEFT JOIN (SELECT s.parent_id, count(*) AS n FROM seen s GROUP BY 1) c"
        f" ON c.parent_id = w.id{' LEFT JOIN resources e ON e.id = w.id' if resourced else ''}"
        f" WHERE {shown} ORDER BY w.place LIMIT {MOST_NODES}"
    )


def _part(node_id: UUID | None, parent_id: UUID | None, before: int, after: int) -> AllocationPart:
    figures = {"before": before, "after": after, "difference": after - before}
    named = {name: BigInt(figure) for name, figure in figures.items()}
    return made_of(AllocationPart, {"node": node_id, "parent": parent_id, **named})


@strawberry.type
class TargetsQuery:
    metric: Metric | None = one(Metric, "One metric; null when there is none in sight.")
    metrics: Connection[Metric] = listing(Metric, _METRICS, "What targets are set on, by code.")
    target_plan: TargetPlan | None = one(TargetPlan, "One plan; null when there is none in sight.")
    target_plans: Connection[TargetPlan] = listing(
        TargetPlan, _PLANS, "The plans, latest first.", filter=TargetPlanFilter
    )
    target_node: TargetNode | None = one(
        TargetNode, "One target; null when there is none in sight."
    )
    target_nodes: Connection[TargetNode] = listing(
        TargetNode,
        TARGETS,
        "The targets in the caller's sight, in the order of their plans.",
        filter=TargetNodeFilter,
    )
    target_changes: Connection[TargetChange] = listing(
        TargetChange,
        _CHANGES,
        "What changed published targets in the caller's sight, latest first.",
        filter=TargetChangeFilter,
    )

    target_responses: Connection[TargetResponse] = listing(
        TargetResponse,
        _CHANGES,
        "What was said to targets in the caller's sight, latest first.",
        filter=TargetResponseFilter,
    )

    @strawberry.field(
        description="A plan's targets in depth-first order, as far as they are in the caller's"
        " sight; a target whose parent is out of sight is a top. The first 5,000 of them: the last"
        " says whether more follow (`cut`). `parent { id }` gives the shape.",
        metadata={PLANNED: Written(_tree), **costs(BOARD)},
    )
    async def target_tree(
        self,
        info: Info,
        plan_id: Annotated[strawberry.ID, strawberry.argument(description="The plan.")],
        root_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The target to begin with; left out, the topmost in sight."
            ),
        ] = None,
        *,
        depth: Annotated[
            int, strawberry.argument(description="How many levels below it, 0 to 100.")
        ] = 3,
        period: Annotated[
            PeriodInput | None,
            strawberry.argument(description="Only targets that have one of these days."),
        ] = None,
        after_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The target after which to go on, the last of an answer that was cut."
            ),
        ] = None,
    ) -> list[TargetTreeNode]:
        reader = await info.context.reader()
        given = {
            "plan_id": plan_id,
            "root_id": root_id,
            "depth": depth,
            "period": period,
            "after_id": after_id,
        }
        rows = await reader.fetch(lambda statement: _tree(statement, given, reader.asked))
        return [made_of(TargetTreeNode, dict(row)) for row in rows]

    @strawberry.field(
        description="How a target would be divided among its children, with what each gains and"
        " loses; nothing is set. Action `target.distribute`."
    )
    async def preview_target_allocation(
        self,
        info: Info,
        input: Annotated[TargetAllocationInput, strawberry.argument(description="The division.")],
    ) -> TargetAllocationPreview:
        reader = await info.context.reader()
        order = allocation_of(input)
        mapping = mapping_of("TargetNode")
        if await reader.one(mapping, order.node_id) is None:
            raise NotFound(field=("input", "nodeId"))
        made = await reader.within(lambda sight: allocating.previewed(sight, order))
        parts = [_part(part.node_id, made.node_id, part.before, part.after) for part in made.parts]
        below = [
            _part(one.node_id, one.parent_id, one.before, one.after)
            for one in made.below[:MOST_NODES]
        ]
        return TargetAllocationPreview(
            plan_version=made.plan_version,
            total=BigInt(made.total),
            parts=parts,
            unassigned_before=BigInt(made.unassigned_before),
            unassigned=BigInt(made.unassigned),
            below=below,
            below_count=len(made.below),
        )
