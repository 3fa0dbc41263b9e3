"""Who has a target hears of its changes and of what counts toward it; a colleague does not."""

from builders.api import Desk
from builders.credits import Ledger
from builders.streams import Served, cursor
from builders.targets import NAMES, Planner
from builders.tenants import a_tenant

from service.work import Transactions

TARGETS = """subscription($plan: ID, $after: EventCursor) {
  targetChanged(planId: $plan, after: $after) {
    cursor changes target { figure member { name } } } }"""
PLANS = """subscription($plan: ID, $after: EventCursor) {
  targetPlanChanged(planId: $plan, after: $after) { changes plan { state } } }"""
CREDITS = """subscription($metric: ID, $after: EventCursor) {
  metricCreditMade(metricId: $metric, after: $after) {
    cursor credit { amount source member { name } } } }"""


async def test_targets_and_credits_are_told_of_to_those_who_may_see_them(
    running: Served, desk: Desk, transactions: Transactions
) -> None:
    ledger = Ledger(desk)
    planner = await of_two(desk, await ledger.with_metric(countingEvent="VISIT"))
    other = await a_tenant(transactions)
    stranger = running.api.token(other.id, other.admin_id)
    after = {name: await cursor(desk, name) for name in ("An", "Bo", "Lin")}
    async with (
        running.socket(desk.token("An")) as an,
        running.socket(desk.token("Bo")) as bo,
        running.socket(desk.token("Lin")) as director,
        running.socket(stranger) as foreign,
    ):
        await director.follow(PLANS, plan=planner.plan, after=after["Lin"])
        await planner.publish()
        states = [
            (one["changes"], one["plan"]["state"])
            for one in [(await director.event())["targetPlanChanged"] for _ in range(2)]
        ]
        await an.follow(TARGETS, plan=planner.plan, after=after["An"])
        await bo.follow(TARGETS, after=after["Bo"])
        await planner.adjust("An", -10, "2026-03-02", holder="PEERS")
        of_an = (await an.event())["targetChanged"]
        of_bo = (await bo.event())["targetChanged"]

        await an.follow(CREDITS, after=of_an["cursor"])
        await bo.follow(CREDITS, metric=ledger.metric, after=of_bo["cursor"])
        await ledger.counts("a", 10, {"An": 6_000, "Bo": 4_000})
        await desk.showroom.sign_in("Bo")
        await desk.arrives(customer={"phone": "13800000001"}, saidBefore=False)
        await ledger.hear("ReceptionAssigned")
        ans = (await an.event())["metricCreditMade"]["credit"]
        bos = [(await bo.event())["metricCreditMade"]["credit"] for _ in range(2)]

        await foreign.follow(TARGETS, plan=planner.plan)
        refused = await foreign.hear()

    # Distributed, then published; it is read as it is when the event comes.
    assert [changes for changes, _ in states] == [
        ["TARGET_PLAN_CHANGED"],
        ["TARGET_PLAN_CHANGED", "TARGET_PUBLISHED"],
    ]
    assert states[-1][1] == "PUBLISHED"
    assert (of_an["changes"], of_an["target"]) == (
        ["TARGET_ADJUSTED"],
        {"figure": "40", "member": {"name": "An"}},
    )
    # What came to An alone did not come to Bo: each event is read under its follower's rights.
    assert of_bo["target"] == {"figure": "60", "member": {"name": "Bo"}}
    assert ans == {"amount": "6", "source": "RECORDED", "member": {"name": "An"}}
    assert [(one["amount"], one["source"]) for one in bos] == [("4", "RECORDED"), ("1", "VISIT")]
    assert refused["type"] == "error"
    assert refused["payload"][0]["extensions"]["code"] == "NOT_FOUND"


CAMPAIGNS = """subscription($campaign: ID) {
  campaignChanged(campaignId: $campaign) { changes campaign { code state } } }"""


async def test_everybody_hears_of_a_campaign_and_nobody_by_it_of_what_it_costs(
    running: Served, desk: Desk, transactions: Transactions
) -> None:
    days = {"firstOn": "2026-03-01", "lastOn": "2026-03-31"}
    made = await desk.does(
        "Lin",
        "createCampaign",
        "campaign { id }",
        code="spring",
        names=NAMES,
        kind="ONLINE",
        **days,
    )
    campaign = made["campaign"]["id"]
    other = await a_tenant(transactions)
    async with (
        running.socket(desk.token("An")) as an,
        running.socket(running.api.token(other.id, other.admin_id)) as foreign,
    ):
        await an.follow(CAMPAIGNS, campaign=campaign)
        await foreign.follow(CAMPAIGNS, campaign=campaign)
        refused = await foreign.hear()
        amount = {"amountMinor": "5", "currency": "CNY"}
        await desk.does(
            "Lin", "recordCampaignCost", "__typename", campaignId=campaign, amount=amount,
            spentOn="2026-03-01", purpose="print",
        )  # fmt: skip
        await desk.does(
            "Lin", "cancelCampaign", "__typename", campaignId=campaign, expectedVersion=1,
            reason="rain",
        )  # fmt: skip
        told = (await an.event())["campaignChanged"]

    assert told["changes"] == ["CAMPAIGN_CANCELLED"]
    assert told["campaign"] == {"code": "spring", "state": "CANCELLED"}
    assert refused["payload"][0]["extensions"]["code"] == "NOT_FOUND"


async def of_two(desk: Desk, metric: str) -> Planner:
    """Make a plan of a target that two have together."""
    planner = Planner(desk, metric=metric)
    await planner.with_plan()
    people = {name: desk.member(name) for name in ("An", "Bo")}
    await planner.add(
        {"key": "root", "amount": "100", "seat": "root"},
        *({"key": name, "parentKey": "root", "memberId": one} for name, one in people.items()),
    )
    await planner.divide("root")
    return planner
