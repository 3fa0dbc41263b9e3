"""Disputes: two members who say that a customer or a deal is theirs, among the two (五(五)8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.errors import InvalidInput, NotFound, Refusal
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.commands.awarding import award_customer
from service.ownership.commands.credit import decide_again, enter
from service.ownership.commands.deciding import Ruling, Subject, keep
from service.ownership.commands.running import count_private_time, switch_to_come
from service.ownership.commands.standing import refuse_cancelled
from service.ownership.commands.strangers import refuse_stranger
from service.ownership.commands.taking_part import take_part
from service.ownership.errors import (
    CreditIsFinal,
    CustomerNotDivided,
    DisputedBefore,
    DisputeIsOver,
    DisputeNeedsDeal,
    NotASide,
    NotTheirCustomer,
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
from service.ownership.tables import Dispute, DisputeStep, DisputeStepKind, DisputeSubject
from service.policies.access import Record
from service.rulebooks.in_force import InForce, in_force
from service.work import UnitOfWork

DISPUTE_PRIVATE_ENDED = "dispute_private_ended"
_LONGEST = 2000
_TWO = 2
_REFUSED: Final[Mapping[str, type[Refusal]]] = {
    "DISPUTED_BEFORE": DisputedBefore,
    "CREDIT_IS_FINAL": CreditIsFinal,
    "NEEDS_DEAL": DisputeNeedsDeal,
    "NOT_THEIR_CUSTOMER": NotTheirCustomer,
}
_SUBJECTS: Final = ("dealId", "partyId")


@dataclass(frozen=True, slots=True)
class OpenDispute:
    """Two members dispute a deal, or a customer at a site.

    A representative opens only one that he is a side of.

    Attributes:
        deal_id: the deal, or else `party_id` the customer and `site_id` where he is one.
    """

    deal_id: UUID | None = None
    member_ids: tuple[UUID, ...] = ()
    ground: str = ""
    party_id: UUID | None = None
    site_id: UUID | None = None


# The unit, the territory and the zone of what is disputed.
_Place = tuple[UUID | None, UUID | None, ZoneInfo]


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is disputed, whose customer where, and the facts of decision `dispute` about it."""

    kind: DisputeSubject
    deal: facts.DealFacts | None
    customer: tuple[UUID, UUID]
    place: _Place
    asked: Mapping[str, bool | str]

    def disputed(self, standing: Standing) -> facts.Disputed:
        """Return the dispute that begins about it."""
        party_id, site_id = self.customer
        org_unit_id, territory_id, zone = self.place
        return facts.Disputed(
            standing=standing,
            began_about=self.kind,
            party_id=party_id,
            site_id=site_id,
            org_unit_id=org_unit_id,
            territory_id=territory_id,
            zone=zone,
            deal=None if self.deal is None else replace(self.deal, dispute=standing),
        )


async def open_dispute(work: UnitOfWork, order: OpenDispute) -> UUID:
    """Open the dispute and return its id; a deal's credit is nobody's until it ends (CR-2).

    The sale goes on, and a customer is served as before. Locks the deal.

    Raises:
        NotFound: no such deal, customer, site or member; a deal of another showroom.
        DealIsCancelled: it fell through.
        DisputedBefore, CreditIsFinal, DisputeNeedsDeal, NotTheirCustomer: the rulebook's answer.
        Forbidden, InvalidInput.
    """
    ground = stated(order.ground, "ground")
    if len(set(order.member_ids)) != _TWO or len(order.member_ids) != _TWO:
        field = ("input", "memberIds")
        raise InvalidInput(field=field, expected="DIFFERENT_ENTRIES", least=_TWO, most=_TWO)
    if (order.deal_id is None) == (order.party_id is None):
        raise InvalidInput(field=("input", "dealId"), expected="ONE_OF", choices=_SUBJECTS)
    place = await _place(work, order)
    missing = await facts.missing_member(work, order.member_ids)
    if missing is not None:
        raise NotFound(field=("input", "memberIds", str(missing)))
    me = work.actor.member_id
    owner = me if me in order.member_ids else order.member_ids[0]
    work.authorise("dispute.open", Record(owner, place[0], place[1]))
    subject = await _subject(work, order, place)
    rulebook = await in_force(work, work.now, subject.customer[1])
    outcome = rulebook.rulebook.decide("dispute", subject.asked)
    if outcome.then["answer"] != "ADMITTED":
        raise _REFUSED[str(outcome.then["reason"])](clause=outcome.clause)
    first_id, second_id = order.member_ids
    until = private_until(outcome.then, work.now, place[2])
    standing = Standing(work.new_id(), first_id, second_id, until)
    disputed = subject.disputed(standing)
    names = {"first": first_id, "second": second_id}
    ruling = Ruling(DecisionKind.DISPUTE, subject.asked, outcome, names)
    opening_id = keep(work, rulebook, subject_of(disputed), ruling)
    _write(work, disputed, ground, opening_id)
    if await switch_to_come(work, disputed.site_id):
        await count_private_time(work, standing.id)
    resolved(work, rulebook, disputed)
    return standing.id


async def _place(work: UnitOfWork, order: OpenDispute) -> _Place:
    """Return the unit, the territory and the zone of what is disputed.

    Raises:
        NotFound: no such deal, or one of another showroom; no such customer or site.
    """
    if order.deal_id is not None:
        seen = await facts.deal(work, order.deal_id)
        if work.actor.member_id in order.member_ids:
            rulebook = await in_force(work, work.now, seen.site_id)
            field = ("input", "dealId")
            await refuse_stranger(work, rulebook, seen, work.actor.member_id, field)
        return seen.org_unit_id, seen.territory_id, seen.zone
    row = await facts.customer_at(work, order.party_id, order.site_id)
    return row["org_unit_id"], row["territory_id"], ZoneInfo(row["time_zone"])


async def _subject(work: UnitOfWork, order: OpenDispute, place: _Place) -> _Subject:
    if order.party_id is not None and order.site_id is not None:
        customer, two = (order.party_id, order.site_id), order.member_ids
        asked: dict[str, bool | str] = {
            "subject": DisputeSubject.CUSTOMER.value,
            "disputed_before": await facts.disputed_before(work, customer, two, work.now),
            "theirs": await facts.theirs(work, customer, two, work.now, place[2]),
        }
        return _Subject(DisputeSubject.CUSTOMER, None, customer, place, asked)
    if order.deal_id is None:
        raise NotFound(field=("input", "siteId"))
    (deal,) = await facts.locked_deals(work, [order.deal_id])
    refuse_cancelled(deal, ("input", "dealId"))
    asked = {
        "disputed_before": deal.dispute is not None,
        "credit_is_final": deal.final_at(work.now),
    }
    return _Subject(DisputeSubject.DEAL, deal, (deal.party_id, deal.site_id), place, asked)


def _write(work: UnitOfWork, disputed: facts.Disputed, ground: str, opening_id: UUID) -> None:
    standing, deal = disputed.standing, disputed.deal
    work.add(
        Dispute(
            tenant_id=work.tenant_id,
            id=standing.id,
            created_at=work.now,
            created_by=work.caller.member_id,
            subject=disputed.began_about.value,
            deal_id=disputed.deal_id,
            party_id=disputed.party_id,
            site_id=disputed.site_id,
            org_unit_id=disputed.org_unit_id,
            territory_id=disputed.territory_id,
            first_member_id=standing.first_id,
            second_member_id=standing.second_id,
            ground=ground,
            opened_at=work.now,
            private_until=standing.private_until,
            opening_id=opening_id,
        )
    )
    if deal is not None:
        take_part(work, deal.id, deal.signed_at, disputed.two)
    note_step(work, standing.id, 1, DisputeStepKind.OPENED, words=ground)
    work.schedule(DISPUTE_PRIVATE_ENDED, standing.id, standing.private_until)
    concerns(work, disputed)
    work.emit(
        DisputeOpened(
            dispute_id=standing.id,
            deal_id=disputed.deal_id,
            party_id=disputed.party_id,
            site_id=disputed.site_id,
            org_unit_id=disputed.org_unit_id,
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

    The latest proposal of each counts. Settled, a deal's credit is final and enters the ledger at
    once, and a customer is whose they say. Locks the two's registers, their entries of the
    customer, the dispute, the deal.

    Raises:
        NotFound, Forbidden, InvalidInput, NotASide, DealIsCancelled.
        PrivatePhaseOver, DisputeIsOver, CustomerNotDivided: the rulebook's answer.
    """
    award = award_of(
        order.first_basis_points, order.second_basis_points, order.company_basis_points
    )
    await facts.lock_registers_of_two(work, order.dispute_id)
    return await _wished(work, order.dispute_id, award)


@dataclass(frozen=True, slots=True)
class EscalateDispute:
    """One of the two wants the manager to decide before their own time is over."""

    dispute_id: UUID


async def escalate_dispute(work: UnitOfWork, order: EscalateDispute) -> UUID:
    """Take the wish down and return the dispute's id; once both want it, the manager decides.

    Locks the dispute, the deal.

    Raises:
        NotFound, Forbidden, NotASide, DealIsCancelled, PrivatePhaseOver, DisputeIsOver.
    """
    return await _wished(work, order.dispute_id, None)


async def _wished(work: UnitOfWork, dispute_id: UUID, award: Award | None) -> UUID:
    disputed = await facts.locked_dispute(work, dispute_id)
    standing = disputed.standing
    speaking(work, disputed, "dispute.settle")
    refuse_cancelled(disputed.deal)
    rulebook = await in_force(work, work.now, disputed.site_id)
    steps = await facts.dispute_steps(work, dispute_id)
    wish = Wish(work.actor.member_id, award)
    earlier = [known for step in steps if (known := _wish_of(step)) is not None]
    asked = {
        "subject": disputed.about.value,
        **private_facts(standing, work.now, wish, earlier),
    }
    outcome = rulebook.rulebook.decide("private_phase", asked)
    answer = str(outcome.then["answer"])
    if answer == "REFUSED":
        if outcome.then["reason"] == "CUSTOMER_NOT_DIVIDED":
            raise CustomerNotDivided(clause=outcome.clause)
        over = standing.phase(work.now) is not Phase.MANAGER
        raise (DisputeIsOver if over else PrivatePhaseOver)(clause=outcome.clause)
    kind = DisputeStepKind.HANDOVER_ASKED if award is None else DisputeStepKind.PROPOSED
    note_step(work, dispute_id, len(steps) + 1, kind, award=award)
    concerns(work, disputed)
    names = {"first": standing.first_id, "second": standing.second_id}
    ruling = Ruling(DecisionKind.DISPUTE, asked, outcome, names)
    if answer == "HANDED_OVER":
        keep(work, rulebook, subject_of(disputed), ruling)
        hand_over(work, disputed)
    elif answer == "SETTLED" and award is not None:
        ruling = replace(ruling, told={"dispute": columns_of(award)})
        outcome_id = keep(work, rulebook, subject_of(disputed), ruling)
        values: dict[str, object] = {
            "settled_at": work.now,
            "ended_at": work.now,
            "outcome_id": outcome_id,
            **columns_of(award),
        }
        work.change(Dispute, dispute_id, values)
        told = (disputed.deal_id, disputed.party_id, *disputed.two)
        work.emit(DisputeSettled(dispute_id, *told))
        ended = disputed.standing_as(replace(standing, settled_at=work.now, award=award))
        resolved(work, rulebook, ended)
        await award_customer(work, rulebook, ended, outcome_id)
    return dispute_id


def _wish_of(step: Mapping[str, object]) -> Wish | None:
    member_id = UUID(str(step["member_id"]))
    if step["kind"] == DisputeStepKind.HANDOVER_ASKED:
        return Wish(member_id, None)
    if step["kind"] != DisputeStepKind.PROPOSED:
        return None
    parts = ("first_basis_points", "second_basis_points", "company_basis_points")
    return Wish(member_id, Award(*(int(str(step[part])) for part in parts)))


def hand_over(work: UnitOfWork, disputed: facts.Disputed) -> None:
    """Give a dispute to the manager before the time of the two is over."""
    work.change(Dispute, disputed.standing.id, {"handed_over_at": work.now})
    tell_manager(work, disputed)


async def hand_disputes_over(work: UnitOfWork, dispute_ids: Sequence[UUID]) -> int:
    """Give disputes that are locked and still private to the manager; return how many."""
    handed_over = 0
    for dispute_id in dispute_ids:
        disputed = await facts.locked_dispute(work, dispute_id)
        if disputed.standing.phase(work.now) is Phase.PRIVATE:
            hand_over(work, disputed)
            handed_over += 1
    return handed_over


def tell_manager(work: UnitOfWork, disputed: facts.Disputed) -> None:
    """Tell that a dispute waits for the manager's verdict."""
    told = (disputed.deal_id, disputed.party_id, disputed.site_id, *disputed.two)
    work.emit(DisputeHandedOver(disputed.standing.id, *told))


async def announce_handover(work: UnitOfWork, dispute_id: UUID) -> None:
    """Tell, once the time of the two is over, that the manager decides; nothing if it ended.

    Called by the worker. Locks the dispute, the deal.
    """
    disputed = await facts.locked_dispute(work, dispute_id)
    standing = disputed.standing
    waits = standing.handed_over_at is None and standing.phase(work.now) is Phase.MANAGER
    if waits:
        tell_manager(work, disputed)


def resolved(work: UnitOfWork, rulebook: InForce, disputed: facts.Disputed) -> None:
    """Decide the credit as the deal's dispute now has it; final, it enters the ledger (CR-1)."""
    deal = disputed.deal
    if deal is None:
        return
    decision_id, shares = decide_again(work, rulebook, deal, deal.claims)
    if deal.final_at(work.now):
        enter(work, deal, decision_id, shares)


def speaking(work: UnitOfWork, disputed: facts.Disputed, action: str) -> None:
    """Let only the two speak in their dispute.

    Raises:
        Forbidden, NotASide.
    """
    me = work.actor.member_id
    is_side = me in disputed.two
    owner = me if is_side else disputed.standing.first_id
    work.authorise(action, Record(owner, disputed.org_unit_id, disputed.territory_id))
    if not is_side:
        raise NotASide


def subject_of(disputed: facts.Disputed) -> Subject:
    """Name a dispute as the subject of a decision."""
    place = (disputed.org_unit_id, disputed.territory_id)
    standing = disputed.standing
    return Subject("dispute", standing.id, standing.first_id, *place, frozenset(disputed.two))


def concerns(work: UnitOfWork, disputed: facts.Disputed, **more: str) -> None:
    """Note in the journal which dispute the command is about."""
    about = {"customer": disputed.party_id} if disputed.deal is None else {"deal": disputed.deal.id}
    work.concerns("dispute", disputed.standing.id, **about, **more)


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
