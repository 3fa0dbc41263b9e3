"""What is done to a visit after the arrival: taken, named, exposed, reassigned, closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from service.calendar import start_of_day
from service.customers.commands import entrust_party
from service.errors import InvalidInput, NotFound
from service.journal.entries import plain
from service.journal.tables import Decision, DecisionKind
from service.ownership.commands import leave_pool, visit_left, void_survey_entries
from service.ownership.rules import COMPANY, MEMBER, NOBODY
from service.policies.rulebooks.rulebook import Outcome
from service.reception.commands.placing import QueueStep, write_queue
from service.reception.commands.reassessing import assign_again, seen_again, serve_waiting
from service.reception.commands.receivers import require_receivers
from service.reception.commands.renewing import renew_trackings
from service.reception.errors import (
    AlreadyExposed,
    NamedTooLate,
    ReasonMissing,
    VisitAlreadyAssigned,
    VisitClosedAlready,
)
from service.reception.events import (
    ReceptionReassigned,
    SurveyExposed,
    TurnConsumed,
    TurnRestored,
    VisitClosed,
)
from service.reception.facts.floor import Floor, QueueRow, floor_behind
from service.reception.facts.visits import VISIT_FIELD, VisitFacts, queue_of_visit, visit
from service.reception.rules.handover import handed_over
from service.reception.rules.queue import to_head, to_tail
from service.reception.tables import QueueChange, SurveyStatus, Visit, VisitState
from service.rulebooks.in_force import version
from service.work import UnitOfWork

_MEMBER = ("input", "memberId")
_LONGEST_REASON = 500
_JUST_BEFORE = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class NameRepresentative:
    """A visitor asks for a rep after he was recorded (Q11)."""

    visit_id: UUID
    member_id: UUID


@dataclass(frozen=True, slots=True)
class ExposeSurvey:
    """A visitor turns out to be a competitor's survey, and admits it or not (Q8)."""

    visit_id: UUID
    admitted: bool = True


@dataclass(frozen=True, slots=True)
class ReassignReception:
    """A manager gives a visitor to another rep; the reason is kept (Q9)."""

    visit_id: UUID
    member_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class CloseVisit:
    """The visitor has left."""

    visit_id: UUID


async def name_representative(work: UnitOfWork, order: NameRepresentative) -> UUID:
    """Let a naming count while nobody receives yet, and return the visit's id.

    Locks the site's queue, then the visit. Raises NotFound, Forbidden, VisitClosedAlready, or
    NamedTooLate with the clause.
    """
    row = await queue_of_visit(work, order.visit_id)
    known = await _open_visit(work, order.visit_id, "visit.name")
    if known.waited_in_vain(work.now):
        raise VisitClosedAlready(field=VISIT_FIELD)
    again = await seen_again(work, known, row, named_member_id=order.member_id)
    if not again.found.floor.works(order.member_id):
        raise NotFound(field=_MEMBER)
    visitor = again.recognised.visitor
    facts: dict[str, bool | int | str] = {
        "assigned": not known.waits,
        "evidence": visitor.evidence,
        "named_took_call": visitor.named_took_call,
    }
    outcome = again.in_force.rulebook.decide("naming", facts)
    if outcome.then["naming"] == "TOO_LATE":
        raise NamedTooLate(clause=outcome.clause, field=_MEMBER)
    if not known.waits:
        raise VisitAlreadyAssigned(field=VISIT_FIELD)
    work.change(Visit, known.id, {"named_member_id": order.member_id})
    await assign_again(work, known, again)
    work.concerns("visit", known.id, named=order.member_id)
    return known.id


async def expose_survey(work: UnitOfWork, order: ExposeSurvey) -> UUID:
    """Note that a visitor was a survey; his receiver's turn may come back. Returns the visit's id.

    What was registered of who admits it is decided anew. Locks the site's queue, the visit, then
    registers, entries, deals. Raises NotFound, Forbidden, or AlreadyExposed.
    """
    row = await queue_of_visit(work, order.visit_id)
    known = await visit(work, order.visit_id)
    work.authorise("visit.expose", known.record(work.actor.member_id))
    if known.survey == SurveyStatus.EXPOSED:
        raise AlreadyExposed(field=VISIT_FIELD)
    here = await floor_behind(work, row, known.site_id)
    in_force = await version(work, here.version_id)
    # A turn of another day, or of a rep who has signed out, has no place to come back to.
    turn_used = known.reception_day == here.day and known.turn_member_id in here.order
    facts = {"admitted": order.admitted, "turn_used": turn_used}
    outcome = in_force.rulebook.decide("expose", facts)
    survey = SurveyStatus.EXPOSED if order.admitted else SurveyStatus.SUSPECTED
    # It locks what falls, and the instant of the last lock is that of everything decided here.
    fallen = await void_survey_entries(work, in_force, known.id) if order.admitted else []
    ruling = _Ruling(in_force.version_id, facts, outcome, known.receiver_id)
    decision_id = _keep(work, known, ruling)
    work.change(Visit, known.id, {"survey": survey.value})
    if outcome.then["turn"] == "RESTORED" and known.turn_member_id is not None:
        restored = known.turn_member_id
        step = QueueStep(restored, QueueChange.RESTORE, outcome.rule_id, known.id)
        write_queue(work, here, to_head(here.order, restored), [step])
        work.emit(TurnRestored(here.site.id, restored, known.id))
    voided = {"voided": [str(one) for one in fallen]} if fallen else {}
    work.concerns("visit", known.id, admitted=order.admitted, decision=decision_id, **voided)
    work.emit(SurveyExposed(known.id, known.site_id, order.admitted))
    return known.id


async def reassign_reception(work: UnitOfWork, order: ReassignReception) -> UUID:
    """Give a visitor to another rep and return the visit's id; a turn used goes with him.

    Whose customer he is changes only where he was the former receiver's own; a competitor stays
    nobody's. Whoever has registered him meets him again (TR-5); the former receiver may be free
    for who waits. Locks the site's
    queue, then the visit. Raises NotFound, Forbidden, ReasonMissing, VisitClosedAlready, or
    NotAReceiver.
    """
    reason = stated_reason(order.reason)
    row = await queue_of_visit(work, order.visit_id)
    known = await _open_visit(work, order.visit_id, "visit.reassign")
    here = await floor_behind(work, row, known.site_id, [order.member_id])
    if not here.works(order.member_id):
        raise NotFound(field=_MEMBER)
    if known.receiver_id == order.member_id:
        raise VisitAlreadyAssigned(field=_MEMBER)
    if order.member_id != here.manager_id:
        await require_receivers(work, here, [order.member_id], _MEMBER)
    in_force = await version(work, here.version_id)
    facts = {"manager_override": True}
    outcome = in_force.rulebook.decide("take", facts)
    handover = handed_over(
        order.member_id,
        owner_id=known.owner_id,
        received_for=known.owner_id is not None and known.owner_id != known.receiver_id,
        mode=known.mode,
        obligation=known.obligation,
        registered=known.registered,
    )
    swapped = _swap_turns(work, here, known, order.member_id, reason)
    became: dict[str, object] = {
        "receiver_id": order.member_id,
        "owner_kind": NOBODY if handover.owner_id is None else MEMBER,
        "owner_id": handover.owner_id,
        "mode": handover.mode,
        "obligation": handover.obligation,
        "turn_member_id": order.member_id if swapped else known.turn_member_id,
    }
    ruling = _Ruling(in_force.version_id, facts, outcome, order.member_id, reason, became)
    changes: dict[str, object] = {
        **became,
        "state": VisitState.ASSIGNED.value,
        "decision_id": _keep(work, known, ruling),
        "rule": outcome.rule_id,
        "clause": outcome.clause,
    }
    work.change(Visit, known.id, changes)
    _entrust(work, known, handover.owner_id)
    await _meet_again(work, known, row, order.member_id)
    work.concerns("visit", known.id, reason=reason, former=known.receiver_id)
    work.emit(ReceptionReassigned(known.id, known.site_id, known.receiver_id, order.member_id))
    await serve_waiting(work, known.site_id)
    return known.id


def _entrust(work: UnitOfWork, known: VisitFacts, owner_id: UUID | None) -> None:
    """Let whose customer a visitor is now have him in sight; he is the company's no more."""
    if known.party_id is None or owner_id is None or owner_id == known.owner_id:
        return
    entrust_party(work, known.party_id, owner_id)
    if known.owner_kind == COMPANY:
        leave_pool(work, known.party_id, known.site_id, owner_id)


async def _meet_again(
    work: UnitOfWork, known: VisitFacts, row: QueueRow, receiver_id: UUID
) -> None:
    """Let whoever is given a customer he has registered receive him again (TR-5)."""
    again = await seen_again(work, known, row)
    own = again.recognised.of(receiver_id)
    await renew_trackings(work, again.in_force, again.found.floor, own)


async def close_visit(work: UnitOfWork, order: CloseVisit) -> UUID:
    """Note that a visitor has left and return the visit's id; his windows count from that day.

    Nobody stays the night: a leave noted after the site has opened again counts as the end of the
    visit's own day. Whoever waits may be received now. Locks the site's queue, the visit, then its
    registrations. Raises NotFound, Forbidden, or VisitClosedAlready.
    """
    await queue_of_visit(work, order.visit_id)
    known = await _open_visit(work, order.visit_id, "visit.close")
    left_at = _left_at(known, work.now)
    in_force = await version(work, known.version_id)
    work.change(Visit, known.id, {"left_at": left_at, "state": VisitState.CLOSED.value})
    await visit_left(work, in_force, known.id, left_at, known.zone)
    work.concerns("visit", known.id)
    work.emit(VisitClosed(known.id, known.site_id, left_at))
    await serve_waiting(work, known.site_id)
    return known.id


def _left_at(known: VisitFacts, now: datetime) -> datetime:
    next_day = known.reception_day + timedelta(days=1)
    reopens = datetime.combine(next_day, known.opens_at, known.zone)
    return now if now < reopens else start_of_day(next_day, known.zone) - _JUST_BEFORE


async def _open_visit(work: UnitOfWork, visit_id: UUID, action: str) -> VisitFacts:
    known = await visit(work, visit_id)
    # Before anything of it is told: whoever may not do it learns nothing of where it stands.
    work.authorise(action, known.record(work.actor.member_id))
    if known.closed:
        raise VisitClosedAlready(field=VISIT_FIELD)
    return known


def stated_reason(reason: str) -> str:
    """Return a reason as it is kept.

    Raises:
        ReasonMissing: nothing is said; InvalidInput: too much.
    """
    stated = reason.strip()
    if not stated:
        raise ReasonMissing(field=("input", "reason"))
    if len(stated) > _LONGEST_REASON:
        field = ("input", "reason")
        raise InvalidInput(expected="AT_MOST_CHARACTERS", most=_LONGEST_REASON, field=field)
    return stated


def _swap_turns(
    work: UnitOfWork, here: Floor, known: VisitFacts, member_id: UUID, reason: str
) -> bool:
    """Give the former receiver his turn back and use the new one's; say whether that was so."""
    used = known.turn_member_id
    swapped = used is not None and used == known.receiver_id and known.reception_day == here.day
    if not swapped or used is None:
        steps = [QueueStep(member_id, QueueChange.OVERRIDE, reason, known.id)]
        write_queue(work, here, here.order, steps)
        return False
    order = to_tail(to_head(here.order, used), member_id)
    steps = [
        QueueStep(used, QueueChange.OVERRIDE, reason, known.id, turns=-1),
        QueueStep(member_id, QueueChange.OVERRIDE, reason, known.id, turns=1),
    ]
    write_queue(work, here, order, steps)
    work.emit(TurnRestored(here.site.id, used, known.id))
    work.emit(TurnConsumed(here.site.id, member_id, known.id))
    return True


@dataclass(frozen=True, slots=True)
class _Ruling:
    """What was decided about a visit after its arrival, and about whom.

    Attributes:
        became: how the visit is received from then on, and for whom; nothing where that stays.
    """

    version_id: UUID
    facts: dict[str, bool]
    outcome: Outcome
    member_id: UUID | None
    reason: str | None = None
    became: Mapping[str, object] = field(default_factory=dict)


def _keep(work: UnitOfWork, known: VisitFacts, ruling: _Ruling) -> UUID:
    """Keep a decision about a visit made after its arrival."""
    outcome, member_id = ruling.outcome, ruling.member_id
    said = {"reason": ruling.reason} if ruling.reason else {}
    names = {"receiver": str(member_id), "rep": str(member_id)} if member_id else {}
    return work.decided(
        Decision(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            kind=DecisionKind.RECEPTION.value,
            at=work.now,
            subject_type="visit",
            subject_id=known.id,
            rulebook_version_id=ruling.version_id,
            rule=outcome.rule_id,
            clause=outcome.clause,
            facts=dict(ruling.facts),
            outcome={**outcome.then, **plain(dict(ruling.became)), **said, "names": names},
            owner_id=known.owner_id or member_id,
            org_unit_id=known.org_unit_id,
            territory_id=known.territory_id,
        )
    )
