"""A deal that fell through, over HTTP: read, listed, counted, taken back from what it counted."""

from typing import Any

from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.lives import KEEPING
from builders.targets import Planner

from service.clock import ManualClock
from service.ownership.commands import finalise_credit
from service.rulebooks.commands import PublishRulebook, publish_rulebook
from service.schema.ownership.reasons import of_cancelled
from service.work import UnitOfWork

CANCELLED = """deal {
  id state cancelledAt cancelledOn cancelledBy { name } cancellationReason cancellationRestated
  allowedActions credit { shares { basisPoints } final reversed }
  claims { state result } dispute { state final allowedActions } }"""
COUNTED = """{
  dealStatistics(groupBy: [STATE]) { key { state } dealCount cancelledCount claimableCount
    amounts { amountMinor } cancelledAmounts { amountMinor } }
  visitStatistics(groupBy: []) { dealCount }
  registrationStatistics(groupBy: []) { liveCount convertedCount }
  standing: deals(filter: {cancelledAt: {isNull: true}}) { nodes { id } }
  fallen: deals(filter: {cancelledOn: {gte: "2026-03-01"}}) { nodes { id } } }"""
PRICE = {"amountMinor": "250000000", "currency": "CNY"}


async def a_deal(desk: Desk) -> str:
    """An receives, registers and sells; nobody pays."""
    await desk.showroom.sign_in("An", "Bo", "Chu")
    visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
    await desk.does("An", "registerCustomer", "registration { id }", visitId=visit, fullName="王芳")
    return await sold(desk, visit)


async def sold(desk: Desk, visit: str) -> str:
    values: dict[str, Any] = {"visitId": visit, "unitCode": "8-301", "amount": PRICE}
    made = await desk.does("An", "recordDeal", "deal { id }", **values)
    return str(made["deal"]["id"])


async def cancelled(desk: Desk, deal_id: str, by: str = "Clerk", **more: Any) -> Any:
    values = {"dealId": deal_id, "reason": "客戶退訂", **more}
    return (await desk.does(by, "cancelDeal", CANCELLED, **values))["deal"]


async def test_it_says_when_by_whom_and_why_and_everything_open_has_ended(desk: Desk) -> None:
    deal_id = await a_deal(desk)
    two = [desk.member("An"), desk.member("Chu")]
    await desk.does("Chu", "fileClaim", "claim { result }", dealId=deal_id)
    await desk.does(
        "Chu", "openDispute", "dispute { id }", dealId=deal_id, memberIds=two, ground="我先"
    )
    why = "query D($id: ID!) { deal(id: $id) { credit { why decision { why } } } }"
    disputed = (await desk.ask("Mei", why, id=deal_id))["deal"]["credit"]
    assert disputed["why"] == disputed["decision"]["why"]
    actions = "query D($id: ID!) { deal(id: $id) { allowedActions } }"
    for name, may in (("Mei", True), ("Clerk", True), ("An", False)):
        offered = (await desk.ask(name, actions, id=deal_id))["deal"]["allowedActions"]
        assert ("CANCEL" in offered) is may

    deal = await cancelled(desk, deal_id, by="Mei")

    assert (deal["state"], deal["cancelledOn"]) == ("CANCELLED", "2026-03-02")
    assert deal["cancelledBy"]["name"] == "Mei"
    assert (deal["cancellationReason"], deal["cancellationRestated"]) == ("客戶退訂", False)
    assert deal["allowedActions"] == []
    assert deal["credit"] == {"shares": [], "final": True, "reversed": True}
    assert {claim["state"] for claim in deal["claims"]} <= {"CANCELLED", "REJECTED"}
    assert deal["dispute"] == {"state": "CANCELLED", "final": True, "allowedActions": []}
    said = (await desk.ask("Mei", why, id=deal_id))["deal"]["credit"]
    assert said["decision"] == disputed["decision"]
    assert said["why"] == of_cancelled("zh-Hans")
    aside = await desk.ask(
        "Mei", "query D($id: ID!) { ...on Query { deal(id: $id) { credit { why } } } }", id=deal_id
    )
    assert aside["deal"]["credit"]["why"] == said["why"]
    told = await desk.api.tries(desk.token("Chu"), "fileClaim", "claim { id }", dealId=deal_id)
    assert [one["code"] for one in told["errors"]] == ["DEAL_IS_CANCELLED"]


async def test_nothing_counts_it_any_more_and_the_visit_is_sold_anew(desk: Desk) -> None:
    deal_id = await a_deal(desk)
    await cancelled(desk, deal_id)

    counted = await desk.ask("Mei", COUNTED)

    assert counted["dealStatistics"] == [
        {
            "key": {"state": "CANCELLED"},
            "dealCount": 0,
            "cancelledCount": 1,
            "claimableCount": 0,
            "amounts": [],
            "cancelledAmounts": [{"amountMinor": "250000000"}],
        }
    ]
    assert counted["visitStatistics"] == [{"dealCount": 0}]
    assert counted["registrationStatistics"] == [{"liveCount": 1, "convertedCount": 0}]
    assert counted["standing"]["nodes"] == []
    assert counted["fallen"]["nodes"] == [{"id": deal_id}]

    found = await desk.ask("Mei", "{ visits { nodes { id } } }")
    anew = await sold(desk, found["visits"]["nodes"][0]["id"])

    counted = await desk.ask("Mei", COUNTED)
    assert [(row["dealCount"], row["cancelledCount"]) for row in counted["dealStatistics"]] == [
        (0, 1),
        (1, 0),
    ]
    assert counted["visitStatistics"] == [{"dealCount": 1}]
    assert counted["registrationStatistics"] == [{"liveCount": 0, "convertedCount": 1}]
    assert counted["standing"]["nodes"] == [{"id": anew}]


async def finalise(desk: Desk) -> None:
    """Let the timer of every deal come by."""

    async def step(work: UnitOfWork) -> None:
        for row in await work.fetch("SELECT id FROM app.deal WHERE tenant_id = $1", work.tenant_id):
            await finalise_credit(work, row["id"])

    await desk.showroom.tenant.transactions.internally(desk.showroom.tenant_id, "finalise", step)


async def test_q19_what_it_counted_falls_on_the_day_of_the_cancellation(
    desk: Desk, clock: ManualClock
) -> None:
    ledger = Ledger(desk)
    pieces = await ledger.with_metric("UNITS", countingEvent="SUBSCRIPTION")
    money = await ledger.with_metric("SIGNED", countingEvent="SUBSCRIPTION", unit="MONEY")
    deal_id = await a_deal(desk)
    on_day(clock, "2026-03-20")
    await finalise(desk)
    await ledger.hear("CreditFinalised")
    on_day(clock, "2026-05-20")

    await cancelled(desk, deal_id, cancelledOn="2026-05-18")

    fell = ("PRIMARY", "2026-05-18", "An", -1)
    for metric, amount in ((pieces, 1), (money, 250_000_000)):
        ledger.metric = metric
        assert await ledger.days() == [
            ("PRIMARY", "2026-03-02", "An", amount),
            (*fell[:3], -amount),
        ]
    # A metric made afterwards has both; heard again, nothing changes.
    later = await ledger.with_metric("LATER", countingEvent="SUBSCRIPTION")
    await ledger.hear("CreditFinalised", "CreditReversed", "DealCancelled", "MetricChanged")
    await ledger.hear("CreditFinalised", "CreditReversed", "MetricChanged")
    for metric in (pieces, later):
        ledger.metric = metric
        assert await ledger.days() == [("PRIMARY", "2026-03-02", "An", 1), fell]


async def test_restated_it_falls_on_the_day_it_counted_heard_of_late_or_not(
    desk: Desk, clock: ManualClock
) -> None:
    ledger = Ledger(desk)
    await ledger.with_metric("UNITS", countingEvent="SUBSCRIPTION")
    deal_id = await a_deal(desk)
    on_day(clock, "2026-03-20")
    await finalise(desk)

    await cancelled(desk, deal_id, restated=True)
    await ledger.hear("CreditFinalised")

    assert await ledger.days() == [("PRIMARY", "2026-03-02", "An", 0)]
    assert sorted(int(one["amount"]) for one in await ledger.entries()) == [-1, 1]


async def test_whoever_it_concerns_is_told_and_nothing_is_owed_for_it(desk: Desk) -> None:
    deal_id = await a_deal(desk)
    ledger = Ledger(desk)
    heard = ("CustomerRegistered", "DealRecorded")
    await ledger.hear(*heard)
    tasks = "{ tasks { nodes { kind state } } }"
    owed = (await desk.ask("An", tasks))["tasks"]["nodes"]
    assert {"kind": "first_follow_up", "state": "CANCELLED"} in owed

    await cancelled(desk, deal_id)
    await ledger.hear("DealCancelled")
    await ledger.hear("DealCancelled")

    told = "{ viewer { notifications { nodes { kind message } } } }"
    notices = (await desk.ask("An", told))["viewer"]["notifications"]["nodes"]
    (notice,) = [one for one in notices if one["kind"] == "deal_cancelled"]
    assert "王芳" in notice["message"]
    owed = (await desk.ask("An", tasks))["tasks"]["nodes"]
    assert {"kind": "first_follow_up", "state": "OPEN"} in owed
    assert {one["state"] for one in owed if one["kind"] == "response"} <= {"CANCELLED"}


async def test_a_deal_says_that_it_waits_for_its_contract_and_who_has_recorded_it(
    desk: Desk, clock: ManualClock
) -> None:
    rules = PublishRulebook(KEEPING, {"claim.deal_event": "CONTRACT"}, clock.now())

    async def step(work: UnitOfWork) -> None:
        await publish_rulebook(work, rules)

    await desk.showroom.tenant.transactions.internally(desk.showroom.tenant_id, "publish", step)
    deal_id = await a_deal(desk)
    ledger = Ledger(desk)
    await ledger.hear("CustomerRegistered", "DealRecorded")
    asked = """query D($id: ID!) { deal(id: $id) {
      claimsAwaitContract claimsCloseAt contractedOn contractedBy { name } allowedActions } }"""
    waiting = (await desk.ask("Clerk", asked, id=deal_id))["deal"]
    assert (waiting["claimsAwaitContract"], waiting["contractedOn"]) == (True, None)
    assert waiting["claimsCloseAt"].startswith("9999-12-31")
    assert "CONTRACT" in waiting["allowedActions"]
    on_day(clock, "2026-03-09")

    await desk.does("Clerk", "recordContract", "deal { id }", dealId=deal_id)
    await ledger.hear("DealContracted")

    deal = (await desk.ask("Clerk", asked, id=deal_id))["deal"]
    assert (deal["claimsAwaitContract"], deal["contractedOn"]) == (False, "2026-03-09")
    assert deal["claimsCloseAt"] == "2026-03-12T16:00:00.000Z"
    assert deal["contractedBy"]["name"] == "Clerk"
    assert "CONTRACT" not in deal["allowedActions"]
    told = "{ viewer { notifications { nodes { kind message } } } }"
    notices = (await desk.ask("An", told))["viewer"]["notifications"]["nodes"]
    (notice,) = [one for one in notices if one["kind"] == "deal_contracted_claims_close"]
    assert "2026-03-13 00:00" in notice["message"]


BOARD = """query($root: ID!, $metric: ID!, $day: Date) {
  territoryBoard(territoryId: $root, metricId: $metric, depth: 0, asOfDay: $day,
                 period: {month: {year: 2026, month: 3}}) {
    openDisputeCount lapsingRegistrationCount credited } }"""


async def test_a_board_of_a_past_day_stays_what_it_was(desk: Desk, clock: ManualClock) -> None:
    planner, ledger = Planner(desk), Ledger(desk)
    planner.metric = await ledger.with_metric("UNITS", countingEvent="SUBSCRIPTION")
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    (root, *_) = (await desk.ask("Lin", "{ territoryTree { territory { id } } }"))["territoryTree"]
    await planner.add({"key": "root", "amount": "9", "territoryId": root["territory"]["id"]})
    await planner.publish()
    deal_id = await a_deal(desk)
    on_day(clock, "2026-03-08")
    await finalise(desk)
    await ledger.hear("CreditFinalised")
    on_day(clock, "2026-03-09")
    other = await sold_to_another(desk)
    two = [desk.member("An"), desk.member("Chu")]
    opening = {"dealId": other, "memberIds": two, "ground": "我先"}
    await desk.does("Chu", "openDispute", "dispute { id }", **opening)

    async def board(day: str) -> Any:
        asked = {"root": root["territory"]["id"], "metric": ledger.metric, "day": day}
        return (await desk.ask("Lin", BOARD, **asked))["territoryBoard"]

    on_day(clock, "2026-03-11")
    before = [await board(f"2026-03-{day:02}") for day in range(2, 11)]
    assert (before[-1][0]["credited"], before[-1][0]["openDisputeCount"]) == ("1", 1)

    await cancelled(desk, deal_id)
    await cancelled(desk, other)

    assert [await board(f"2026-03-{day:02}") for day in range(2, 11)] == before
    (today,) = await board("2026-03-11")
    assert (today["credited"], today["openDisputeCount"]) == ("0", 0)


async def sold_to_another(desk: Desk) -> str:
    """An sells to somebody else a week later."""
    await desk.showroom.sign_in("An")
    visit = (await desk.arrives(customer={"phone": "13800000002"}))["visit"]["id"]
    await desk.does("An", "registerCustomer", "registration { id }", visitId=visit, fullName="李明")
    return await sold(desk, visit)
