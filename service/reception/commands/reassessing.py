"""A visitor who waits is decided on again, as things stand now."""

from dataclasses import dataclass
from uuid import UUID

from service.customers.commands import Met, entrust_party
from service.reception.commands.assigning import (
    Assignment,
    decision_of,
    pool_companys,
    write_moves,
)
from service.reception.commands.renewing import renew_trackings
from service.reception.events import ReceptionAssigned
from service.reception.facts.arrivals import ArrivalFacts, Asked, arrival
from service.reception.facts.floor import QueueRow
from service.reception.facts.visitor import Recognised, Said, recognise
from service.reception.facts.visits import VisitFacts, queue_of_visit, visit, waiting_at
from service.reception.rules.arrival import ReceptionOutcome, decide_reception
from service.reception.rules.queue import Queue
from service.reception.rules.rotation import rotation_of
from service.reception.tables import Visit, VisitState
from service.rulebooks.in_force import InForce, version
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Again:
    """A recorded visitor, recognised anew, and the site around him."""

    found: ArrivalFacts
    recognised: Recognised
    in_force: InForce
    queue: Queue

    def outcome(self) -> ReceptionOutcome:
        """Decide on him as if he came now."""
        return decide_reception(self.in_force.rulebook, self.recognised.visitor, self.queue)


async def seen_again(
    work: UnitOfWork,
    known: VisitFacts,
    row: QueueRow,
    *,
    named_member_id: UUID | None = None,
    taker_id: UUID | None = None,
) -> Again:
    """Read what the arrival's decision would ask now; the queue is locked.

    Args:
        work: the unit of work.
        known: the visit.
        row: the queue of its site.
        named_member_id: the rep the visitor names now, if not the one he named.
        taker_id: the rep who takes him now, which counts where the floor is open.
    """
    named = named_member_id or known.named_member_id
    asked = Asked(
        site_id=known.site_id,
        phones=known.phones,
        digests=known.identities,
        party_id=known.party_id,
        named_member_id=named,
        taken_by_id=known.taken_by_id,
        referrer_party_id=known.referrer_party_id,
        together_with_id=known.together_with_id,
    )
    found = await arrival(work, asked, row)
    in_force = await version(work, found.floor.version_id)
    said = Said(
        way=known.way,
        survey=known.survey,
        said_before=known.said_before,
        named_member_id=named,
        referrer_party_id=known.referrer_party_id,
        taken_by_id=known.taken_by_id,
        unit_code=known.unit_code,
    )
    recognised = recognise(in_force.rulebook, found, said, work.now)
    queue = found.floor.queue(rotation_of(in_force.rulebook), work.now, taker_id)
    return Again(found, recognised, in_force, queue)


async def assign_again(work: UnitOfWork, known: VisitFacts, again: Again) -> ReceptionOutcome:
    """Decide on a waiting visitor and write what came of it; he may have to wait on."""
    outcome = again.outcome()
    assigned = Assignment(
        floor=again.found.floor,
        visit_id=known.id,
        version_id=again.in_force.version_id,
        outcome=outcome,
        visitor=again.recognised.visitor,
        queue=again.queue,
        registration_id=again.recognised.best.id if again.recognised.best else None,
        calls=again.found.calls,
        others=again.recognised.others,
        recognised=again.recognised.asked,
    )
    work.change(
        Visit,
        known.id,
        {
            "state": (VisitState.WAITING if outcome.waits else VisitState.ASSIGNED).value,
            "receiver_id": outcome.receiver_id,
            "owner_kind": outcome.owner_kind,
            "owner_id": outcome.owner_id,
            "mode": outcome.mode,
            "obligation": outcome.obligation,
            "turn_member_id": outcome.turn_member_id,
            "decision_id": work.decided(decision_of(work, assigned)),
            "rule": outcome.rule,
            "clause": outcome.clause,
        },
    )
    write_moves(work, assigned)
    party = again.found.parties.get(known.party_id) if known.party_id else None
    met = None if party is None else Met(party.id, party.territory_id)
    if party is not None:
        # Who waited as a new visitor was nobody's until now, so nobody had him in sight.
        keeper_id = outcome.owner_id or (party.owner_id or outcome.receiver_id)
        if keeper_id is not None and keeper_id != party.owner_id:
            entrust_party(work, party.id, keeper_id)
    await pool_companys(work, assigned, met)
    own = again.recognised.of(outcome.receiver_id)
    await renew_trackings(work, again.in_force, again.found.floor, own)
    work.emit(
        ReceptionAssigned(
            known.id,
            known.site_id,
            outcome.receiver_id,
            outcome.owner_kind,
            outcome.owner_id,
            outcome.mode,
            outcome.rule,
        )
    )
    return outcome


async def decide_again_who_waits(work: UnitOfWork, site_id: UUID, party_id: UUID) -> None:
    """Decide anew on a customer who waits and is another's since a dispute about him has ended.

    He would wait for who has lost him, and his decision would say so; so it is written also where
    he waits on. The site's queue is locked.
    """
    await work.flush()
    for visit_id in await waiting_at(work, site_id):
        known = await visit(work, visit_id)
        if known.party_id == party_id:
            row = await queue_of_visit(work, visit_id)
            await assign_again(work, known, await seen_again(work, known, row))


async def serve_waiting(work: UnitOfWork, site_id: UUID) -> None:
    """Give those who wait, in their order, to whom the rulebook now gives them; others wait on.

    Whatever frees a rep calls it in the same transaction, behind the lock of the site's queue: a
    visitor who comes later cannot be faster. Nothing is written of who waits on.
    """
    for visit_id in await waiting_at(work, site_id):
        # Each one given away changes the queue of the next.
        row = await queue_of_visit(work, visit_id)
        known = await visit(work, visit_id)
        again = await seen_again(work, known, row)
        if not again.outcome().waits:
            await assign_again(work, known, again)
