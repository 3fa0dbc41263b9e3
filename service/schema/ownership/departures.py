"""Members who go, what it touches, and the customers of the company pool."""

from datetime import date, datetime
from typing import Final

import strawberry

from service.ownership import commands, tables
from service.ownership.tables import DepartureKind, DepartureState, RegistrationsGo
from service.policies.access import RecordColumns
from service.reception import commands as reception
from service.reception.tables import SurveyStatus
from service.schema.carry import Payload, the
from service.schema.connections import Connection, Orders, SortKey
from service.schema.customers import Party
from service.schema.filters import (
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
from service.schema.organisation.types import Member
from service.schema.ownership import touched
from service.schema.ownership.departing import (
    CLAIMS_OF,
    DEALS_OF,
    DEPARTING_REGISTRATIONS,
    DEPARTING_TASKS,
    DISPUTES_OF,
    ENTRIES_OF,
    LIVE,
    POOL_ENTRIES_OF,
    SUCCEEDS,
    TARGETS_OF,
    TASKS_OF,
    VISITS_OF,
    DepartingRegistration,
    DepartingRegistrationFilter,
    DepartingTask,
)
from service.schema.ownership.disputes import DISPUTES, Dispute, DisputeFilter
from service.schema.ownership.touched import (
    TouchedClaim,
    TouchedDeal,
    TouchedDispute,
    TouchedRegistration,
    TouchedTarget,
    TouchedTask,
    TouchedVisit,
)
from service.schema.ownership.types import (
    CLAIMS,
    DEALS,
    Claim,
    ClaimFilter,
    Deal,
    DealFilter,
    Registration,
)
from service.schema.planner.mapping import column, key, planned, sql, to_one
from service.schema.reading import one
from service.schema.reception.types import VISITS, Site, Visit, VisitFilter
from service.schema.scalars import PhoneNumber
from service.schema.targets.queries import TARGETS, TargetNodeFilter
from service.schema.targets.types import TargetNode
from service.targets.figures import goes_on

described(
    DepartureKind,
    "How a member goes. Values are added.",
    LEAVING="He leaves the company.",
    TRANSFER="He moves to another place.",
)
described(
    DepartureState,
    "Where a departure is. Values are added.",
    PLANNED="It takes effect on its day.",
    DONE="It has taken effect.",
    CANCELLED="It does not take place.",
)
_EACH: Final = "while it is planned, whether in the caller's sight or not, earliest first"
# Planned, it tells of a successor who will not be there.
_GOES: Final = (
    f"CASE WHEN t.state = 'PLANNED' AND t.goes = 'SUCCESSOR' AND NOT {SUCCEEDS.format('t')}"
    " THEN 'POOL' ELSE t.goes END"
)
_LIVE: Final = (
    "SELECT count(*) FROM app.registration r WHERE r.tenant_id = $1 AND r.member_id = t.member_id"
    f" AND {LIVE.format('r')}"
)
_CLAIMS: Final = (
    "SELECT count(*) FROM app.claim c JOIN app.deal d ON d.tenant_id = $1 AND d.id = c.deal_id"
    " WHERE c.tenant_id = $1 AND c.claimant_id = t.member_id AND c.result = 'ADMITTED'"
    " AND d.claims_close_at > {now} AND d.cancelled_at IS NULL"
)
_DISPUTES: Final = (
    "SELECT count(*) FROM app.dispute x WHERE x.tenant_id = $1 AND x.ended_at IS NULL"
    " AND t.member_id IN (x.first_member_id, x.second_member_id)"
)
_TASKS: Final = (
    "SELECT count(*) FROM app.task k WHERE k.tenant_id = $1 AND k.member_id = t.member_id"
    " AND k.state = 'OPEN'"
)
_DEALS: Final = (
    "SELECT count(*) FROM app.deal d WHERE d.tenant_id = $1 AND d.owner_id = t.member_id"
    " AND d.claims_close_at > {now} AND d.cancelled_at IS NULL"
)
_TARGETS: Final = (
    "SELECT count(*) FROM app.target_node g"
    " JOIN app.target_plan p ON p.tenant_id = $1 AND p.id = g.plan_id"
    " WHERE g.tenant_id = $1 AND g.member_id = t.member_id AND NOT g.is_vacancy"
    f" AND g.last_day >= t.first_day AND {goes_on('p')}"
)
_VISITS: Final = (
    "SELECT count(*) FROM app.visit v WHERE v.tenant_id = $1 AND v.left_at IS NULL"
    " AND t.member_id IN (v.receiver_id, v.owner_id)"
)

# Of the visit that says whether he makes a valid entry; who only called was seen by nobody.
_SURVEY: Final = (
    "coalesce((SELECT v.survey FROM app.visit v WHERE v.tenant_id = $1 AND v.id = coalesce("
    "t.visit_id, (SELECT r.visit_id FROM app.registration r"
    " WHERE r.tenant_id = $1 AND r.id = t.registration_id))), 'NONE')"
)


@planned(
    tables.PoolEntry,
    action="pool.view",
    scope=RecordColumns(org_unit="t.org_unit_id", territory="t.territory_id"),
)
@strawberry.type(description="A customer who belongs to the company until he is handed out.")
class PoolEntry(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    party: Party | None = to_one("party_id", "Party", "The customer.")
    site: Site | None = to_one("site_id", "Site", "Where he was received.")
    former: Member | None = to_one(
        "from_member_id",
        "Member",
        "Whose he was; null for one who came to the company himself, and of a member out of sight.",
    )
    registration: Registration | None = to_one(
        "registration_id", "Registration", "The registration released, if he had one."
    )
    visit: Visit | None = to_one(
        "visit_id",
        "Visit",
        "The visit that the rulebook gave to the company: the manager received him, for instance.",
    )
    entered_at: datetime = column("entered_at", "Since when he is the company's.")
    taken_at: datetime | None = column("taken_at", "When he was handed out.")
    taken_by: Member | None = to_one("taken_by", "Member", "To whom.")
    assigned_by: Member | None = to_one("assigned_by", "Member", "By whom.")
    survey: SurveyStatus = sql(
        _SURVEY,
        "Whether he turned out to be from the same trade, in the visit he came to the company by or"
        " was registered of: DECLARED and EXPOSED are handed out to nobody where the rulebook"
        " registers no survey.",
    )
    by_rotation: bool = column("by_rotation", "Whether the rotation chose.")
    assigned: Registration | None = to_one(
        "assigned_id", "Registration", "The registration of who got him."
    )


@strawberry.input(description="Which customers of the pool.")
class PoolEntryFilter:
    and_: list["PoolEntryFilter"] | None = every()
    or_: list["PoolEntryFilter"] | None = some()
    not_: "PoolEntryFilter | None" = none_of()
    party_id: IdFilter | None = on_id("t.party_id", "party", "By customer.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    former_id: IdFilter | None = on_id("t.from_member_id", "member", "By whose they were.")
    taken_by_id: IdFilter | None = on_id("t.taken_by", "member", "By who got them.")
    entered_at: DateTimeFilter | None = on("t.entered_at", "timestamptz", "By entry.")
    taken_at: DateTimeFilter | None = on(
        "t.taken_at", "timestamptz", "By handing out; `isNull: true` gives those still there."
    )
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")


_POOL: Final = Orders({"ENTERED_AT": SortKey("t.entered_at", "timestamptz")}, "ENTERED_AT")


@planned(
    tables.Departure,
    action="departure.view",
    scope=RecordColumns(org_unit="t.org_unit_id", territory="t.territory_id"),
)
@strawberry.type(
    description="A member leaves or moves. Planned, it says what it would touch at this instant:"
    " counts of everything, bare lists of it (`touched…`) for whoever sees the departure, and lists"
    " of what of it is in the caller's sight."
)
class Departure(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    member: Member | None = to_one("member_id", "Member", "Who goes.")
    kind: DepartureKind = column("kind", "How.")
    state: DepartureState = column("state", "Where it is.")
    first_day: date = column("first_day", "The first day on which he is gone.")
    takes_effect_at: datetime = column("takes_effect_at", "The instant at which everything goes.")
    wish: RegistrationsGo | None = column(
        "wish", "Where his registrations are to go; null leaves it to the rulebook."
    )
    goes: RegistrationsGo | None = sql(
        _GOES,
        "Where they go, by the rulebook known for its day: to the pool where the successor leaves"
        " by then; null where it has not been asked yet.",
    )
    successor: Member | None = to_one("successor_id", "Member", "Who takes them, if named.")
    reason: str = column("reason", "Why, as stated; a dash for one who left without a plan.")
    done_at: datetime | None = column("done_at", "When it took effect.")
    went: RegistrationsGo | None = column("went", "Where his registrations went.")
    registration_count: int = column("registration_count", "How many of them went.")
    dispute_count: int = column("dispute_count", "How many disputes went to the manager.")
    task_count: int = column("task_count", "How many tasks were passed on or cancelled.")
    live_registration_count: int = sql(f"({_LIVE})", "His live registrations at this instant.")
    pending_claim_count: int = sql(
        f"({_CLAIMS})", "His admitted claims on deals whose claims are open; they stay his."
    )
    open_dispute_count: int = sql(f"({_DISPUTES})", "His disputes without an outcome.")
    open_task_count: int = sql(f"({_TASKS})", "His open tasks.")
    claimable_deal_count: int = sql(
        f"({_DEALS})", "Deals with his customers that may still be claimed; they stay his."
    )
    target_count: int = sql(
        f"({_TARGETS})", "His published targets that have days from his first day away on."
    )
    open_visit_count: int = sql(
        f"({_VISITS})", "Visits of his, or received by him, that have not ended; reassign them."
    )
    registrations: Connection[DepartingRegistration] = listing(
        DepartingRegistration,
        DEPARTING_REGISTRATIONS,
        "His live registrations with who gets each as things stand now, those that end first"
        " before; once it has taken effect, those that went. Reading them is audited.",
        filter=DepartingRegistrationFilter,
        parent=ENTRIES_OF,
    )
    deals: Connection[Deal] = listing(
        Deal,
        DEALS,
        "Deals with his customers that may still be claimed, latest first; they stay his.",
        filter=DealFilter,
        parent=DEALS_OF,
    )
    claims: Connection[Claim] = listing(
        Claim,
        CLAIMS,
        "His admitted claims on deals whose claims are open, latest first; they stay his.",
        filter=ClaimFilter,
        parent=CLAIMS_OF,
    )
    disputes: Connection[Dispute] = listing(
        Dispute,
        DISPUTES,
        "His disputes without an outcome, latest first; those still private go to the manager.",
        filter=DisputeFilter,
        parent=DISPUTES_OF,
    )
    visits: Connection[Visit] = listing(
        Visit,
        VISITS,
        "Visits of his, or received by him, that have not ended, latest first; reassign them.",
        filter=VisitFilter,
        parent=VISITS_OF,
    )
    tasks: Connection[DepartingTask] = listing(
        DepartingTask,
        DEPARTING_TASKS,
        "His open tasks with what becomes of each while it is planned, those due first before.",
        parent=TASKS_OF,
    )
    targets: Connection[TargetNode] = listing(
        TargetNode,
        TARGETS,
        "His published targets that have days from his first day away on, in the order of their"
        " plans; `vacateTarget` or `transferTarget` moves what is left of each.",
        filter=TargetNodeFilter,
        parent=TARGETS_OF,
    )
    touched_registrations: Connection[TouchedRegistration] = listing(
        TouchedRegistration,
        touched.REGISTRATIONS,
        f"Every live registration of his, {_EACH}. Reading them is audited.",
        parent=touched.REGISTRATIONS_OF,
    )
    touched_tasks: Connection[TouchedTask] = listing(
        TouchedTask,
        touched.TASKS,
        f"Every open task of his, {_EACH}.",
        parent=touched.TASKS_OF,
    )
    touched_deals: Connection[TouchedDeal] = listing(
        TouchedDeal,
        touched.DEALS,
        f"Every deal of his that may be claimed, {_EACH}.",
        parent=touched.DEALS_OF,
    )
    touched_claims: Connection[TouchedClaim] = listing(
        TouchedClaim,
        touched.CLAIMS,
        f"Every admitted claim of his that is open, {_EACH}.",
        parent=touched.CLAIMS_OF,
    )
    touched_disputes: Connection[TouchedDispute] = listing(
        TouchedDispute,
        touched.DISPUTES,
        f"Every dispute of his without an outcome, {_EACH}.",
        parent=touched.DISPUTES_OF,
    )
    touched_visits: Connection[TouchedVisit] = listing(
        TouchedVisit,
        touched.VISITS,
        f"Every visit of his that has not ended, {_EACH}.",
        parent=touched.VISITS_OF,
    )
    touched_targets: Connection[TouchedTarget] = listing(
        TouchedTarget,
        touched.TARGETS,
        f"Every published target of his of days to come, {_EACH}.",
        parent=touched.TARGETS_OF,
    )
    pool_entries: Connection[PoolEntry] = listing(
        PoolEntry,
        _POOL,
        "Customers of his whom the pool got, latest first.",
        filter=PoolEntryFilter,
        parent=POOL_ENTRIES_OF,
    )


@strawberry.input(description="Which departures.")
class DepartureFilter:
    and_: list["DepartureFilter"] | None = every()
    or_: list["DepartureFilter"] | None = some()
    not_: "DepartureFilter | None" = none_of()
    member_id: IdFilter | None = on_id("t.member_id", "member", "By who goes.")
    state: Filter[DepartureState] | None = on("t.state", "text", "By where it is.")
    takes_effect_at: DateTimeFilter | None = on("t.takes_effect_at", "timestamptz", "By instant.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")


@strawberry.input(description="A member leaves the company, or moves, from a day on.")
class PlanDepartureInput(CommandInput):
    member_id: strawberry.ID = required("Who goes.")
    kind: DepartureKind = required("How.")
    first_day: date = required(
        "The first day on which he is gone, in the company's zone; today or a day past is at once."
    )
    reason: str = required("Why, 1 to 2,000 characters.")
    registrations: RegistrationsGo | None = optional(
        "Where his live registrations go: POOL, SUCCESSOR or ROTATION; as the rulebook says when"
        " left out."
    )
    successor_id: strawberry.ID | None = optional("Who takes them, with SUCCESSOR alone.")
    to_org_unit_id: strawberry.ID | None = optional("His new unit, with TRANSFER alone.")
    to_territory_id: strawberry.ID | None = optional("His new territory, with TRANSFER alone.")
    confirm_past: bool = strawberry.field(
        default=False,
        description="For a day past, which takes effect at once and is not undone: that it is"
        " meant. Not before the first day of last month.",
    )


@strawberry.input(description="A planned departure does not take place.")
class CancelDepartureInput(CommandInput):
    departure_id: strawberry.ID = required("The departure.")


@strawberry.input(description="A customer of the company is handed out.")
class AssignFromPoolInput(CommandInput):
    pool_entry_id: strawberry.ID = required("The customer in the pool.")
    member_id: strawberry.ID | None = optional("To whom; or `byRotation`.")
    by_rotation: bool = strawberry.field(
        default=False, description="To whom of the site's representatives has fewest."
    )


@strawberry.input(description="The customer of a visit that is the company's is written down.")
class PoolCustomerInput(CommandInput):
    visit_id: strawberry.ID = required("The visit.")
    full_name: str | None = optional("His name, up to 200 characters.")
    phones: list[PhoneNumber] = strawberry.field(
        default_factory=list, description="His numbers, at most 20."
    )


@strawberry.type(description="`departure` is null exactly when `errors` is not empty.")
class PlanDeparturePayload(Payload):
    departure: Departure | None = strawberry.field(default=None, description="The departure.")


@strawberry.type(description="`departure` is null exactly when `errors` is not empty.")
class CancelDeparturePayload(Payload):
    departure: Departure | None = strawberry.field(default=None, description="The departure.")


@strawberry.type(description="`poolEntry` is null exactly when `errors` is not empty.")
class AssignFromPoolPayload(Payload):
    pool_entry: PoolEntry | None = strawberry.field(default=None, description="The pool's entry.")


@strawberry.type(description="`poolEntry` is null exactly when `errors` is not empty.")
class PoolCustomerPayload(Payload):
    pool_entry: PoolEntry | None = strawberry.field(default=None, description="The pool's entry.")


_DEPARTURES: Final = Orders(
    {"TAKES_EFFECT_AT": SortKey("t.takes_effect_at", "timestamptz")}, "TAKES_EFFECT_AT"
)


@strawberry.type
class DeparturesQuery:
    departure: Departure | None = one(Departure, "One departure; null when there is none in sight.")
    departures: Connection[Departure] = listing(
        Departure,
        _DEPARTURES,
        "The departures in the caller's sight, latest first.",
        filter=DepartureFilter,
    )
    pool_entry: PoolEntry | None = one(
        PoolEntry, "One customer of the pool; null when there is none in sight."
    )
    pool_entries: Connection[PoolEntry] = listing(
        PoolEntry,
        _POOL,
        "The company's customers in the caller's sight, latest first.",
        filter=PoolEntryFilter,
    )


@strawberry.type
class DeparturesMutation:
    plan_departure: PlanDeparturePayload = command(
        commands.plan_departure,
        orders(
            commands.PlanDeparture,
            member_id="member",
            successor_id="member",
            to_org_unit_id="org_unit",
            to_territory_id="territory",
        ),
        PlanDepartureInput,
        PlanDeparturePayload,
        the(departure=Departure),
        "Plans that a member leaves or moves. Until its day nothing changes and the departure says"
        " what it would touch; then registrations, private disputes, tasks and offices go in one"
        " transaction. Claims and final deals stay his. Action `member.leave`.",
    )
    cancel_departure: CancelDeparturePayload = command(
        commands.cancel_departure,
        orders(commands.CancelDeparture, departure_id="departure"),
        CancelDepartureInput,
        CancelDeparturePayload,
        the(departure=Departure),
        "Cancels a planned departure before its day. Action `member.leave`.",
    )
    assign_from_pool: AssignFromPoolPayload = command(
        commands.assign_from_pool,
        orders(commands.AssignFromPool, pool_entry_id="pool_entry", member_id="member"),
        AssignFromPoolInput,
        AssignFromPoolPayload,
        the(pool_entry=PoolEntry),
        "Hands a customer of the company out, to a member or by rotation; he stands in that"
        " member's register from now on. Action `pool.assign`.",
    )
    pool_customer: PoolCustomerPayload = command(
        reception.pool_customer,
        orders(reception.PoolCustomer, visit_id="visit"),
        PoolCustomerInput,
        PoolCustomerPayload,
        the(pool_entry=PoolEntry),
        "Writes down who came when no representative was there and the manager received him: he is"
        " in the company pool from then on. Who gave a name or a number on arrival is in it"
        " already; what he gives now is added. Action `pool.assign`.",
    )
