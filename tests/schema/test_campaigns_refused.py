"""What is wrong with a campaign, its budget or its cost, told over HTTP."""

from typing import Any

from builders.api import Desk
from builders.targets import NAMES

SENT = {"names": NAMES, "kind": "EVENT", "firstOn": "2026-03-02", "lastOn": "2026-03-02"}
CAMPAIGN = "campaign { id currency }"


async def fields(desk: Desk, command: str, **values: Any) -> list[str]:
    """Carry out a command that is refused and return the fields that are named."""
    refused = await desk.api.tries(desk.token("Lin"), command, "__typename", **values)
    return sorted(".".join(error["field"][1:]) for error in refused["errors"])


async def test_all_that_is_wrong_with_a_campaign_its_budget_or_its_cost_is_told_together(
    desk: Desk,
) -> None:
    made = await desk.does("Lin", "createCampaign", CAMPAIGN, **SENT, code="spring")
    spring = {"campaignId": made["campaign"]["id"]}
    usd = {"amountMinor": "-1", "currency": "USD"}

    wrong = {**SENT, "code": "two words", "currency": "XXX", "lastOn": "2026-03-01"}
    planned = await fields(desk, "createCampaign", **wrong, budget=usd)
    budgeted = await fields(desk, "setCampaignBudget", **spring, budget=usd, reason=" ")
    bill = {"spentOn": "2026-03-03", "purpose": " ", "amount": usd}
    recorded = await fields(desk, "recordCampaignCost", **spring, **bill)

    budget = ["budget.amountMinor", "budget.currency"]
    assert planned == [*budget, "code", "currency", "lastOn"]
    assert budgeted == [*budget, "reason"]
    assert recorded == ["amount.amountMinor", "amount.currency", "purpose", "spentOn"]


async def test_a_budget_is_in_the_currency_of_its_campaign_and_makes_it_where_none_is_said(
    desk: Desk,
) -> None:
    usd = {"amountMinor": "7", "currency": "USD"}
    gold = {"amountMinor": "7", "currency": "XAU"}

    for wrong in ({"currency": "CNY", "budget": usd}, {"budget": gold}):
        refused = await fields(desk, "createCampaign", **SENT, code="a", **wrong)
        assert refused == ["budget.currency"]
    for more in ({"currency": "USD"}, {}):
        code = "b" if more else "c"
        made = await desk.does(
            "Lin", "createCampaign", CAMPAIGN, **SENT, **more, code=code, budget=usd
        )
        assert made["campaign"]["currency"] == "USD"
