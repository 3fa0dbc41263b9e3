"""A deal as far as credit needs it: the closing visit, the claim window, the first shares."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from service.ownership import facts
from service.ownership.commands.credit import CREDIT_FINAL, decide_credit, write_shares
from service.ownership.commands.deciding import Subject
from service.ownership.commands.running import count_claims, switch_to_come
from service.ownership.commands.taking_part import take_part
from service.ownership.errors import SaleWaitsForDispute
from service.ownership.events import DealRecorded
from service.ownership.rules import (
    NOT_BEGUN,
    UNDISPUTED,
    ClaimWindow,
    Closing,
    DealClock,
    Hearing,
    Kinship,
    Purchase,
    claim_window,
    may_claim,
)
from service.ownership.tables import Deal, Dispute, Registration
from service.rulebooks.in_force import InForce
from service.work import UnitOfWork

_AUTO_NOTIFY = "claim.auto_notify"


@dataclass(frozen=True, slots=True)
class ClosingVisit:
    """The visit in which the customer committed himself, and what was signed.

    Attributes:
        owner_kind: MEMBER, COMPANY or NOBODY, as the reception decided; so `obligation`, `mode`.
        provisional_at: the provisional deposit, if it came earlier than the subscription.
        unconfirmed_return: the visitor said he had come before and nothing confirmed it (RR-12).
        zone: the site's.
    """

    visit_id: UUID
    party_id: UUID
    site_id: UUID
    zone: ZoneInfo
    arrived_at: datetime
    receiver_id: UUID
    owner_kind: str
    owner_id: UUID | None
    mode: str
    obligation: str = "NONE"
    unconfirmed_return: bool = False
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    unit_code: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    provisional_at: datetime | None = None


async def enter_deal(work: UnitOfWork, in_force: InForce, visit: ClosingVisit) -> UUID:
    """Record a subscription signed now and return the deal's id.

    Its credit is decided at once, provisional until the claims close; the customer's
    registrations become CONVERTED and keep their windows, for a claim may rest on them. The
    caller has authorised. A dispute about the customer that is not over becomes the deal's. A
    visit's second deal is refused: DealAlreadyRecorded. Locks the customer's registrations by id,
    then the dispute about him.

    Raises:
        SaleWaitsForDispute: the rulebook lets the sale wait for an open dispute over him.
    """
    await _refuse_disputed(work, in_force, visit.party_id)
    converted = await _convert_registrations(work, visit.party_id)
    window = claim_window(
        in_force.rulebook,
        DealClock(work.now, visit.provisional_at),
        visit.zone,
        unconfirmed_return=visit.unconfirmed_return,
    )
    deal_id = work.new_id()
    closing = Closing(visit.receiver_id, visit.owner_kind, visit.owner_id, visit.obligation)
    disputed = await _disputed(work, visit)
    two = () if disputed is None else disputed.two
    place = (visit.org_unit_id, visit.territory_id)
    subject = Subject("deal", deal_id, visit.owner_id, *place, frozenset(two))
    over = UNDISPUTED if disputed is None else disputed.standing.resolution(work.now)
    amount = (visit.amount_minor, visit.currency)
    decision_id, shares = decide_credit(
        work, in_force, subject, closing, (), amount=amount, dispute=over, terms=_terms(visit)
    )
    _write(work, visit, window, deal_id, decision_id)
    write_shares(work, deal_id, decision_id, shares, amount)
    if disputed is not None:
        _carry(work, disputed, deal_id)
    if window.counted_from is not None:
        work.schedule(CREDIT_FINAL, deal_id, window.closes_at)
    work.concerns("deal", deal_id, unit=visit.unit_code)
    if await switch_to_come(work, visit.site_id):
        window = replace(window, closes_at=await count_claims(work, deal_id, window.closes_at))
    told = await _tracking(work, in_force, visit, window)
    take_part(work, deal_id, work.now, (*(share.member_id for share in shares), *told, *two))
    work.emit(_recorded(deal_id, visit, window, converted, told))
    return deal_id


async def _refuse_disputed(work: UnitOfWork, in_force: InForce, party_id: UUID) -> None:
    """Let the rulebook say whether a customer signs while a dispute over him is open (五(一))."""
    disputed = await facts.disputed_customer(work, party_id)
    outcome = in_force.rulebook.decide("sale", {"disputed": disputed})
    if outcome.then["answer"] != "ALLOWED":
        raise SaleWaitsForDispute(clause=outcome.clause)


def _terms(visit: ClosingVisit) -> dict[str, object]:
    """Return what was signed, as it is sealed."""
    return {
        "party_id": str(visit.party_id),
        "visit_id": str(visit.visit_id),
        "unit_code": visit.unit_code,
        "amount_minor": visit.amount_minor,
        "currency": visit.currency,
    }


def _write(
    work: UnitOfWork, visit: ClosingVisit, window: ClaimWindow, deal_id: UUID, decision_id: UUID
) -> None:
    work.add(
        Deal(
            tenant_id=work.tenant_id,
            id=deal_id,
            created_at=work.now,
            created_by=work.caller.member_id,
            party_id=visit.party_id,
            site_id=visit.site_id,
            visit_id=visit.visit_id,
            visit_arrived_at=visit.arrived_at,
            closer_id=visit.receiver_id,
            owner_kind=visit.owner_kind,
            owner_id=visit.owner_id,
            mode=visit.mode,
            obligation=visit.obligation,
            org_unit_id=visit.org_unit_id,
            territory_id=visit.territory_id,
            unit_code=visit.unit_code,
            amount_minor=visit.amount_minor,
            currency=visit.currency,
            signed_at=work.now,
            provisional_at=visit.provisional_at,
            counted_from=window.counted_from,
            claims_close_at=window.closes_at,
            credit_decision_id=decision_id,
        )
    )


async def _disputed(work: UnitOfWork, visit: ClosingVisit) -> facts.Disputed | None:
    """Return the dispute about the customer whose sides the closing visit's owner is one of.

    Of a third member's customer the two dispute in vain: his deal is not touched.
    """
    found = await facts.open_dispute_of(work, visit.party_id, visit.site_id, work.now)
    return found if found is not None and visit.owner_id in found.two else None


def _carry(work: UnitOfWork, disputed: facts.Disputed, deal_id: UUID) -> None:
    """Make a dispute about a customer that of the deal he signed while it was open."""
    work.change(Dispute, disputed.standing.id, {"deal_id": deal_id})
    if disputed.standing.appeal_until is not None:
        work.schedule(CREDIT_FINAL, deal_id, disputed.standing.appeal_until)


async def _tracking(
    work: UnitOfWork, in_force: InForce, visit: ClosingVisit, window: ClaimWindow
) -> tuple[UUID, ...]:
    """Return who must learn of the deal: others who may claim it, having tracked the buyer.

    Nothing goes to them by itself; each must know in time that he may claim.
    """
    # A version published before the parameter existed says nothing against telling them.
    if not in_force.rulebook.parameters.get(_AUTO_NOTIFY, True):
        return ()
    kin = await facts.kin_of(work, visit.party_id)
    parties = {visit.party_id, *(r.party_id for r in kin), *(r.other_party_id for r in kin)}
    knowns = await facts.everybodys_registrations(work, sorted(parties))
    purchase = Purchase(
        party_id=visit.party_id,
        unit_code=visit.unit_code,
        visit_arrived_at=visit.arrived_at,
        first_arrived_at=await facts.first_with(
            work, visit.party_id, visit.receiver_id, visit.arrived_at
        ),
        signed_at=work.now,
        owner_id=visit.owner_id,
        claims_close_at=window.closes_at,
        zone=visit.zone,
        site_id=visit.site_id,
    )
    hearing = Hearing(purchase, Kinship(kin), (), work.now, stated_same_customer=False)
    members = (
        known.member_id
        for known in knowns
        if known.member_active and may_claim(in_force.rulebook, hearing, known)
    )
    return tuple(dict.fromkeys(m for m in members if m not in {visit.owner_id, visit.receiver_id}))


async def _convert_registrations(work: UnitOfWork, party_id: UUID) -> tuple[UUID, ...]:
    rows = await work.fetch(
        "SELECT id FROM app.registration WHERE tenant_id = $1 AND party_id = $2"
        " AND result = 'VALID' AND converted_at IS NULL AND voided_at IS NULL"
        " AND superseded_at IS NULL ORDER BY id FOR NO KEY UPDATE",
        work.tenant_id,
        party_id,
    )
    for row in rows:
        work.change(Registration, row["id"], {"converted_at": work.now})
    return tuple(row["id"] for row in rows)


def _recorded(
    deal_id: UUID,
    visit: ClosingVisit,
    window: ClaimWindow,
    converted: tuple[UUID, ...],
    told: tuple[UUID, ...],
) -> DealRecorded:
    return DealRecorded(
        deal_id=deal_id,
        visit_id=visit.visit_id,
        party_id=visit.party_id,
        site_id=visit.site_id,
        closer_id=visit.receiver_id,
        owner_id=visit.owner_id,
        claims_close_at=None if window.closes_at == NOT_BEGUN else window.closes_at,
        registration_ids=converted,
        tracking_ids=told,
    )
