"""What a planned departure touches, record by record, for whoever may see the departure.

Who hands somebody's work over has to see which work that is, also where its customers are not his
to know: of each record he is told that it is there, whose, since or until when, and how it stands.
The record itself, with names and numbers, is beside it where it is in his sight.
"""

from datetime import date, datetime
from typing import Final

import strawberry

from service.ownership import tables
from service.ownership.tables import RegistrationsGo
from service.policies.access import RecordColumns
from service.reception import tables as reception_tables
from service.schema.connections import Orders, SortKey
from service.schema.nodes import ID, Node
from service.schema.organisation.types import Member
from service.schema.ownership import departing
from service.schema.ownership.departing import GOES, LIVE, PASSED_ON, TAKER, TaskGoes
from service.schema.ownership.disputes import Dispute
from service.schema.ownership.states import STATE, RegistrationState
from service.schema.ownership.types import Claim, Deal, Registration
from service.schema.planner.mapping import column, key, planned, relation, sql, to_one
from service.schema.reception.types import Site, Visit
from service.schema.targets.types import TargetNode
from service.schema.tasks import Task
from service.targets import tables as target_tables
from service.tasks import tables as task_tables

_PLAN: Final = "JOIN app.departure gone ON gone.tenant_id = $1 AND gone.state = 'PLANNED' AND {0}"
_PLACE: Final = RecordColumns(org_unit="gone.org_unit_id", territory="gone.territory_id")


def _order(column_name: str, type_name: str) -> Orders:
    word = column_name.removeprefix("t.").upper()
    return Orders({word: SortKey(column_name, type_name, nullable=True)}, word, descending=False)


@planned(
    tables.Registration,
    action="departure.view",
    kind="touched_registration",
    scope=RecordColumns(
        owner="t.member_id", org_unit="gone.org_unit_id", territory="gone.territory_id"
    ),
    joins=_PLAN.format("gone.member_id = t.member_id"),
    audited="read_registrations",
)
@strawberry.type(description="That a registration is touched by a departure.")
class TouchedRegistration(Node):
    id: strawberry.ID = key(ID)
    number: int = column("entry_number", "Its number in the register.")
    state: RegistrationState = sql(STATE, "Where it is at this instant.")
    member: Member | None = to_one("member_id", "Member", "Whose it is.")
    site: Site | None = to_one("site_id", "Site", "Where.")
    reception_day: date = column("reception_day", "The day of the reception.")
    protected_until: datetime | None = column("protected_until", "Until when it protects him.")
    goes: RegistrationsGo | None = sql(
        GOES, "Where it goes; null where the rulebook has not been asked yet."
    )
    taker: Member | None = relation(TAKER, "Member", "Who gets it; null in the pool.")
    registration: Registration | None = relation(
        "t.id", "Registration", "The record; null out of sight."
    )


@planned(
    task_tables.Task,
    action="departure.view",
    kind="touched_task",
    scope=_PLACE,
    joins=_PLAN.format("gone.member_id = t.member_id"),
)
@strawberry.type(description="That an open task is touched by a departure.")
class TouchedTask(Node):
    id: strawberry.ID = key(ID)
    kind: str = column("kind", "What it is, like `first_follow_up`.")
    member: Member | None = to_one("member_id", "Member", "Who owes it.")
    due_at: datetime | None = column("due_at", "First instant at which it is late.")
    goes: TaskGoes = sql(
        f"CASE WHEN {PASSED_ON} THEN 'SUCCESSOR' ELSE 'CANCELLED' END", "What becomes of it."
    )
    task: Task | None = relation("t.id", "Task", "The record; null out of sight.")


@planned(
    tables.Deal,
    action="departure.view",
    kind="touched_deal",
    scope=_PLACE,
    joins=_PLAN.format("gone.member_id = t.owner_id"),
)
@strawberry.type(description="That a deal is touched by a departure.")
class TouchedDeal(Node):
    id: strawberry.ID = key(ID)
    unit_code: str | None = column("unit_code", "The unit signed for.")
    owner: Member | None = to_one("owner_id", "Member", "Whose customer bought.")
    site: Site | None = to_one("site_id", "Site", "Where.")
    signed_at: datetime = column("signed_at", "When it was signed.")
    claims_close_at: datetime = column("claims_close_at", "First instant without a claim.")
    deal: Deal | None = relation("t.id", "Deal", "The record; null out of sight.")


@planned(
    tables.Claim,
    action="departure.view",
    kind="touched_claim",
    scope=_PLACE,
    joins=_PLAN.format("gone.member_id = t.claimant_id"),
)
@strawberry.type(description="That a claim is touched by a departure.")
class TouchedClaim(Node):
    id: strawberry.ID = key(ID)
    claimant: Member | None = to_one("claimant_id", "Member", "Who claims.")
    filed_at: datetime = column("filed_at", "When it was received.")
    claim: Claim | None = relation("t.id", "Claim", "The record; null out of sight.")


@planned(
    tables.Dispute,
    action="departure.view",
    kind="touched_dispute",
    scope=_PLACE,
    joins=_PLAN.format("gone.member_id IN (t.first_member_id, t.second_member_id)"),
)
@strawberry.type(description="That a dispute is touched by a departure.")
class TouchedDispute(Node):
    id: strawberry.ID = key(ID)
    first_member: Member | None = to_one("first_member_id", "Member", "One side.")
    second_member: Member | None = to_one("second_member_id", "Member", "The other.")
    opened_at: datetime = column("opened_at", "When it was opened.")
    to_manager: bool = sql(
        "t.handed_over_at IS NULL AND t.private_until > {now}",
        "Whether it is still among the two, and goes to the manager with the departure.",
    )
    dispute: Dispute | None = relation("t.id", "Dispute", "The record; null out of sight.")


@planned(
    reception_tables.Visit,
    action="departure.view",
    kind="touched_visit",
    scope=_PLACE,
    joins=_PLAN.format("gone.member_id IN (t.receiver_id, t.owner_id)"),
)
@strawberry.type(description="That a visit which has not ended is touched by a departure.")
class TouchedVisit(Node):
    id: strawberry.ID = key(ID)
    number: int = column("number", "Its number of the day at its site.")
    reception_day: date = column("reception_day", "The site's day.")
    site: Site | None = to_one("site_id", "Site", "Where.")
    receiver: Member | None = to_one("receiver_id", "Member", "Who receives him.")
    owner: Member | None = to_one("owner_id", "Member", "Whose customer he is, if one's.")
    visit: Visit | None = relation("t.id", "Visit", "The record; null out of sight.")


@planned(
    target_tables.TargetNode,
    action="departure.view",
    kind="touched_target",
    scope=_PLACE,
    joins=_PLAN.format("gone.member_id = t.member_id"),
)
@strawberry.type(description="That a published target is touched by a departure.")
class TouchedTarget(Node):
    id: strawberry.ID = key(ID)
    member: Member | None = to_one("member_id", "Member", "Whose it is.")
    position: int = column("position", "Its place among the targets of its plan.")
    first_day: date = column("first_day", "Its first day.")
    last_day: date = column("last_day", "Its last day.")
    target: TargetNode | None = relation("t.id", "TargetNode", "The record; null out of sight.")


_OF: Final = "gone.id = {parent} AND "
REGISTRATIONS: Final = _order("t.protected_until", "timestamptz")
REGISTRATIONS_OF: Final = f"{_OF}gone.goes IS DISTINCT FROM 'KEPT' AND {LIVE.format('t')}"
TASKS: Final = _order("t.due_at", "timestamptz")
TASKS_OF: Final = f"{_OF}t.state = 'OPEN'"
DEALS: Final = _order("t.signed_at", "timestamptz")
DEALS_OF: Final = _OF + departing.DEALS_OF
CLAIMS: Final = _order("t.filed_at", "timestamptz")
CLAIMS_OF: Final = _OF + departing.CLAIMS_OF
DISPUTES: Final = _order("t.opened_at", "timestamptz")
DISPUTES_OF: Final = _OF + departing.DISPUTES_OF
VISITS: Final = _order("t.arrived_at", "timestamptz")
VISITS_OF: Final = _OF + departing.VISITS_OF
TARGETS: Final = _order("t.last_day", "date")
TARGETS_OF: Final = _OF + departing.TARGETS_OF
