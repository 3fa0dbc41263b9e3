"""Opportunities over HTTP: opened, moved on, closed, and kept as they stood on each day."""

import asyncio
from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.reception import Showroom
from builders.targets import NAMES
from builders.tenants import a_tenant

from service.clock import ManualClock, new_id
from service.work import Transactions

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


async def test_two_at_once_with_one_key_open_one_and_of_two_who_close_it_one_is_refused(
    ledger: Ledger,
) -> None:
    desk = ledger.desk
    at = await stages(desk)
    sent = opened(ledger.metric, at["first-visit"]) | {"idempotencyKey": "two-at-once-with-one-key"}

    made = await asyncio.gather(
        *(desk.api.does(desk.token("An"), "createOpportunity", SHOWN, **sent) for _ in range(2))
    )
    one = {"opportunityId": made[0]["opportunity"]["id"]}
    closed = await asyncio.gather(
        *(
            desk.api.tries(desk.token(name), "closeOpportunity", SHOWN, outcome="WON", **one)
            for name in ("An", "Lin")
        )
    )
    stood = (await desk.ask("An", STOOD, id=one["opportunityId"]))["opportunityStandings"]

    assert made[0]["opportunity"] == made[1]["opportunity"]
    assert len((await desk.ask("An", MINE))["opportunities"]["nodes"]) == 1
    assert sorted(codes(answer) for answer in closed) == [[], ["OPPORTUNITY_IS_CLOSED"]]
    assert [(row["firstDay"], row["state"]) for row in stood["nodes"]] == [("2026-03-02", "WON")]


async def test_another_companys_ids_are_answered_like_ids_that_nobody_has(
    ledger: Ledger, transactions: Transactions
) -> None:
    desk = ledger.desk
    at = await stages(desk)
    mine = opened(ledger.metric, at["first-visit"])
    theirs = await of_another_company(desk, transactions)
    weighed = {"code": "theirs", "names": NAMES, "firstDay": "2026-03-01"}
    steps = [{"fromBasisPoints": 9_000, "amountEach": "1"}]
    made = await desk.api.does(desk.token("An"), "createOpportunity", SHOWN, **mine)
    one = {"opportunityId": made["opportunity"]["id"]}

    def asked(ids: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
        stage = {"stageId": ids["stageId"], "expectedVersion": 1}
        places = ("metricId", "stageId", "memberId", "territoryId", "partyId")
        card = {"scorecardId": ids["scorecardId"], "lastDay": "2026-03-31"}
        scheme = {"schemeId": ids["schemeId"], "lastDay": "2026-03-31"}
        lines = [{"metricId": metric, "weight": 1} for metric in (ledger.metric, ids["metricId"])]
        return [
            *(("createOpportunity", {**mine, name: ids[name]}) for name in places),
            *(("changeOpportunity", {**one, name: ids[name]}) for name in places[1:]),
            ("changeOpportunity", {"opportunityId": ids["opportunityId"], "amount": "1"}),
            ("closeOpportunity", {"opportunityId": ids["opportunityId"], "outcome": "WON"}),
            ("reopenOpportunity", {"opportunityId": ids["opportunityId"]}),
            ("retireOpportunityStage", stage),
            ("createScorecard", {**weighed, "lines": lines}),
            ("createScorecard", {**weighed, "lines": lines[:1], "memberId": ids["memberId"]}),
            ("createScorecard", {**weighed, "lines": lines[:1], "roleId": ids["roleId"]}),
            ("endScorecard", card),
            ("createBonusScheme", {**weighed, "metricId": ids["metricId"], "steps": steps}),
            ("endBonusScheme", scheme),
        ]

    nobodys = {name: f"{known.rpartition('_')[0]}_{new_id()}" for name, known in theirs.items()}
    answers = [
        [
            await desk.api.tries(desk.token("Lin"), command, "__typename", **values)
            for command, values in asked(ids)
        ]
        for ids in (theirs, nobodys)
    ]

    assert answers[0] == answers[1]
    assert [codes(answer) for answer in answers[0]] == [["NOT_FOUND"]] * len(answers[0])
    named = {answer["errors"][0]["field"][-1] for answer in answers[0]}
    assert named == set(theirs)


async def of_another_company(desk: Desk, transactions: Transactions) -> dict[str, str]:
    """Return ids of another company's records, by the name that inputs have for them."""
    tenant = await a_tenant(transactions, name="別家")
    their = Desk(desk.api, Showroom(tenant, tenant.site_id))
    their.showroom.people["Lin"] = await tenant.member("Lin", "director")
    their.showroom.people["Mei"] = await tenant.member("Mei", "sales-manager")
    metric, at = await Ledger(their).with_metric(), await stages(their)
    mine = opened(metric, at["first-visit"])
    opportunity = await desk.api.does(their.token("Lin"), "createOpportunity", SHOWN, **mine)
    weighed = {"code": "theirs", "names": NAMES, "firstDay": "2026-03-01"}
    lines = [{"metricId": metric, "weight": 1}]
    steps = [{"fromBasisPoints": 9_000, "amountEach": "1"}]
    party = await their.does("Mei", "createParty", "party { id }", phones=["13800138000"])
    card = await their.does("Lin", "createScorecard", "scorecard { id }", lines=lines, **weighed)
    scheme = await their.does(
        "Lin", "createBonusScheme", "bonusScheme { id }", metricId=metric, steps=steps, **weighed
    )
    return {
        "metricId": metric,
        "stageId": at["first-visit"],
        "memberId": their.member("Lin"),
        "territoryId": f"territory_{tenant.territories['all']}",
        "partyId": party["party"]["id"],
        "roleId": f"role_{tenant.roles['director']}",
        "opportunityId": opportunity["opportunity"]["id"],
        "scorecardId": card["scorecard"]["id"],
        "schemeId": scheme["bonusScheme"]["id"],
    }


def opened(metric: str, stage: str) -> dict[str, Any]:
    """Return what an opportunity is opened with."""
    return {
        "name": "a fleet",
        "metricId": metric,
        "amount": "30",
        "stageId": stage,
        "expectedOn": "2026-03-31",
    }
