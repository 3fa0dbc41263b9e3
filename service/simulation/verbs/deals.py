"""Verbs of results: a deal signed, whose it is, a claim to it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from service.credits.commands import cancel_deal
from service.errors import NotFound
from service.ownership.commands import (
    CancelDeal,
    FileClaim,
    RecordContract,
    file_claim,
    record_contract,
)
from service.ownership.queries import Credit, credit_of
from service.ownership.rules import MEMBER, NOBODY, Share
from service.policies.rulebooks.clauses import short_clause
from service.reception.commands import RecordDeal, record_deal
from service.simulation.showroom import MANAGER, REGIONAL_MANAGER, REPS, Showroom
from service.simulation.stories import Step, local
from service.simulation.verbs.registers import entries
from service.simulation.verbs.verb import (
    NOTHING,
    Answers,
    Verb,
    blank,
    verdict,
    word,
    yes,
)
from service.simulation.verbs.visits import visit_of
from service.work import nothing_more

_CONTRACTS = "Contracts"
_WHOLE = 10_000
_POINTS_IN_PERCENT = 100


async def deal(showroom: Showroom, step: Step) -> Answers:
    """A subscription is signed in a visit; its receiver records it."""
    visit_id = visit_of(showroom, step.option("visit"))
    (visit,) = await showroom.look(
        "SELECT receiver_id, arrived_at FROM app.visit WHERE tenant_id = $1 AND id = $2", visit_id
    )
    closer = showroom.name_of(visit["receiver_id"])
    order = RecordDeal(
        visit_id=visit_id,
        unit_code=step.option("unit") or None,
        provisional_at=_provisional_at(showroom, step, visit["arrived_at"]),
    )
    by = closer if closer in REPS else _CONTRACTS
    done = await showroom.perform(showroom.caller(by), order, record_deal, nothing_more)
    showroom.memory.deals[word(step, 0)] = done.result
    showroom.memory.customers[word(step, 0)] = showroom.memory.customers[step.option("visit")]
    return await credit(showroom, step)


def _provisional_at(showroom: Showroom, step: Step, arrived_at: datetime) -> datetime | None:
    """Return when the deposit of `prov` was paid: in the visit, or late on its day."""
    day = step.option("prov")
    if not day:
        return None
    evening = local(f"{day} 23:59")
    return min(evening, max(arrived_at, local(f"{day} 12:00")), showroom.clock.now())


def deal_of(showroom: Showroom, name: str) -> UUID:
    """Return a deal by the story's name.

    Raises:
        NotFound: it was refused.
    """
    known = showroom.memory.deals.get(name)
    if known is None:
        # It was refused: what asks of it is refused too, and the story goes on.
        raise NotFound(field=("input", "dealId"))
    return known


async def credit(showroom: Showroom, step: Step) -> Answers:
    """Look whose result a deal is now."""
    deal_id, now = deal_of(showroom, word(step, 0)), showroom.clock.now()
    found = await showroom.seen(showroom.admin, lambda sight: credit_of(sight, deal_id, now))
    if found.reversed:
        return {"to": NOBODY, "rule": NOTHING, "final": yes(found.final)}
    (row,) = await showroom.look(
        "SELECT d.closer_id, d.owner_id, x.second_member_id FROM app.deal d LEFT JOIN app.dispute x"
        " ON x.tenant_id = $1 AND x.deal_id = d.id WHERE d.tenant_id = $1 AND d.id = $2",
        deal_id,
    )
    disputed = (None, row["second_member_id"])
    last = disputed if row["second_member_id"] else (row["owner_id"], row["closer_id"])
    return {
        "to": _holders(showroom, found, last),
        "rule": _cited(found.clause),
        "final": yes(found.final),
    }


def _cited(clause: str) -> str:
    """Name a clause as the stories do: they cite part (四) of chapter 五 by the part alone."""
    return short_clause(clause.removeprefix("五") if clause.startswith("五(四)") else clause)


def _holders(showroom: Showroom, found: Credit, last: tuple[UUID | None, UUID | None]) -> str:
    """Return the holder, or the holders with their percents.

    Claimant, then owner, then closer; of a dispute the first of the two, the second, the company.
    """
    owner_id, closer_id = last

    def place(share: Share) -> tuple[bool, bool, bool]:
        company = share.member_id is None
        return company, share.member_id == closer_id, share.member_id == owner_id

    shares = sorted(found.shares, key=place)
    if len(shares) == 1:
        return _holder(showroom, shares[0])
    return "+".join(
        f"{_holder(showroom, share)}:{share.basis_points // _POINTS_IN_PERCENT}" for share in shares
    )


def _holder(showroom: Showroom, share: Share) -> str:
    if share.holder == MEMBER:
        return showroom.name_of(share.member_id)
    return "DISPUTED" if share.holder == NOBODY else share.holder


async def contracted(showroom: Showroom, step: Step) -> Answers:
    """The contract clerk, or who is named by `by`, records a deal's contract."""
    order = RecordContract(deal_of(showroom, word(step, 0)))
    by = showroom.caller(step.option("by") or _CONTRACTS)
    await showroom.perform(by, order, record_contract, nothing_more)
    return {"res": "OK", "why": NOTHING}


async def cancel(showroom: Showroom, step: Step) -> Answers:
    """The manager, or who is named by `by`, records that a deal fell through."""
    order = CancelDeal(deal_of(showroom, word(step, 0)), step.option("why") or "withdrawn")
    by = showroom.caller(step.option("by") or MANAGER)
    await showroom.perform(by, order, cancel_deal, nothing_more)
    return {"res": "OK", "why": NOTHING}


async def claim(showroom: Showroom, step: Step) -> Answers:
    """A rep claims a deal, on his registration of the customer who the story says bought.

    With `vouched=yes` a manager files it for him, and vouches for what he recorded himself.
    """
    deal_id, claimant = deal_of(showroom, word(step, 0)), step.option("by")
    registration_id, stated = await _grounds(showroom, deal_id, claimant, word(step, 0))
    order, by = FileClaim(deal_id, registration_id), claimant
    if stated or step.option("vouched") == "yes":
        claimant_id = showroom.members[claimant]
        order = replace(order, claimant_id=claimant_id, stated_same_customer=True)
        by = await _voucher(showroom, deal_id)
    done = await showroom.perform(showroom.caller(by), order, file_claim, nothing_more)
    (row,) = await showroom.look(
        "SELECT result, reason FROM app.claim WHERE tenant_id = $1 AND id = $2", done.result
    )
    return {"res": row["result"], "why": row["reason"] or NOTHING}


async def _voucher(showroom: Showroom, deal_id: UUID) -> str:
    """Return who vouches for a claimant: the manager, or the region if the deal is his own."""
    (row,) = await showroom.look(
        "SELECT d.owner_id = $3 OR EXISTS (SELECT FROM app.credit_share s WHERE s.tenant_id = $1"
        " AND s.decision_id = d.credit_decision_id AND s.member_id = $3) AS concerned"
        " FROM app.deal d WHERE d.tenant_id = $1 AND d.id = $2",
        deal_id,
        showroom.members[MANAGER],
    )
    return REGIONAL_MANAGER if row["concerned"] else MANAGER


async def _grounds(
    showroom: Showroom, deal_id: UUID, claimant: str, deal_name: str
) -> tuple[UUID | None, bool]:
    """Return the entry the claim rests on, if it must be named, and what is stated of it.

    Where the service knows the buyer's entry, or a relative's, it finds it by itself. Where the
    story's customer stands under another number, somebody vouches that the entry is of him.
    """
    (row,) = await showroom.look(
        "SELECT party_id FROM app.deal WHERE tenant_id = $1 AND id = $2", deal_id
    )
    customer = showroom.memory.customers[deal_name]
    own = await entries(showroom, claimant, customer)
    if not own or any(entry.party_id == row["party_id"] for entry in own):
        return None, False
    return own[0].id, True


VERBS = {
    "deal": Verb(deal, blank("to", "rule", "final")),
    "credit": Verb(credit, blank("to", "rule", "final")),
    "contracted": Verb(contracted, lambda refusal: {"res": verdict(refusal), "why": refusal.code}),
    "cancel": Verb(cancel, lambda refusal: {"res": verdict(refusal), "why": refusal.code}),
    "claim": Verb(claim, lambda refusal: {"res": verdict(refusal), "why": refusal.code}),
}
