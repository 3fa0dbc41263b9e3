"""Disputes: two members who both say that a deal is theirs, while it is among the two (五(五)8)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from service.errors import InvalidInput, NotFound, Refusal
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.commands.credit import decide_again, enter
from service.ownership.commands.deciding import Ruling, Subject, keep
from service.ownership.commands.running import count_private_time, switch_to_come
from service.ownership.commands.taking_part import take_part
from service.ownership.errors import (
    CreditIsFinal,
    DisputedBefore,
    DisputeIsOver,
    NotASide,
    PrivatePhaseOver,
)
from service.ownership.events import DisputeHandedOver, DisputeOpened, DisputeSettled
from service.ownership.rules import (
    Award,
    Phase,
    Standing,
    Wish,
    private_facts,
    private_until,
)
from service.ownership.tables import Dispute, DisputeStep, DisputeStepKind
from service.policies.access import Record
from service.rulebooks.in_force import InForce, in_force
from service.work import UnitOfWork

DISPUTE_PRIVATE_ENDED = "dispute_private_ended"
_LONGEST = 2000
_TWO = 2
_REFUSED: Final[Mapping[str, type[Refusal]]] = {
    "DISPUTED_BEFORE": DisputedBefore,
    "CREDIT_IS_FINAL": CreditIsFinal,
}


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """Two members dispute a deal; a representative opens only one that he is a side of."""

    deal_id: UUID
    member_ids: tuple[UUID, ...]
    ground: str


async def open_dispute(work: UnitOfWork, order: OpenDispute) -> UUID:
    """Open the dispute and return its id; the credit is nobody's until it ends (CR-2).

    The sale goes on. Locks the deal.

    Raises:
        NotFound: no such deal or member.
        DisputedBefore, CreditIsFinal: the rulebook's answer.
        Forbidden, InvalidInput.
    """
    ground = stated(order.ground, "ground")
    if len(set(order.member_ids)) != _TWO or len(order.member_ids) != _TWO:
        field = ("input", "memberIds")
        raise InvalidInput(field=field, expected="DIFFERENT_ENTRIES", least=_TWO, most=_TWO)
    seen = await facts.deal(work, order.deal_id)
    missing = await facts.missing_member(work, order.member_ids)
    if missing is not None:
        raise NotFound(field=("input", "memberIds", str(missing)))
    me = work.actor.member_id
    owner = me if me in order.member_ids else order.member_ids[0]
    work.authorise("dispute.open", Record(owner, seen.org_unit_id, seen.territory_id))
    rulebook = await in_force(work, work.now, seen.site_id)
    (deal,) = await facts.locked_deals(work, [order.deal_id])
    asked = {
        "disputed_before": deal.dispute is not None,
        "credit_is_final": deal.final_at(work.now),
    }
    outcome = rulebook.rulebook.decide("dispute", asked)
    if outcome.then["answer"] != "ADMITTED":
        raise _REFUSED[str(outcome.then["reason"])](clause=outcome.clause)
    first_id, second_id = order.member_ids
    standing = Standing(
        id=work.new_id(),
        first_id=first_id,
        second_id=second_id,
        private_until=private_until(outcome.then, work.now, deal.zone),
    )
    ruling = Ruling(DecisionKind.DISPUTE, asked, outcome, {"first": first_id, "second": second_id})
    opening_id = keep(work, rulebook, subject_of(standing, deal), ruling)
    _write(work, deal, standing, ground, opening_id)
    if await switch_to_come(work, deal.site_id):
        await count_private_time(work, standing.id)
    resolved(work, rulebook, replace(deal, dispute=standing))
    return standing.id


def _write(
    work: UnitOfWork, deal: facts.DealFacts, standing: Standing, ground: str, opening_id: UUID
) -> None:
    work.add(
        Dispute(
            tenant_id=work.tenant_id,
            id=standing.id,
            created_at=work.now,
            created_by=work.caller.member_id,
            deal_id=deal.id,
            party_id=deal.party_id,
            site_id=deal.site_id,
            org_unit_id=deal.org_unit_id,
            territory_id=deal.territory_id,
            first_member_id=standing.first_id,
            second_member_id=standing.second_id,
            ground=ground,
            opened_at=work.now,
            private_until=standing.private_until,
            opening_id=opening_id,
        )
    )
    take_part(work, deal.id, deal.signed_at, (standing.first_id, standing.second_id))
    note_step(work, standing.id, 1, DisputeStepKind.OPENED, words=ground)
    work.schedule(DISPUTE_PRIVATE_ENDED, standing.id, standing.private_until)
    work.concerns("dispute", standing.id, deal=deal.id)
    work.emit(
        DisputeOpened(
            dispute_id=standing.id,
            deal_id=deal.id,
            party_id=deal.party_id,
            site_id=deal.site_id,
            org_unit_id=deal.org_unit_id,
            first_member_id=standing.first_id,
            second_member_id=standing.second_id,
            opened_by=work.caller.member_id,
            private_until=standing.private_until,
        )
    )


@dataclass(frozen=True, slots=True)
class AgreeOnDispute:
    """One of the two proposes how to divide the credit, or confirms what the other proposed."""

    dispute_id: UUID
    first_basis_points: int = 0
    second_basis_points: int = 0
    company_basis_points: int = 0


async def agree_on_dispute(work: UnitOfWork, order: AgreeOnDispute) -> UUID:
    """Take the proposal down and return the dispute's id; the same of both settles it.

    The latest proposal of each counts. Settled, the credit is final and enters the ledger at once.
    Locks the deal.

    Raises:
        NotFound, Forbidden, InvalidInput, NotASide.
        PrivatePhaseOver, DisputeIsOver: the two have no say in it any more.
    """
    award = award_of(
        order.first_basis_points, order.second_basis_points, order.company_basis_points
    )
    return await _wished(work, order.dispute_id, award)


@dataclass(frozen=True, slots=True)
class EscalateDispute:
    """One of the two wants the manager to decide before their own time is over."""

    dispute_id: UUID


async def escalate_dispute(work: UnitOfWork, order: EscalateDispute) -> UUID:
    """Take the wish down and return the dispute's id; once both want it, the manager decides.

    Locks the deal.

    Raises:
        NotFound, Forbidden, NotASide, PrivatePhaseOver, DisputeIsOver.
    """
    return await _wished(work, order.dispute_id, None)


async def _wished(work: UnitOfWork, dispute_id: UUID, award: Award | None) -> UUID:
    deal, standing = await locked_dispute(work, dispute_id)
    speaking(work, deal, standing, "dispute.settle")
    rulebook = await in_force(work, work.now, deal.site_id)
    steps = await facts.dispute_steps(work, dispute_id)
    wish = Wish(work.actor.member_id, award)
    earlier = [known for step in steps if (known := _wish_of(step)) is not None]
    asked = private_facts(standing, work.now, wish, earlier)
    outcome = rulebook.rulebook.decide("private_phase", asked)
    answer = str(outcome.then["answer"])
    if answer == "REFUSED":
        over = standing.phase(work.now) is not Phase.MANAGER
        raise (DisputeIsOver if over else PrivatePhaseOver)(clause=outcome.clause)
    kind = DisputeStepKind.HANDOVER_ASKED if award is None else DisputeStepKind.PROPOSED
    note_step(work, dispute_id, len(steps) + 1, kind, award=award)
    work.concerns("dispute", dispute_id, deal=deal.id)
    names = {"first": standing.first_id, "second": standing.second_id}
    ruling = Ruling(DecisionKind.DISPUTE, asked, outcome, names)
    if answer == "HANDED_OVER":
        keep(work, rulebook, subject_of(standing, deal), ruling)
        hand_over(work, deal, standing)
    elif answer == "SETTLED" and award is not None:
        values: dict[str, object] = {
            "settled_at": work.now,
            "ended_at": work.now,
            "outcome_id": keep(work, rulebook, subject_of(standing, deal), ruling),
            **columns_of(award),
        }
        work.change(Dispute, dispute_id, values)
        work.emit(DisputeSettled(dispute_id, deal.id, deal.party_id, *_two(standing)))
        ended = replace(standing, settled_at=work.now, award=award)
        resolved(work, rulebook, replace(deal, dispute=ended))
    return dispute_id


def _two(standing: Standing) -> tuple[UUID, UUID]:
    return standing.first_id, standing.second_id


def _wish_of(step: Mapping[str, object]) -> Wish | None:
    member_id = UUID(str(step["member_id"]))
    if step["kind"] == DisputeStepKind.HANDOVER_ASKED:
        return Wish(member_id, None)
    if step["kind"] != DisputeStepKind.PROPOSED:
        return None
    parts = ("first_basis_points", "second_basis_points", "company_basis_points")
    return Wish(member_id, Award(*(int(str(step[part])) for part in parts)))


def hand_over(work: UnitOfWork, deal: facts.DealFacts, standing: Standing) -> None:
    """Give a dispute to the manager before the time of the two is over."""
    work.change(Dispute, standing.id, {"handed_over_at": work.now})
    tell_manager(work, deal, standing)


async def hand_disputes_over(work: UnitOfWork, member_id: UUID) -> int:
    """Give a member's disputes that are still private to the manager; return how many.

    Locks their deals.
    """
    handed_over = 0
    found = await facts.private_disputes(work, member_id, work.now)
    for deal in await facts.locked_deals(work, found):
        if deal.dispute is not None and deal.dispute.phase(work.now) is Phase.PRIVATE:
            hand_over(work, deal, deal.dispute)
            handed_over += 1
    return handed_over


def tell_manager(work: UnitOfWork, deal: facts.DealFacts, standing: Standing) -> None:
    """Tell that a dispute waits for the manager's verdict."""
    work.emit(DisputeHandedOver(standing.id, deal.id, deal.party_id, deal.site_id, *_two(standing)))


async def announce_handover(work: UnitOfWork, dispute_id: UUID) -> None:
    """Tell, once the time of the two is over, that the manager decides; nothing if it ended.

    Called by the worker. Locks the deal.
    """
    deal, standing = await locked_dispute(work, dispute_id)
    waits = standing.handed_over_at is None and standing.phase(work.now) is Phase.MANAGER
    if waits:
        tell_manager(work, deal, standing)


def resolved(work: UnitOfWork, rulebook: InForce, deal: facts.DealFacts) -> None:
    """Decide the credit as the deal's dispute now has it; final, it enters the ledger (CR-1)."""
    decision_id, shares = decide_again(work, rulebook, deal, deal.claims)
    if deal.final_at(work.now):
        enter(work, deal, decision_id, shares)


async def locked_dispute(work: UnitOfWork, dispute_id: UUID) -> tuple[facts.DealFacts, Standing]:
    """Lock the deal of a dispute and return both as they stand now.

    Raises:
        NotFound: no such dispute.
    """
    deal_id = await facts.disputed_deal(work, dispute_id)
    (deal,) = await facts.locked_deals(work, [deal_id])
    if deal.dispute is None:
        raise NotFound(field=("input", "disputeId"))
    return deal, deal.dispute


def speaking(work: UnitOfWork, deal: facts.DealFacts, standing: Standing, action: str) -> None:
    """Let only the two speak in their dispute.

    Raises:
        Forbidden, NotASide.
    """
    me = work.actor.member_id
    is_side = me in _two(standing)
    owner = me if is_side else standing.first_id
    work.authorise(action, Record(owner, deal.org_unit_id, deal.territory_id))
    if not is_side:
        raise NotASide


def subject_of(standing: Standing, deal: facts.DealFacts) -> Subject:
    """Name a dispute as the subject of a decision."""
    place = (deal.org_unit_id, deal.territory_id)
    return Subject("dispute", standing.id, standing.first_id, *place, frozenset(_two(standing)))


def award_of(first: int, second: int, company: int) -> Award:
    """Return how the credit is divided.

    Raises:
        InvalidInput: the parts are not the whole.
    """
    award = Award(first, second, company)
    if not award.whole:
        raise InvalidInput(field=("input",), expected="WHOLE_CREDIT")
    return award


def columns_of(award: Award) -> dict[str, object]:
    """Return an outcome as the columns that keep it."""
    return {
        "first_basis_points": award.first,
        "second_basis_points": award.second,
        "company_basis_points": award.company,
    }


def note_step(
    work: UnitOfWork,
    dispute_id: UUID,
    number: int,
    kind: DisputeStepKind,
    *,
    award: Award | None = None,
    aggravated: bool = False,
    words: str | None = None,
) -> None:
    """Take down what the caller does in a dispute."""
    work.add(
        DisputeStep(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            dispute_id=dispute_id,
            step_number=number,
            member_id=work.actor.member_id,
            at=work.now,
            kind=kind.value,
            first_basis_points=award.first if award else None,
            second_basis_points=award.second if award else None,
            company_basis_points=award.company if award else None,
            aggravated=aggravated,
            words=words,
        )
    )


def stated(words: str, field: str) -> str:
    """Return a reason without the space around it.

    Raises:
        InvalidInput: there is none, or it is too long.
    """
    if not words.strip() or len(words) > _LONGEST:
        raise InvalidInput(field=("input", field), expected="CHARACTERS", least=1, most=_LONGEST)
    return words.strip()
