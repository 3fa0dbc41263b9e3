"""What an assignment leaves behind: its decision record, the moves of the queue, its events."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.customers.commands import Met
from service.journal.entries import plain
from service.journal.tables import Decision, DecisionKind
from service.ownership.commands import CompanyVisit, enter_pool
from service.ownership.rules import COMPANY
from service.reception.commands.placing import QueueStep, with_owed, write_queue
from service.reception.events import PlaceLost, TurnConsumed
from service.reception.facts.floor import Floor
from service.reception.rules.arrival import ReceptionOutcome, Step, Visitor
from service.reception.rules.queue import Place, Queue
from service.reception.tables import QueueChange
from service.territories.routing import territory_of_lead
from service.work import UnitOfWork

_SKIP = "rotation_skip"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A visit and what the rulebook decided about it.

    Attributes:
        queue: the queue it was decided with.
        registration_id: the one that decided, if one did.
        calls: the calls that could bear a naming out.
        others: customers to whom something he gave or showed points, and who are not he.
        recognised: what was asked about that.
    """

    floor: Floor
    visit_id: UUID
    version_id: UUID
    outcome: ReceptionOutcome
    visitor: Visitor
    queue: Queue
    registration_id: UUID | None = None
    calls: tuple[UUID, ...] = ()
    others: tuple[UUID, ...] = ()
    recognised: tuple[Step, ...] = ()


def decision_of(work: UnitOfWork, assigned: Assignment) -> Decision:
    """Return the record of a reception's decision: facts, rule, outcome, everyone passed over.

    `facts` are those of the decision `reception`; `outcome` has its words, whom they came to,
    under `names` the members behind the sentence, under `steps` what else was asked, and under
    `sources` what the facts were taken from, so that it can be decided again.
    """
    outcome, site = assigned.outcome, assigned.floor.site
    reception, *others = (step for step in outcome.steps if step.decision != _SKIP)
    others += assigned.recognised
    return Decision(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        kind=DecisionKind.RECEPTION.value,
        at=work.now,
        subject_type="visit",
        subject_id=assigned.visit_id,
        rulebook_version_id=assigned.version_id,
        rule=outcome.rule,
        clause=outcome.clause,
        facts=dict(reception.facts),
        outcome={
            **reception.outcome.then,
            **_people(assigned),
            "sources": _sources(assigned),
            "steps": [
                {
                    "decision": step.decision,
                    "facts": dict(step.facts),
                    "rule": step.outcome.rule_id,
                }
                for step in others
            ],
        },
        passed_over=_passed_over(outcome),
        owner_id=outcome.owner_id or outcome.receiver_id,
        org_unit_id=site.org_unit_id,
        territory_id=site.territory_id,
    )


def _sources(assigned: Assignment) -> dict[str, Any]:
    sources: dict[str, Any] = plain(
        {
            "registration_id": assigned.registration_id,
            "call_ids": assigned.calls,
            "queue": [_as_kept(place) for place in assigned.queue.places],
        }
    )
    if assigned.others:
        sources["other_party_ids"] = plain(assigned.others)
    if assigned.queue.taker_id is not None:
        sources["taker_id"] = str(assigned.queue.taker_id)
    return sources


def _as_kept(place: Place) -> dict[str, object]:
    """Return a place as the record keeps it; what is as usual is left out."""
    kept: dict[str, object] = {
        "member_id": place.member_id,
        "standing": place.standing,
        "load": place.load,
        "turns": place.turns,
    }
    if place.weight != 1:
        kept["weight"] = place.weight
    if place.hold is not None:
        kept["hold"] = place.hold
    return kept


def _people(assigned: Assignment) -> dict[str, Any]:
    outcome = assigned.outcome
    people: dict[str, Any] = plain(
        {
            "receiver_id": outcome.receiver_id,
            "owner_kind": outcome.owner_kind,
            "owner_id": outcome.owner_id,
            "turn_member_id": outcome.turn_member_id,
        }
    )
    named = {
        "receiver": outcome.receiver_id,
        "owner": outcome.owner_id,
        "named": assigned.visitor.named_id,
    }
    names = {name: str(member_id) for name, member_id in named.items() if member_id}
    return {**people, "names": names}


def _passed_over(outcome: ReceptionOutcome) -> list[dict[str, str]]:
    """Name everybody considered before the receiver, why not he, and whether he lost his place."""
    skips = {step.member_id: step.outcome for step in outcome.steps if step.decision == _SKIP}
    entries: list[dict[str, str]] = []
    for passed in outcome.passed_over:
        entry = {"member_id": str(passed.member_id), "reason": passed.reason}
        skip = skips.get(passed.member_id)
        if skip is not None:
            entry |= {"place": str(skip.then["place"]), "rule": skip.rule_id}
        entries.append(entry)
    return entries


async def pool_companys(work: UnitOfWork, assigned: Assignment, met: Met | None) -> None:
    """Give a customer whom the rulebook gave to the company to its pool (RR-15)."""
    if assigned.outcome.owner_kind != COMPANY or met is None:
        return
    site = assigned.floor.site
    territory_id = await territory_of_lead(work, met.territory_id, site.territory_id)
    visit = CompanyVisit(assigned.visit_id, met.id, site.id, site.org_unit_id, territory_id)
    await enter_pool(work, visit)


def write_moves(work: UnitOfWork, assigned: Assignment, number: int | None = None) -> None:
    """Write the queue as the decision left it, and tell of each move."""
    outcome, site_id = assigned.outcome, assigned.floor.site.id
    steps = [
        QueueStep(move.member_id, QueueChange(move.change), move.rule, assigned.visit_id)
        for move in outcome.moved
    ]
    terms = with_owed(assigned.floor.row.terms, dict.fromkeys(outcome.paid, -1))
    write_queue(work, assigned.floor, outcome.order, steps, number, terms=terms)
    for step in steps:
        told = TurnConsumed if step.change is QueueChange.CONSUME else PlaceLost
        work.emit(told(site_id, step.member_id, assigned.visit_id))
