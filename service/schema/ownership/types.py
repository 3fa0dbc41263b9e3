"""Registrations, follow-ups, deals and credit as they are read."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Final

import strawberry

from service.ownership import tables
from service.ownership.tables import ClaimResult, OwnerKind, RegistrationResult
from service.policies.access import RecordColumns
from service.reception.tables import ReceptionMode
from service.schema.connections import Connection, Orders, SortKey
from service.schema.context import Info
from service.schema.customers import Party, PartyFilter
from service.schema.filters import (
    DateFilter,
    DateTimeFilter,
    Filter,
    IdFilter,
    OrgUnitScope,
    TerritoryScope,
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
from service.schema.nodes import CREATED_AT, ID, VERSION, Node
from service.schema.ordering import orders_of
from service.schema.organisation.types import Member, MemberFilter
from service.schema.ownership.channels import ChannelsQuery
from service.schema.ownership.reasons import CREDIT_WHY, REASONS, credit_reason
from service.schema.ownership.states import (
    AWAITS_CONTRACT,
    CLAIM_STATE,
    CLAIMABLE,
    CLAIMS_CLOSE,
    DEAL_STATE,
    DISPUTE,
    NOT_ALL_MINE,
    OPEN_DISPUTE,
    OVERDUE,
    STATE,
    WHY_VOID,
    ClaimState,
    DealAction,
    DealState,
    RegistrationAction,
    RegistrationState,
)
from service.schema.ownership.taking_part import MINE, TAKING_PART, TAKING_PART_TOO
from service.schema.planner.mapping import (
    PLANNED,
    Possible,
    allowed_actions,
    amount,
    column,
    key,
    planned,
    relation,
    sql,
    to_many,
    to_one,
)
from service.schema.reading import one
from service.schema.reception.types import CallRecord, Site, SiteFilter, Visit, VisitFilter
from service.schema.scalars import Money

if TYPE_CHECKING:
    from service.schema.ownership.disputes import Dispute

_OF_MEMBER: Final = RecordColumns(
    owner="t.member_id", org_unit="t.org_unit_id", territory="t.territory_id"
)
_OF_DEAL: Final = RecordColumns(
    owner="t.owner_id", org_unit="t.org_unit_id", territory="t.territory_id"
)
_AS_MINE: Final = RecordColumns(owner="{me}", org_unit="t.org_unit_id", territory="t.territory_id")
_HERE: Final = "service.schema.ownership.types"
_DISPUTES_ARE: Final = "service.schema.ownership.disputes"
_DEAL: Final = "JOIN app.deal d ON d.tenant_id = $1 AND d.id = t.deal_id"


@planned(
    tables.RegisterBook,
    action="register.view",
    scope=RecordColumns(owner="t.member_id", org_unit="w.org_unit_id", territory="w.territory_id"),
    joins="JOIN app.site w ON w.tenant_id = $1 AND w.id = t.site_id",
)
@strawberry.type(description="A member's personal register at a site.")
class RegisterBook(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    member: Member | None = to_one("member_id", "Member", "Whose it is.")
    site: Site | None = to_one("site_id", "Site", "At which site.")
    entry_count: int = column("entry_count", "Entries made so far.")
    head_hash: str = column("head_hash", "Hash of the last entry; empty before the first.")
    voided_at: datetime | None = column("voided_at", "When it was declared void.")
    void_reason: str | None = column("void_reason", "Why.")


@planned(tables.FollowUp, action="follow_up.view", scope=_OF_MEMBER)
@strawberry.type(description="A recorded contact with a registered customer.")
class FollowUp(Node):
    id: strawberry.ID = key(ID)
    registration: Annotated["Registration", strawberry.lazy(_HERE)] | None = to_one(
        "registration_id", "Registration", "The registration it belongs to."
    )
    member: Member | None = to_one("member_id", "Member", "Who made it.")
    at: datetime = column("at", "When it was received; this counts.")
    stated_at: datetime | None = column("stated_at", "When the member says it was.")
    channel: str = column("channel", "By which way, a code of `followUpChannels`.")
    content: str = column("content", "What was said, up to 4,000 characters.")
    connected: bool = column("connected", "Whether the customer was reached.")
    renewed: bool = column("renewed", "Whether it renewed the registration.")
    rule: str = column("rule", "The rule that said so.")
    next_at: datetime | None = column("next_at", "When the next contact is planned.")
    corrects: "FollowUp | None" = to_one("corrects_id", "FollowUp", "The entry it corrects.")
    entry_number: int = column("entry_number", "Its place in the registration.")
    entry_hash: str = column("entry_hash", "Ties it to the entry before; sha256 in hex.")


_FOLLOW_UPS = Orders({"AT": SortKey("t.at", "timestamptz")}, "AT")


@planned(
    tables.Registration, action="register.view", scope=_OF_MEMBER, audited="read_registrations"
)
@strawberry.type(description="One customer in a member's register, from one visit or call.")
class Registration(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    state: RegistrationState = sql(STATE, "Where it is at this instant.")
    result: RegistrationResult = column("result", "What the rulebook said when it was made.")
    member: Member | None = to_one("member_id", "Member", "Whose register it is in.")
    party: Party | None = to_one("party_id", "Party", "The customer.")
    visit: Visit | None = to_one(
        "visit_id", "Visit", "The visit it comes from; null where a call made it."
    )
    call_record: CallRecord | None = to_one(
        "call_id", "CallRecord", "The call it comes from, in showrooms where a call registers."
    )
    site: Site | None = to_one("site_id", "Site", "Where.")
    entered_at: datetime = column("entered_at", "When it was entered.")
    received_at: datetime = column("received_at", "The instant whose day is day 0 of the window.")
    reception_day: date = column("reception_day", "The site's day of the visit.")
    protected_until: datetime | None = column(
        "protected_until", "First instant at which the customer is free for others."
    )
    first_follow_up_due_at: datetime | None = column(
        "first_follow_up_due_at", "First instant after the first follow-up's term."
    )
    first_followed_up_at: datetime | None = column(
        "first_followed_up_at", "When the first follow-up was recorded."
    )
    first_follow_up_overdue: bool = sql(
        OVERDUE,
        "Whether the first follow-up is late, or was: not of who had bought or gone before.",
    )
    decision: Decision | None = to_one("decision_id", "Decision", "Why it is valid, or not.")
    void_decision: Decision | None = relation(WHY_VOID, "Decision", "Why it is void, if it is.")
    corrects: "Registration | None" = to_one("corrects_id", "Registration", "What it replaces.")
    remark: str | None = column("remark", "As entered.")
    entry_number: int = column("entry_number", "Its place in the register.")
    entry_hash: str = column("entry_hash", "Ties it to the entry before; sha256 in hex.")
    follow_ups: Connection[FollowUp] = listing(
        FollowUp, _FOLLOW_UPS, "Contacts since, latest first.", parent="registration_id"
    )
    allowed_actions: list[RegistrationAction] = allowed_actions(
        "Commands the caller could issue now.",
        FOLLOW_UP=Possible("follow_up.record", f"{STATE} IN ('LIVE', 'LAPSED', 'CONVERTED')"),
        CORRECT=Possible("register.append", f"{STATE} NOT IN ('VOID', 'CORRECTED', 'RELEASED')"),
        OPEN_DISPUTE=Possible(
            "dispute.open", f"{STATE} IN ('LIVE', 'CONVERTED') AND NOT EXISTS ({OPEN_DISPUTE})"
        ),
    )


@planned(
    tables.CreditShare,
    action="credit.view",
    scope=RecordColumns(owner="t.member_id", org_unit="d.org_unit_id", territory="d.territory_id"),
    joins=_DEAL,
    # Shares of earlier decisions stay in the ledger; the deal names the decision in force. Of one
    # that fell through nobody has a share.
    condition="t.decision_id = d.credit_decision_id AND d.cancelled_at IS NULL",
)
@strawberry.type(description="One share of a deal's credit.")
class CreditShare(Node):
    id: strawberry.ID = key(ID)
    holder: OwnerKind = column("holder", "Whose: a member's, the company's, nobody's yet.")
    member: Member | None = to_one("member_id", "Member", "Which member, if one's.")
    basis_points: int = column("basis_points", "10,000 is the whole.")
    amount: Money | None = amount("amount_minor", "currency", "The share of the deal's amount.")


@planned(
    tables.Deal,
    action="credit.view",
    kind="credit",
    scope=_OF_DEAL,
    also=TAKING_PART_TOO,
    mine=MINE,
    hidden={"reasons": REASONS},
    joins=f"JOIN app.decision c ON c.tenant_id = $1 AND c.id = t.credit_decision_id{TAKING_PART}",
)
@strawberry.type(description="Whose result a deal is now, and whether that can still change.")
class Credit(Node):
    id: strawberry.ID = key(ID)
    shares: list[CreditShare] = to_many(
        "CreditShare",
        "deal_id",
        "The shares; none once the deal is cancelled.",
        order="t.basis_points DESC, t.id",
    )
    reversed: bool = sql(
        "t.cancelled_at IS NOT NULL",
        "Whether the deal was cancelled: nobody has the credit that the decision gave.",
    )
    final: bool = sql(
        "t.cancelled_at IS NOT NULL OR CASE c.outcome->>'final' WHEN 'AT_ONCE' THEN TRUE"
        " WHEN 'CLAIM_WINDOW' THEN {now} >= t.claims_close_at"
        " WHEN 'APPEAL_WINDOW' THEN coalesce({now} >= (SELECT x.appeal_until FROM app.dispute x"
        " WHERE x.tenant_id = $1 AND x.deal_id = t.id), FALSE) ELSE FALSE END",
        "Whether it can no longer change.",
    )
    clause: str = sql(
        "c.clause", "The clause that decided last; of a cancelled deal, before it was cancelled."
    )
    decision: Decision | None = to_one(
        "credit_decision_id",
        "Decision",
        "The last decision. That of a cancelled deal is kept, and no longer why: see `why`.",
    )
    claims_close_at: datetime = column("claims_close_at", CLAIMS_CLOSE)
    reasons: strawberry.Private[tuple[str, str, dict[str, str]] | None]

    @strawberry.field(
        description="Why, in a sentence of the rulebook, or that the deal was cancelled; in the"
        " request's language.",
        metadata={PLANNED: CREDIT_WHY},
    )
    async def why(self, info: Info) -> str:
        return await credit_reason(await info.context.reader(), self.reasons)


@planned(
    tables.Deal,
    action="deal.view",
    scope=_OF_DEAL,
    also=TAKING_PART_TOO,
    mine=MINE,
    joins=TAKING_PART,
)
@strawberry.type(description="A subscription signed, as far as credit needs it.")
class Deal(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    state: DealState = sql(DEAL_STATE, "Whether it stands.")
    party: Party | None = to_one("party_id", "Party", "The customer.")
    site: Site | None = to_one("site_id", "Site", "Where.")
    visit: Visit | None = to_one("visit_id", "Visit", "The closing visit.")
    closer: Member | None = to_one("closer_id", "Member", "Who received the closing visit.")
    owner_kind: OwnerKind = column("owner_kind", "To whom the customer belonged.")
    owner: Member | None = to_one("owner_id", "Member", "To which member, if one's.")
    mode: ReceptionMode = column("mode", "How the closing visit was received.")
    unit_code: str | None = column("unit_code", "The unit signed for.")
    amount: Money | None = amount("amount_minor", "currency", "The price.")
    signed_at: datetime = column("signed_at", "When it was signed.")
    provisional_at: datetime | None = column("provisional_at", "When a provisional sum was paid.")
    claims_close_at: datetime = column("claims_close_at", CLAIMS_CLOSE)
    claims_await_contract: bool = sql(
        AWAITS_CONTRACT,
        "Whether the days to claim count from the contract, and none is recorded yet.",
    )
    contracted_on: date | None = column("contracted_on", "The site's day of its contract.")
    contracted_at: datetime | None = column("contracted_at", "When the contract was recorded.")
    contracted_by: Member | None = to_one("contracted_by", "Member", "Who recorded the contract.")
    credit: Credit | None = relation("t.id", "Credit", "Whose result it is; null out of sight.")
    claims: list["Claim"] = to_many(
        "Claim", "deal_id", "Claims of its credit.", order="t.filed_at, t.id"
    )
    dispute: Annotated["Dispute", strawberry.lazy(_DISPUTES_ARE)] | None = relation(
        DISPUTE, "Dispute", "The dispute over its credit, if there is one."
    )
    cancelled_at: datetime | None = column(
        "cancelled_at", "When its cancellation was recorded; null while it stands."
    )
    cancelled_on: date | None = column(
        "cancelled_on", "The site's day on which it fell through; what it counted falls on it."
    )
    cancelled_by: Member | None = to_one("cancelled_by", "Member", "Who recorded that.")
    cancellation_reason: str | None = column("cancellation_reason", "Why, as stated.")
    cancellation_restated: bool = column(
        "cancellation_restated",
        "Whether what it counted is taken back on the day it counted, not on `cancelledOn`.",
    )
    created_at: datetime = column("created_at", CREATED_AT)
    allowed_actions: list[DealAction] = allowed_actions(
        "Commands the caller could issue now.",
        CANCEL=Possible("deal.cancel", "t.cancelled_at IS NULL"),
        CONTRACT=Possible("deal.contract", "t.cancelled_at IS NULL AND t.contracted_at IS NULL"),
        FILE_CLAIM=Possible("claim.file", f"{CLAIMABLE} AND {NOT_ALL_MINE}", _AS_MINE),
        OPEN_DISPUTE=Possible("dispute.open", f"{CLAIMABLE} AND {DISPUTE} IS NULL", _AS_MINE),
        VOUCH=Possible("claim.vouch", f"{CLAIMABLE} AND t.owner_id IS DISTINCT FROM {{me}}"),
    )


@planned(
    tables.Claim,
    action="claim.view",
    scope=RecordColumns(
        owner="t.claimant_id", org_unit="t.org_unit_id", territory="t.territory_id"
    ),
)
@strawberry.type(description="A member's request for the credit of a deal, with its answer.")
class Claim(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    state: ClaimState = sql(CLAIM_STATE, "Where it is at this instant.")
    deal: Deal | None = to_one("deal_id", "Deal", "The deal.")
    claimant: Member | None = to_one("claimant_id", "Member", "Who claims.")
    filed_by: Member | None = to_one("created_by", "Member", "Who filed it, for him or himself.")
    registration: Registration | None = to_one(
        "registration_id", "Registration", "On which registration he relies."
    )
    filed_at: datetime = column("filed_at", "When it was received.")
    stated_same_customer: bool = column(
        "stated_same_customer", "Who filed it vouched that the registered person is the buyer."
    )
    evidence: str | None = column("evidence", "As stated.")
    result: ClaimResult = column("result", "What the rulebook said.")
    reason: str | None = column("reason", "Why, a word of the rulebook.")
    decision: Decision | None = to_one("decision_id", "Decision", "The decision.")


@strawberry.input(description="Which registrations.")
class RegistrationFilter:
    and_: list["RegistrationFilter"] | None = every()
    or_: list["RegistrationFilter"] | None = some()
    not_: "RegistrationFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "registration", "By id.")
    result: Filter[RegistrationResult] | None = on("t.result", "text", "By result.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By whose register.")
    party_id: IdFilter | None = on_id("t.party_id", "party", "By customer.")
    visit_id: IdFilter | None = on_id("t.visit_id", "visit", "By visit.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    entered_at: DateTimeFilter | None = on("t.entered_at", "timestamptz", "By entry.")
    protected_until: DateTimeFilter | None = on(
        "t.protected_until", "timestamptz", "By the end of protection."
    )
    reception_day: DateFilter | None = on("t.reception_day", "date", "By the day of the visit.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    site: SiteFilter | None = on_one("t.site_id", "Site", "By the site.")
    member: MemberFilter | None = on_one("t.member_id", "Member", "By whose register.")
    party: PartyFilter | None = on_one("t.party_id", "Party", "By the customer.")
    visit: VisitFilter | None = on_one("t.visit_id", "Visit", "By the visit it comes from.")
    follow_ups: "FollowUpListFilter | None" = on_several(
        "t.registration_id", "FollowUp", "By the contacts since."
    )


@strawberry.input(description="By the registrations that name the record.")
class RegistrationListFilter:
    some: RegistrationFilter | None = of_some()
    none: RegistrationFilter | None = of_none()


@strawberry.input(description="Which follow-ups.")
class FollowUpFilter:
    and_: list["FollowUpFilter"] | None = every()
    or_: list["FollowUpFilter"] | None = some()
    not_: "FollowUpFilter | None" = none_of()
    registration_id: IdFilter | None = on_id("t.registration_id", "registration", "By entry.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By who made them.")
    at: DateTimeFilter | None = on("t.at", "timestamptz", "By instant.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    member: MemberFilter | None = on_one("t.member_id", "Member", "By who made them.")
    registration: RegistrationFilter | None = on_one(
        "t.registration_id", "Registration", "By the entry they belong to."
    )


@strawberry.input(description="By the follow-ups that name the record.")
class FollowUpListFilter:
    some: FollowUpFilter | None = of_some()
    none: FollowUpFilter | None = of_none()


@strawberry.input(description="Which deals.")
class DealFilter:
    and_: list["DealFilter"] | None = every()
    or_: list["DealFilter"] | None = some()
    not_: "DealFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "deal", "By id.")
    party_id: IdFilter | None = on_id("t.party_id", "party", "By customer.")
    visit_id: IdFilter | None = on_id("t.visit_id", "visit", "By closing visit.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    owner_id: IdFilter | None = on_id("t.owner_id", "member", "By whose customer.")
    closer_id: IdFilter | None = on_id("t.closer_id", "member", "By who closed it.")
    signed_at: DateTimeFilter | None = on("t.signed_at", "timestamptz", "By signing.")
    cancelled_at: DateTimeFilter | None = on(
        "t.cancelled_at",
        "timestamptz",
        "By the record of a cancellation; `isNull: true` gives those that stand.",
    )
    cancelled_on: DateFilter | None = on("t.cancelled_on", "date", "By the day they fell through.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    site: SiteFilter | None = on_one("t.site_id", "Site", "By the site.")
    party: PartyFilter | None = on_one("t.party_id", "Party", "By the customer.")
    visit: VisitFilter | None = on_one("t.visit_id", "Visit", "By the closing visit.")
    owner: MemberFilter | None = on_one("t.owner_id", "Member", "By whose customer.")
    closer: MemberFilter | None = on_one("t.closer_id", "Member", "By who closed it.")
    claims: "ClaimListFilter | None" = on_several("t.deal_id", "Claim", "By claims of its credit.")


@strawberry.input(description="By the deals that name the record.")
class DealListFilter:
    some: DealFilter | None = of_some()
    none: DealFilter | None = of_none()


@strawberry.input(description="Which claims.")
class ClaimFilter:
    and_: list["ClaimFilter"] | None = every()
    or_: list["ClaimFilter"] | None = some()
    not_: "ClaimFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "claim", "By id.")
    deal_id: IdFilter | None = on_id("t.deal_id", "deal", "By deal.")
    claimant_id: IdFilter | None = on_id("t.claimant_id", "member", "By who claims.")
    result: Filter[ClaimResult] | None = on("t.result", "text", "By what the rulebook said.")
    filed_at: DateTimeFilter | None = on("t.filed_at", "timestamptz", "By filing.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    deal: DealFilter | None = on_one("t.deal_id", "Deal", "By the deal.")
    claimant: MemberFilter | None = on_one("t.claimant_id", "Member", "By who claims.")


@strawberry.input(description="By the claims that name the record.")
class ClaimListFilter:
    some: ClaimFilter | None = of_some()
    none: ClaimFilter | None = of_none()


_REGISTRATIONS = orders_of(
    "Registration",
    "registrations",
    {
        "ENTERED_AT": (SortKey("t.entered_at", "timestamptz"), "By entry."),
        "PROTECTED_UNTIL": (
            SortKey("t.protected_until", "timestamptz", nullable=True),
            "By the end of protection; the invalid last.",
        ),
    },
    "ENTERED_AT",
)
DEALS = Orders({"SIGNED_AT": SortKey("t.signed_at", "timestamptz")}, "SIGNED_AT")
CLAIMS = Orders({"FILED_AT": SortKey("t.filed_at", "timestamptz")}, "FILED_AT")


@strawberry.type
class OwnershipQuery(ChannelsQuery):
    registration: Registration | None = one(
        Registration, "One registration; null when there is none in sight."
    )
    registrations: Connection[Registration] = listing(
        Registration,
        _REGISTRATIONS,
        "The registrations in the caller's sight, latest first. Reading a colleague's is audited.",
        filter=RegistrationFilter,
    )
    follow_up: FollowUp | None = one(FollowUp, "One follow-up; null when there is none in sight.")
    follow_ups: Connection[FollowUp] = listing(
        FollowUp,
        _FOLLOW_UPS,
        "The follow-ups in the caller's sight, latest first.",
        filter=FollowUpFilter,
    )
    deal: Deal | None = one(Deal, "One deal; null when there is none in sight.")
    deals: Connection[Deal] = listing(
        Deal, DEALS, "The deals in the caller's sight, latest first.", filter=DealFilter
    )
    credit: Credit | None = one(
        Credit, "A deal's credit, by the credit's own id; null when out of sight."
    )
    claim: Claim | None = one(Claim, "One claim; null when there is none in sight.")
    claims: Connection[Claim] = listing(
        Claim, CLAIMS, "The claims in the caller's sight, latest first.", filter=ClaimFilter
    )
