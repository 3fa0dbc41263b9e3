"""The contract of a deal counts toward metrics of contracts, for those who have its credit."""

from typing import Any

from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.lives import KEEPING

from service.clock import ManualClock
from service.credits.checking import wrong_days
from service.ownership.commands import finalise_credit
from service.rulebooks.commands import PublishRulebook, publish_rulebook
from service.work import UnitOfWork

PRICE = {"amountMinor": "250000001", "currency": "CNY"}
HEARD = ("CreditFinalised", "DealContracted", "CreditReversed", "MetricChanged")
PLACES = """query($metric: ID!) { metricCredits(first: 9, filter: {metricId: {eq: $metric}}) {
  nodes { basisPoints territory { id } productCode party { id } deal { id } source } } }"""
BOARD = """query($root: ID!, $metric: ID!, $restated: Boolean) {
  territoryBoard(territoryId: $root, metricId: $metric, depth: 0, asOfDay: "2026-03-19",
                 restated: $restated, period: {month: {year: 2026, month: 3}}) { credited } }"""


async def internally(desk: Desk, step: Any) -> Any:
    tenant = desk.showroom.tenant
    return await tenant.transactions.internally(desk.showroom.tenant_id, "test", step)


async def finalise(desk: Desk) -> None:
    """Let the timer of every deal come by."""

    async def step(work: UnitOfWork) -> None:
        for row in await work.fetch("SELECT id FROM app.deal WHERE tenant_id = $1", work.tenant_id):
            await finalise_credit(work, row["id"])

    await internally(desk, step)


async def sold(desk: Desk, unit: str, phone: str, receiver: str = "An") -> str:
    visit = (await desk.arrives(customer={"phone": phone}))["visit"]["id"]
    if receiver == "An":
        entry = {"visitId": visit, "fullName": "王芳"}
        await desk.does("An", "registerCustomer", "registration { id }", **entry)
    values: dict[str, Any] = {"visitId": visit, "unitCode": unit, "amount": PRICE}
    made = await desk.does(receiver, "recordDeal", "deal { id }", **values)
    await desk.does(receiver, "closeVisit", "__typename", visitId=visit)
    return str(made["deal"]["id"])


async def sold_for_an_by_bo(desk: Desk, clock: ManualClock) -> str:
    """An's customer comes while An is away; of the credit 60 % is An's."""
    rules = PublishRulebook(KEEPING, {"obligatory.credit_split": 60}, clock.now())

    async def publishes(work: UnitOfWork) -> None:
        await publish_rulebook(work, rules)

    await internally(desk, publishes)
    await desk.showroom.sign_in("An")
    visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
    await desk.does("An", "registerCustomer", "registration { id }", visitId=visit, fullName="王芳")
    await desk.does("An", "closeVisit", "__typename", visitId=visit)
    on_day(clock, "2026-03-03")
    await desk.showroom.sign_in("Bo")
    return await sold(desk, "8-301", "13800000001", "Bo")


async def counted(
    ledger: Ledger, metrics: dict[str, str]
) -> dict[str, list[tuple[str, str | None, int]]]:
    found = {}
    for code, ledger.metric in metrics.items():
        found[code] = [(day, who, amount) for _, day, who, amount in await ledger.days()]
    return found


async def board(desk: Desk, metric: str, **more: bool) -> int:
    """Return what counts of the company by the 19th."""
    (root, *_) = (await desk.ask("Lin", "{ territoryTree { territory { id } } }"))["territoryTree"]
    asked = {"root": root["territory"]["id"], "metric": metric, **more}
    return int((await desk.ask("Lin", BOARD, **asked))["territoryBoard"][0]["credited"])


async def test_a_contract_counts_on_its_own_day_with_the_shares_of_its_deal(
    desk: Desk, clock: ManualClock
) -> None:
    ledger = Ledger(desk)
    metrics = {
        code: await ledger.with_metric(code, **more)
        for code, more in {
            "SUBSCRIBED": {"countingEvent": "SUBSCRIPTION"},
            "CONTRACTED": {"countingEvent": "CONTRACT"},
            "MONEY": {"countingEvent": "CONTRACT", "unit": "MONEY"},
            "LAUNCHED": {"countingEvent": "CONTRACT", "launchLastDay": "2026-03-08"},
            "PAID": {"countingEvent": "CASH"},
        }.items()
    }

    money = metrics["MONEY"]
    deal_id = await sold_for_an_by_bo(desk, clock)
    on_day(clock, "2026-03-20")
    await desk.does("Clerk", "recordContract", "deal { id }", dealId=deal_id,
                    contractedOn="2026-03-09")  # fmt: skip
    await ledger.hear(*HEARD)
    assert not any((await counted(ledger, metrics)).values())

    await finalise(desk)
    await ledger.hear(*HEARD)
    await ledger.hear(*HEARD)

    own = [("2026-03-09", "An", 150_000_001), ("2026-03-09", "Bo", 100_000_000)]
    assert await counted(ledger, metrics) == {
        "SUBSCRIBED": [("2026-03-03", "An", 1), ("2026-03-03", "Bo", 0)],
        "CONTRACTED": [("2026-03-09", "An", 1), ("2026-03-09", "Bo", 0)],
        "MONEY": own,
        "LAUNCHED": [],
        "PAID": [],
    }
    places = [
        (await desk.ask("Lin", PLACES, metric=metrics[code]))["metricCredits"]["nodes"]
        for code in ("SUBSCRIBED", "CONTRACTED")
    ]
    assert places[0] == places[1]
    assert {one["basisPoints"] for one in places[1]} == {6_000, 4_000}
    # A board of a past day stays what it was.
    assert (await board(desk, money), await board(desk, money, restated=True)) == (0, 250_000_001)

    on_day(clock, "2026-04-02")
    await desk.does("Clerk", "cancelDeal", "deal { id }", dealId=deal_id, reason="客戶退訂")
    metrics = {"MONEY": money}
    metrics["LATER"] = await ledger.with_metric("LATER", countingEvent="CONTRACT", unit="MONEY")
    await ledger.hear(*HEARD)

    fell = [("2026-04-02", who, -amount) for _, who, amount in own]
    assert await counted(ledger, metrics) == {"MONEY": [*own, *fell], "LATER": [*own, *fell]}

    async def wrong(work: UnitOfWork) -> Any:
        return await wrong_days(work)

    assert await internally(desk, wrong) == []


async def test_contracts_are_told_of_or_counted_and_never_both(
    desk: Desk, clock: ManualClock
) -> None:
    ledger = Ledger(desk)
    told = await ledger.with_metric("TOLD", countingEvent="CONTRACT")
    await ledger.counts("by another system", 1, {"Bo": 10_000})
    (entry,) = await ledger.entries()
    house = await ledger.with_metric("HOUSE", countingEvent="CONTRACT")
    await ledger.counts("a reduction", -1, {"Bo": 10_000})
    await desk.showroom.sign_in("An")

    async def contracted(day: str, unit: str, phone: str) -> None:
        on_day(clock, day)
        deal_id = await sold(desk, unit, phone)
        await desk.does("Clerk", "recordContract", "deal { id }", dealId=deal_id)

    async def codes(metric: str, amount: int) -> list[str]:
        ledger.metric = metric
        made = await ledger.tries(f"another {amount}", amount, {"Bo": 10_000})
        return [one["code"] for one in made["errors"]]

    await contracted("2026-03-02", "8-301", "13800000001")
    on_day(clock, "2026-03-20")
    await finalise(desk)
    await ledger.hear(*HEARD)

    sums = {}
    for metric in (told, house):
        ledger.metric = metric
        sums[metric] = sum(amount for *_, amount in await ledger.days())
    assert sums == {told: 1, house: 0}
    assert await codes(house, 1) == ["CONTRACTS_ARE_COUNTED"]
    assert [await codes(house, -1), await codes(told, 2)] == [[], []]

    # Once all that was told is taken back, what is recorded counts.
    for one in [entry, *(await ledger.entries())]:
        if int(one["amount"]) > 0:
            await ledger.reverse(one["id"])
    await ledger.hear("DealContracted")
    assert ("PRIMARY", "2026-03-02", "An", 1) in await ledger.days()
    assert await codes(told, 3) == ["CONTRACTS_ARE_COUNTED"]
