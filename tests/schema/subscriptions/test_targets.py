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


MODELS = """subscription($model: ID, $after: EventCursor) {
  territoryModelChanged(territoryModelId: $model, after: $after) {
    cursor changes model { code state } } }"""


async def test_whoever_keeps_his_rights_is_told_of_territories_and_others_are_to_come_again(
    running: Served, desk: Desk, transactions: Transactions
) -> None:
    tenant, people = desk.showroom.tenant, desk.showroom.people
    people["Admin"] = tenant.admin_id
    top, region = (f"territory_{tenant.territories[one]}" for one in ("all", "region-1"))
    made = await desk.does(
        "Admin", "createTerritory", "territory { id }", code="far", dimension="area", names=NAMES,
        parentId=top,
    )  # fmt: skip
    far = made["territory"]["id"]
    people["Gu"] = await tenant.member("Gu", "regional-manager", territory="region-1")
    people["Boss"] = await tenant.member("Boss", "director", territory="all")
    other = await a_tenant(transactions)
    made = await desk.does("Lin", "createTerritoryModel", "model { id }", code="next", names=NAMES)
    model = {"territoryModelId": made["model"]["id"]}
    await desk.does(
        "Lin", "placeTerritory", "model { id }", territoryId=far, parentId=region, **model
    )
    after = {name: await cursor(desk, name) for name in ("Boss", "Gu")}

    async def put_in_force(**more: str) -> str:
        command, answer = "activateTerritoryModel", "activation { id }"
        activation = (await desk.does("Lin", command, answer, **model, **more))["activation"]
        return str(activation["id"])

    async with (
        running.socket(desk.token("Boss")) as boss,
        running.socket(desk.token("Gu")) as gu,
        running.socket(running.api.token(other.id, other.admin_id)) as foreign,
    ):
        await foreign.follow(MODELS, model=model["territoryModelId"])
        refused = await foreign.hear()
        await boss.follow(MODELS, after=after["Boss"])
        await gu.follow(MODELS, after=after["Gu"])
        announced = await put_in_force(activeOn="2026-04-01")
        told = [(await one.event())["territoryModelChanged"] for one in (boss, gu)]
        await desk.does("Lin", "withdrawTerritoryActivation", "__typename", activationId=announced)
        later = [(await boss.event())["territoryModelChanged"]]
        await put_in_force()
        later.append((await boss.event())["territoryModelChanged"])
        closed = await gu.closed()

    assert refused["payload"][0]["extensions"]["code"] == "NOT_FOUND"
    assert [(one["changes"], one["model"]) for one in told] == [
        (["TERRITORY_ANNOUNCED"], {"code": "next", "state": "SCHEDULED"})
    ] * 2
    assert [(one["changes"], one["model"]["state"]) for one in later] == [
        (["TERRITORY_WITHDRAWN"], "PLANNING"),
        (["TERRITORY_ACTIVATED"], "ACTIVE"),
    ]
    # The region has more than it had: its manager is to read afresh.
    assert closed[0] == 4403


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
