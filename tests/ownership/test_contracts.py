"""The contract of a deal, from which the days to claim may be counted, on PostgreSQL."""

from datetime import date

import pytest
from builders.ownership import PERMISSIONS, a_showroom
from builders.sales import shanghai

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, NotFound
from service.ownership.commands import (
    CancelDeal,
    RecordContract,
    cancel_deal,
    finalise_credit,
    record_contract,
)
from service.ownership.commands.switching import publish_rulebook
from service.ownership.errors import DealHasContract, DealIsCancelled
from service.ownership.rules import NOT_BEGUN
from service.rulebooks.commands import PublishRulebook
from service.work import Transactions
from tests.ownership.test_running import SWITCHING, TEXT


@pytest.fixture(autouse=True)
def _the_clerk_keeps_contracts(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [("deal", action, "tenant") for action in ("view", "contract", "cancel")]
    monkeypatch.setitem(PERMISSIONS, "clerk", [*PERMISSIONS["clerk"], *seen])
    monkeypatch.setitem(PERMISSIONS, "rep", [*PERMISSIONS["rep"], ("deal", "view", "own")])


async def test_the_days_to_claim_begin_with_the_record_of_the_contract(
    transactions: Transactions, clock: ManualClock
) -> None:
    clock.set(shanghai("03-02 10:00"))
    house = await a_showroom(transactions, claim__deal_event="CONTRACT")
    deal_id = await house.a_deal(await house.a_visit("An", await house.a_party()))
    timers = "SELECT due_at FROM app.timer WHERE tenant_id = $1 AND subject_id = $2"
    deal = await house.row("deal", deal_id)
    assert (deal["counted_from"], deal["claims_close_at"]) == (None, NOT_BEGUN)
    assert await house.rows(timers, deal_id) == []
    clock.set(shanghai("03-09 10:00"))
    await house.inside(lambda work: finalise_credit(work, deal_id))
    assert await house.rows("SELECT id FROM app.credit_entry WHERE tenant_id = $1") == []

    with pytest.raises(Forbidden):
        await house.by("An", record_contract, RecordContract(deal_id))
    with pytest.raises(NotFound):
        await house.by("Bo", record_contract, RecordContract(deal_id))
    for wrong in (date(2026, 3, 1), date(2026, 3, 10)):
        with pytest.raises(InvalidInput):
            await house.by("Fin", record_contract, RecordContract(deal_id, wrong))
    # Signed on Saturday, told on Monday: nobody could claim within days that nobody knew of.
    await house.by("Fin", record_contract, RecordContract(deal_id, date(2026, 3, 7)))
    with pytest.raises(DealHasContract):
        await house.by("Fin", record_contract, RecordContract(deal_id))

    deal = await house.row("deal", deal_id)
    assert deal["contracted_on"] == date(2026, 3, 7)
    assert deal["contracted_at"] == deal["counted_from"] == clock.now()
    assert deal["claims_close_at"] == shanghai("03-13 00:00")
    assert [row["due_at"] for row in await house.rows(timers, deal_id)] == [shanghai("03-13 00:00")]
    clock.set(shanghai("03-13 00:00"))
    await house.inside(lambda work: finalise_credit(work, deal_id))
    entered = await house.rows("SELECT credited_on FROM app.credit_entry WHERE tenant_id = $1")
    assert {row["credited_on"] for row in entered} == {date(2026, 3, 2)}

    await house.by("Fin", cancel_deal, CancelDeal(deal_id, "The bank refuses"))
    with pytest.raises(DealIsCancelled):
        await house.by("Fin", record_contract, RecordContract(deal_id))


async def test_a_version_that_switches_lets_the_days_begin_or_wait(
    transactions: Transactions, clock: ManualClock
) -> None:
    clock.set(shanghai("03-02 10:00"))
    house = await a_showroom(transactions, claim__deal_event="CONTRACT")
    deal_id = await house.a_deal(await house.a_visit("An", await house.a_party()))

    async def publishes(text: str, begins: str, event: str) -> None:
        order = PublishRulebook(text, {"claim.deal_event": event}, shanghai(begins))
        await house.inside(lambda work: publish_rulebook(work, order))

    async def closes() -> object:
        return (await house.row("deal", deal_id))["claims_close_at"]

    await publishes(TEXT, "03-04 00:00", "SUBSCRIPTION")
    assert await closes() == NOT_BEGUN
    await publishes(SWITCHING, "03-20 00:00", "SUBSCRIPTION")
    # The days of a subscription are long over; nothing is taken back of what was open until then.
    assert await closes() == shanghai("03-20 00:00")
    clock.set(shanghai("03-10 10:00"))
    await house.by("Fin", record_contract, RecordContract(deal_id))
    assert await closes() == shanghai("03-14 00:00")
