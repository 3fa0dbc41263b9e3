"""An entry is moved to the right customer: the visit it was made of is his too (五(四)5)."""

from uuid import UUID

from service.campaigns.commands import moved
from service.customers.facts import parties
from service.database.session import Row
from service.errors import NotFound
from service.ownership import commands, facts
from service.reception.commands.attributing import touched_by
from service.reception.facts.visits import VisitFacts, visit
from service.reception.tables import Visit
from service.work import UnitOfWork

_PARTY = ("input", "partyId")


async def correct_registration(work: UnitOfWork, order: commands.CorrectRegistration) -> UUID:
    """Correct as ownership's command does; the visit follows to the right customer.

    A visit that was sold keeps the customer of its deal. Locks the site's queue,
    the visit and the customer first.

    Raises:
        NotFound: the customer is missing, or out of the caller's sight.
        whatever ownership's command raises.
    """
    await facts.lock_floor_of(work, order.registration_id)
    entry = await _entry(work, order.registration_id)
    # Before registers, as everywhere.
    known = None if entry is None else await visit(work, entry["visit_id"])
    if order.party_id is not None:
        await _in_sight(work, order.party_id, known)
    registration_id = await commands.correct_registration(work, order)
    if entry is None or known is None or order.party_id in {None, entry["party_id"]}:
        return registration_id
    if known.party_id == entry["party_id"] and not await _sold(work, known.id):
        # What the visitor was recognised as stays with the decision that was made on it.
        work.change(Visit, known.id, {"party_id": order.party_id})
        before, after = (known.campaign_id, known.party_id), (known.campaign_id, order.party_id)
        moved(work, touched_by(known), before, after, today=known.today(work.now))
        # A replay gives the visit back to whom it was decided for.
        work.concerns("registration", registration_id, visit=known.id, was=known.party_id)
    return registration_id


async def _entry(work: UnitOfWork, registration_id: UUID) -> Row | None:
    """Return the visit an entry was made of, and whom it was made for; None where it was none."""
    return await work.fetch_one(
        "SELECT visit_id, party_id FROM app.registration"
        " WHERE tenant_id = $1 AND id = $2 AND visit_id IS NOT NULL",
        work.tenant_id,
        registration_id,
    )


async def _sold(work: UnitOfWork, visit_id: UUID) -> bool:
    """Tell whether a visit became a deal; asked once it is locked, or one could come between."""
    found = await work.fetch_value(
        "SELECT EXISTS (SELECT FROM app.deal WHERE tenant_id = $1 AND visit_id = $2"
        " AND cancelled_at IS NULL)",
        work.tenant_id,
        visit_id,
    )
    return bool(found)


async def _in_sight(work: UnitOfWork, party_id: UUID, known: VisitFacts | None) -> None:
    """Refuse a customer whom the caller may not see and the visitor was not recognised as."""
    (party,) = await parties(work, [(party_id, _PARTY)])
    if known is not None and party_id in {known.party_id, *known.party_ids}:
        return
    if not work.policy.check(work.actor, "party.view", party.record).allowed:
        raise NotFound(field=_PARTY)
