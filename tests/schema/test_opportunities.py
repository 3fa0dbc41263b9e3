"""Opportunities over HTTP: opened, moved on, closed, and kept as they stood on each day."""

from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import NAMES

from service.clock import ManualClock

STAGES = "{ opportunityStages { nodes { id code probabilityBasisPoints category } } }"
SHOWN = "opportunity { id version state category probabilityBasisPoints amount weighted closedOn }"
STOOD = """query($id: ID!) { opportunityStandings(filter: {opportunityId: {eq: $id}}) {
  nodes { firstDay lastDay amount state stage { code } } } }"""
MINE = "{ opportunities { nodes { name allowedActions } } }"


def codes(payload: Any) -> list[str]:
    return [error["code"] for error in payload["errors"]]


@pytest.fixture
async def ledger(desk: Desk) -> Ledger:
    """A director with a metric."""
    ledger = Ledger(desk)
    await ledger.with_metric()
    return ledger


async def stages(desk: Desk) -> dict[str, str]:
    """Return the stages by code."""
    nodes = (await desk.ask("Lin", STAGES))["opportunityStages"]["nodes"]
    return {one["code"]: one["id"] for one in nodes}


async def test_an_opportunity_moves_on_and_every_day_keeps_how_it_stood(
    ledger: Ledger, clock: ManualClock
) -> None:
    desk = ledger.desk
    at = await stages(desk)
    sent: dict[str, Any] = {
        "name": "tower two, 12 floors",
        "metricId": ledger.metric,
        "amount": "300",
        "stageId": at["first-visit"],
        "expectedOn": "2026-03-31",
    }

    made = (await desk.api.does(desk.token("An"), "createOpportunity", SHOWN, **sent))[
        "opportunity"
    ]
    assert (made["state"], made["category"], made["weighted"]) == ("OPEN", "PIPELINE", "30")
    one = {"opportunityId": made["id"]}
    await desk.does("An", "changeOpportunity", SHOWN, amount="200", **one)
    on_day(clock, "2026-03-10")
    moved = await desk.does("An", "changeOpportunity", SHOWN, stageId=at["unit-chosen"], **one)
    assert (moved["opportunity"]["category"], moved["opportunity"]["weighted"]) == ("BEST", "100")

    # Whoever edits a stage moves nobody's forecast.
    wanted = {"position": 3, "category": "OMITTED", "names": NAMES}
    await desk.does(
        "Lin",
        "editOpportunityStage",
        "opportunityStage { version }",
        stageId=at["unit-chosen"],
        expectedVersion=1,
        probabilityBasisPoints=1,
        **wanted,
    )
    on_day(clock, "2026-03-20")
    unsaid = await desk.api.tries(
        desk.token("An"), "closeOpportunity", SHOWN, outcome="LOST", **one
    )
    lost = await desk.does("An", "closeOpportunity", SHOWN, outcome="LOST", reason="price", **one)
    again = await desk.api.tries(desk.token("An"), "changeOpportunity", SHOWN, amount="9", **one)
    shown = await desk.ask("An", STOOD, id=made["id"])
    mine = (await desk.ask("An", MINE))["opportunities"]["nodes"]

    assert codes(unsaid) == ["INVALID_INPUT"]
    assert lost["opportunity"]["closedOn"] == "2026-03-20"
    assert lost["opportunity"]["probabilityBasisPoints"] == 5000
    assert codes(again) == ["OPPORTUNITY_IS_CLOSED"]
    assert mine == [{"name": "tower two, 12 floors", "allowedActions": ["REOPEN"]}]
    assert [
        (s["firstDay"], s["lastDay"], s["amount"], s["state"], s["stage"]["code"])
        for s in shown["opportunityStandings"]["nodes"]
    ] == [
        ("2026-03-20", None, "200", "LOST", "unit-chosen"),
        ("2026-03-10", "2026-03-19", "200", "OPEN", "unit-chosen"),
        ("2026-03-02", "2026-03-09", "200", "OPEN", "first-visit"),
    ]
    again = await desk.does("An", "reopenOpportunity", SHOWN, **one)
    assert (again["opportunity"]["state"], again["opportunity"]["closedOn"]) == ("OPEN", None)


async def test_who_has_no_duty_for_it_neither_sees_nor_changes_a_colleagues_opportunity(
    ledger: Ledger,
) -> None:
    desk = ledger.desk
    at = await stages(desk)
    sent: dict[str, Any] = {
        "name": "a fleet",
        "metricId": ledger.metric,
        "amount": "30",
        "stageId": at["first-visit"],
        "expectedOn": "2026-03-31",
        "memberId": desk.member("An"),
    }
    key = "an-opportunity-of-a-fleet"

    refused = await desk.api.tries(desk.token("Bo"), "createOpportunity", SHOWN, **sent)
    made = await desk.api.does(
        desk.token("Lin"), "createOpportunity", SHOWN, idempotencyKey=key, **sent
    )
    again = await desk.api.does(
        desk.token("Lin"), "createOpportunity", SHOWN, idempotencyKey=key, **sent
    )
    one = {"opportunityId": made["opportunity"]["id"]}
    taken = await desk.api.tries(desk.token("Bo"), "changeOpportunity", SHOWN, amount="1", **one)
    given = await desk.api.tries(
        desk.token("An"), "changeOpportunity", SHOWN, memberId=desk.member("Bo"), **one
    )
    ratio = await ledger.with_metric("RETURNS", unit="RATIO")
    wrong = await desk.api.tries(
        desk.token("Lin"), "createOpportunity", SHOWN, **{**sent, "metricId": ratio}
    )
    stage = await desk.api.tries(
        desk.token("An"),
        "retireOpportunityStage",
        "opportunityStage { id }",
        stageId=at["first-visit"],
        expectedVersion=1,
    )

    assert codes(refused) == ["FORBIDDEN"]
    assert again["opportunity"]["id"] == made["opportunity"]["id"]
    assert codes(taken) == codes(given) == codes(stage) == ["FORBIDDEN"]
    assert codes(wrong) == ["INVALID_INPUT"]
    assert (await desk.ask("Bo", MINE))["opportunities"]["nodes"] == []
    assert len((await desk.ask("An", MINE))["opportunities"]["nodes"]) == 1
