"""The verdict in a dispute, and the appeal against it (五(五)8)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from service.errors import Refusal
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.commands.awarding import award_customer
from service.ownership.commands.credit import CREDIT_FINAL
from service.ownership.commands.deciding import Ruling, keep
from service.ownership.commands.disputes import (
    award_of,
    columns_of,
    concerns,
    note_step,
    resolved,
    speaking,
    stated,
    subject_of,
)
from service.ownership.commands.standing import refuse_cancelled
from service.ownership.errors import (
    AppealedAlready,
    AppealTooLate,
    CustomerNotDivided,
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
    "CUSTOMER_NOT_DIVIDED": CustomerNotDivided,
    "NOT_DECIDED": NothingToAppeal,
    "NO_APPEAL": VerdictIsFinal,
    "LATE": AppealTooLate,
}


@dataclass(frozen=True, slots=True)
class DecideDispute:
    """A manager gives the customer or the credit to one of the two, or as the rulebook lets him.

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
    appeal is left a deal's credit is final and enters the ledger at once; a customer is at once
    whose the verdict says, also while it may be appealed against. Locks the two's registers, their
    entries of the customer, the dispute, the deal.

    Raises:
        NotFound, Forbidden, InvalidInput, DealIsCancelled.
        DisputeStillPrivate, DisputeIsOver, SplitNotAllowed, NotAggravated, CustomerNotDivided: the
            rulebook's answer.
    """
    reason = stated(order.reason, "reason")
    award = award_of(
        order.first_basis_points, order.second_basis_points, order.company_basis_points
    )
    await facts.lock_registers_of_two(work, order.dispute_id)
    disputed = await facts.locked_dispute(work, order.dispute_id)
    standing = disputed.standing
    phase = standing.phase(work.now)
    _may_decide(work, disputed, on_appeal=phase is Phase.APPEAL)
    refuse_cancelled(disputed.deal)
    rulebook = await in_force(work, work.now, disputed.site_id)
    asked = {
        "subject": disputed.about.value,
        **verdict_facts(phase, award, aggravated=order.aggravated),
    }
    outcome = rulebook.rulebook.decide("verdict", asked)
    if outcome.then["answer"] != "ALLOWED":
        raise _REFUSED[str(outcome.then["reason"])](clause=outcome.clause)
    me = work.actor.member_id
    names = {"first": standing.first_id, "second": standing.second_id, "manager": me}
    verdict = {**columns_of(award), "aggravated": order.aggravated, "reason": reason}
    ruling = Ruling(DecisionKind.DISPUTE, asked, outcome, names, told={"dispute": verdict})
    outcome_id = keep(work, rulebook, subject_of(disputed), ruling)
    until = appeal_until(outcome, work.now, disputed.zone)
    await _write(work, disputed, order, (award, reason, until, outcome_id))
    if until is not None and disputed.deal is not None:
        work.schedule(CREDIT_FINAL, disputed.deal.id, until)
    concerns(work, disputed, reason=reason)
    told = (disputed.deal_id, disputed.party_id, *disputed.two)
    work.emit(DisputeDecided(standing.id, *told, me, until))
    ended = disputed.standing_as(_ended(standing, work.now, award, until))
    resolved(work, rulebook, ended)
    await award_customer(work, rulebook, ended, outcome_id)
    return standing.id


async def _write(
    work: UnitOfWork,
    disputed: facts.Disputed,
    order: DecideDispute,
    verdict: tuple[Award, str, datetime | None, UUID],
) -> None:
    """Write a verdict: its parts and its reason, until when it may be appealed, the decision."""
    award, reason, until, outcome_id = verdict
    standing, me = disputed.standing, work.actor.member_id
    decided: dict[str, object] = {"decided_at": work.now, "decided_by": me, "appeal_until": until}
    kind = DisputeStepKind.DECIDED
    if standing.phase(work.now) is Phase.APPEAL:
        decided = {"appeal_decided_at": work.now, "appeal_decided_by": me}
        kind = DisputeStepKind.APPEAL_DECIDED
    values: dict[str, object] = {
        **decided,
        **columns_of(award),
        "ended_at": work.now,
        "aggravated": order.aggravated,
        "reason": reason,
        "outcome_id": outcome_id,
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


def _ended(standing: Standing, now: datetime, award: Award, until: datetime | None) -> Standing:
    if standing.appealed_at is not None:
        return replace(standing, appeal_decided_at=now, award=award)
    return replace(standing, decided_at=now, appeal_until=until, award=award)


def _may_decide(work: UnitOfWork, disputed: facts.Disputed, *, on_appeal: bool) -> None:
    """Authorise once for each whom the verdict must not come from (four eyes)."""
    action = "dispute.decide_appeal" if on_appeal else "dispute.decide"
    concerned = list(disputed.two)
    decided_by = disputed.standing.decided_by
    if on_appeal and decided_by is not None:
        concerned.append(decided_by)
    for member_id in concerned:
        place = (disputed.org_unit_id, disputed.territory_id)
        work.authorise(action, Record(None, *place, requester_id=member_id))


@dataclass(frozen=True, slots=True)
class AppealDispute:
    """One of the two asks the regional manager to decide anew."""

    dispute_id: UUID
    ground: str


async def appeal_dispute(work: UnitOfWork, order: AppealDispute) -> UUID:
    """Take the appeal down and return the dispute's id; the credit is nobody's again until then.

    A customer stays whose the verdict says until it is decided. Locks the dispute, the deal.

    Raises:
        NotFound, Forbidden, InvalidInput, NotASide, DealIsCancelled.
        AppealedAlready: an appeal waits for its answer.
        NothingToAppeal, VerdictIsFinal, AppealTooLate: the rulebook's answer.
    """
    ground = stated(order.ground, "ground")
    disputed = await facts.locked_dispute(work, order.dispute_id)
    standing = disputed.standing
    speaking(work, disputed, "dispute.appeal")
    refuse_cancelled(disputed.deal)
    if standing.phase(work.now) is Phase.APPEAL:
        raise AppealedAlready
    rulebook = await in_force(work, work.now, disputed.site_id)
    asked = appeal_facts(standing, work.now)
    outcome = rulebook.rulebook.decide("appeal", asked)
    if outcome.then["answer"] != "ADMITTED":
        raise _REFUSED[str(outcome.then["reason"])](clause=outcome.clause)
    me = work.actor.member_id
    names = {"first": standing.first_id, "second": standing.second_id}
    ruling = Ruling(DecisionKind.DISPUTE, asked, outcome, names)
    keep(work, rulebook, subject_of(disputed), ruling)
    values: dict[str, object] = {"appealed_at": work.now, "appealed_by": me, "ended_at": None}
    work.change(Dispute, standing.id, values)
    steps = await facts.dispute_steps(work, standing.id)
    note_step(work, standing.id, len(steps) + 1, DisputeStepKind.APPEALED, words=ground)
    concerns(work, disputed)
    told = (disputed.deal_id, disputed.party_id, disputed.site_id, *disputed.two)
    work.emit(DisputeAppealed(standing.id, *told, me))
    resolved(work, rulebook, disputed.standing_as(replace(standing, appealed_at=work.now)))
    return standing.id
