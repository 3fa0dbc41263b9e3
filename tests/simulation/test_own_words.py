"""Whom a rep says to be the buyer after the signing is so by his word alone (五(五)3)."""

from dataclasses import dataclass
from uuid import UUID

from builders.reception import Showroom, a_showroom, at, phone

from service.clock import ManualClock
from service.customers.tables import Party
from service.ownership.commands import CorrectRegistration, FileClaim, file_claim
from service.reception.commands import (
    RecordDeal,
    RegisterCustomer,
    correct_registration,
    record_deal,
    register_customer,
)
from service.work import Transactions, UnitOfWork
from tests.simulation.test_histories import replayed


@dataclass
class _Bought:
    """What Bo sold, having entered nobody: others want it."""

    showroom: Showroom
    deal_id: UUID

    async def answer(self, claimant: str, **vouched: bool) -> str:
        showroom = self.showroom
        claimant_id = showroom.people[claimant] if vouched else None
        order = FileClaim(self.deal_id, claimant_id=claimant_id, **vouched)
        by = "Mei" if vouched else claimant
        claim_id = await showroom.do(file_claim, order, by=by)
        (claim,) = await showroom.tenant.rows(
            "SELECT result, reason FROM app.claim WHERE tenant_id = $1 AND id = $2", claim_id
        )
        return str(claim["reason"] or claim["result"])


async def _in_sight(showroom: Showroom, name: str, party_id: UUID) -> None:
    """Let a rep see a customer, so that he may say of an entry that it is of him."""

    async def step(work: UnitOfWork) -> None:
        work.change(Party, party_id, {"owner_id": showroom.people[name]})

    await showroom.tenant.transactions.internally(showroom.tenant_id, "see", step)


async def test_an_entry_is_of_the_buyer_by_more_than_its_members_word_of_afterwards(
    transactions: Transactions, clock: ManualClock
) -> None:
    """An corrects an entry, Chu names a stranger; Eve did so in time, and Dai's was known."""
    at(clock, "03-02 08:00")
    showroom = await a_showroom(transactions, reps=("An", "Chu", "Dai", "Eve", "Bo"))
    at(clock, "03-03 09:00")
    await showroom.sign_in("An", "Chu", "Dai", "Eve", "Bo")
    others = await showroom.arrives(2, customer_name="Li")
    entry_id = await showroom.do(register_customer, RegisterCustomer(others["id"]), by="An")
    stranger = await showroom.arrives()
    known = await showroom.arrives(1, customer_name="Wang")
    named = await showroom.arrives()
    for visit in (others, stranger, known, named):
        await showroom.leaves(visit)
    wang = {"full_name": "Wang", "phones": (phone(1),)}
    hers = RegisterCustomer(named["id"], full_name="Wang", phones=(phone(1),))
    at(clock, "03-03 10:00")
    sold = await showroom.arrives(1)
    assert showroom.name_of(sold["receiver_id"]) == "Bo"
    at(clock, "03-03 10:30")
    await showroom.do(register_customer, hers, by="Eve")
    at(clock, "03-03 11:00")
    bought = _Bought(
        showroom, await showroom.do(record_deal, RecordDeal(sold["id"], "8-301"), by="Bo")
    )
    await _in_sight(showroom, "An", sold["party_id"])
    at(clock, "03-03 12:00")
    moved = CorrectRegistration(entry_id, "It was Wang", sold["party_id"])
    again = CorrectRegistration(
        await showroom.do(correct_registration, moved, by="An"), "Wang it was"
    )
    at(clock, "03-03 12:10")
    await showroom.do(correct_registration, again, by="An")
    await showroom.do(register_customer, RegisterCustomer(stranger["id"], **wang), by="Chu")
    await showroom.do(register_customer, RegisterCustomer(known["id"], full_name="Wang"), by="Dai")
    at(clock, "03-03 13:00")

    alone = [await bought.answer(name) for name in ("An", "Chu", "Dai", "Eve")]
    vouched = [await bought.answer(name, stated_same_customer=True) for name in ("An", "Chu")]

    assert alone == ["OWN_WORD", "OWN_WORD", "ADMITTED", "ADMITTED"]
    assert vouched == ["ADMITTED", "ADMITTED"]
    at(clock, "03-03 14:00")
    assert await replayed(showroom) == []
