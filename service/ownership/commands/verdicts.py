"""The verdict in a dispute, and the appeal against it (五(五)8)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from service.errors import Refusal
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.commands.credit import CREDIT_FINAL
from service.ownership.commands.deciding import Ruling, keep
from service.ownership.commands.disputes import (
    award_of,
    columns_of,
    locked_dispute,
    note_step,
    resolved,
    speaking,
    stated,
    subject_of,
)
from service.ownership.errors import (
    AppealTooLate,
    DisputeIsOver,
    DisputeStillPrivate,
    NotAggravated,
    NothingToAppeal,
    SplitNotAllowed,
    VerdictIsFinal,
)
from service.ownership.events import DisputeAppealed, DisputeDecided
from service.ownership.rules import (
    Award,
    Phase,
    Standing,
    appeal_facts,
    appeal_until,
    verdict_facts,
)
from service.ownership.tables import Dispute, DisputeStepKind
from service.policies.access import Record
from service.rulebooks.in_force import in_force
from service.work import UnitOfWork

_REFUSED: Final[Mapping[str, type[Refusal]]] = {
    "STILL_PRIVATE": DisputeStillPrivate,
    "DISPUTE_IS_OVER": DisputeIsOver,
    "SPLIT_NOT_ALLOWED": SplitNotAllowed,
    "NOT_AGGRAVATED": NotAggravated,
    "NOT_DECIDED": NothingToAppeal,
    "NO_APPEAL": VerdictIsFinal,
    "LATE": AppealTooLate,
}


@dataclass(frozen=True, slots=True)
class DecideDispute:
    """A manager gives the credit to one of the two, or as the rulebook lets him.

    Attributes:
        aggravated: he finds aggravated misconduct; `reason` says which.
    """

    dispute_id: UUID
    reason: str
    first_basis_points: int = 0
    second_basis_points: int = 0
    company_basis_points: int = 0
    aggravated: bool = False


async def decide_dispute(work: UnitOfWork, order: DecideDispute) -> UUID:
    """Decide the dispute, or the appeal in it, and return its id.

    Neither of the two decides, and nobody decides on the appeal against his own verdict. Where no
    appeal is left the credit is final and enters the ledger at once. Locks the deal.

    Raises:
        NotFound, Forbidden, InvalidInput.
        DisputeStillPrivate, DisputeIsOver, SplitNotAllowed, NotAggravated: the rulebook's answer.
    """
    reason = stated(order.reason, "reason")
    award = award_of(
        order.first_basis_points, order.second_basis_points, order.company_basis_points
    )
    deal, standing = await locked_dispute(work, order.dispute_id)
    phase = standing.phase(work.now)
    _may_decide(work, deal, standing, on_appeal=phase is Phase.APPEAL)
    rulebook = await in_force(work, work.now, deal.site_id)
    asked = verdict_facts(phase, award, aggravated=order.aggravated)
    outcome = rulebook.rulebook.decide("verdict", asked)
    if outcome.then["answer"] != "ALLOWED":
        raise _REFUSED[str(outcome.then["reason"])](clause=outcome.clause)
    me = work.actor.member_id
    names = {"first": standing.first_id, "second": standing.second_id, "manager": me}
    ruling = Ruling(DecisionKind.DISPUTE, asked, outcome, names)
    until = appeal_until(outcome, work.now, deal.zone)
    decided: dict[str, object] = {"decided_at": work.now, "decided_by": me, "appeal_until": until}
    kind = DisputeStepKind.DECIDED
    if phase is Phase.APPEAL:
        decided = {"appeal_decided_at": work.now, "appeal_decided_by": me}
        kind = DisputeStepKind.APPEAL_DECIDED
    values: dict[str, object] = {
        **decided,
        **columns_of(award),
        "ended_at": work.now,
        "aggravated": order.aggravated,
        "reason": reason,
        "outcome_id": keep(work, rulebook, subject_of(standing, deal), ruling),
    }
    work.change(Dispute, standing.id, values)
    steps = await facts.dispute_steps(work, standing.id)
    note_step(
        work,
        standing.id,
        len(steps) + 1,
        kind,
        award=award,
        aggravated=order.aggravated,
        words=reason,
    )
    if until is not None:
        work.schedule(CREDIT_FINAL, deal.id, until)
    work.concerns("dispute", standing.id, deal=deal.id, reason=reason)
    sides = (standing.first_id, standing.second_id)
    work.emit(DisputeDecided(standing.id, deal.id, deal.party_id, *sides, me, until))
    resolved(work, rulebook, replace(deal, dispute=_ended(standing, work.now, award, until)))
    return standing.id


def _ended(standing: Standing, now: datetime, award: Award, until: datetime | None) -> Standing:
    if standing.appealed_at is not None:
        return replace(standing, appeal_decided_at=now, award=award)
    return replace(standing, decided_at=now, appeal_until=until, award=award)


def _may_decide(
    work: UnitOfWork, deal: facts.DealFacts, standing: Standing, *, on_appeal: bool
) -> None:
    """Authorise once for each whom the verdict must not come from (four eyes)."""
    action = "dispute.decide_appeal" if on_appeal else "dispute.decide"
    concerned = [standing.first_id, standing.second_id]
    if on_appeal and standing.decided_by is not None:
        concerned.append(standing.decided_by)
    for member_id in concerned:
        record = Record(None, deal.org_unit_id, deal.territory_id, requester_id=member_id)
        work.authorise(action, record)


@dataclass(frozen=True, slots=True)
class AppealDispute:
    """One of the two asks the regional manager to decide anew."""

    dispute_id: UUID
    ground: str


async def appeal_dispute(work: UnitOfWork, order: AppealDispute) -> UUID:
    """Take the appeal down and return the dispute's id; the credit is nobody's again until then.

    Locks the deal.

    Raises:
        NotFound, Forbidden, InvalidInput, NotASide.
        NothingToAppeal, VerdictIsFinal, AppealTooLate: the rulebook's answer.
    """
    ground = stated(order.ground, "ground")
    deal, standing = await locked_dispute(work, order.dispute_id)
    speaking(work, deal, standing, "dispute.appeal")
    rulebook = await in_force(work, work.now, deal.site_id)
    asked = appeal_facts(standing, work.now)
    outcome = rulebook.rulebook.decide("appeal", asked)
    if outcome.then["answer"] != "ADMITTED":
        raise _REFUSED[str(outcome.then["reason"])](clause=outcome.clause)
    me = work.actor.member_id
    sides = (standing.first_id, standing.second_id)
    names = {"first": standing.first_id, "second": standing.second_id}
    ruling = Ruling(DecisionKind.DISPUTE, asked, outcome, names)
    keep(work, rulebook, subject_of(standing, deal), ruling)
    values: dict[str, object] = {"appealed_at": work.now, "appealed_by": me, "ended_at": None}
    work.change(Dispute, standing.id, values)
    steps = await facts.dispute_steps(work, standing.id)
    note_step(work, standing.id, len(steps) + 1, DisputeStepKind.APPEALED, words=ground)
    work.concerns("dispute", standing.id, deal=deal.id)
    work.emit(DisputeAppealed(standing.id, deal.id, deal.party_id, deal.site_id, *sides, me))
    resolved(work, rulebook, replace(deal, dispute=replace(standing, appealed_at=work.now)))
    return standing.id
