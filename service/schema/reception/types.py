"""Sites, visits and calls as they are read."""

from datetime import date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

import service.schema.reception.words  # noqa: F401 - describes the enumerations below
from service.ownership.tables import OwnerKind
from service.policies.access import RecordColumns
from service.reception import tables
from service.reception.tables import (
    ArrivalWay,
    Obligation,
    ReceptionMode,
    ShiftState,
    SiteKind,
    SurveyStatus,
    VisitState,
)
from service.schema.connections import Connection, Orders, SortKey
from service.schema.context import Info
from service.schema.customers import SEE_PHONE, Party, PartyFilter
from service.schema.filters import (
    DateFilter,
    DateTimeFilter,
    Filter,
    IdFilter,
    NamedFilter,
    OrgUnitScope,
    TerritoryScope,
    TextFilter,
    every,
    none_of,
    of_none,
    of_some,
    on,
    on_id,
    on_one,
    on_org_unit,
    on_several,
    on_territory,
    some,
)
from service.schema.journal import Decision
from service.schema.listing import listing
from service.schema.masks import masked_phone, masked_phones
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.ordering import orders_of
from service.schema.organisation.types import (
    BY_CODE,
    Member,
    MemberFilter,
    OrgUnit,
    Territory,
)
from service.schema.planner.mapping import (
    PLANNED,
    Finished,
    Possible,
    allowed_actions,
    column,
    key,
    masked,
    masked_fields,
    name_in,
    names,
    planned,
    sql,
    to_many,
    to_one,
)
from service.schema.planner.plan import Selected
from service.schema.planner.sql import Writer
from service.schema.reading import one
from service.schema.reasons import names_shown, reason, sentence_of
from service.schema.reception.queue import ReceptionQueue, queue_of_site
from service.schema.scalars import LocalizedText, PhoneNumber, TimeZone

if TYPE_CHECKING:
    from service.schema.campaigns.types import Campaign
    from service.schema.ownership.types import DealListFilter, RegistrationListFilter

_OF_RECEIVER = RecordColumns(
    owner="t.receiver_id", org_unit="t.org_unit_id", territory="t.territory_id"
)
_OF_OWNER = RecordColumns(owner="t.owner_id", org_unit="t.org_unit_id", territory="t.territory_id")
# A command a member could carry out himself at the place of the record.
_OF_CALLER = RecordColumns(owner="{me}", org_unit="t.org_unit_id", territory="t.territory_id")
# Who sees the visit may read why: not the facts behind it, which are the decision's own.
_REASONS = """
(SELECT jsonb_build_array(d.rulebook_version_id, d.rule, coalesce(d.outcome->'names', '{}'))
 FROM app.decision d WHERE d.tenant_id = $1 AND d.id = t.decision_id)
"""


def _raw_reason(writer: Writer, _field: Selected) -> str:
    named = names_shown(writer.outline, "coalesce(d.outcome->'names', '{}')")
    return (
        f"(SELECT json_build_array(d.rulebook_version_id, d.rule, {named})"
        " FROM app.decision d WHERE d.tenant_id = $1 AND d.id = t.decision_id)"
    )


_OPEN = "t.state <> 'CLOSED'"
_OWNERSHIP = "service.schema.ownership.types"
_CAMPAIGNS = "service.schema.campaigns.types"


@planned(
    tables.Site,
    action="site.view",
    scope=RecordColumns(org_unit="t.org_unit_id", territory="t.territory_id"),
)
@strawberry.type(description="A place of reception, with the zone that cuts its days.")
class Site(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Unique within the tenant.")
    kind: SiteKind = column("kind", "What it is in its industry.")
    name: str = name_in("names", "In the request's language.")
    names: LocalizedText = names("names", "In all languages.")
    time_zone: TimeZone = column("time_zone", "The zone that cuts its days.")
    phone_region: str = column("phone_region", "Region (ISO 3166) of numbers without a country.")
    org_unit: OrgUnit | None = to_one("org_unit_id", "OrgUnit", "The unit that runs it.")
    territory: Territory | None = to_one("territory_id", "Territory", "The territory it is in.")
    manager: Member | None = to_one("manager_id", "Member", "Who receives when nobody is on duty.")
    opens_at: time = column("opens_at", "When it opens.")
    closes_at: time = column("closes_at", "When it closes.")
    reception_queue: ReceptionQueue | None = queue_of_site()


@strawberry.enum(description="What may be done with a visit. Values are added.")
class VisitAction(Enum):
    TAKE = strawberry.enum_value("TAKE", description="`takeVisitor`.")
    NAME = strawberry.enum_value("NAME", description="`nameRepresentative`.")
    EXPOSE = strawberry.enum_value("EXPOSE", description="`exposeSurvey`.")
    REASSIGN = strawberry.enum_value("REASSIGN", description="`reassignReception`.")
    CLOSE = strawberry.enum_value("CLOSE", description="`closeVisit`.")
    NOTE_STAGE = strawberry.enum_value("NOTE_STAGE", description="`noteVisitStage`.")
    REGISTER = strawberry.enum_value("REGISTER", description="`registerCustomer`.")
    RECORD_DEAL = strawberry.enum_value("RECORD_DEAL", description="`recordDeal`.")


@planned(
    tables.VisitStage,
    action="visit.view",
    scope=RecordColumns(
        owner="v.receiver_id", org_unit="v.org_unit_id", territory="v.territory_id"
    ),
    also=(RecordColumns(owner="v.owner_id", org_unit="v.org_unit_id", territory="v.territory_id"),),
    joins="JOIN app.visit v ON v.tenant_id = $1 AND v.id = t.visit_id",
)
@strawberry.type(description="A stage that a reception has reached.")
class VisitStage(Node):
    id: strawberry.ID = key(ID)
    stage: tables.VisitStageKind = column("stage", "The stage.")
    at: datetime = column("at", "When it was noted.")
    member: Member | None = to_one("member_id", "Member", "By whom.")
    seconds_since_arrival: int = column(
        "seconds_since_arrival", "Seconds from the visitor's arrival."
    )
    in_time: bool = sql("t.service = 'OK'", "Whether it was reached in time, by the rulebook.")


@planned(
    tables.Visit,
    action="visit.view",
    scope=_OF_RECEIVER,
    also=(_OF_OWNER,),
    hidden={"reasons": _REASONS},
)
@strawberry.type(description="A visitor, or one group, at a site, and what was decided.")
class Visit(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    number: int = column("number", "Order of arrival at the site on the day.")
    site: Site | None = to_one("site_id", "Site", "Where.")
    org_unit: OrgUnit | None = to_one("org_unit_id", "OrgUnit", "The unit that runs the site.")
    territory: Territory | None = to_one("territory_id", "Territory", "The site's territory.")
    reception_day: date = column("reception_day", "The site's day.")
    arrived_at: datetime = column("arrived_at", "When the arrival was received; this counts.")
    stated_at: datetime | None = column("stated_at", "What the device said; kept as evidence.")
    left_at: datetime | None = column("left_at", "When the visitor left.")
    state: VisitState = column("state", "Where the visit is.")
    party: Party | None = to_one("party_id", "Party", "The customer, once recognised.")
    phones: list[PhoneNumber] | None = masked(
        "t.phones", "Numbers given; null when withheld, see `maskedFields`.", action=SEE_PHONE
    )
    masked_phones: list[str] = sql(masked_phones("t.phones"), "The numbers without their middle.")
    masked_fields: list[str] = masked_fields("Fields withheld from the caller.", phones=SEE_PHONE)
    way: ArrivalWay = column("way", "How the visitor came.")
    said_before: bool = column("said_before", "Says that he came before.")
    together_with: "Visit | None" = to_one(
        "together_with_id", "Visit", "The visit he came with, where the two buy apart."
    )
    campaign: Annotated["Campaign", strawberry.lazy(_CAMPAIGNS)] | None = to_one(
        "campaign_id", "Campaign", "What brought him, as far as somebody said so."
    )
    ambiguous: bool = column(
        "ambiguous",
        "Something he gave or showed belongs to a customer whom the rulebook took for another;"
        " look who he is.",
    )
    named_member: Member | None = to_one("named_member_id", "Member", "Whom the visitor named.")
    referrer: Party | None = to_one("referrer_party_id", "Party", "Who sent him.")
    survey: SurveyStatus = column("survey", "Whether he is from the same trade.")
    unit_code: str | None = column("unit_code", "The unit he wants, if known.")
    taken_by: Member | None = to_one("taken_by_id", "Member", "Who took him on his day off.")
    receiver: Member | None = to_one("receiver_id", "Member", "Who receives.")
    owner_kind: OwnerKind = column("owner_kind", "To whom the customer belongs.")
    owner: Member | None = to_one("owner_id", "Member", "Whose customer he is, if a member's.")
    mode: ReceptionMode = column("mode", "How he is received.")
    obligation: Obligation = column("obligation", "Why somebody receives for another.")
    turn_member: Member | None = to_one("turn_member_id", "Member", "Whose turn was used.")
    decision: Decision | None = to_one(
        "decision_id",
        "Decision",
        "The decision, with its reasons; to whom decisions or visits are his to record.",
    )
    rule: str = column("rule", "The rule that decided.")
    clause: str = column("clause", "The clause of the rulebook that decided.")
    stages: list[VisitStage] = to_many(
        "VisitStage", "visit_id", "How far the reception has come, in order.", order="t.at, t.id"
    )
    created_at: datetime = column("created_at", CREATED_AT)
    allowed_actions: list[VisitAction] = allowed_actions(
        "Commands the caller could issue now.",
        TAKE=Possible("visit.take", "t.state = 'WAITING'", _OF_CALLER),
        NAME=Possible("visit.name", "t.state = 'WAITING'"),
        EXPOSE=Possible("visit.expose", "t.survey <> 'EXPOSED'"),
        REASSIGN=Possible("visit.reassign", _OPEN),
        CLOSE=Possible("visit.close", _OPEN),
        NOTE_STAGE=Possible("visit.note_stage", f"{_OPEN} AND t.receiver_id IS NOT NULL"),
        REGISTER=Possible("register.append", "t.receiver_id IS NOT NULL"),
        RECORD_DEAL=Possible("deal.record", "t.receiver_id IS NOT NULL"),
    )
    reasons: strawberry.Private[tuple[str, str, dict[str, str]] | None]

    @strawberry.field(
        description="Why, in a sentence of the rulebook, in the request's language.",
        metadata={PLANNED: Finished(_raw_reason, reason)},
    )
    async def why(self, info: Info) -> str | None:
        if self.reasons is None:
            return None
        version_row, rule, named = self.reasons
        reader = await info.context.reader()
        return await sentence_of(reader, UUID(version_row), rule, named)


@planned(
    tables.CallRecord,
    action="call.view",
    scope=RecordColumns(owner="t.taker_id", org_unit="t.org_unit_id", territory="t.territory_id"),
)
@strawberry.type(description="A telephone enquiry taken at a site; it creates no right.")
class CallRecord(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    site: Site | None = to_one("site_id", "Site", "Where.")
    called_at: datetime = column("called_at", "When.")
    taker: Member | None = to_one("taker_id", "Member", "Who took it.")
    phone: PhoneNumber | None = masked(
        "t.phone", "The number; null when withheld, see `maskedFields`.", action=SEE_PHONE
    )
    masked_phone: str = sql(masked_phone("t.phone"), "The number without its middle; always there.")
    extension: str | None = column("extension", "Extension behind the number, as given.")
    masked_fields: list[str] = masked_fields("Fields withheld from the caller.", phone=SEE_PHONE)
    caller_name: str | None = column("caller_name", "As given.")
    need: str | None = column("need", "What the caller wants.")
    source: str | None = column("source", "Where he heard of it.")
    rings: int | None = column("rings", "How often it rang before it was taken.")
    duration_seconds: int | None = column("duration_seconds", "How long it took.")
    rings_in_time: bool | None = column(
        "rings_in_time", "By the rulebook of then; null where the rings were not said."
    )
    length_in_time: bool | None = column(
        "length_in_time", "By the rulebook of then; null where the length was not said."
    )
    campaign: Annotated["Campaign", strawberry.lazy(_CAMPAIGNS)] | None = to_one(
        "campaign_id", "Campaign", "What made him call, as far as somebody said so."
    )


described(
    ShiftState,
    "Whether a shift stands. Values are added.",
    PLANNED="It stands.",
    CANCELLED="It was called off.",
)


@strawberry.enum(description="What may be done with a shift. Values are added.")
class ShiftAction(Enum):
    CHANGE = strawberry.enum_value("CHANGE", description="`changeShift`.")
    CANCEL = strawberry.enum_value("CANCEL", description="`cancelShift`.")


_ON_LEAVE = (
    "EXISTS (SELECT FROM app.leave l WHERE l.tenant_id = $1 AND l.member_id = t.member_id"
    " AND l.cancelled_at IS NULL AND t.day BETWEEN l.first_day AND l.last_day)"
)
# The hours of the roster that somebody will be there for.
WORKED = f"t.cancelled_at IS NULL AND NOT {_ON_LEAVE}"
_TO_COME = (
    "t.cancelled_at IS NULL AND t.day >= (SELECT ({now} AT TIME ZONE y.time_zone)::date"
    " FROM app.site y WHERE y.tenant_id = $1 AND y.id = t.site_id)"
)


@planned(
    tables.Shift,
    action="shift.view",
    scope=RecordColumns(owner="t.member_id", org_unit="w.org_unit_id", territory="w.territory_id"),
    joins="JOIN app.site w ON w.tenant_id = $1 AND w.id = t.site_id",
)
@strawberry.type(description="That a member is planned to work at a site on a day.")
class Shift(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    site: Site | None = to_one("site_id", "Site", "Where.")
    member: Member | None = to_one("member_id", "Member", "Who.")
    day: date = column("day", "The site's day.")
    starts_at: time = column("starts_at", "From when.")
    ends_at: time = column("ends_at", "Until when.")
    state: ShiftState = column("state", "Whether it stands.")
    cancelled_at: datetime | None = column("cancelled_at", "When it was called off.")
    on_leave: bool = sql(
        _ON_LEAVE, "Leave of the member covers the day, so that somebody else has to work."
    )
    allowed_actions: list[ShiftAction] = allowed_actions(
        "Commands the caller could issue now.",
        CHANGE=Possible("shift.plan", _TO_COME),
        CANCEL=Possible("shift.plan", _TO_COME),
    )


@strawberry.input(description="Which sites.")
class SiteFilter:
    and_: list["SiteFilter"] | None = every()
    or_: list["SiteFilter"] | None = some()
    not_: "SiteFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "site", "By id.")
    code: TextFilter | None = on("t.code", "text", "By code.")
    kind: Filter[SiteKind] | None = on("t.kind", "text", "By kind.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    manager: MemberFilter | None = on_one("t.manager_id", "Member", "By its manager.")


@strawberry.input(description="Which visits. Telephone numbers are never searched by.")
class VisitFilter:
    and_: list["VisitFilter"] | None = every()
    or_: list["VisitFilter"] | None = some()
    not_: "VisitFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "visit", "By id.")
    state: Filter[VisitState] | None = on("t.state", "text", "By state.")
    mode: Filter[ReceptionMode] | None = on("t.mode", "text", "By mode.")
    arrived_at: DateTimeFilter | None = on("t.arrived_at", "timestamptz", "By arrival.")
    reception_day: DateFilter | None = on("t.reception_day", "date", "By the site's day.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    party_id: IdFilter | None = on_id("t.party_id", "party", "By customer.")
    campaign_id: NamedFilter | None = on_id("t.campaign_id", "campaign", "By what brought him.")
    receiver_id: IdFilter | None = on_id("t.receiver_id", "member", "By who receives.")
    owner_id: IdFilter | None = on_id("t.owner_id", "member", "By whose customer.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    site: SiteFilter | None = on_one("t.site_id", "Site", "By the site.")
    receiver: MemberFilter | None = on_one("t.receiver_id", "Member", "By who receives.")
    owner: MemberFilter | None = on_one("t.owner_id", "Member", "By whose customer.")
    party: PartyFilter | None = on_one("t.party_id", "Party", "By the customer.")
    registrations: Annotated["RegistrationListFilter", strawberry.lazy(_OWNERSHIP)] | None = (
        on_several("t.visit_id", "Registration", "By the registrations made from it.")
    )
    deals: Annotated["DealListFilter", strawberry.lazy(_OWNERSHIP)] | None = on_several(
        "t.visit_id", "Deal", "By the deals it closed."
    )


@strawberry.input(description="By the visits that name the record.")
class VisitListFilter:
    some: VisitFilter | None = of_some()
    none: VisitFilter | None = of_none()


@strawberry.input(description="Which calls. Telephone numbers are never searched by.")
class CallRecordFilter:
    and_: list["CallRecordFilter"] | None = every()
    or_: list["CallRecordFilter"] | None = some()
    not_: "CallRecordFilter | None" = none_of()
    called_at: DateTimeFilter | None = on("t.called_at", "timestamptz", "By instant.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    taker_id: IdFilter | None = on_id("t.taker_id", "member", "By who took it.")
    campaign_id: NamedFilter | None = on_id("t.campaign_id", "campaign", "By what made him call.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    site: SiteFilter | None = on_one("t.site_id", "Site", "By the site.")
    taker: MemberFilter | None = on_one("t.taker_id", "Member", "By who took it.")


@strawberry.input(description="Which shifts.")
class ShiftFilter:
    day: DateFilter | None = on("t.day", "date", "By day.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By member.")
    state: Filter[ShiftState] | None = on("t.state", "text", "Those that stand, or not.")
    site: SiteFilter | None = on_one("t.site_id", "Site", "By the site.")
    member: MemberFilter | None = on_one("t.member_id", "Member", "By the member.")


VISITS = orders_of(
    "Visit",
    "visits",
    {"ARRIVED_AT": (SortKey("t.arrived_at", "timestamptz"), "By arrival.")},
    "ARRIVED_AT",
)
_CALLS = Orders({"CALLED_AT": SortKey("t.called_at", "timestamptz")}, "CALLED_AT")
_SHIFTS = Orders({"DAY": SortKey("t.day", "date")}, "DAY")


@strawberry.type
class ReceptionQuery:
    site: Site | None = one(Site, "One site; null when there is none in sight.")
    sites: Connection[Site] = listing(
        Site, BY_CODE, "The sites in the caller's sight, by code.", filter=SiteFilter
    )
    visit: Visit | None = one(Visit, "One visit; null when there is none in sight.")
    visits: Connection[Visit] = listing(
        Visit,
        VISITS,
        "The visits in the caller's sight, latest first.",
        filter=VisitFilter,
    )
    call_record: CallRecord | None = one(CallRecord, "One call; null when there is none in sight.")
    call_records: Connection[CallRecord] = listing(
        CallRecord,
        _CALLS,
        "The calls in the caller's sight, latest first.",
        filter=CallRecordFilter,
    )
    shifts: Connection[Shift] = listing(
        Shift, _SHIFTS, "The shifts in the caller's sight, latest first.", filter=ShiftFilter
    )
