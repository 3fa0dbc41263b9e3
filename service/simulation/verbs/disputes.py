"""Verbs of disputes: two reps over one customer or deal, what they agree on, the verdict."""

from typing import TypeVar
from uuid import UUID

from service.errors import NotFound, Refusal, Refusals
from service.ownership.commands import (
    AgreeOnDispute,
    AppealDispute,
    DecideDispute,
    EscalateDispute,
    OpenDispute,
    appeal_dispute,
    escalate_dispute,
    open_dispute,
)
from service.ownership.queries import dispute_state
from service.reception.commands import agree_on_dispute, decide_dispute
from service.simulation.showroom import MANAGER, Showroom
from service.simulation.stories import Step, Unsupported
from service.simulation.verbs.deals import deal_of
from service.simulation.verbs.verb import NOTHING, Answers, Verb, blank, verdict, word
from service.work import Command, nothing_more

_O = TypeVar("_O")

_COMPANY = "COMPANY"
_POINTS_IN_PERCENT = 100
_WHOLE = 10_000
_OK = "OK"


async def dispute(showroom: Showroom, step: Step) -> Answers:
    """One of two reps, or who is named by `by`, disputes a deal or (`cust=`) a customer."""
    two = tuple(name for name in step.option("between").split(",") if name)
    members = tuple(showroom.member(name) for name in two)
    ground = step.option("ground") or "crossed"
    name = word(step, 0)
    try:
        if step.option("cust"):
            met = showroom.memory.parties.get(step.option("cust"))
            party_id = met[0] if met else None
            order = OpenDispute(None, members, ground, party_id, showroom.site_id)
        else:
            order = OpenDispute(deal_of(showroom, step.option("deal")), members, ground)
        done = await showroom.perform(
            showroom.caller(step.option("by") or two[0]), order, open_dispute, nothing_more
        )
    except (Refusal, Refusals) as refused:
        return {"res": _word_of(refused), "status": NOTHING}
    showroom.memory.disputes[name] = done.result
    return {"res": _OK, "status": await _status(showroom, done.result)}


async def agree(showroom: Showroom, step: Step) -> Answers:
    """One of the two says what he agrees to."""
    dispute_id = _known(showroom, step)
    order = AgreeOnDispute(dispute_id, *await _parts(showroom, dispute_id, step.option("to")))
    return await _carried(showroom, step, step.option("by"), order, agree_on_dispute)


async def escalate(showroom: Showroom, step: Step) -> Answers:
    """One of the two wants the manager to decide now."""
    order = EscalateDispute(_known(showroom, step))
    return await _carried(showroom, step, step.option("by"), order, escalate_dispute)


async def decide(showroom: Showroom, step: Step) -> Answers:
    """The manager, or who is named by `by`, decides."""
    dispute_id = _known(showroom, step)
    parts = await _parts(showroom, dispute_id, step.option("to"))
    aggravated = step.option("aggravated") == "yes"
    order = DecideDispute(dispute_id, "heard", *parts, aggravated=aggravated)
    return await _carried(showroom, step, step.option("by") or MANAGER, order, decide_dispute)


async def appeal(showroom: Showroom, step: Step) -> Answers:
    """One of the two appeals."""
    order = AppealDispute(_known(showroom, step), "not heard")
    return await _carried(showroom, step, step.option("by"), order, appeal_dispute)


async def dstatus(showroom: Showroom, step: Step) -> Answers:
    """Look where a dispute stands."""
    return {"res": _OK, "status": await _status(showroom, _known(showroom, step))}


async def _carried(
    showroom: Showroom, step: Step, by: str, order: _O, command: Command[_O, UUID]
) -> Answers:
    res = _OK
    try:
        await showroom.perform(showroom.caller(by), order, command, nothing_more)
    except (Refusal, Refusals) as refused:
        res = _word_of(refused)
    return {"res": res, "status": await _status(showroom, _known(showroom, step))}


def _word_of(refused: Refusal | Refusals) -> str:
    return verdict(refused if isinstance(refused, Refusal) else refused.refusals[0])


def _known(showroom: Showroom, step: Step) -> UUID:
    known = showroom.memory.disputes.get(word(step, 0))
    if known is None:
        # It was refused: what asks of it is refused too, and the story goes on.
        raise NotFound(field=("input", "disputeId"))
    return known


async def _status(showroom: Showroom, dispute_id: UUID) -> str:
    now = showroom.clock.now()
    return await showroom.seen(showroom.admin, lambda sight: dispute_state(sight, dispute_id, now))


async def _parts(showroom: Showroom, dispute_id: UUID, to: str) -> tuple[int, int, int]:
    """Return a story's `An`, `COMPANY` or `An:60+Bo:40` as parts of the two and the company."""
    (row,) = await showroom.look(
        "SELECT first_member_id, second_member_id FROM app.dispute"
        " WHERE tenant_id = $1 AND id = $2",
        dispute_id,
    )
    holders: dict[str, int] = {}
    for part in to.split("+"):
        name, _, percent = part.partition(":")
        holders[name] = int(percent) * _POINTS_IN_PERCENT if percent else _WHOLE
    first = holders.pop(showroom.name_of(row["first_member_id"]), 0)
    second = holders.pop(showroom.name_of(row["second_member_id"]), 0)
    company = holders.pop(_COMPANY, 0)
    if holders:
        raise Unsupported(f"to={to} names neither of the two nor the company")
    return first, second, company


_ANSWERS = blank("res", "status")
VERBS = {
    "dispute": Verb(dispute, _ANSWERS),
    "agree": Verb(agree, _ANSWERS),
    "escalate": Verb(escalate, _ANSWERS),
    "decide": Verb(decide, _ANSWERS),
    "appeal": Verb(appeal, _ANSWERS),
    "dstatus": Verb(dstatus, _ANSWERS),
}
