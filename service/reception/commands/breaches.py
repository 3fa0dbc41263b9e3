"""A rep broke a rule of the floor; the rulebook says what it costs him in the rotation (2.9)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import cast
from uuid import UUID

from service.errors import InvalidInput, NotFound
from service.journal.tables import Decision, DecisionKind
from service.policies.rulebooks.rulebook import Outcome
from service.reception.commands.placing import with_owed, write_queue
from service.reception.commands.reassessing import serve_waiting
from service.reception.commands.visits import stated_reason
from service.reception.errors import NoPenalty, NoPenaltyRule
from service.reception.events import PenaltyLifted, RotationPenalised
from service.reception.facts.floor import Floor, floor_behind, locked_queue
from service.reception.facts.visits import VisitFacts, queue_of_visit, visit
from service.reception.rules.rotation import NOTHING_KEPT, TermsWritten
from service.rulebooks.in_force import version
from service.work import UnitOfWork

_MEMBER = ("input", "memberId")
_PENALTY = "penalty"


class Breach(StrEnum):
    """What a rep did against the rules of the floor."""

    FIRST_VISIT_NOT_ASKED = "FIRST_VISIT_NOT_ASKED"
    VISITOR_REFUSED = "VISITOR_REFUSED"


@dataclass(frozen=True, slots=True)
class RecordBreach:
    """A manager notes that a rep broke a rule of the floor with a visitor.

    Attributes:
        breach: a word of Breach.
        reason: what happened, 1 to 500 characters.
    """

    visit_id: UUID
    member_id: UUID
    breach: str
    reason: str


async def record_breach(work: UnitOfWork, order: RecordBreach) -> UUID:
    """Let the rulebook say what a breach costs, keep it, and return the id of the decision.

    He is passed over for as many turns as it says, and stands outside the rotation for so many
    days after the site's day (TM-2). Who receives the visitor does not change: that is
    reassigning. Locks the site's queue, then the visit. Raises NotFound, Forbidden, InvalidInput,
    ReasonMissing, or NoPenaltyRule where the rulebook in force does not speak of it.
    """
    if order.breach not in {breach.value for breach in Breach}:
        choices = tuple(breach.value for breach in Breach)
        raise InvalidInput(expected="ONE_OF", choices=choices, field=("input", "breach"))
    reason = stated_reason(order.reason)
    row = await queue_of_visit(work, order.visit_id)
    known = await visit(work, order.visit_id)
    here = await floor_behind(work, row, known.site_id, [order.member_id])
    work.authorise("visit.reassign", known.record(work.actor.member_id))
    if not here.works(order.member_id):
        raise NotFound(field=_MEMBER)
    rulebook = await version(work, here.version_id)
    facts = {"breach": order.breach}
    if _PENALTY not in rulebook.rulebook.meaning.decisions:
        raise NoPenaltyRule(field=("input", "breach"))
    outcome = rulebook.rulebook.decide(_PENALTY, facts)
    turns, days = int(outcome.then["turns"]), int(outcome.then["days"])
    write_queue(work, here, here.order, (), terms=_penalised(here, order.member_id, turns, days))
    ruling = _Ruling(rulebook.version_id, facts, outcome, order.member_id, reason)
    decision_id = _keep(work, known, ruling)
    work.concerns("visit", known.id, breach=order.breach, reason=reason, turns=turns, days=days)
    work.emit(RotationPenalised(here.site.id, order.member_id, known.id, order.breach, turns, days))
    return decision_id


@dataclass(frozen=True, slots=True)
class LiftPenalty:
    """A manager lets a rep off what his breaches cost him; the reason is kept.

    Attributes:
        reason: why, 1 to 500 characters.
    """

    site_id: UUID
    member_id: UUID
    reason: str


async def lift_penalty(work: UnitOfWork, order: LiftPenalty) -> UUID:
    """Lift the turns a rep owes and the days he is barred, and return the site's id.

    What was passed over stays so; the breaches stay on record. Locks the site's queue. Raises
    NotFound, Forbidden, ReasonMissing, or NoPenalty where nothing is left of any.
    """
    reason = stated_reason(order.reason)
    row = await locked_queue(work, order.site_id)
    here = await floor_behind(work, row, order.site_id, [order.member_id])
    work.authorise("visit.reassign", here.site.record(order.member_id))
    if not here.works(order.member_id):
        raise NotFound(field=_MEMBER)
    kept = dict(here.row.terms.get(str(order.member_id), NOTHING_KEPT))
    turns, barred_until = kept.pop("owed", 0), kept.pop("barred_until", "")
    barred = barred_until > here.day.isoformat()
    if not turns and not barred:
        raise NoPenalty(field=_MEMBER)
    terms = {**here.row.terms, str(order.member_id): cast("TermsWritten", kept)}
    write_queue(work, here, here.order, (), terms=terms)
    work.concerns(
        "site",
        here.site.id,
        member=order.member_id,
        reason=reason,
        turns=turns,
        barred_until=barred_until or None,
    )
    work.emit(PenaltyLifted(here.site.id, order.member_id, turns, barred))
    await serve_waiting(work, here.site.id)
    return here.site.id


def _penalised(here: Floor, member_id: UUID, turns: int, days: int) -> dict[str, TermsWritten]:
    """Return the terms after a penalty; a longer bar that stands already is not shortened."""
    terms = dict(with_owed(here.row.terms, {member_id: turns} if turns else {}))
    if days:
        kept = terms.get(str(member_id), NOTHING_KEPT)
        until = (here.day + timedelta(days=days + 1)).isoformat()
        terms[str(member_id)] = {**kept, "barred_until": max(until, kept.get("barred_until", ""))}
    return terms


@dataclass(frozen=True, slots=True)
class _Ruling:
    """What the rulebook made of a breach, and of whose."""

    version_id: UUID
    facts: dict[str, str]
    outcome: Outcome
    member_id: UUID
    reason: str


def _keep(work: UnitOfWork, known: VisitFacts, ruling: _Ruling) -> UUID:
    outcome = ruling.outcome
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
            outcome={
                **outcome.then,
                "reason": ruling.reason,
                "names": {"rep": str(ruling.member_id)},
            },
            owner_id=ruling.member_id,
            org_unit_id=known.org_unit_id,
            territory_id=known.territory_id,
        )
    )
