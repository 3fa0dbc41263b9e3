"""What can be followed: the subscription fields and their events."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from service.delivery.topics import (
    CAMPAIGN,
    DECISION,
    METRIC_CREDIT,
    RECEPTION_QUEUE,
    SIMULATION,
    TARGET,
    TARGET_PLAN,
    TASK,
    TERRITORY_MODEL,
    VISIT,
    Change,
    Interest,
    Topic,
)
from service.errors import NotFound
from service.journal.tables import DecisionKind
from service.schema.boards.ledger import MetricCredit
from service.schema.campaigns.types import Campaign
from service.schema.context import Info
from service.schema.journal import Decision
from service.schema.organisation.territory_models import TerritoryModel
from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import ToMany, mapping_of, mapping_of_kind
from service.schema.reception.queue import ReceptionQueue
from service.schema.reception.types import Visit
from service.schema.scalars import EventCursor, found_id, split_id
from service.schema.simulations import RulebookSimulation
from service.schema.subscriptions.records import Found
from service.schema.subscriptions.standing import StreamContext, cursor_now
from service.schema.subscriptions.words import (
    CampaignChange,
    ReceptionQueueChange,
    RulebookSimulationChange,
    TargetNodeChange,
    TargetPlanChange,
    TaskChange,
    TerritoryModelChange,
    VisitChange,
)
from service.schema.targets.types import TargetNode, TargetPlan
from service.schema.tasks import Task

_QUEUE_OF_SITE: Final = ToMany("ReceptionQueue", "site_id", "t.id")
_AFTER: Final = strawberry.argument(
    description="The cursor of the last event received: what happened since comes first. Without it"
    " the stream begins with what happens from now on."
)
_CURSOR: Final = "Send it as `after` to go on from here."
_AT: Final = "When it happened."
_WORDS: Final = "What one transaction did to it, in order, each once."


@strawberry.type(description="What every event says besides its record.")
class _Event:
    cursor: EventCursor = strawberry.field(description=_CURSOR)
    at: datetime = strawberry.field(description=_AT)


@strawberry.type(description="A change of a site's live turn order, as the caller may see it now.")
class ReceptionQueueEvent(_Event):
    changes: list[ReceptionQueueChange] = strawberry.field(description=_WORDS)
    queue: ReceptionQueue = strawberry.field(description="The order as it is now.")


@strawberry.type(description="A change of a visit, as the caller may see it now.")
class VisitEvent(_Event):
    changes: list[VisitChange] = strawberry.field(description=_WORDS)
    visit: Visit = strawberry.field(description="The visit as it is now.")


@strawberry.type(description="A change of a task, as the caller may see it now.")
class TaskEvent(_Event):
    changes: list[TaskChange] = strawberry.field(description=_WORDS)
    task: Task = strawberry.field(description="The task as it is now.")


@strawberry.type(description="A change of a simulation, as the caller may see it now.")
class RulebookSimulationEvent(_Event):
    changes: list[RulebookSimulationChange] = strawberry.field(description=_WORDS)
    simulation: RulebookSimulation = strawberry.field(description="The simulation as it is now.")


@strawberry.type(description="A change of a published target, as the caller may see it now.")
class TargetEvent(_Event):
    changes: list[TargetNodeChange] = strawberry.field(description=_WORDS)
    target: TargetNode = strawberry.field(description="The target as it is now.")


@strawberry.type(description="A change of a plan, as the caller may see it now.")
class TargetPlanEvent(_Event):
    changes: list[TargetPlanChange] = strawberry.field(description=_WORDS)
    plan: TargetPlan = strawberry.field(description="The plan as it is now.")


@strawberry.type(description="A change of a campaign, as the caller may see it now.")
class CampaignEvent(_Event):
    changes: list[CampaignChange] = strawberry.field(description=_WORDS)
    campaign: Campaign = strawberry.field(description="The campaign as it is now.")


@strawberry.type(
    description="A change of a drawing of the territories, as the caller may see it now."
)
class TerritoryModelEvent(_Event):
    changes: list[TerritoryModelChange] = strawberry.field(description=_WORDS)
    model: TerritoryModel = strawberry.field(description="The drawing as it is now.")


@strawberry.type(description="An entry of the ledger of what counts that was just made.")
class MetricCreditEvent(_Event):
    credit: MetricCredit = strawberry.field(description="The entry.")


@strawberry.type(description="A decision of the rulebook that was just made.")
class DecisionEvent(_Event):
    decision: Decision = strawberry.field(description="The decision.")


Read = Callable[[Reader, Change], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a topic's change becomes an event of the API.

    Attributes:
        field: the event's field that is the record.
        found: where the record can be looked up by a query of its own.
        read: reads the record for a caller; None when it is out of his sight.
        made: makes the event of the cursor, the change and the record.
    """

    field: str
    found: Found
    read: Read
    made: Callable[[str, Change, Any], object]


def _by_id(kind: type) -> Read:
    async def read(reader: Reader, change: Change) -> Any:  # noqa: ANN401 - of whatever type
        return await reader.one(mapping_of(kind), change.record_id)

    return read


async def _queue(reader: Reader, change: Change) -> Any:  # noqa: ANN401 - as the planner reads it
    found = await reader.many(_QUEUE_OF_SITE, change.record_id)
    return found[0] if found else None


def _changed(event: type, words: Any, field: str) -> Callable[[str, Change, Any], object]:  # noqa: ANN401 - an enumeration of `_words`
    """Make events that say what happened to a record, in the words of the topic."""

    def made(cursor: str, change: Change, record: Any) -> object:  # noqa: ANN401 - of whatever type
        told: object = event(
            cursor=EventCursor(cursor),
            at=change.at,
            changes=[words[word] for word in change.words],
            **{field: record},
        )
        return told

    return made


SHAPES: Final[Mapping[str, Shape]] = {
    RECEPTION_QUEUE.name: Shape(
        "queue",
        Found("ReceptionQueueEvent", "site", ("site", "receptionQueue")),
        _queue,
        _changed(ReceptionQueueEvent, ReceptionQueueChange, "queue"),
    ),
    VISIT.name: Shape(
        "visit",
        Found("VisitEvent", "visit", ("visit",)),
        _by_id(Visit),
        _changed(VisitEvent, VisitChange, "visit"),
    ),
    TASK.name: Shape(
        "task",
        Found("TaskEvent", "task", ("task",)),
        _by_id(Task),
        _changed(TaskEvent, TaskChange, "task"),
    ),
    SIMULATION.name: Shape(
        "simulation",
        Found("RulebookSimulationEvent", "rulebook_simulation", ("rulebookSimulation",)),
        _by_id(RulebookSimulation),
        _changed(RulebookSimulationEvent, RulebookSimulationChange, "simulation"),
    ),
    TARGET.name: Shape(
        "target",
        Found("TargetEvent", "target_node", ("targetNode",)),
        _by_id(TargetNode),
        _changed(TargetEvent, TargetNodeChange, "target"),
    ),
    TARGET_PLAN.name: Shape(
        "plan",
        Found("TargetPlanEvent", "target_plan", ("targetPlan",)),
        _by_id(TargetPlan),
        _changed(TargetPlanEvent, TargetPlanChange, "plan"),
    ),
    CAMPAIGN.name: Shape(
        "campaign",
        Found("CampaignEvent", "campaign", ("campaign",)),
        _by_id(Campaign),
        _changed(CampaignEvent, CampaignChange, "campaign"),
    ),
    TERRITORY_MODEL.name: Shape(
        "model",
        Found("TerritoryModelEvent", "territory_model", ("territoryModel",)),
        _by_id(TerritoryModel),
        _changed(TerritoryModelEvent, TerritoryModelChange, "model"),
    ),
    METRIC_CREDIT.name: Shape(
        "credit",
        Found("MetricCreditEvent", "metric_credit", ("metricCredit",)),
        _by_id(MetricCredit),
        lambda cursor, change, credit: MetricCreditEvent(
            cursor=EventCursor(cursor), at=change.at, credit=credit
        ),
    ),
    DECISION.name: Shape(
        "decision",
        Found("DecisionEvent", "decision", ("decision",)),
        _by_id(Decision),
        lambda cursor, change, decision: DecisionEvent(
            cursor=EventCursor(cursor), at=change.at, decision=decision
        ),
    ),
}


async def _in_sight(info: Info, kind: str, id: str | None, argument: str) -> str | None:
    """Return the row of an id that must be in the caller's sight.

    Raises:
        NotFound: it is missing, malformed, hidden or another tenant's.
    """
    if id is None:
        return None
    mapping = mapping_of_kind(kind)
    if mapping is None:
        raise NotFound(field=(argument,))
    # A malformed id costs what a missing one costs.
    row = found_id(str(id), kind) or UUID(int=0)
    if await (await info.context.reader()).one(mapping, row) is None:
        raise NotFound(field=(argument,))
    return str(row)


async def _follow(info: Info, topic: Topic, after: str | None, **named: str | None) -> Any:  # noqa: ANN401 - graphql-core's stream
    context = info.context
    if not isinstance(context, StreamContext):
        raise TypeError("a subscription needs a stream")
    wanted = {name: value for name, value in named.items() if value is not None}
    return await context.follow(Interest(topic, wanted), after)


_SITE: Final = strawberry.argument(description="Only of this site.")
_SIMULATION: Final = strawberry.argument(description="Only this simulation.")
_PLAN: Final = strawberry.argument(description="Only of this plan.")
_TASK_OF: Final = strawberry.argument(description="Only what this member owes.")


@strawberry.type(
    description="What can be followed, over `graphql-transport-ws` or server-sent events. Each"
    " event is read under the caller's rights when it is delivered; what is out of his sight does"
    " not come."
)
class Subscription:
    @strawberry.subscription(
        description="Changes of the live turn order of one site. `NOT_FOUND` without such a site in"
        " sight; `RESYNC_REQUIRED` when what happened since `after` cannot be told."
    )
    async def reception_queue_changed(
        self,
        info: Info,
        site_id: Annotated[strawberry.ID, strawberry.argument(description="The site.")],
        after: Annotated[EventCursor | None, _AFTER] = None,
    ) -> AsyncGenerator[ReceptionQueueEvent, None]:
        site = await _in_sight(info, "site", site_id, "siteId")
        events: AsyncGenerator[ReceptionQueueEvent, None] = await _follow(
            info, RECEPTION_QUEUE, after, site_id=site
        )
        return events

    @strawberry.subscription(
        description="Changes of the visits in sight. `NOT_FOUND` without such a site or visit in"
        " sight; `RESYNC_REQUIRED` when what happened since `after` cannot be told."
    )
    async def visit_changed(
        self,
        info: Info,
        site_id: Annotated[strawberry.ID | None, _SITE] = None,
        visit_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this visit.")
        ] = None,
        after: Annotated[EventCursor | None, _AFTER] = None,
    ) -> AsyncGenerator[VisitEvent, None]:
        site = await _in_sight(info, "site", site_id, "siteId")
        visit = await _in_sight(info, "visit", visit_id, "visitId")
        events: AsyncGenerator[VisitEvent, None] = await _follow(
            info, VISIT, after, site_id=site, visit_id=visit
        )
        return events

    @strawberry.subscription(
        description="Changes of the tasks in sight. `NOT_FOUND` without such a member in sight;"
        " `RESYNC_REQUIRED` when what happened since `after` cannot be told."
    )
    async def task_changed(
        self,
        info: Info,
        member_id: Annotated[strawberry.ID | None, _TASK_OF] = None,
        after: Annotated[EventCursor | None, _AFTER] = None,
    ) -> AsyncGenerator[TaskEvent, None]:
        member = await _in_sight(info, "member", member_id, "memberId")
        events: AsyncGenerator[TaskEvent, None] = await _follow(info, TASK, after, member_id=member)
        return events

    @strawberry.subscription(
        description="How far simulations in sight are, about once a second while they run."
        " `NOT_FOUND` without such a simulation in sight; `RESYNC_REQUIRED` when what happened"
        " since `after` cannot be told."
    )
    async def rulebook_simulation_changed(
        self,
        info: Info,
        simulation_id: Annotated[strawberry.ID | None, _SIMULATION] = None,
        after: Annotated[EventCursor | None, _AFTER] = None,
    ) -> AsyncGenerator[RulebookSimulationEvent, None]:
        simulation = await _in_sight(info, "rulebook_simulation", simulation_id, "simulationId")
        events: AsyncGenerator[RulebookSimulationEvent, None] = await _follow(
            info, SIMULATION, after, simulation_id=simulation
        )
        return events

    @strawberry.subscription(
        description="Decisions of the rulebook in sight, as they are made. `NOT_FOUND` without such"
        " a record in sight; `RESYNC_REQUIRED` when what happened since `after` cannot be told."
    )
    async def decision_made(
        self,
        info: Info,
        kind: Annotated[
            DecisionKind | None, strawberry.argument(description="Only of this kind.")
        ] = None,
        subject_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only about this record.")
        ] = None,
        after: Annotated[EventCursor | None, _AFTER] = None,
    ) -> AsyncGenerator[DecisionEvent, None]:
        parts = split_id(str(subject_id)) if subject_id is not None else None
        if subject_id is not None and parts is None:
            raise NotFound(field=("subjectId",))
        about = await _in_sight(info, parts[0], subject_id, "subjectId") if parts else None
        named = {"kind": kind.value if kind else None, "about_id": about}
        events: AsyncGenerator[DecisionEvent, None] = await _follow(info, DECISION, after, **named)
        return events

    @strawberry.subscription(
        description="Dated changes of the published targets in sight, as they are recorded."
        " `NOT_FOUND` without such a plan or target in sight; `RESYNC_REQUIRED` when what happened"
        " since `after` cannot be told."
    )
    async def target_changed(
        self,
        info: Info,
        plan_id: Annotated[strawberry.ID | None, _PLAN] = None,
        node_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this target.")
        ] = None,
        after: Annotated[EventCursor | None, _AFTER] = None,
    ) -> AsyncGenerator[TargetEvent, None]:
        plan = await _in_sight(info, "target_plan", plan_id, "planId")
        node = await _in_sight(info, "target_node", node_id, "nodeId")
        events: AsyncGenerator[TargetEvent, None] = await _follow(
            info, TARGET, after, plan_id=plan, node_id=node
        )
        return events

    @strawberry.subscription(
        description="Changes of the target plans in sight, each once for all that one command did"
        " to its targets. `NOT_FOUND` without such a plan in sight; `RESYNC_REQUIRED` when what"
        " happened since `after` cannot be told."
    )
    async def target_plan_changed(
        self,
        info: Info,
        plan_id: Annotated[strawberry.ID | None, _PLAN] = None,
        after: Annotated[EventCursor | None, _AFTER] = None,
    ) -> AsyncGenerator[TargetPlanEvent, None]:
        plan = await _in_sight(info, "target_plan", plan_id, "planId")
        events: AsyncGenerator[TargetPlanEvent, None] = await _follow(
            info, TARGET_PLAN, after, plan_id=plan
        )
        return events

    @strawberry.subscription(
        description="Changes of the campaigns in sight: planned, changed, cancelled. `NOT_FOUND`"
        " without such a campaign in sight; `RESYNC_REQUIRED` when what happened since `after`"
        " cannot be told."
    )
    async def campaign_changed(
        self,
        info: Info,
        campaign_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this campaign.")
        ] = None,
        after: Annotated[EventCursor | None, _AFTER] = None,
    ) -> AsyncGenerator[CampaignEvent, None]:
        campaign = await _in_sight(info, "campaign", campaign_id, "campaignId")
        events: AsyncGenerator[CampaignEvent, None] = await _follow(
            info, CAMPAIGN, after, campaign_id=campaign
        )
        return events

    @strawberry.subscription(
        description="Which territories stand where from when on: a drawing is announced, in force,"
        " taken back. Whoever may do or see something else by it is not told but closed with 4403,"
        " and comes again. `NOT_FOUND` without such a drawing in sight; `RESYNC_REQUIRED` when what"
        " happened since `after` cannot be told."
    )
    async def territory_model_changed(
        self,
        info: Info,
        territory_model_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this drawing.")
        ] = None,
        after: Annotated[EventCursor | None, _AFTER] = None,
    ) -> AsyncGenerator[TerritoryModelEvent, None]:
        model = await _in_sight(info, "territory_model", territory_model_id, "territoryModelId")
        events: AsyncGenerator[TerritoryModelEvent, None] = await _follow(
            info, TERRITORY_MODEL, after, territory_model_id=model
        )
        return events

    @strawberry.subscription(
        description="Entries of the ledger in sight, as they are made; what a new metric counts of"
        " before comes without an event. `NOT_FOUND` without such a metric or member in sight;"
        " `RESYNC_REQUIRED` when what happened since `after` cannot be told."
    )
    async def metric_credit_made(
        self,
        info: Info,
        metric_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only of this metric.")
        ] = None,
        member_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only this member's.")
        ] = None,
        after: Annotated[EventCursor | None, _AFTER] = None,
    ) -> AsyncGenerator[MetricCreditEvent, None]:
        metric = await _in_sight(info, "metric", metric_id, "metricId")
        member = await _in_sight(info, "member", member_id, "memberId")
        events: AsyncGenerator[MetricCreditEvent, None] = await _follow(
            info, METRIC_CREDIT, after, metric_id=metric, member_id=member
        )
        return events


@strawberry.type
class SubscriptionsQuery:
    @strawberry.field(
        description="The cursor behind everything that has happened. Ask for it before reading the"
        " records to be followed, and send it as `after`: nothing between the two is missed."
    )
    async def event_cursor(self, info: Info) -> EventCursor:
        reader = await info.context.reader()
        return EventCursor(await reader.within(cursor_now))
