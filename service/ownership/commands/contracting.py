"""The contract that follows a subscription: from it the days to claim may be counted (四3)."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from service.calendar import day_of
from service.errors import InvalidInput, NotFound
from service.ownership import facts
from service.ownership.commands.running import count_claims
from service.ownership.commands.seeing import may_see_deal
from service.ownership.commands.standing import refuse_cancelled
from service.ownership.errors import DealHasContract
from service.ownership.events import DealContracted
from service.ownership.rules import NOT_BEGUN
from service.ownership.tables import Deal
from service.policies.access import Record
from service.work import UnitOfWork

_DEAL = ("input", "dealId")


@dataclass(frozen=True, slots=True)
class RecordContract:
    """The contract of a deal is signed.

    Attributes:
        contracted_on: the site's day on which it was, from the deal's signing on; today when left
            out. It is kept as stated; the days to claim count from the receipt (TM-6).
    """

    deal_id: UUID
    contracted_on: date | None = None


async def record_contract(work: UnitOfWork, order: RecordContract) -> UUID:
    """Record the contract of a deal and return the deal's id; once for each.

    Where the rulebook counts the days to claim from the contract they begin now, for nobody could
    know of it before; where it does not, they run on. Whoever it concerns is told. Locks the deal.

    Raises:
        NotFound: no such deal, or none in the caller's sight.
        DealIsCancelled: it fell through.
        DealHasContract: its contract was recorded before.
        Forbidden, InvalidInput.
    """
    seen = await facts.deal(work, order.deal_id)
    if not await may_see_deal(work, seen):
        raise NotFound(field=_DEAL)
    place = (seen.org_unit_id, seen.territory_id)
    work.authorise("deal.contract", Record(seen.closing.owner_id, *place))
    contracted_on = _day(work, order, seen)
    (deal,) = await facts.locked_deals(work, [order.deal_id])
    refuse_cancelled(deal, _DEAL)
    if deal.contracted_at is not None:
        raise DealHasContract(field=_DEAL)
    contract = {
        "contracted_at": work.now,
        "contracted_on": contracted_on,
        "contracted_by": work.actor.member_id,
    }
    waited = deal.claims_close_at == NOT_BEGUN
    work.change(Deal, deal.id, contract | ({"counted_from": work.now} if waited else {}))
    await work.flush()
    closes_at = await count_claims(work, deal.id, deal.claims_close_at)
    work.concerns("deal", deal.id, contracted_on=contracted_on.isoformat())
    work.emit(await _recorded(work, deal, closes_at))
    return deal.id


def _day(work: UnitOfWork, order: RecordContract, deal: facts.DealFacts) -> date:
    signed_on, today = day_of(deal.signed_at, deal.zone), day_of(work.now, deal.zone)
    day = order.contracted_on or today
    if day > today:
        raise InvalidInput(field=("input", "contractedOn"), expected="NOT_IN_FUTURE")
    if day < signed_on:
        raise InvalidInput(field=("input", "contractedOn"), expected="AFTER_START")
    return day


async def _recorded(work: UnitOfWork, deal: facts.DealFacts, closes_at: datetime) -> DealContracted:
    """Tell whoever takes part in the deal, above all those who may still claim it."""
    parts = await facts.parts_in(work, deal.id)
    named = (deal.closing.owner_id, deal.closing.receiver_id, *parts)
    return DealContracted(
        deal_id=deal.id,
        party_id=deal.party_id,
        claims_close_at=None if closes_at == NOT_BEGUN else closes_at,
        concerned_ids=tuple(dict.fromkeys(one for one in named if one is not None)),
        recorded_by=work.actor.member_id,
    )
