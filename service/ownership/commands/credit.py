"""Credit: decided at the deal, again at each claim, dispute and finding; final by the clock."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from service.calendar import day_of
from service.journal.tables import DecisionKind
from service.money import spread
from service.ownership import facts
from service.ownership.commands.deciding import Ruling, Subject, keep
from service.ownership.commands.taking_part import take_part
from service.ownership.events import CreditFinalised
from service.ownership.rules import (
    UNDISPUTED,
    AdmittedClaim,
    Closing,
    Resolution,
    Share,
    credit_facts,
    shares_of,
)
from service.ownership.tables import CreditEntry, CreditShare, Deal
from service.rulebooks.in_force import InForce, version
from service.work import UnitOfWork

CREDIT_FINAL = "credit_final"
DEALS, SALES_AMOUNT = "DEALS", "SALES_AMOUNT"


# In minor units, and of which currency; both are absent where no price was told.
Amount = tuple[int | None, str | None]


def decide_credit(
    work: UnitOfWork,
    in_force: InForce,
    deal: Subject,
    closing: Closing,
    claims: Sequence[AdmittedClaim],
    *,
    amount: Amount,
    dispute: Resolution = UNDISPUTED,
    terms: Mapping[str, object] | None = None,
) -> tuple[UUID, tuple[Share, ...]]:
    """Ask the rulebook whose result a deal is; return the decision's id and the shares.

    The shares are sealed with the decision, and with a deal's first one its terms.
    """
    asked = credit_facts(closing, claims, dispute)
    outcome = in_force.rulebook.decide("credit", asked)
    shares = shares_of(outcome.then, closing, claims, dispute)
    claimants = {claim.claimant_id for claim in claims}
    names = {
        "owner": closing.owner_id,
        "receiver": closing.receiver_id,
        "claimant": next((s.member_id for s in shares if s.member_id in claimants), None),
    }
    behind = {
        "claims": [claim.claim_id for claim in claims if claim.claim_id is not None],
        "registrations": [claim.registration_id for claim in claims],
    }
    passed_over = _passed_over(str(outcome.then["to"]), closing, claims, shares)
    told: dict[str, object] = {"shares": _told(shares, amount)}
    if terms is not None:
        told["deal"] = terms
    ruling = Ruling(DecisionKind.CREDIT, asked, outcome, names, behind, passed_over, told)
    sides = {*deal.sides, closing.receiver_id, *claimants}
    return keep(work, in_force, replace(deal, sides=frozenset(sides)), ruling), shares


# Why a claimant has no share, by the word that chose among the claimants.
_LATER = {"EARLIEST_CLAIMANT": "LATER_REGISTRATION", "FIRST_CLAIMANT": "LATER_CLAIM"}
# Why nobody's own standing matters, by the word that a dispute makes of the credit.
_DISPUTED = {"NOBODY": "IN_DISPUTE", "AS_RESOLVED": "NOT_AWARDED"}


def _passed_over(
    to: str, closing: Closing, claims: Sequence[AdmittedClaim], shares: Sequence[Share]
) -> list[tuple[UUID, str]]:
    """Return everybody who could have had a share and has none, with the reason."""
    reasons: dict[UUID, str] = {}
    word = _DISPUTED.get(to)
    if closing.owner_id is not None:
        reasons[closing.owner_id] = word or ("CLAIM_ADMITTED" if claims else "NO_CREDIT")
    received_for = word or ("CLAIM_ADMITTED" if claims else "RECEIVED_FOR_OWNER")
    reasons.setdefault(closing.receiver_id, received_for)
    reasons |= {claim.claimant_id: word or _LATER.get(to, "NO_CREDIT") for claim in claims}
    holders = {share.member_id for share in shares}
    return [(member, reason) for member, reason in reasons.items() if member not in holders]


def write_shares(
    work: UnitOfWork,
    deal_id: UUID,
    decision_id: UUID,
    shares: Sequence[Share],
    amount: Amount,
) -> None:
    """Write a decision's shares; their amounts sum to the deal's exactly."""
    for share, part in zip(shares, _parts(shares, amount[0]), strict=True):
        work.add(
            CreditShare(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                deal_id=deal_id,
                decision_id=decision_id,
                holder=share.holder,
                member_id=share.member_id,
                basis_points=share.basis_points,
                amount_minor=part,
                currency=amount[1],
            )
        )


def _told(shares: Sequence[Share], amount: Amount) -> list[list[object]]:
    parts = _parts(shares, amount[0])
    return [
        [share.holder, share.member_id and str(share.member_id), share.basis_points, part]
        for share, part in zip(shares, parts, strict=True)
    ]


def _parts(shares: Sequence[Share], amount_minor: int | None) -> list[int | None]:
    if amount_minor is None:
        return [None] * len(shares)
    return list(spread(amount_minor, [share.basis_points for share in shares]))


def subject_of(deal: facts.DealFacts) -> Subject:
    """Name a deal as the subject of a decision."""
    sides = () if deal.dispute is None else (deal.dispute.first_id, deal.dispute.second_id)
    place = (deal.org_unit_id, deal.territory_id)
    return Subject("deal", deal.id, deal.closing.owner_id, *place, frozenset(sides))


def decide_again(
    work: UnitOfWork,
    in_force: InForce,
    deal: facts.DealFacts,
    claims: Sequence[AdmittedClaim],
) -> tuple[UUID, tuple[Share, ...]]:
    """Decide a locked deal's credit under the claims that count now, and put it in force."""
    amount = (deal.amount_minor, deal.currency)
    decision_id, shares = decide_credit(
        work,
        in_force,
        subject_of(deal),
        deal.closing,
        claims,
        amount=amount,
        dispute=deal.resolution(work.now),
    )
    write_shares(work, deal.id, decision_id, shares, amount)
    take_part(work, deal.id, deal.signed_at, (share.member_id for share in shares))
    work.change(Deal, deal.id, {"credit_decision_id": decision_id})
    return decision_id, shares


async def finalise_credit(work: UnitOfWork, deal_id: UUID) -> None:
    """Enter a deal's credit in the ledger once its claims have closed; exactly once.

    Called by the worker, at any time after and as often as it likes. The version that decided
    last decides again, so that a rulebook published meanwhile changes nothing. While a dispute is
    open nothing is entered: what ends it enters the credit. Of a deal that fell through nothing
    is. Locks the deal.
    """
    (deal,) = await facts.locked_deals(work, [deal_id])
    due = deal.cancelled_at is None and deal.final_at(work.now)
    if due and not await _is_entered(work, deal_id):
        in_force = await version(work, deal.credit_version_id)
        work.concerns("deal", deal.id)
        enter(work, deal, *decide_again(work, in_force, deal, deal.claims))


def enter(
    work: UnitOfWork, deal: facts.DealFacts, decision_id: UUID, shares: Sequence[Share]
) -> None:
    """Enter the shares of a locked deal whose credit is final, and not entered yet."""
    # The shares refer to the decision, and the ledger to both.
    for metric in (DEALS, SALES_AMOUNT) if deal.amount_minor is not None else (DEALS,):
        amount = deal.amount_minor if metric == SALES_AMOUNT else None
        for share, part in zip(shares, _parts(shares, amount), strict=True):
            work.add(
                CreditEntry(
                    tenant_id=work.tenant_id,
                    id=work.new_id(),
                    deal_id=deal.id,
                    decision_id=decision_id,
                    holder=share.holder,
                    member_id=share.member_id,
                    metric=metric,
                    basis_points=share.basis_points,
                    amount_minor=part,
                    currency=deal.currency if part is not None else None,
                    credited_on=day_of(deal.signed_at, deal.zone),
                    at=work.now,
                )
            )
    holders = tuple(share.member_id for share in shares if share.member_id is not None)
    work.emit(CreditFinalised(deal.id, decision_id, holders))


async def _is_entered(work: UnitOfWork, deal_id: UUID) -> bool:
    found = await work.fetch_value(
        "SELECT 1 FROM app.credit_entry WHERE tenant_id = $1 AND deal_id = $2"
        " AND reverses_id IS NULL LIMIT 1",
        work.tenant_id,
        deal_id,
    )
    return found is not None
