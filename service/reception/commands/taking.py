"""A rep takes a visitor himself, where the rulebook lets him (Q9; 五(五)6)."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from service.journal.tables import Decision, DecisionKind
from service.ownership.rules import earliest_live
from service.policies.rulebooks.rulebook import Outcome
from service.reception.commands.reassessing import assign_again, seen_again
from service.reception.commands.receivers import require_taker
from service.reception.commands.visits import ReassignReception, reassign_reception
from service.reception.errors import (
    NotHisTurn,
    NotOnShift,
    TakingRefused,
    VisitAlreadyAssigned,
    VisitClosedAlready,
)
from service.reception.facts.arrivals import ArrivalFacts, Asked, arrival
from service.reception.facts.floor import locked_queue, require_members
from service.reception.facts.visitor import recognition
from service.reception.facts.visits import VISIT_FIELD, VisitFacts, visit
from service.reception.rules.queue import Order, best_state
from service.reception.rules.rotation import rotation_of
from service.rulebooks.in_force import InForce, version
from service.work import Anchor, UnitOfWork

_MEMBER = ("input", "memberId")


@dataclass(frozen=True, slots=True)
class TakeVisitor:
    """A rep asks to receive a visitor.

    Attributes:
        member_id: the rep; None means the caller.
        visit_id: a visit that waits; None for a visitor at the door who is not recorded yet: then
            only whether the rep may greet him is decided, and his arrival decides the rest.
        party_id, phones: who the visitor at the door is, as far as the rep knows.
        reason: why a manager orders it against the rulebook; then `visit.reassign` is asked.
    """

    anchor: ClassVar[Anchor] = Anchor("rotation_queue", "site_id", "site_id")

    site_id: UUID
    member_id: UUID | None = None
    visit_id: UUID | None = None
    party_id: UUID | None = None
    phones: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Taking:
    """That a rep may take a visitor: the decision, and the visit he now receives, if any."""

    decision_id: UUID
    visit_id: UUID | None


async def take_visitor(work: UnitOfWork, order: TakeVisitor) -> Taking:
    """Let the rulebook say whether a rep may take a visitor; a waiting one becomes his by rule.

    Locks the site's queue, then the visit. Raises NotFound, Forbidden, NotOnShift, TakingRefused
    with the clause, VisitClosedAlready, VisitAlreadyAssigned, NotAReceiver, or NotHisTurn with the
    clause.
    """
    member_id = order.member_id or work.actor.member_id
    row = await locked_queue(work, order.site_id)
    known = await visit(work, order.visit_id) if order.visit_id else None
    found = await arrival(
        work,
        Asked(
            site_id=order.site_id,
            phones=known.phones if known else order.phones,
            digests=known.identities if known else (),
            party_id=known.party_id if known else order.party_id,
            taken_by_id=member_id,
        ),
        row,
    )
    site = found.floor.site
    require_members(found.floor, {member_id: _MEMBER})
    action = "visit.take" if order.reason is None else "visit.reassign"
    work.authorise(action, site.record(member_id))
    _require_waiting(work, order, known)
    if order.reason is not None:
        if member_id != found.floor.manager_id:
            require_taker(work, found, member_id, _MEMBER)
    elif member_id not in found.floor.order:
        raise NotOnShift(field=_MEMBER)
    in_force = await version(work, found.floor.version_id)
    rotation = rotation_of(in_force.rulebook)
    known_as = recognition(in_force.rulebook, found).parties
    own = [one for one in found.registrations if one.party_id in known_as]
    others = found.floor.queue(rotation, work.now).rotation.without(member_id)
    facts = {
        "customer_is_new": earliest_live(own, work.now) is None,
        "serving_new_customer": member_id in found.floor.serving_new,
        "another_is_free": best_state(others) == "FREE",
        "manager_override": order.reason is not None,
    }
    outcome = in_force.rulebook.decide("take", facts)
    if outcome.then["answer"] != "ALLOWED":
        raise TakingRefused(clause=outcome.clause, field=_MEMBER)
    decision_id = _keep(work, found, _Ruling(order.visit_id, member_id, in_force, facts, outcome))
    work.concerns("site", site.id, member=member_id, rule=outcome.rule_id)
    if known is None:
        return Taking(decision_id, None)
    if order.reason is not None:
        await reassign_reception(work, ReassignReception(known.id, member_id, order.reason))
        return Taking(decision_id, known.id)
    # Only an open floor is for who comes first; elsewhere it is his if the rotation says so.
    taker_id = member_id if rotation.order is Order.OPEN_FLOOR else None
    again = await seen_again(work, known, row, taker_id=taker_id)
    decided = again.outcome()
    if decided.receiver_id != member_id:
        raise NotHisTurn(clause=decided.clause, field=_MEMBER)
    await assign_again(work, known, again)
    return Taking(decision_id, known.id)


def _require_waiting(work: UnitOfWork, order: TakeVisitor, known: VisitFacts | None) -> None:
    if known is None:
        return
    if known.closed or (order.reason is None and known.waited_in_vain(work.now)):
        raise VisitClosedAlready(field=VISIT_FIELD)
    if not known.waits or known.site_id != order.site_id:
        raise VisitAlreadyAssigned(field=VISIT_FIELD)


@dataclass(frozen=True, slots=True)
class _Ruling:
    """Whether a rep may take a visitor, on which facts."""

    visit_id: UUID | None
    member_id: UUID
    in_force: InForce
    facts: dict[str, bool]
    outcome: Outcome


def _keep(work: UnitOfWork, found: ArrivalFacts, ruling: _Ruling) -> UUID:
    outcome, site = ruling.outcome, found.floor.site
    return work.decided(
        Decision(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            kind=DecisionKind.RECEPTION.value,
            at=work.now,
            subject_type="visit" if ruling.visit_id else "site",
            subject_id=ruling.visit_id or site.id,
            rulebook_version_id=ruling.in_force.version_id,
            rule=outcome.rule_id,
            clause=outcome.clause,
            facts=dict(ruling.facts),
            outcome={**outcome.then, "names": {"rep": str(ruling.member_id)}},
            owner_id=ruling.member_id,
            org_unit_id=site.org_unit_id,
            territory_id=site.territory_id,
        )
    )
