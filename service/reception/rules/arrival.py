"""The decision of an arrival: facts for the rulebook in, receiver and owner out (RR-1 to RR-15)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol
from uuid import UUID

from service.policies.rulebooks.rulebook import Outcome
from service.reception.rules.queue import (
    NOBODY,
    Hold,
    PassedOver,
    Pick,
    Queue,
    Standing,
    best_state,
    first_present,
    head,
    last_in_rotation,
    least_loaded,
    next_in_rotation,
    to_tail,
    whereabouts,
)

Facts = Mapping[str, bool | int | str]


class Decides(Protocol):
    """What a decision asks of a rulebook."""

    def decide(self, name: str, facts: Facts) -> Outcome:
        """Return the outcome of the first rule that holds."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What is known of a visitor when he arrives, before anybody is chosen.

    Attributes:
        survey: NONE, UNDECLARED or DECLARED.
        arrival: WALK_IN, PHONE or REFERRAL.
        taker_id: the rep on his day off who is the one receiving.
        registration: NONE, LIVE or LAPSED: the best of the registrations that match.
        registered_by: rep of the earliest live registration, or of the earliest lapsed one.
        evidence: NONE, CALL or REFERRAL: what bears a naming out.
        referrer_rep_id: the rep of the customer who referred him.
        companion_rep_id: the rep who receives the party he came with, which buys apart.
        manager_id: who receives when no rep does.
        buddies: the chosen stand-in of each rep who has one.
    """

    survey: str = "NONE"
    arrival: str = "WALK_IN"
    said_before: bool = False
    taker_id: UUID | None = None
    registration: str = "NONE"
    registered_by: UUID | None = None
    named_id: UUID | None = None
    evidence: str = "NONE"
    named_took_call: bool = False
    referrer_rep_id: UUID | None = None
    companion_rep_id: UUID | None = None
    manager_id: UUID | None = None
    buddies: Mapping[UUID, UUID] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Step:
    """One question put to the rulebook on the way, as the decision record keeps it."""

    decision: str
    facts: Facts
    outcome: Outcome
    member_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """A change of the live order: CONSUME or SKIP, of whose place, by which rule."""

    member_id: UUID
    change: str
    rule: str


@dataclass(frozen=True, slots=True)
class ReceptionOutcome:
    """What was decided.

    Attributes:
        waits: nobody can receive yet.
        owner_kind: MEMBER, COMPANY or NOBODY.
        turn_member_id: whose turn was used, if one was.
        order: the live order afterwards.
        moved: how it came about.
        paid: who owed a turn, and was passed over for it.
        steps: every question asked, the reception's last rule first.
    """

    receiver_id: UUID | None
    waits: bool
    owner_kind: str
    owner_id: UUID | None
    mode: str
    obligation: str
    turn_member_id: UUID | None
    rule: str
    clause: str
    passed_over: tuple[PassedOver, ...]
    order: tuple[UUID, ...]
    moved: tuple[Moved, ...]
    steps: tuple[Step, ...]
    paid: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """The rulebook, the visitor and the queue: what every operator picks from."""

    rulebook: Decides
    visitor: Visitor
    queue: Queue


def decide_reception(rulebook: Decides, visitor: Visitor, queue: Queue) -> ReceptionOutcome:
    """Decide who receives a visitor, for whom, and whose turn is used.

    Asked in order: whether a naming counts; who receives; who stands in, where the receiver is to
    be one; whether those passed over in turn keep their places.
    """
    case = _Case(rulebook, visitor, queue)
    naming = _naming(case)
    facts = _reception_facts(case, naming)
    reception = rulebook.decide("reception", facts)
    asked = Step("reception", facts, reception)
    words = reception.then
    standing_in = _standing_in(case, words)
    operator = str((standing_in.outcome if standing_in else reception).then["receiver"])
    owner_hint = _owner_before(case, str(words["owner"]))
    pool = queue.for_obligations.without(owner_hint) if standing_in else queue
    receiver = _RECEIVERS[operator](case, pool, owner_hint)
    owner_kind, owner_id = _owner(case, str(words["owner"]), receiver.member_id)
    in_turn = receiver.passed_over if words["receiver"] == "NEXT_IN_ROTATION" else ()
    skips = _skips(case, in_turn)
    turn_member_id = _TURNS[str(words["turn"])](case, receiver.member_id)
    moved = _moves(skips, turn_member_id, reception.rule_id)
    order = queue.member_ids
    for move in moved:
        order = to_tail(order, move.member_id)
    steps = [asked, naming, standing_in, *skips]
    return ReceptionOutcome(
        receiver_id=receiver.member_id,
        waits=receiver.member_id is None and operator != "MANAGER",
        owner_kind=owner_kind,
        owner_id=owner_id,
        mode=str(words["mode"]),
        obligation=str(words["obligation"]),
        turn_member_id=turn_member_id,
        rule=reception.rule_id,
        clause=reception.clause,
        passed_over=_considered(case, naming, receiver),
        order=order,
        moved=moved,
        steps=tuple(step for step in steps if step is not None),
        paid=tuple(passed.member_id for passed in in_turn if passed.reason == Hold.OWES_A_TURN),
    )


def _naming(case: _Case) -> Step | None:
    visitor = case.visitor
    if visitor.named_id is None:
        return None
    facts: Facts = {
        "evidence": visitor.evidence,
        "named_took_call": visitor.named_took_call,
    }
    return Step("naming", facts, case.rulebook.decide("naming", facts), visitor.named_id)


def _reception_facts(case: _Case, naming: Step | None) -> Facts:
    visitor, queue = case.visitor, case.queue
    facts: dict[str, bool | int | str] = {
        "survey": visitor.survey,
        "arrival": visitor.arrival,
        "said_before": visitor.said_before,
        "taken_on_day_off": visitor.taker_id is not None,
        "registration": visitor.registration,
        "owner_state": whereabouts(queue, visitor.registered_by),
        "referrer_rep_state": whereabouts(queue, visitor.referrer_rep_id),
        "queue": best_state(queue.rotation),
    }
    if queue.rotation is not queue:
        facts["held_off"] = True
    if queue.taker_id is not None:
        facts["taken_from_floor"] = True
    if visitor.companion_rep_id is not None:
        facts["companion_state"] = whereabouts(queue, visitor.companion_rep_id)
    if visitor.taker_id is not None:
        facts["owner_is_taker"] = visitor.registered_by == visitor.taker_id
    if naming is not None and not _names_his_own(visitor):
        facts["naming"] = str(naming.outcome.then["naming"])
        facts["evidence"] = visitor.evidence
        facts["named_state"] = whereabouts(queue, visitor.named_id)
        facts["named_is_next"] = next_in_rotation(queue).member_id == visitor.named_id
    return facts


def _names_his_own(visitor: Visitor) -> bool:
    """Tell whether he asks for the very rep who has him, and so for nobody else (五(五)1)."""
    return visitor.registration == "LIVE" and visitor.named_id == visitor.registered_by


def _standing_in(case: _Case, words: Mapping[str, int | str]) -> Step | None:
    """Ask who receives for another, the one received for left out of the queue."""
    if words["receiver"] != "STAND_IN":
        return None
    received_for = _owner_before(case, str(words["owner"]))
    buddy = case.visitor.buddies.get(received_for) if received_for else None
    facts: Facts = {
        "others": best_state(case.queue.without(received_for)),
        "buddy_state": whereabouts(case.queue, buddy),
    }
    return Step("stand_in", facts, case.rulebook.decide("stand_in", facts), received_for)


def _owner_before(case: _Case, operator: str) -> UUID | None:
    """Return the owner where he is known before the receiver is."""
    picked = _OWNERS.get(operator)
    return picked(case) if picked else None


def _owner(case: _Case, operator: str, receiver_id: UUID | None) -> tuple[str, UUID | None]:
    member_id = receiver_id if operator == "RECEIVER" else _owner_before(case, operator)
    if member_id is not None:
        return "MEMBER", member_id
    return ("COMPANY" if operator == "COMPANY" else "NOBODY"), None


def _considered(case: _Case, naming: Step | None, receiver: Pick) -> tuple[PassedOver, ...]:
    """Name whom the visitor was for and why he could not, then those passed over in turn."""
    wanted = [case.visitor.registered_by]
    if naming is not None and naming.outcome.then["naming"] == "COUNTS":
        wanted.append(case.visitor.named_id)
    known = {passed.member_id for passed in receiver.passed_over} | {receiver.member_id}
    kept_from_it = []
    for member_id in dict.fromkeys(wanted):
        place = case.queue.place_of(member_id)
        if place and place.member_id not in known and place.standing is not Standing.FREE:
            kept_from_it.append(PassedOver(place.member_id, place.standing.value))
    return (*kept_from_it, *receiver.passed_over)


def _skips(case: _Case, in_turn: tuple[PassedOver, ...]) -> tuple[Step, ...]:
    """Ask of each rep passed over in turn whether he keeps his place (Q5)."""
    steps: list[Step] = []
    for passed in in_turn:
        if passed.reason in _OUTSIDE:
            # His turn did not come: he stands beside the rotation, at the place he has.
            continue
        facts: Facts = {"state": passed.reason}
        outcome = case.rulebook.decide("rotation_skip", facts)
        steps.append(Step("rotation_skip", facts, outcome, passed.member_id))
    return tuple(steps)


def _moves(skips: tuple[Step, ...], turn_member_id: UUID | None, rule: str) -> tuple[Moved, ...]:
    """Return the moves in their order: those who lost their places, then the turn used."""
    lost = [
        Moved(skip.member_id, "SKIP", skip.outcome.rule_id)
        for skip in skips
        if skip.member_id is not None and skip.outcome.then["place"] == "LOSE"
    ]
    used = [Moved(turn_member_id, "CONSUME", rule)] if turn_member_id else []
    return (*lost, *used)


_OUTSIDE = frozenset({Hold.AT_CAPACITY, Hold.OFF_SHIFT, Hold.BARRED})

_Receiver = Callable[[_Case, Queue, UUID | None], Pick]

_RECEIVERS: Mapping[str, _Receiver] = {
    "NEXT_IN_ROTATION": lambda _case, pool, _owner_id: next_in_rotation(pool),
    "LAST_IN_ROTATION": lambda _case, pool, _owner_id: last_in_rotation(pool),
    "LEAST_LOADED": lambda _case, pool, _owner_id: least_loaded(pool),
    "HEAD_OF_QUEUE": lambda _case, pool, _owner_id: first_present(pool),
    "OWNER": lambda case, _pool, _owner_id: Pick(case.visitor.registered_by),
    "FORMER_OWNER": lambda case, _pool, _owner_id: Pick(case.visitor.registered_by),
    "NAMED": lambda case, _pool, _owner_id: Pick(case.visitor.named_id),
    "REFERRER_REP": lambda case, _pool, _owner_id: Pick(case.visitor.referrer_rep_id),
    "COMPANION_REP": lambda case, _pool, _owner_id: Pick(case.visitor.companion_rep_id),
    "TAKER": lambda case, _pool, _owner_id: Pick(case.visitor.taker_id),
    "MANAGER": lambda case, _pool, _owner_id: Pick(case.visitor.manager_id),
    "BUDDY": lambda case, _pool, owner_id: Pick(
        case.visitor.buddies.get(owner_id) if owner_id else None
    ),
    "NOBODY": lambda _case, _pool, _owner_id: NOBODY,
}

_OWNERS: Mapping[str, Callable[[_Case], UUID | None]] = {
    "OWNER": lambda case: case.visitor.registered_by,
    "FORMER_OWNER": lambda case: case.visitor.registered_by,
    "NAMED": lambda case: case.visitor.named_id,
    "REFERRER_REP": lambda case: case.visitor.referrer_rep_id,
    "TAKER": lambda case: case.visitor.taker_id,
    "HEAD_OF_QUEUE": lambda case: head(case.queue).member_id,
}

_TURNS: Mapping[str, Callable[[_Case, UUID | None], UUID | None]] = {
    "NONE": lambda _case, _receiver_id: None,
    "RECEIVER": lambda case, receiver_id: receiver_id if case.queue.place_of(receiver_id) else None,
    "HEAD": lambda case, _receiver_id: head(case.queue).member_id,
}
