"""Campaigns over HTTP: planned, paid for, named by visits and calls, and measured by day."""

import asyncio
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from builders.api import Desk
from builders.credits import on_day
from builders.reception import Showroom, phone
from builders.targets import NAMES
from builders.tenants import a_tenant

from service.clock import ManualClock, new_id
from service.reception.commands import CreateSite, create_site
from service.work import Transactions

CAMPAIGN = "campaign { id version state code firstOn lastOn allowedActions }"
COST = "campaignCost { id reversed amount { amountMinor } spentOn countedOn }"
MONEY = "{ amountMinor currency exponent }"
BOARD = f"""query($day: Date, $which: CampaignFilter) {{
  campaignBoard(asOfDay: $day, filter: $which) {{
  campaign {{ code }} state currency visitCount callCount registrationCount newCustomerCount
  dealCount subscribed {MONEY} otherCurrencyDealCount budget {MONEY} cost {MONEY} budgetLeft {MONEY}
  costPerVisit {MONEY} costPerDeal {MONEY} costPerNewCustomer {MONEY} }} }}"""


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["errors"]]


def cny(minor: int) -> dict[str, str]:
    return {"amountMinor": str(minor), "currency": "CNY"}


async def planned(desk: Desk, code: str = "spring", **more: Any) -> str:
    """Plan a campaign of March and return its id."""
    sent = {
        "code": code,
        "names": NAMES,
        "kind": "ONLINE",
        "firstOn": "2026-03-01",
        "lastOn": "2026-03-31",
        **more,
    }
    made = await desk.does("Lin", "createCampaign", CAMPAIGN, **sent)
    return str(made["campaign"]["id"])


def minor(row: Any) -> dict[str, Any]:
    """Return a row of the board with amounts as their minor units."""
    return {
        name: int(value["amountMinor"])
        if isinstance(value, dict) and "amountMinor" in value
        else value
        for name, value in row.items()
    }


async def test_a_campaign_is_measured_by_what_it_brought_and_cost_as_known_on_each_day(
    desk: Desk, clock: ManualClock
) -> None:
    spring = await planned(desk, budget=cny(1_000_000))
    fair = await planned(desk, "fair", kind="EXHIBITION")
    await cost(desk, spring, 100_001, "2026-02-20")
    await desk.showroom.sign_in("An")

    # Wang comes by the spring campaign; Li by the fair. Zhao names none.
    wang = await came(desk, 1, spring)
    li = await came(desk, 2, fair)
    named = desk.api.statements
    await came(desk, 3)
    plain = desk.api.statements
    await registered(desk, wang, "王")
    kept = {"2026-03-02": await board(desk, "2026-03-02")}
    # Li comes back by the spring campaign: his first touch was the fair.
    on_day(clock, "2026-03-05")
    await desk.showroom.sign_in("An")
    await registered(desk, li, "李")
    li_again = await came(desk, 2, spring)
    await bought(desk, li_again, 900_000_00)
    taken = await cost(desk, spring, 50_000, "2026-03-05")
    kept["2026-03-05"] = await board(desk, "2026-03-05")
    on_day(clock, "2026-03-08")
    await desk.showroom.sign_in("An")
    again = await came(desk, 1)
    await bought(desk, again, 1_000_000_00)
    await desk.does("Lin", "reverseCampaignCost", COST, campaignCostId=taken, reason="twice")
    await desk.does("Lin", "setCampaignBudget", CAMPAIGN, campaignId=spring, budget=cny(90_000))

    await cost(desk, spring, 1, "2026-03-01")
    fault = {"visitId": wang, "reason": "it was the fair", "campaignId": fair}
    await desk.does("Mei", "attributeVisit", "__typename", **fault)

    # Naming a campaign costs an arrival no statement; and whatever came later, past days stay.
    assert named == plain <= 4
    assert kept == {day: await board(desk, day) for day in kept}
    back = {"visitId": wang, "reason": "it was not", "campaignId": spring}
    await desk.does("Mei", "attributeVisit", "__typename", **back)
    seen = {day: (await board(desk, day))["spring"] for day in ("2026-03-02", "2026-03-05", None)}
    assert seen["2026-03-02"] == figures(1, 1, 1, 0, 0, 1_000_000, 100_001)
    assert seen["2026-03-05"] == figures(2, 1, 1, 0, 0, 1_000_000, 150_001)
    assert seen[None] == figures(2, 1, 1, 1, 1_000_000_00, 90_000, 100_002)
    fair_now = (await board(desk, None))["fair"]
    assert (fair_now["dealCount"], fair_now["registrationCount"]) == (1, 0), "entered too late"
    assert seen[None]["costPerVisit"] == 50_001
    assert seen["2026-03-05"]["costPerDeal"] is None


async def test_who_comes_without_a_word_counts_for_his_campaign_once_he_is_known(
    desk: Desk, clock: ManualClock
) -> None:
    spring = await planned(desk, attributionDays=3)
    await desk.showroom.sign_in("An")
    # One calls from the advertisement and gives no name; one comes and says nothing of himself.
    call = {"siteId": desk.site, "phone": phone(5), "campaignId": spring}
    await desk.does("Clerk", "recordCall", "__typename", **call)
    silent = await desk.arrives(campaignId=spring)
    assert (await board(desk, None))["spring"]["newCustomerCount"] == 0
    said = {"visitId": silent["visit"]["id"], "fullName": "趙", "phones": [phone(6)]}
    await desk.does("An", "registerCustomer", "__typename", **said)
    on_day(clock, "2026-03-03")
    await desk.showroom.sign_in("An")
    caller = await came(desk, 5)
    await bought(desk, caller, 700)
    on_day(clock, "2026-03-06")
    await desk.showroom.sign_in("An")
    await bought(desk, await came(desk, 6), 900)

    rows = {day: (await board(desk, day))["spring"] for day in ("2026-03-02", "2026-03-03", None)}
    assert [
        (one["visitCount"], one["callCount"], one["newCustomerCount"], one["subscribed"])
        for one in rows.values()
    ] == [(1, 1, 1, 0), (1, 1, 2, 700), (1, 1, 2, 700)]


async def board(desk: Desk, day: str | None, by: str = "Lin") -> dict[str, dict[str, Any]]:
    """Return the rows of the board by code, with amounts as their minor units."""
    rows = (await desk.ask(by, BOARD, day=day))["campaignBoard"]
    return {row.pop("campaign")["code"]: minor(row) for row in rows}


def figures(  # noqa: PLR0917 - in the order of the columns
    visits: int, registered: int, customers: int, deals: int, amount: int, budget: int, spent: int
) -> dict[str, Any]:
    """Return what a row must say, divided by Python."""
    by = {"Visit": visits, "Deal": deals, "NewCustomer": customers}
    return {
        "state": "RUNNING",
        "currency": "CNY",
        "visitCount": visits,
        "callCount": 0,
        "registrationCount": registered,
        "newCustomerCount": customers,
        "dealCount": deals,
        "subscribed": amount,
        "otherCurrencyDealCount": 0,
        "budget": budget,
        "cost": spent,
        "budgetLeft": budget - spent,
        **{f"costPer{name}": round(Fraction(spent, n)) if n else None for name, n in by.items()},
    }


async def cost(desk: Desk, campaign: str, amount: int, day: str) -> str:
    sent = {"campaignId": campaign, "amount": cny(amount), "spentOn": day, "purpose": "posters"}
    made = await desk.does("Lin", "recordCampaignCost", COST, **sent)
    return str(made["campaignCost"]["id"])


async def came(desk: Desk, number: int, campaign: str | None = None) -> str:
    who = {"newCustomer": {"phones": [phone(number)], "fullName": f"王{number}"}}
    made = await desk.arrives(customer=who, campaignId=campaign)
    assert made["errors"] == []
    return str(made["visit"]["id"])


async def registered(desk: Desk, visit: str, name: str) -> None:
    await desk.does("An", "registerCustomer", "__typename", visitId=visit, fullName=name)


async def bought(desk: Desk, visit: str, price: int) -> None:
    await desk.does("An", "recordDeal", "__typename", visitId=visit, amount=cny(price))


async def tries(desk: Desk, name: str, command: str, **values: Any) -> list[str]:
    """Carry out a command and return the codes of what it is refused with."""
    return codes(await desk.api.tries(desk.token(name), command, "__typename", **values))


async def test_a_visit_names_only_a_campaign_that_runs_there_on_its_day(
    desk: Desk, clock: ManualClock
) -> None:
    spring = await planned(desk, siteIds=[desk.site])
    later = await planned(desk, "later", firstOn="2026-03-03")
    tenant = desk.showroom.tenant
    elsewhere = await planned(desk, "elsewhere", territoryId=await another_territory(desk))
    next_door = await planned(desk, "next-door", siteIds=[await another_site(desk)])
    called_off = await planned(desk, "called-off")
    above = f"territory_{desk.showroom.tenant.territories['region-1']}"
    region = await planned(desk, "region", territoryId=above)
    reason = {"expectedVersion": 1, "reason": "rain"}
    await desk.does("Lin", "cancelCampaign", CAMPAIGN, campaignId=called_off, **reason)
    unknown = f"campaign_{new_id()}"
    await desk.showroom.sign_in("An")
    before = await tenant.rows("SELECT id FROM app.visit WHERE tenant_id = $1")

    # A desk chooses from what an arrival is not refused.
    listed = {day: await running(desk, day) for day in (None, "2026-03-03", "2026-03-31")}
    both = ["region", "spring"]
    assert listed == {None: both, "2026-03-03": ["later", *both], "2026-03-31": ["later", *both]}

    refused = {}
    for one in (later, elsewhere, next_door, called_off, unknown, "campaign_x"):
        came = await desk.arrives(campaignId=one)
        (error,) = came["errors"]
        refused[one] = error["code"]
        assert (error["field"], came["visit"]) == (["input", "campaignId"], None)
        call = {"siteId": desk.site, "phone": phone(9), "campaignId": one}
        assert await tries(desk, "Clerk", "recordCall", **call) == [error["code"]]

    assert list(refused.values()) == [
        "CAMPAIGN_NOT_RUNNING",
        "CAMPAIGN_ELSEWHERE",
        "CAMPAIGN_ELSEWHERE",
        "CAMPAIGN_NOT_RUNNING",
        "NOT_FOUND",
        "NOT_FOUND",
    ]
    for table in ("visit", "campaign_touch", "call_record"):
        rows = await tenant.rows(f"SELECT id FROM app.{table} WHERE tenant_id = $1")
        assert len(rows) == (len(before) if table == "visit" else 0), table
    # Its last day counts, in the site's zone.
    clock.set(datetime(2026, 3, 31, 15, 59, tzinfo=UTC))
    await desk.showroom.sign_in("An")
    for one in (spring, region):
        assert (await desk.arrives(campaignId=one))["errors"] == []
    clock.set(datetime(2026, 3, 31, 16, 0, tzinfo=UTC))
    late = await desk.arrives(campaignId=spring)
    assert codes(late) == ["CAMPAIGN_NOT_RUNNING"]


async def running(desk: Desk, day: str | None) -> list[str]:
    """Return the codes of the campaigns that the desk is shown for a day."""
    rows = (await desk.ask("Clerk", RUNNING, site=desk.site, day=day))["runningCampaigns"]
    return sorted(row["campaign"]["code"] for row in rows)


RUNNING = """query($site: ID!, $day: Date) {
  runningCampaigns(siteId: $site, onDay: $day) { campaign { code } } }"""


async def another_site(desk: Desk) -> str:
    """Return another site of the same territory."""
    tenant = desk.showroom.tenant
    (place,) = await tenant.rows(
        "SELECT org_unit_id, territory_id, kind, names, time_zone, phone_region, opens_at,"
        " closes_at FROM app.site WHERE tenant_id = $1 AND id = $2",
        desk.showroom.site_id,
    )
    return f"site_{await tenant.do(create_site, CreateSite(code='next-door', **place))}"


async def another_territory(desk: Desk) -> str:
    """Return a territory that the site is not in."""
    desk.showroom.people["Admin"] = desk.showroom.tenant.admin_id
    made = await desk.does(
        "Admin", "createTerritory", "territory { id }", code="far", dimension="area", names=NAMES
    )
    return str(made["territory"]["id"])


async def test_what_brought_a_visit_is_corrected_with_a_reason_and_counts_so_from_then_on(
    desk: Desk, clock: ManualClock
) -> None:
    spring, fair = await planned(desk), await planned(desk, "fair")
    await desk.showroom.sign_in("An")
    visit, call = await came(desk, 1, spring), {"siteId": desk.site, "phone": phone(2)}
    made = await desk.does("Clerk", "recordCall", "callRecord { id }", **call)
    on_day(clock, "2026-03-04")
    one = {"visitId": visit, "reason": "he says the fair"}

    assert await tries(desk, "An", "attributeVisit", campaignId=fair, **one) == ["FORBIDDEN"]
    await desk.does("Clerk", "attributeVisit", "visit { id }", campaignId=fair, **one)
    assert await tries(desk, "Mei", "attributeVisit", campaignId=fair, **one) == ["SAME_CAMPAIGN"]
    late = {"callRecordId": made["callRecord"]["id"], "reason": "asked again"}
    await desk.does("Mei", "attributeCall", "callRecord { id }", campaignId=fair, **late)

    past, now = await board(desk, "2026-03-03"), await board(desk, None)
    assert (past["spring"]["visitCount"], past["fair"]["visitCount"]) == (1, 0)
    assert (now["spring"]["visitCount"], now["fair"]["visitCount"]) == (0, 1)
    assert (past["fair"]["callCount"], now["fair"]["callCount"]) == (0, 1)
    lines = await desk.ask("Mei", LINES, visit=visit)
    assert sorted(
        (one["countedOn"], one["sign"], one["campaign"]["code"], one["reason"])
        for one in lines["campaignTouches"]["nodes"]
    ) == [
        ("2026-03-02", 1, "spring", None),
        ("2026-03-04", -1, "spring", "he says the fair"),
        ("2026-03-04", 1, "fair", "he says the fair"),
    ]
    assert lines["visits"]["nodes"] == []
    await desk.does("Mei", "attributeVisit", "visit { campaign { id } }", **one)
    assert (await board(desk, None))["fair"]["visitCount"] == 0
    (written,) = await desk.showroom.tenant.rows(
        "SELECT details FROM app.audit_event WHERE tenant_id = $1 AND command = 'attribute_call'"
    )
    assert written["details"]["why"] == "asked again"


LINES = """query($visit: ID!) {
  campaignTouches(filter: {visitId: {eq: $visit}}) {
    nodes { sign countedOn reason campaign { code } } }
  visits(filter: {campaignId: {eq: $visit}}) { nodes { id } } }"""


async def test_a_campaign_is_changed_until_it_is_over_and_no_past_day_with_it(
    desk: Desk, clock: ManualClock
) -> None:
    spring = await planned(desk, firstOn="2026-03-10", lastOn="2026-03-20", code="a.b_c")
    one: dict[str, Any] = {"campaignId": spring}

    async def edits(version: int, **values: Any) -> list[str]:
        return await tries(desk, "Lin", "editCampaign", **one, expectedVersion=version, **values)

    assert await edits(9, lastOn="2026-03-21") == ["VERSION_CONFLICT"]
    assert await edits(1, firstOn="2026-03-01") == ["INVALID_INPUT"]
    assert await edits(1, lastOn="2026-03-09") == ["INVALID_INPUT"]
    assert await edits(1, firstOn="2026-03-05", siteIds=[desk.site], names=NAMES) == []
    on_day(clock, "2026-03-06")
    assert await edits(2, firstOn="2026-03-07") == ["INVALID_INPUT"]
    assert await edits(2, lastOn="2026-03-05") == ["INVALID_INPUT"]
    assert await edits(2, lastOn="2026-03-06", ownerId=desk.member("Mei"), siteIds=[]) == []
    shown = (await desk.ask("Mei", ONE, id=spring))["campaign"]
    assert (shown["state"], shown["owner"]["name"]) == ("RUNNING", "Mei")
    assert shown["sites"] == []
    assert shown["allowedActions"] == ["EDIT", "CANCEL", "SET_BUDGET", "RECORD_COST"]
    # Nobody has to come by: the day is over, and so is the campaign.
    on_day(clock, "2026-03-07")
    assert (await desk.ask("Mei", ONE, id=spring))["campaign"]["state"] == "ENDED"
    assert await edits(3, lastOn="2026-03-30") == ["CAMPAIGN_IS_OVER"]
    over = {"expectedVersion": 3, "reason": "late"}
    assert await tries(desk, "Lin", "cancelCampaign", **one, **over) == ["CAMPAIGN_IS_OVER"]
    states = [(await board(desk, day))["a.b_c"]["state"] for day in ("2026-03-04", "2026-03-06")]
    assert states == ["PLANNED", "RUNNING"]
    # Its bills still come.
    await cost(desk, spring, 5, "2026-03-07")


ONE = """query($id: ID!) { campaign(id: $id) {
  state owner { name } sites { site { id } } allowedActions } }"""


async def test_who_may_plan_pay_and_see_is_said_by_his_duties(desk: Desk) -> None:
    tenant = desk.showroom.tenant
    top = {"unit": next(iter(tenant.units)), "territory": "all"}
    desk.showroom.people["Gu"] = await tenant.member("Gu", "director", **top)
    spring = await planned(desk, budget=cny(100), ownerId=desk.member("Gu"))
    await cost(desk, spring, 30, "2026-03-01")
    bill = {"campaignId": spring, "amount": cny(5), "spentOn": "2026-03-02", "purpose": "posters"}
    sent = {"names": NAMES, "kind": "EVENT", "firstOn": "2026-03-01", "lastOn": "2026-03-02"}

    # Everybody may name it, and see that it runs; what it costs a rep and a clerk do not see.
    for name in ("An", "Clerk"):
        seen = await desk.ask(
            name, "{ campaigns { nodes { code state } } campaignCosts { nodes { id } } }"
        )
        assert [one["code"] for one in seen["campaigns"]["nodes"]] == ["spring"]
        assert seen["campaignCosts"]["nodes"] == []
        assert await board(desk, None, by=name) == {}
        assert await tries(desk, name, "recordCampaignCost", **bill) == ["FORBIDDEN"]
        assert await tries(desk, name, "createCampaign", code="x", **sent) == ["FORBIDDEN"]
    # A showroom's manager plans for his showroom, not for the whole company nor for another's.
    assert await tries(desk, "Mei", "createCampaign", code="x", **sent) == ["FORBIDDEN"]
    assert await tries(desk, "Mei", "setCampaignBudget", campaignId=spring, budget=cny(1)) == [
        "FORBIDDEN"
    ]
    mine = await desk.does("Mei", "createCampaign", CAMPAIGN, code="x", siteIds=[desk.site], **sent)
    await desk.does(
        "Mei", "recordCampaignCost", COST, **bill | {"campaignId": mine["campaign"]["id"]}
    )
    assert list(await board(desk, None, by="Mei")) == ["x"]
    assert sorted(await board(desk, None)) == ["spring", "x"]
    wrong = [
        bill | {"spentOn": "2026-03-03"},
        bill | {"amount": cny(0)},
        bill | {"amount": {"amountMinor": "5", "currency": "USD"}},
        bill | {"purpose": " "},
    ]
    for one in wrong:
        assert await tries(desk, "Lin", "recordCampaignCost", **one) == ["INVALID_INPUT"]


async def test_two_at_once_plan_one_code_change_one_version_and_take_a_cost_back_once(
    desk: Desk,
) -> None:
    sent = {"code": "spring", "names": NAMES, "kind": "ONLINE"}
    days = {"firstOn": "2026-03-01", "lastOn": "2026-03-31"}
    made = await both(desk, "createCampaign", **sent, **days)
    assert sorted(made) == [[], ["ALREADY_TAKEN"]]
    (spring,) = (await desk.ask("Lin", "{ campaigns { nodes { id } } }"))["campaigns"]["nodes"]
    paid = await cost(desk, spring["id"], 700, "2026-03-01")

    edited = await both(
        desk, "editCampaign", campaignId=spring["id"], expectedVersion=1, lastOn="2026-03-30"
    )
    reversed_ = await both(desk, "reverseCampaignCost", campaignCostId=paid, reason="twice")
    key = {"idempotencyKey": "one-key-for-two-at-once"}
    bill = {"campaignId": spring["id"], "amount": cny(5), "spentOn": "2026-03-02", "purpose": "x"}
    repeated = await both(desk, "recordCampaignCost", **bill, **key)

    assert sorted(edited) == [[], ["VERSION_CONFLICT"]]
    assert sorted(reversed_) == [[], ["CAMPAIGN_COST_REVERSED"]]
    assert repeated == [[], []]
    assert (await board(desk, None))["spring"]["cost"] == 5
    await desk.showroom.sign_in("An")
    visit = await came(desk, 1)
    moved = await both(desk, "attributeVisit", visitId=visit, campaignId=spring["id"], reason="x")
    assert sorted(moved) == [[], ["SAME_CAMPAIGN"]]
    assert (await board(desk, None))["spring"]["visitCount"] == 1


async def both(desk: Desk, command: str, **values: Any) -> list[list[str]]:
    return list(await asyncio.gather(*(tries(desk, "Lin", command, **values) for _ in range(2))))


async def test_another_companys_campaign_is_answered_like_one_that_nobody_has(
    desk: Desk, transactions: Transactions
) -> None:
    tenant = await a_tenant(transactions, name="別家")
    their = Desk(desk.api, Showroom(tenant, tenant.site_id))
    their.showroom.people["Lin"] = await tenant.member("Lin", "director")
    theirs = await planned(their)
    ids = {
        "campaignId": theirs,
        "campaignCostId": await cost(their, theirs, 5, "2026-03-01"),
        "siteIds": their.site,
        "ownerId": their.member("Lin"),
        "territoryId": f"territory_{tenant.territories['all']}",
    }
    await desk.showroom.sign_in("An")
    visit = await came(desk, 1)
    call = {"siteId": desk.site, "phone": phone(3)}
    made = await desk.does("Clerk", "recordCall", "callRecord { id }", **call)
    bill = {"amount": cny(5), "spentOn": "2026-03-02", "purpose": "posters"}
    sent = {
        "code": "mine",
        "names": NAMES,
        "kind": "ONLINE",
        "firstOn": "2026-03-01",
        "lastOn": "2026-03-31",
    }

    def asked(ids: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
        one, version = {"campaignId": ids["campaignId"]}, {"expectedVersion": 1}
        return [
            ("editCampaign", {**one, **version}),
            ("cancelCampaign", {**one, **version, "reason": "x"}),
            ("setCampaignBudget", {**one, "budget": cny(1)}),
            ("recordCampaignCost", {**one, **bill}),
            ("reverseCampaignCost", {"campaignCostId": ids["campaignCostId"], "reason": "x"}),
            ("attributeVisit", {**one, "visitId": visit, "reason": "x"}),
            ("attributeCall", {**one, "callRecordId": made["callRecord"]["id"], "reason": "x"}),
            ("recordArrival", {**one, "siteId": desk.site}),
            ("recordCall", {**one, **call}),
            ("createCampaign", {**sent, "siteIds": [ids["siteIds"]]}),
            *(("createCampaign", {**sent, name: ids[name]}) for name in ("ownerId", "territoryId")),
        ]

    nobodys = {name: f"{known.rpartition('_')[0]}_{new_id()}" for name, known in ids.items()}
    answers = [
        [
            await desk.api.tries(desk.token(who), command, "__typename", **values)
            for command, values in asked(one)
            for who in (("Clerk",) if command in {"recordArrival", "recordCall"} else ("Lin",))
        ]
        for one in (ids, nobodys)
    ]
    assert answers[0] == answers[1]
    assert [codes(answer) for answer in answers[0]] == [["NOT_FOUND"]] * len(answers[0])
    assert not any((await desk.ask("Lin", FOREIGN, id=theirs)).values())


FOREIGN = """query($id: ID!) {
  campaign(id: $id) { code } campaignDeals(campaignId: $id) { touchedAt }
  campaignCustomers(campaignId: $id) { touchedAt }
  campaignBoard(filter: {id: {eq: $id}}) { visitCount } }"""
