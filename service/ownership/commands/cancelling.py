"""A deal that was signed falls through: whatever was said of its credit ends with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.calendar import day_of
from service.database.session import Row
from service.errors import InvalidInput, NotFound
from service.ownership import facts
from service.ownership.commands.disputes import note_step, stated
from service.ownership.commands.seeing import may_see_deal
from service.ownership.commands.standing import refuse_cancelled
from service.ownership.events import CreditReversed, DealCancelled
from service.ownership.rules import Phase
from service.ownership.tables import CreditEntry, Deal, Dispute, DisputeStepKind, Registration
from service.policies.access import Record
from service.work import UnitOfWork

_DEAL = ("input", "dealId")


@dataclass(frozen=True, slots=True)
class CancelDeal:
    """A signed subscription falls through: the buyer withdraws, or it was entered wrongly.

    Attributes:
        cancelled_on: the site's day on which it did, from the signing on; today when left out.
        restated: its credit is taken back on the day of the deal, not on that of the cancellation.
    """

    deal_id: UUID
    reason: str
    cancelled_on: date | None = None
    restated: bool = False


async def cancel_deal(work: UnitOfWork, order: CancelDeal) -> UUID:
    """Cancel the deal and return its id; nobody has credit of it from now on.

    What was entered in the credit ledger is taken back by entries of the opposite sign. Claims of
    it and an open dispute end. Its customer is tracked again by whose registrations the deal had
    converted, and the visit may be sold anew. Locks those registrations, a dispute that began about
    the customer, the deal.

    Raises:
        NotFound: no such deal, or none in the caller's sight.
        DealIsCancelled: it was cancelled before.
        Forbidden, InvalidInput.
    """
    reason = stated(order.reason, "reason")
    seen = await facts.deal(work, order.deal_id)
    await _authorise(work, seen)
    cancelled_on = _day(work, order, seen)
    registrations = await facts.converted_by(work, seen)
    await facts.lock_dispute_of(work, order.deal_id)
    (deal,) = await facts.locked_deals(work, [order.deal_id])
    refuse_cancelled(deal, _DEAL)
    cancellation: dict[str, object] = {
        "cancelled_at": work.now,
        "cancelled_on": cancelled_on,
        "cancelled_by": work.actor.member_id,
        "cancellation_reason": reason,
        "cancellation_restated": order.restated,
    }
    work.change(Deal, deal.id, cancellation)
    _track_again(work, registrations)
    dispute_id = await _end_dispute(work, deal, reason)
    await _reverse(work, deal.id, None if order.restated else cancelled_on)
    work.concerns("deal", deal.id, reason=reason, cancelled_on=cancelled_on.isoformat())
    work.emit(
        DealCancelled(
            deal_id=deal.id,
            party_id=deal.party_id,
            site_id=deal.site_id,
            dispute_id=dispute_id,
            registration_ids=tuple(row["id"] for row in registrations if row["until"] is None),
            concerned_ids=await _concerned(work, deal),
            cancelled_by=work.actor.member_id,
        )
    )
    return deal.id


async def _authorise(work: UnitOfWork, deal: facts.DealFacts) -> None:
    """Let only those whose duty it is; who does not see the deal is told that there is none.

    Raises:
        NotFound, Forbidden.
    """
    if not await may_see_deal(work, deal):
        raise NotFound(field=_DEAL)
    place = (deal.org_unit_id, deal.territory_id)
    work.authorise("deal.cancel", Record(deal.closing.owner_id, *place))


def _day(work: UnitOfWork, order: CancelDeal, deal: facts.DealFacts) -> date:
    signed_on, today = day_of(deal.signed_at, deal.zone), day_of(work.now, deal.zone)
    day = order.cancelled_on or today
    if day > today:
        raise InvalidInput(field=("input", "cancelledOn"), expected="NOT_IN_FUTURE")
    if day < signed_on:
        raise InvalidInput(field=("input", "cancelledOn"), expected="AFTER_START")
    return day


def _track_again(work: UnitOfWork, registrations: Sequence[Row]) -> None:
    """Let the customer's registrations be as they would be without the deal."""
    for row in registrations:
        work.change(Registration, row["id"], {"converted_at": row["until"]})


async def _end_dispute(work: UnitOfWork, deal: facts.DealFacts, reason: str) -> UUID | None:
    """End a dispute that could still come out otherwise, and return its id."""
    dispute = deal.dispute
    if dispute is None or dispute.phase(work.now) is Phase.OVER:
        return None
    work.change(Dispute, dispute.id, {"cancelled_at": work.now, "ended_at": work.now})
    steps = await facts.dispute_steps(work, dispute.id)
    note_step(work, dispute.id, len(steps) + 1, DisputeStepKind.CANCELLED, words=reason)
    return dispute.id


async def _reverse(work: UnitOfWork, deal_id: UUID, day: date | None) -> None:
    """Take back what the ledger has of the deal, on a day or where it stands."""
    entered = await facts.entered(work, deal_id)
    for row in entered:
        amount = row["amount_minor"]
        work.add(
            CreditEntry(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                deal_id=deal_id,
                decision_id=row["decision_id"],
                holder=row["holder"],
                member_id=row["member_id"],
                metric=row["metric"],
                basis_points=-row["basis_points"],
                amount_minor=None if amount is None else -amount,
                currency=row["currency"],
                credited_on=day or row["credited_on"],
                at=work.now,
                reverses_id=row["id"],
            )
        )
    holders = dict.fromkeys(row["member_id"] for row in entered if row["member_id"] is not None)
    if entered:
        work.emit(CreditReversed(deal_id, tuple(holders)))


async def _concerned(work: UnitOfWork, deal: facts.DealFacts) -> tuple[UUID, ...]:
    holders = await facts.holders_of(work, deal.credit_decision_id)
    two = () if deal.dispute is None else (deal.dispute.first_id, deal.dispute.second_id)
    claimants = (claim.claimant_id for claim in deal.claims)
    named = (deal.closing.owner_id, deal.closing.receiver_id, *holders, *claimants, *two)
    return tuple(dict.fromkeys(one for one in named if one is not None))
