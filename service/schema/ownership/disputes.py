"""Disputes of two members over a customer or a deal as they are read."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Final

import strawberry

from service.ownership import tables
from service.ownership.tables import DisputeStepKind, DisputeSubject
from service.policies.access import RecordColumns
from service.schema.connections import Connection, OrderDirection, SortKey
from service.schema.customers import Party
from service.schema.filters import (
    DateTimeFilter,
    IdFilter,
    OrgUnitScope,
    TerritoryScope,
    every,
    none_of,
    on,
    on_id,
    on_one,
    on_org_unit,
    on_territory,
    some,
)
from service.schema.journal import Decision
from service.schema.listing import listing
from service.schema.nodes import ID, VERSION, Node, described
from service.schema.ordering import orders_of
from service.schema.organisation.types import Member
from service.schema.ownership.types import Deal, DealFilter
from service.schema.planner.mapping import (
    Possible,
    allowed_actions,
    column,
    key,
    planned,
    sql,
    to_many,
    to_one,
)
from service.schema.reading import one
from service.schema.reception.types import Site, SiteFilter

described(
    DisputeSubject,
    "What two members disputed when they began. Values are added.",
    CUSTOMER="Whose a customer of a site is, who had not signed.",
    DEAL="Whose result a deal is.",
)
described(
    DisputeStepKind,
    "What somebody did in a dispute. Values are added.",
    OPENED="It was opened.",
    PROPOSED="One of the two proposed an outcome, or confirmed the other's.",
    HANDOVER_ASKED="One of the two asked for the manager's verdict.",
    DECIDED="The manager decided.",
    APPEALED="One of the two appealed.",
    APPEAL_DECIDED="The appeal was decided.",
    CANCELLED="The deal was cancelled.",
)

_HERE: Final = "service.schema.ownership.disputes"
# What the clock makes of the recorded instants (TM-8).
STATE: Final = """
CASE WHEN t.cancelled_at IS NOT NULL THEN 'CANCELLED'
     WHEN t.settled_at IS NOT NULL THEN 'SETTLED'
     WHEN t.appeal_decided_at IS NOT NULL THEN 'FINAL'
     WHEN t.appealed_at IS NOT NULL THEN 'APPEALED'
     WHEN t.decided_at IS NOT NULL THEN 'DECIDED'
     WHEN t.handed_over_at IS NOT NULL OR t.private_until <= {now} THEN 'MANAGER'
     ELSE 'PRIVATE' END
"""
# A dispute is both members' own.
_FIRST: Final = RecordColumns(
    owner="t.first_member_id", org_unit="t.org_unit_id", territory="t.territory_id"
)
_SECOND: Final = RecordColumns(
    owner="t.second_member_id", org_unit="t.org_unit_id", territory="t.territory_id"
)
_NEITHER: Final = "{me} NOT IN (t.first_member_id, t.second_member_id)"
_ONE_OF_THEM: Final = "{me} IN (t.first_member_id, t.second_member_id)"
# Of each of the two his last wish counts: who has asked for the manager need not ask again.
_ASKED_ALREADY: Final = """
(SELECT s.kind FROM app.dispute_step s WHERE s.tenant_id = $1 AND s.dispute_id = t.id
 AND s.member_id = {me} AND s.kind IN ('PROPOSED', 'HANDOVER_ASKED')
 ORDER BY s.step_number DESC LIMIT 1) IS NOT DISTINCT FROM 'HANDOVER_ASKED'
"""
_POINTS: Final = "in basis points of the whole; null where there is no outcome."


@planned(
    tables.DisputeStep,
    action="dispute.view",
    scope=RecordColumns(
        owner="side.owner_id", org_unit="side.org_unit_id", territory="side.territory_id"
    ),
    joins="JOIN app.dispute d ON d.tenant_id = $1 AND d.id = t.dispute_id"
    " CROSS JOIN LATERAL (SELECT d.org_unit_id, d.territory_id, CASE WHEN"
    " d.second_member_id = {me} THEN d.second_member_id ELSE d.first_member_id END AS owner_id)"
    " side",
)
@strawberry.type(description="What somebody did in a dispute.")
class DisputeStep(Node):
    id: strawberry.ID = key(ID)
    dispute: Annotated["Dispute", strawberry.lazy(_HERE)] | None = to_one(
        "dispute_id", "Dispute", "The dispute."
    )
    step_number: int = column("step_number", "Its place in the dispute, from 1.")
    kind: DisputeStepKind = column("kind", "What was done.")
    member: Member | None = to_one("member_id", "Member", "By whom.")
    at: datetime = column("at", "When it was received.")
    first_basis_points: int | None = column(
        "first_basis_points", f"The first member's part, {_POINTS}"
    )
    second_basis_points: int | None = column(
        "second_basis_points", f"The second member's part, {_POINTS}"
    )
    company_basis_points: int | None = column(
        "company_basis_points", f"The company's part, {_POINTS}"
    )
    aggravated: bool = column("aggravated", "Whether aggravated misconduct was found.")
    words: str | None = column("words", "The ground or the reason, as stated.")


@strawberry.enum(description="Where a dispute stands at this instant. Values are added.")
class DisputeState(Enum):
    PRIVATE = strawberry.enum_value("PRIVATE", description="The two may settle it by themselves.")
    MANAGER = strawberry.enum_value("MANAGER", description="It waits for the manager's verdict.")
    SETTLED = strawberry.enum_value("SETTLED", description="The two have settled it.")
    DECIDED = strawberry.enum_value("DECIDED", description="A manager has decided it.")
    APPEALED = strawberry.enum_value(
        "APPEALED", description="It waits for the answer to an appeal."
    )
    FINAL = strawberry.enum_value("FINAL", description="The appeal is decided.")
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="Its deal was cancelled before its outcome was final."
    )


@strawberry.enum(description="What may be done with a dispute. Values are added.")
class DisputeAction(Enum):
    AGREE = strawberry.enum_value("AGREE", description="`agreeOnDispute`.")
    ESCALATE = strawberry.enum_value("ESCALATE", description="`escalateDispute`.")
    DECIDE = strawberry.enum_value("DECIDE", description="`decideDispute`, in the first place.")
    APPEAL = strawberry.enum_value("APPEAL", description="`appealDispute`.")
    DECIDE_APPEAL = strawberry.enum_value(
        "DECIDE_APPEAL", description="`decideDispute`, on appeal."
    )


@planned(
    tables.Dispute,
    action="dispute.view",
    scope=_FIRST,
    also=(_SECOND,),
)
@strawberry.type(description="Two members who both say that a customer or a deal is theirs.")
class Dispute(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    subject: DisputeSubject = column("subject", "What it began about.")
    deal: Deal | None = to_one(
        "deal_id",
        "Deal",
        "The deal; its sale goes on. A dispute about a customer has one once he has signed.",
    )
    party: Party | None = to_one("party_id", "Party", "The customer.")
    site: Site | None = to_one("site_id", "Site", "Where it was signed, or he is a customer.")
    first_member: Member | None = to_one("first_member_id", "Member", "One of the two.")
    second_member: Member | None = to_one("second_member_id", "Member", "The other.")
    state: DisputeState = sql(STATE, "Where it stands at this instant.")
    final: bool = sql(
        "num_nonnulls(t.cancelled_at, t.settled_at, t.appeal_decided_at) > 0"
        " OR (t.appealed_at IS NULL AND t.decided_at IS NOT NULL"
        " AND coalesce(t.appeal_until <= {now}, TRUE))",
        "Whether its outcome can no longer change.",
    )
    ground: str = column("ground", "Why it was opened, as stated.")
    opened_at: datetime = column("opened_at", "When it was opened.")
    private_until: datetime = column(
        "private_until", "First instant at which the two may no longer settle it by themselves."
    )
    handed_over_at: datetime | None = column(
        "handed_over_at", "When it was given to the manager before that."
    )
    settled_at: datetime | None = column("settled_at", "When the two settled it.")
    decided_at: datetime | None = column("decided_at", "When a manager decided.")
    decided_by: Member | None = to_one("decided_by", "Member", "Which manager decided.")
    appeal_until: datetime | None = column(
        "appeal_until", "First instant without an appeal; null where none is heard."
    )
    appealed_at: datetime | None = column("appealed_at", "When one of the two appealed.")
    appealed_by: Member | None = to_one("appealed_by", "Member", "Which of the two.")
    appeal_decided_at: datetime | None = column("appeal_decided_at", "When the appeal was decided.")
    appeal_decided_by: Member | None = to_one("appeal_decided_by", "Member", "By whom.")
    cancelled_at: datetime | None = column(
        "cancelled_at", "When it ended with its deal, which was cancelled."
    )
    ended_at: datetime | None = column(
        "ended_at", "When it last got an outcome or ended without; null while it waits for one."
    )
    first_basis_points: int | None = column(
        "first_basis_points", f"The first member's part, {_POINTS}"
    )
    second_basis_points: int | None = column(
        "second_basis_points", f"The second member's part, {_POINTS}"
    )
    company_basis_points: int | None = column(
        "company_basis_points", f"The company's part, {_POINTS}"
    )
    aggravated: bool = column("aggravated", "Whether the verdict found aggravated misconduct.")
    reason: str | None = column("reason", "The reason of the verdict, as stated.")
    opening: Decision | None = to_one("opening_id", "Decision", "Why it was admitted.")
    outcome: Decision | None = to_one("outcome_id", "Decision", "Why it came out so.")
    steps: list[DisputeStep] = to_many(
        "DisputeStep", "dispute_id", "What was done in it, in order.", order="t.step_number"
    )
    allowed_actions: list[DisputeAction] = allowed_actions(
        "Commands the caller could issue now.",
        AGREE=Possible("dispute.settle", f"{STATE} = 'PRIVATE' AND {_ONE_OF_THEM}"),
        ESCALATE=Possible(
            "dispute.settle",
            f"{STATE} = 'PRIVATE' AND {_ONE_OF_THEM} AND NOT ({_ASKED_ALREADY})",
        ),
        DECIDE=Possible("dispute.decide", f"{STATE} = 'MANAGER' AND {_NEITHER}"),
        APPEAL=Possible(
            "dispute.appeal", f"{STATE} = 'DECIDED' AND t.appeal_until > {{now}} AND {_ONE_OF_THEM}"
        ),
        DECIDE_APPEAL=Possible(
            "dispute.decide_appeal",
            f"{STATE} = 'APPEALED' AND {_NEITHER} AND t.decided_by <> {{me}}",
        ),
    )


@strawberry.input(description="Which disputes.")
class DisputeFilter:
    and_: list["DisputeFilter"] | None = every()
    or_: list["DisputeFilter"] | None = some()
    not_: "DisputeFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "dispute", "By id.")
    deal_id: IdFilter | None = on_id("t.deal_id", "deal", "By deal.")
    party_id: IdFilter | None = on_id("t.party_id", "party", "By customer.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    first_member_id: IdFilter | None = on_id("t.first_member_id", "member", "By one of the two.")
    second_member_id: IdFilter | None = on_id("t.second_member_id", "member", "By the other.")
    opened_at: DateTimeFilter | None = on("t.opened_at", "timestamptz", "By opening.")
    ended_at: DateTimeFilter | None = on(
        "t.ended_at", "timestamptz", "By outcome; `isNull: true` gives those that wait for one."
    )
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    site: SiteFilter | None = on_one("t.site_id", "Site", "By the site.")
    deal: DealFilter | None = on_one("t.deal_id", "Deal", "By the deal.")


DISPUTES = orders_of(
    "Dispute",
    "disputes",
    {"OPENED_AT": (SortKey("t.opened_at", "timestamptz"), "By opening.")},
    "OPENED_AT",
    direction=OrderDirection.DESC,
)


@strawberry.type
class DisputesQuery:
    dispute: Dispute | None = one(Dispute, "One dispute; null when there is none in sight.")
    disputes: Connection[Dispute] = listing(
        Dispute,
        DISPUTES,
        "The disputes in the caller's sight, latest first.",
        filter=DisputeFilter,
    )
