"""Metrics, plans, targets and their changes as the API shows them."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Final

import strawberry

from service.policies.access import RecordColumns
from service.schema.nodes import ID, VERSION, Node
from service.schema.organisation.types import TODAY, Member, OrgUnit, Territory
from service.schema.planner.lending import Lent
from service.schema.planner.mapping import (
    Possible,
    allowed_actions,
    amount_of,
    column,
    key,
    name_in,
    names,
    planned,
    sql,
    to_many,
    to_one,
)
from service.schema.reception.types import Site
from service.schema.scalars import BigInt, LocalizedText, Money
from service.schema.targets.words import (
    CountingEvent,
    MetricBusiness,
    MetricDirection,
    MetricUnit,
    TargetChangeKind,
    TargetKind,
    TargetLevel,
    TargetPlanState,
    TargetResponseKind,
    TargetSplit,
)
from service.targets import tables
from service.targets.figures import figure_on, goes_on, is_ratio, version_of

_HERE: Final = "service.schema.targets.types"
PLACE: Final = RecordColumns(
    owner="t.member_id", org_unit="t.org_unit_id", territory="t.territory_id"
)
_PLAN_IS: Final = (
    "EXISTS (SELECT FROM app.target_plan p WHERE p.tenant_id = $1 AND p.id = t.plan_id"
    " AND p.state IN ({}))"
)
OPEN: Final = _PLAN_IS.format("'DRAFT', 'TOP_DOWN_SET', 'DISTRIBUTED', 'FEEDBACK', 'RECONCILED'")
IN_FORCE: Final = (
    "EXISTS (SELECT FROM app.target_plan p WHERE p.tenant_id = $1 AND p.id = t.plan_id"
    f" AND {goes_on('p')})"
)
_FEEDBACK: Final = _PLAN_IS.format("'FEEDBACK'")
_JUDGED: Final = _PLAN_IS.format("'DISTRIBUTED', 'FEEDBACK', 'RECONCILED'")
FIGURE: Final = f"{figure_on('t', TODAY)}::bigint"
_CHILDREN: Final = (
    f"(CASE WHEN {is_ratio('t')} THEN 0 ELSE"
    " (SELECT coalesce(sum(b.amount), 0) + coalesce((SELECT sum(c.delta) FROM app.target_change c"
    " JOIN app.target_node o ON o.tenant_id = $1 AND o.id = c.node_id WHERE c.tenant_id = $1"
    f" AND c.effective_on <= {TODAY} AND o.parent_id = t.id AND o.split = 'BREAKDOWN'"
    " AND (o.kind <> 'OVERLAY' OR t.kind = 'OVERLAY')), 0) FROM app.target_node b"
    " WHERE b.tenant_id = $1 AND b.parent_id = t.id AND b.split = 'BREAKDOWN'"
    " AND (b.kind <> 'OVERLAY' OR t.kind = 'OVERLAY')) END)::bigint"
)


@planned(tables.Metric, action="metric.view", scope=RecordColumns())
@strawberry.type(description="Something a target may be set on.")
class Metric(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Its code, never used for another.")
    name: str = name_in("names", "Its name, in the request's language.")
    names: LocalizedText = names("names", "The same in every language.")
    unit: MetricUnit = column("unit", "What it is counted in.")
    currency: str | None = column("currency", "The currency of a MONEY metric (ISO 4217).")
    direction: MetricDirection = column("direction", "Which way is better.")
    counting_event: CountingEvent = column("counting_event", "What makes an amount count.")
    business: MetricBusiness = column("business", "Which business counts.")
    product_codes: list[str] = column(
        "product_codes", "Only these products count; none means all of them."
    )
    new_only: bool = column("new_only", "Whether only a customer's first order counts.")
    launch_first_day: date | None = column(
        "launch_first_day", "First day on which its products count as new."
    )
    launch_last_day: date | None = column("launch_last_day", "The last such day.")
    retired_at: datetime | None = column("retired_at", "Since when no plan is set on it.")


@strawberry.enum(description="A command for a plan. Values are added.")
class TargetPlanAction(Enum):
    ADD_NODES = strawberry.enum_value("ADD_NODES", description="Add targets to it.")
    DISTRIBUTE = strawberry.enum_value("DISTRIBUTE", description="Say that it is broken down.")
    OPEN_FEEDBACK = strawberry.enum_value("OPEN_FEEDBACK", description="Let those below propose.")
    RECONCILE = strawberry.enum_value(
        "RECONCILE", description="Say that proposals and total are brought together."
    )
    APPROVE = strawberry.enum_value("APPROVE", description="Approve it.")
    REOPEN = strawberry.enum_value("REOPEN", description="Take the approval back.")
    PUBLISH = strawberry.enum_value("PUBLISH", description="Put it into force.")
    CLOSE = strawberry.enum_value("CLOSE", description="Say that it is over.")


@planned(tables.TargetPlan, action="target_plan.view", scope=RecordColumns())
@strawberry.type(description="Targets for a span of days. Its version counts every change in it.")
class TargetPlan(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Its code, never used for another.")
    name: str = name_in("names", "Its name, in the request's language.")
    names: LocalizedText = names("names", "The same in every language.")
    first_day: date = column("first_day", "Its first day.")
    last_day: date = column("last_day", "Its last day.")
    state: TargetPlanState = column("state", "Where it stands.")
    currency: str = column("currency", "What its money is counted in (ISO 4217).")
    calendar_site: Site | None = to_one(
        "calendar_site_id", "Site", "Whose working days its pace counts; null is the company."
    )
    revision_of: Annotated["TargetPlan", strawberry.lazy(_HERE)] | None = to_one(
        "revision_of_id", "TargetPlan", "The plan it takes the place of."
    )
    revision: int = column("revision", "How often it was revised after it was published.")
    published_at: datetime | None = column("published_at", "Since when it is in force.")
    season_steps: list[Annotated["SeasonStep", strawberry.lazy(_HERE)]] = to_many(
        "SeasonStep",
        "plan_id",
        "How its days weigh, by metric and day; none lets every working day weigh the same.",
        order="t.metric_id, t.first_day",
    )
    allowed_actions: list[TargetPlanAction] = allowed_actions(
        "Commands the caller could issue now.",
        ADD_NODES=Possible(
            "target_plan.edit",
            "t.state IN ('DRAFT', 'TOP_DOWN_SET', 'DISTRIBUTED', 'FEEDBACK', 'RECONCILED')",
        ),
        DISTRIBUTE=Possible("target_plan.edit", "t.state IN ('DRAFT', 'TOP_DOWN_SET')"),
        OPEN_FEEDBACK=Possible("target_plan.edit", "t.state IN ('DISTRIBUTED', 'RECONCILED')"),
        RECONCILE=Possible("target_plan.edit", "t.state = 'FEEDBACK'"),
        APPROVE=Possible("target_plan.approve", "t.state IN ('DISTRIBUTED', 'RECONCILED')"),
        REOPEN=Possible("target_plan.approve", "t.state = 'APPROVED'"),
        PUBLISH=Possible(
            "target_plan.publish", "t.state IN ('DISTRIBUTED', 'RECONCILED', 'APPROVED')"
        ),
        CLOSE=Possible("target_plan.publish", "t.state IN ('PUBLISHED', 'REVISED')"),
    )


@planned(tables.SeasonStep, action="target_plan.view", scope=RecordColumns())
@strawberry.type(description="A step of a plan's season: a week, a month.")
class SeasonStep(Node):
    id: strawberry.ID = key(ID)
    metric: Metric | None = to_one(
        "metric_id", "Metric", "Whose season it is; null is every metric's without one of its own."
    )
    first_day: date = column("first_day", "Its first day.")
    last_day: date = column("last_day", "Its last day.")
    weight: int = column(
        "weight", "Its weight beside the others'; it falls evenly on its working days."
    )


@strawberry.enum(description="A command for a target. Values are added.")
class TargetNodeAction(Enum):
    ADD_BELOW = strawberry.enum_value("ADD_BELOW", description="Add targets below it.")
    ALLOCATE = strawberry.enum_value(
        "ALLOCATE",
        description="Divide it among its children, and set how much more these have together.",
    )
    ADJUST_BELOW = strawberry.enum_value(
        "ADJUST_BELOW", description="Adjust targets below it, holding the difference."
    )
    JUDGE_BELOW = strawberry.enum_value(
        "JUDGE_BELOW", description="Approve targets below it, or send them back."
    )
    PROPOSE = strawberry.enum_value("PROPOSE", description="Propose what one would take on.")
    ACKNOWLEDGE = strawberry.enum_value("ACKNOWLEDGE", description="Say that one has read it.")


# Nobody reads his own figure while those above still weigh it: from feedback on it is told.
_TOLD: Final = "t.member_id IS DISTINCT FROM {me} OR NOT " + _PLAN_IS.format(
    "'DRAFT', 'TOP_DOWN_SET', 'DISTRIBUTED'"
)


# Of the company, its units, territories, channels and products: nobody's and no seat's, and not
# what somebody holds unassigned. What is not published is no number yet.
_TOTALS: Final = Lent(
    "target.view_total",
    "t.member_id IS NULL AND t.seat IS NULL AND NOT t.is_vacancy AND NOT t.is_unassigned AND "
    + _PLAN_IS.format("'PUBLISHED', 'REVISED', 'CLOSED'"),
    PLACE,
)


@planned(tables.TargetNode, action="target.view", scope=PLACE, condition=_TOLD, lent=(_TOTALS,))
@strawberry.type(description="One target of a plan: whose, of what, for which days, how much.")
class TargetNode(Node):
    id: strawberry.ID = key(ID)
    version: int = sql(
        version_of("t"),
        "Counts how often it was set, and each change since it was published; sent back as"
        " `expectedVersion` to set, propose to, approve, return or acknowledge it.",
    )
    plan: TargetPlan | None = to_one("plan_id", "TargetPlan", "The plan.")
    parent: Annotated["TargetNode", strawberry.lazy(_HERE)] | None = to_one(
        "parent_id", "TargetNode", "The target it is a part of; null when out of sight."
    )
    metric: Metric | None = to_one("metric_id", "Metric", "What is counted.")
    org_unit: OrgUnit | None = to_one("org_unit_id", "OrgUnit", "The unit that has it.")
    territory: Territory | None = to_one("territory_id", "Territory", "The territory that has it.")
    member: Member | None = to_one("member_id", "Member", "The person who has it.")
    channel_code: str | None = column("channel_code", "The channel it is for.")
    product_code: str | None = column("product_code", "The product it is for.")
    seat: str | None = column("seat", "The seat it belongs to, whoever sits there.")
    first_day: date = column("first_day", "Its first day.")
    last_day: date = column("last_day", "Its last day.")
    kind: TargetKind = column("kind", "What it is for.")
    level: TargetLevel = column("level", "How hard it is.")
    split: TargetSplit = column("split", "How it is a part of the one above.")
    pinned: bool = column("pinned", "Whether divisions leave it as it is.")
    unassigned: bool = sql("t.is_unassigned", "Whether it is what nobody is assigned yet.")
    vacant: bool = sql("t.is_vacancy", "Whether the seat is vacant.")
    position: int = column("position", "Its place among the others of its plan, ascending.")
    over_assignment_basis_points: int = column(
        "over_assignment_basis_points", "How much more its children have together."
    )
    set_figure: BigInt = sql(
        "t.amount", "What was set: minor units, pieces or basis points, as its metric counts."
    )
    figure: BigInt = sql(FIGURE, "What is in force today: set, and changed since.")
    children_figure: BigInt = sql(
        _CHILDREN,
        "What its pieces have together today; periods and what stands beside are not among them."
        " Of a ratio 0: its pieces have goals of their own.",
    )
    amount: Money | None = amount_of(
        FIGURE, "t.currency", "What is in force today, as money; null for another metric."
    )
    count: BigInt | None = sql(
        f"CASE WHEN t.currency IS NULL THEN {FIGURE} END",
        "What is in force today, where the metric is no money.",
    )
    proposed_figure: BigInt | None = sql(
        "(SELECT r.amount FROM app.target_response r WHERE r.tenant_id = $1 AND r.node_id = t.id"
        " AND r.kind = 'PROPOSAL' ORDER BY r.plan_version DESC LIMIT 1)",
        "What was proposed last, in whole units.",
    )
    acknowledged_at: datetime | None = sql(
        "(SELECT r.recorded_at FROM app.target_response r WHERE r.tenant_id = $1"
        " AND r.node_id = t.id AND r.kind = 'ACKNOWLEDGEMENT'"
        " ORDER BY r.recorded_at, r.id LIMIT 1)",
        "When it was acknowledged first.",
    )
    allowed_actions: list[TargetNodeAction] = allowed_actions(
        "Commands the caller could issue now.",
        ADD_BELOW=Possible("target.distribute", f"NOT t.is_unassigned AND {OPEN}"),
        ALLOCATE=Possible(
            "target.distribute", f"NOT t.is_unassigned AND {OPEN} AND NOT {is_ratio('t')}"
        ),
        ADJUST_BELOW=Possible("target.adjust", f"NOT t.is_unassigned AND {IN_FORCE}"),
        JUDGE_BELOW=Possible("target.approve", f"NOT t.is_unassigned AND {_JUDGED}"),
        PROPOSE=Possible("target.propose", f"NOT t.is_unassigned AND {_FEEDBACK}"),
        ACKNOWLEDGE=Possible("target.acknowledge", f"NOT t.is_unassigned AND {IN_FORCE}"),
    )


@planned(tables.TargetChange, action="target.view", scope=PLACE)
@strawberry.type(description="A dated change of a published target; it is never undone.")
class TargetChange(Node):
    id: strawberry.ID = key(ID)
    plan: TargetPlan | None = to_one("plan_id", "TargetPlan", "The plan.")
    node: TargetNode | None = to_one("node_id", "TargetNode", "The target.")
    metric: Metric | None = to_one("metric_id", "Metric", "What is counted.")
    effective_on: date = column("effective_on", "First day of the new figure.")
    delta: BigInt = sql("t.delta", "What was added, in whole units; below 0, what was taken.")
    kind: TargetChangeKind = column("kind", "Why.")
    reason: str = column("reason", "The same in the author's words.")
    author: Member | None = to_one("author_id", "Member", "Who decided it.")
    away_from: date | None = column(
        "away_from",
        "First day of the leave it relieves, or relieved until withdrawn; null for other changes.",
    )
    away_until: date | None = column("away_until", "Last day of that leave.")
    recorded_at: datetime = column("recorded_at", "When it was recorded.")
    opposite: Annotated["TargetChange", strawberry.lazy(_HERE)] | None = to_one(
        "opposite_id",
        "TargetChange",
        "The change it keeps in balance; of a withdrawal, the one it takes back; else null.",
    )


@planned(tables.TargetResponse, action="target.view", scope=PLACE)
@strawberry.type(description="What was said to a target.")
class TargetResponse(Node):
    id: strawberry.ID = key(ID)
    plan: TargetPlan | None = to_one("plan_id", "TargetPlan", "The plan.")
    node: TargetNode | None = to_one("node_id", "TargetNode", "The target.")
    kind: TargetResponseKind = column("kind", "What it is.")
    proposed_figure: BigInt | None = sql("t.amount", "What is proposed, in whole units.")
    comment: str | None = column("comment", "In the author's words.")
    author: Member | None = to_one("author_id", "Member", "Who said it.")
    recorded_at: datetime = column("recorded_at", "When.")
