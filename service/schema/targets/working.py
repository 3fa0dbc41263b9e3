"""Work plans beside targets through the API: actions, campaigns, people and money."""

from datetime import date, datetime
from typing import Final

import strawberry

from service.policies.access import RecordColumns
from service.schema.carry import Payload, the
from service.schema.connections import Connection, SortKey
from service.schema.filters import (
    DateFilter,
    DateTimeFilter,
    Filter,
    IdFilter,
    OrgUnitScope,
    TerritoryScope,
    every,
    none_of,
    on,
    on_id,
    on_org_unit,
    on_territory,
    some,
)
from service.schema.listing import listing
from service.schema.mutation import CommandInput, command, optional, orders, required
from service.schema.nodes import ID, VERSION, Node, described
from service.schema.ordering import orders_of
from service.schema.organisation.types import Member
from service.schema.planner.mapping import amount_of, column, key, planned, sql, to_one
from service.schema.reading import one
from service.schema.scalars import BigInt, Money
from service.schema.targets.types import TargetNode
from service.targets import tables
from service.targets.commands import working
from service.targets.tables import WorkItemKind

described(
    WorkItemKind,
    "What is planned beside a target. Values are added.",
    ACTION="Something to do; its figure is in units of the target's metric.",
    CAMPAIGN="A campaign; its figure is what it is to bring, its cost beside it.",
    HEADCOUNT="People.",
    BUDGET="Money, in minor units.",
)
_PLACE: Final = RecordColumns(
    owner="t.owner_id", org_unit="t.org_unit_id", territory="t.territory_id"
)


@planned(tables.WorkItem, action="work_item.view", scope=_PLACE)
@strawberry.type(description="Something planned for a target.")
class WorkItem(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    node: TargetNode | None = to_one("node_id", "TargetNode", "The target.")
    kind: WorkItemKind = column("kind", "What it is.")
    owner: Member | None = to_one("owner_id", "Member", "Who answers for it.")
    title: str = column("title", "What it is called.")
    due_on: date = column("due_on", "By which day.")
    planned: BigInt = sql("t.planned", "How much is planned, in units of its kind.")
    result: BigInt | None = sql("t.result", "What came of it; null before a report.")
    cost: Money | None = amount_of("t.cost", "t.currency", "What it cost.")
    cost_of_each: Money | None = amount_of(
        "(CASE WHEN t.result > 0 THEN round(t.cost::numeric / t.result)::bigint END)",
        "t.currency",
        "Its cost by its result, half up: of a visit, of a deal; null while there is none.",
    )
    remark: str | None = column("remark", "As stated.")
    done_at: datetime | None = column("done_at", "When it was done.")


@strawberry.input(description="Which items of work plans.")
class WorkItemFilter:
    and_: list["WorkItemFilter"] | None = every()
    or_: list["WorkItemFilter"] | None = some()
    not_: "WorkItemFilter | None" = none_of()
    node_id: IdFilter | None = on_id("t.node_id", "target_node", "By target.")
    kind: Filter[WorkItemKind] | None = on("t.kind", "text", "By what it is.")
    owner_id: IdFilter | None = on_id("t.owner_id", "member", "By who answers for it.")
    done_at: DateTimeFilter | None = on(
        "t.done_at", "timestamptz", "By when it was done; `isNull` for what is open."
    )
    due_on: DateFilter | None = on("t.due_on", "date", "By day.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")


@strawberry.input(description="Work is planned for a target.")
class PlanWorkInput(CommandInput):
    node_id: strawberry.ID = required("The target.")
    kind: WorkItemKind = required("What it is.")
    owner_id: strawberry.ID = required("Who answers for it.")
    title: str = required("What it is called, 1 to 200 characters.")
    due_on: date = required("By which day.")
    planned: BigInt = required("How much is planned, in units of its kind; 0 or more.")
    remark: str | None = optional("1 to 2,000 characters.")


@strawberry.input(description="What came of an item.")
class ReportWorkInput(CommandInput):
    item_id: strawberry.ID = required("The item.")
    result: BigInt = required("What came of it, in units of its kind; 0 or more.")
    cost: BigInt | None = optional("What it cost, in minor units.")
    done: bool = strawberry.field(default=True, description="Whether it is over.")
    remark: str | None = optional("1 to 2,000 characters.")


@strawberry.type(description="`workItem` is null exactly when `errors` is not empty.")
class PlanWorkPayload(Payload):
    work_item: WorkItem | None = strawberry.field(default=None, description="The item.")


@strawberry.type(description="`workItem` is null exactly when `errors` is not empty.")
class ReportWorkPayload(Payload):
    work_item: WorkItem | None = strawberry.field(default=None, description="The item.")


_ITEMS: Final = orders_of(
    "WorkItem",
    "items of work plans",
    {
        "DUE_ON": (SortKey("t.due_on", "date"), "By the day they are due."),
        "CREATED_AT": (SortKey("t.created_at", "timestamptz"), "By when they were planned."),
    },
    "DUE_ON",
    descending=False,
)


@strawberry.type
class WorkPlansQuery:
    work_item: WorkItem | None = one(WorkItem, "One item; null when there is none in sight.")
    work_items: Connection[WorkItem] = listing(
        WorkItem, _ITEMS, "What is planned beside targets, by day.", filter=WorkItemFilter
    )


@strawberry.type
class WorkPlansMutation:
    plan_work: PlanWorkPayload = command(
        working.plan_work,
        orders(working.PlanWork, node_id="target_node", owner_id="member"),
        PlanWorkInput,
        PlanWorkPayload,
        the("work_item.plan", work_item=WorkItem),
        "Plans an action, a campaign, people or money for a target. Action `work_item.plan`.",
    )
    report_work: ReportWorkPayload = command(
        working.report_work,
        orders(working.ReportWork, item_id="work_item"),
        ReportWorkInput,
        ReportWorkPayload,
        the("work_item.report", work_item=WorkItem),
        "Says what came of an item and what it cost; the last report counts. Action"
        " `work_item.report`.",
    )
