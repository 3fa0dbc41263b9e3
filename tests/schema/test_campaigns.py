"""Campaigns over HTTP: planned, paid for, named by visits and calls, and measured by day."""

from fractions import Fraction
from typing import Any

from builders.api import Desk
from builders.credits import on_day
from builders.reception import phone
from builders.targets import NAMES

from service.clock import ManualClock

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
    await came(desk, 2, fair)
    await came(desk, 3)
    statements = desk.api.statements
    await registered(desk, wang, "王")
    # Li comes back by the spring campaign: his first touch was the fair.
    on_day(clock, "2026-03-05")
    await desk.showroom.sign_in("An")
    li_again = await came(desk, 2, spring)
    await bought(desk, li_again, 900_000_00)
    taken = await cost(desk, spring, 50_000, "2026-03-05")
    on_day(clock, "2026-03-08")
    await desk.showroom.sign_in("An")
    again = await came(desk, 1)
    await bought(desk, again, 1_000_000_00)
    await desk.does("Lin", "reverseCampaignCost", COST, campaignCostId=taken, reason="twice")
    await desk.does("Lin", "setCampaignBudget", CAMPAIGN, campaignId=spring, budget=cny(90_000))

    assert statements <= 4
    seen = {day: (await board(desk, day))["spring"] for day in ("2026-03-02", "2026-03-05", None)}
    assert seen["2026-03-02"] == figures(1, 1, 1, 0, 0, 1_000_000, 100_001)
    assert seen["2026-03-05"] == figures(2, 1, 1, 0, 0, 1_000_000, 150_001)
    assert seen[None] == figures(2, 1, 1, 1, 1_000_000_00, 90_000, 100_001)
    assert (await board(desk, None))["fair"]["dealCount"] == 1
    assert seen[None]["costPerVisit"] == 50_000
    assert seen["2026-03-05"]["costPerDeal"] is None


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
