"""Claims: a rep asks for the credit of a deal; the answer is stored either way (五(四)3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service.errors import InvalidInput, NotFound
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.commands.credit import decide_again
from service.ownership.commands.deciding import Ruling, Subject, keep, let_read
from service.ownership.commands.standing import refuse_cancelled
from service.ownership.commands.strangers import refuse_stranger
from service.ownership.commands.taking_part import take_part
from service.ownership.errors import (
    CreditIsHisAlready,
    SameCustomerNeedsVoucher,
    VoucherIsConcerned,
)
from service.ownership.events import ClaimFiled, ClaimRejected
from service.ownership.rules import (
    AdmittedClaim,
    Hearing,
    Judged,
    Kinship,
    Known,
    Purchase,
    judge_claim,
)
from service.ownership.tables import Claim, ClaimResult
from service.policies.access import Record
from service.rulebooks.in_force import InForce, in_force
from service.work import UnitOfWork

_LONGEST_EVIDENCE = 4000


@dataclass(frozen=True, slots=True)
class FileClaim:
    """A rep claims a deal whose buyer he says he was tracking, or somebody files it for him.

    Attributes:
        registration_id: the claimant's own entry it is based on; left out, his entries of the
            buyer and of everybody known to be related to the buyer are looked through.
        claimant_id: who claims; whoever files it when left out.
        stated_same_customer: who files it vouches that the person of that entry is the buyer, or
            related to him as the claimant recorded. Nobody does for a claim of his own.
    """

    deal_id: UUID
    registration_id: UUID | None = None
    claimant_id: UUID | None = None
    stated_same_customer: bool = False
    evidence: str | None = None


async def file_claim(work: UnitOfWork, order: FileClaim) -> UUID:
    """Judge and store a claim, and return its id; an admitted one decides the credit again.

    ADMITTED or REJECTED with its reason is the stored answer, never a refusal. Who repeats an
    admitted claim, or one rejected on the same entry (or none) for the same reason, gets the
    first one's id. Locks the claimant's registrations, then the deal.

    Raises:
        NotFound: no such deal or member, or no such registration of the claimant's own.
        SameCustomerNeedsVoucher: the claimant himself states who the buyer is.
        VoucherIsConcerned: who files it for another has a part in the credit.
        DealIsCancelled: it fell through.
        CreditIsHisAlready: all of the credit is the claimant's without a claim (CR-4).
        Forbidden, InvalidInput.
    """
    if order.evidence is not None and len(order.evidence) > _LONGEST_EVIDENCE:
        field = ("input", "evidence")
        raise InvalidInput(field=field, expected="AT_MOST_CHARACTERS", most=_LONGEST_EVIDENCE)
    seen = await facts.deal(work, order.deal_id)
    claimant_id, vouchers = await _claimant(work, order, seen)
    rulebook = await in_force(work, work.now, seen.site_id)
    field = ("input", "claimantId" if vouchers else "dealId")
    await refuse_stranger(work, rulebook, seen, claimant_id, field)
    kin = await facts.kin_of(work, seen.party_id)
    parties = {seen.party_id, *(r.party_id for r in kin), *(r.other_party_id for r in kin)}
    candidates = await facts.own_registrations(
        work, claimant_id, sorted(parties), order.registration_id
    )
    if order.registration_id is not None and not candidates:
        raise NotFound(field=("input", "registrationId"))
    (deal,) = await facts.locked_deals(work, [order.deal_id])
    refuse_cancelled(deal, ("input", "dealId"))
    if vouchers:
        await _refuse_concerned(work, deal, claimant_id, vouchers)
    earlier = await _admitted(work, deal.id, claimant_id)
    if earlier is not None:
        return earlier
    if await facts.has_whole_credit(work, deal.credit_decision_id, claimant_id):
        raise CreditIsHisAlready(field=field)
    owners = await facts.registrations_of(work, deal.closing.owner_id, sorted(parties))
    hearing = Hearing(_purchase(deal), Kinship(kin), owners, work.now, order.stated_same_customer)
    judged = judge_claim(rulebook.rulebook, hearing, candidates)
    earlier = None if judged.admitted else await _rejected(work, deal.id, claimant_id, judged)
    if earlier is not None:
        return earlier
    return await _answer(
        work, rulebook, deal, order, judged, claimant_id=claimant_id, owners=owners
    )


async def _claimant(
    work: UnitOfWork, order: FileClaim, deal: facts.DealFacts
) -> tuple[UUID, frozenset[UUID]]:
    """Authorise whoever files the claim and return who claims, and who vouches for him, if any.

    A stand-in vouches with the right of whom he stands in for: then both do.
    """
    claimant_id = order.claimant_id or work.actor.member_id
    record = Record(claimant_id, deal.org_unit_id, deal.territory_id)
    if claimant_id == work.actor.member_id:
        work.authorise("claim.file", record)
        if order.stated_same_customer:
            raise SameCustomerNeedsVoucher(field=("input", "statedSameCustomer"))
        return claimant_id, frozenset()
    verdict = work.authorise("claim.vouch", record)
    if await facts.missing_member(work, [claimant_id]) is not None:
        raise NotFound(field=("input", "claimantId"))
    vouchers = (work.actor.member_id, verdict.acts_as)
    return claimant_id, frozenset(one for one in vouchers if one is not None)


async def _refuse_concerned(
    work: UnitOfWork,
    deal: facts.DealFacts,
    claimant_id: UUID,
    vouchers: frozenset[UUID],
) -> None:
    """Refuse a voucher who claims, owns or has the credit, himself or for whom he stands in."""
    holders = await facts.holders_of(work, deal.credit_decision_id)
    concerned = {claimant_id, deal.closing.owner_id, *holders}
    if concerned & vouchers:
        raise VoucherIsConcerned(field=("input", "claimantId"))


def _purchase(deal: facts.DealFacts) -> Purchase:
    return Purchase(
        party_id=deal.party_id,
        unit_code=deal.unit_code,
        visit_arrived_at=deal.visit_arrived_at,
        first_arrived_at=deal.first_arrived_at,
        signed_at=deal.signed_at,
        owner_id=deal.closing.owner_id,
        claims_close_at=deal.claims_close_at,
        zone=deal.zone,
        site_id=deal.site_id,
    )


async def _admitted(work: UnitOfWork, deal_id: UUID, claimant_id: UUID) -> UUID | None:
    found: UUID | None = await work.fetch_value(
        "SELECT id FROM app.claim WHERE tenant_id = $1 AND deal_id = $2 AND claimant_id = $3"
        " AND result = 'ADMITTED'",
        work.tenant_id,
        deal_id,
        claimant_id,
    )
    return found


async def _rejected(
    work: UnitOfWork, deal_id: UUID, claimant_id: UUID, judged: Judged
) -> UUID | None:
    """Return the claimant's earlier claim that got this very answer; the deal is locked."""
    found: UUID | None = await work.fetch_value(
        "SELECT id FROM app.claim WHERE tenant_id = $1 AND deal_id = $2 AND claimant_id = $3"
        " AND result = 'REJECTED' AND registration_id IS NOT DISTINCT FROM $4 AND reason = $5",
        work.tenant_id,
        deal_id,
        claimant_id,
        judged.known.id if judged.known else None,
        str(judged.outcome.then["reason"]),
    )
    return found


async def _answer(
    work: UnitOfWork,
    rulebook: InForce,
    deal: facts.DealFacts,
    order: FileClaim,
    judged: Judged,
    *,
    claimant_id: UUID,
    owners: Sequence[Known],
) -> UUID:
    claim_id = work.new_id()
    subject = claim_of(deal, claim_id, claimant_id)
    names = {"claimant": claimant_id, "owner": deal.closing.owner_id}
    behind = {
        "registrations": [judged.known.id] if judged.known else [],
        "owners_registrations": [known.id for known in owners],
    }
    told = {"claim": {"deal_id": str(deal.id), "stated_same_customer": order.stated_same_customer}}
    ruling = Ruling(DecisionKind.CLAIM, judged.facts, judged.outcome, names, behind, told=told)
    decision_id = keep(work, rulebook, subject, ruling)
    reason = str(judged.outcome.then["reason"])
    work.add(
        Claim(
            tenant_id=work.tenant_id,
            id=claim_id,
            created_at=work.now,
            created_by=work.caller.member_id,
            deal_id=deal.id,
            claimant_id=claimant_id,
            registration_id=judged.known.id if judged.known else None,
            filed_at=work.now,
            stated_same_customer=order.stated_same_customer,
            evidence=order.evidence,
            result=(ClaimResult.ADMITTED if judged.admitted else ClaimResult.REJECTED).value,
            reason=None if judged.admitted else reason,
            decision_id=decision_id,
            org_unit_id=deal.org_unit_id,
            territory_id=deal.territory_id,
        )
    )
    take_part(work, deal.id, deal.signed_at, [claimant_id])
    work.concerns("claim", claim_id, deal=deal.id, claimant=claimant_id)
    if judged.admitted and judged.known is not None:
        claims = [*deal.claims, _counting(work, claimant_id, judged.known, claim_id)]
        decide_again(work, rulebook, deal, claims)
        work.emit(ClaimFiled(claim_id, deal.id, claimant_id, deal.closing.owner_id))
    else:
        work.emit(ClaimRejected(claim_id, deal.id, claimant_id, reason))
        await _read_credit(work, deal, claimant_id)
    return claim_id


async def _read_credit(work: UnitOfWork, deal: facts.DealFacts, claimant_id: UUID) -> None:
    """Let a claimant who was refused read whose the credit is, and why; the deal is locked."""
    decision_id = deal.credit_decision_id
    decision = await work.fetch_only(
        "SELECT d.at, EXISTS (SELECT FROM app.decision_member m WHERE m.tenant_id = $1"
        " AND m.member_id = $2 AND m.decision_id = d.id) AS known"
        " FROM app.decision d WHERE d.tenant_id = $1 AND d.id = $3",
        work.tenant_id,
        claimant_id,
        decision_id,
    )
    if not decision["known"] and claimant_id != deal.closing.owner_id:
        let_read(work, decision_id, claimant_id, decision["at"])


def claim_of(deal: facts.DealFacts, claim_id: UUID, claimant_id: UUID) -> Subject:
    """Name a claim as the subject of a decision: whose credit it wants reads it too."""
    owner_id = deal.closing.owner_id
    sides = frozenset(() if owner_id is None else (owner_id,))
    return Subject("claim", claim_id, claimant_id, deal.org_unit_id, deal.territory_id, sides)


def _counting(work: UnitOfWork, claimant_id: UUID, known: Known, claim_id: UUID) -> AdmittedClaim:
    return AdmittedClaim(claimant_id, work.now, known.entered_at, known.id, claim_id)
