"""Targets follow customers to another territory: shown before, done from the day, exact."""

from datetime import UTC, datetime
from typing import Any

from builders.api import Desk
from builders.rehearsals import REACTIONS
from builders.targets import NAMES, Planner
from builders.tenants import a_tenant

from service.clock import ManualClock
from service.customers.commands import CreateParty, create_party
from service.schema.scalars import make_id
from service.simulation.passing import pass_to
from service.work import Transactions


async def a_territory(desk: Desk, code: str, below: str) -> str:
    made = await desk.does(
        "Admin", "createTerritory", "territory { id }", code=code, names=NAMES, dimension="area",
        parentId=below,
    )  # fmt: skip
    found: str = made["territory"]["id"]
    return found


async def a_customer(desk: Desk, name: str, territory: str) -> str:
    made = await desk.does(
        "An", "createParty", "party { id }", fullName=name, phones=[], territoryId=territory
    )
    found: str = made["party"]["id"]
    return found


async def credited(desk: Desk, metric: str, territory: str, amount: int, **more: Any) -> None:
    """Let something count in a territory, in the year before."""
    await desk.does(
        "Lin", "recordMetricCredit", "metricCredits { id }", metricId=metric,
        sourceKey=f"{territory} {more}", amount=str(amount), territoryId=territory,
        parts=[{"basisPoints": 10_000}], **{"creditedOn": "2026-02-01", **more},
    )  # fmt: skip


MOVES = """
query Moves($model: ID!) {
  territoryMoveTargets(filter: {modelId: {eq: $model}}) {
    nodes {
      move { party { fullName } } rep { name } amount kind level metric { code } plan { code }
      fromNode { figure } toNode { figure } fromTerritory { code } toTerritory { code }
    }
  }
  territoryMoveTargetStatistics(
    filter: {modelId: {eq: $model}}, groupBy: [FROM_TERRITORY, TO_TERRITORY, REP]
  ) { key { fromTerritory { code } toTerritory { code } rep { name } } partyCount amount }
  territoryMoveSeats(filter: {modelId: {eq: $model}}) {
    nodes {
      territory { code } role member { name } vacant reason
      movedTerritory { code } fromParent { code } toParent { code }
    }
  }
  territoryMoveSeatStatistics(filter: {modelId: {eq: $model}}, groupBy: [FROM_PARENT, TO_PARENT]) {
    key { fromParent { code } toParent { code } } filledSeatCount vacancyCount
  }
}
"""
MODELS = "{ territoryModels { nodes { id code } } }"
CHANGES = """
query Changes($plan: ID!) {
  targetChanges(filter: {planId: {eq: $plan}}) {
    nodes { kind delta effectiveOn reason author { name } node { territory { code } } }
  }
}
"""


async def a_year(desk: Desk) -> tuple[Planner, dict[str, str]]:
    """Publish a plan of 1,000 by a history of 500, 300 and 200, and return the territories."""
    tenant = desk.showroom.tenant
    desk.showroom.people["Admin"] = tenant.admin_id
    top = make_id("territory", tenant.territories["all"])
    places = {code: await a_territory(desk, code, top) for code in ("n", "s", "o")}
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan("2026-03", "2026-03-02", "2026-12-31")
    await planner.add(
        {"key": "root", "amount": "1000", "territoryId": top},
        *({"key": code, "parentKey": "root", "territoryId": one} for code, one in places.items()),
    )
    for code, amount in (("n", 380), ("s", 300), ("o", 200)):
        await credited(desk, planner.metric, places[code], amount)
    await planner.weighed("root", {"n": "500", "s": "300", "o": "200"})
    await planner.publish()
    return planner, places | {"all": top}


async def a_draft(desk: Desk, **listed: Any) -> str:
    """Draft a model that lists customers for a territory."""
    made = await desk.does("Lin", "createTerritoryModel", "model { id }", code="next", names=NAMES)
    model: str = made["model"]["id"]
    await desk.does("Lin", "listAccounts", "model { id }", territoryModelId=model, **listed)
    return model


async def redrawn(desk: Desk, planner: Planner, places: dict[str, str]) -> str:
    """Draft that an account of n goes to s, and that o hangs below s with two seats."""
    account = await a_customer(desk, "the account", places["n"])
    await a_customer(desk, "who stays", places["n"])
    # The year before begins and ends within a month; the day before it is not of it.
    bought = {"2025-03-01": 999, "2025-03-05": 30, "2025-04-01": 40, "2026-03-01": 50}
    for day, amount in bought.items():
        await credited(desk, planner.metric, places["n"], amount, partyId=account, creditedOn=day)
    for seat in ({"memberId": desk.member("Bo")}, {}):
        await desk.does(
            "Admin", "assignTerritory", "assignment { id }", territoryId=places["o"], role="REP",
            **seat,
        )  # fmt: skip
    model = await a_draft(desk, territoryId=places["s"], partyIds=[account])
    await desk.does(
        "Lin", "placeTerritory", "model { id }", territoryModelId=model, territoryId=places["o"],
        parentId=places["s"],
    )  # fmt: skip
    return model


async def in_force(desk: Desk, model: str, **more: Any) -> None:
    """Put a model in force now, and let the worker come by."""
    await desk.does(
        "Lin", "activateTerritoryModel", "activation { targetsFollow }", territoryModelId=model,
        **more,
    )  # fmt: skip
    tenant = desk.showroom.tenant
    await pass_to(tenant.transactions, tenant.id, REACTIONS)


async def test_q32_the_share_of_an_account_moves_with_it_and_goes_back_with_it(
    desk: Desk, clock: ManualClock
) -> None:
    planner, places = await a_year(desk)
    model = await redrawn(desk, planner, places)
    before = await planner.below("root")

    await in_force(desk, model)

    assert before == {"n": 500, "s": 300, "o": 200}
    assert await planner.below("root") == {"n": 380, "s": 420, "o": 200}
    changes = (await desk.ask("Lin", CHANGES, plan=planner.plan))["targetChanges"]["nodes"]
    change: dict[str, Any] = {"kind": "TRANSFER", "effectiveOn": "2026-03-02", "reason": "计划"}
    change |= {"author": {"name": "Lin"}}
    assert sorted(changes, key=lambda one: int(one["delta"])) == [
        {**change, "delta": "-120", "node": {"territory": {"code": "n"}}},
        {**change, "delta": "120", "node": {"territory": {"code": "s"}}},
    ]
    models = (await desk.ask("Lin", MODELS))["territoryModels"]["nodes"]
    first = next(one["id"] for one in models if one["code"] == "first")
    clock.set(datetime(2026, 3, 3, 4, tzinfo=UTC))
    await in_force(desk, first)
    assert await planner.below("root") == before
    clock.set(datetime(2026, 3, 4, 4, tzinfo=UTC))
    await in_force(desk, model, targetsFollow=False)
    assert await planner.below("root") == before
    # Whom an account has left is there all the same: a revision reaches him.
    await desk.does(
        "Lin", "reviseTarget", "targetNode { id }", nodeId=planner.ids["root"], figure="2000",
        effectiveOn="2026-03-04", reason="more",
    )  # fmt: skip
    assert await planner.below("root") == {"n": 1000, "s": 600, "o": 400}


async def test_a_preview_shows_targets_and_people_that_would_move_by_territory_and_rep(
    desk: Desk,
) -> None:
    planner, places = await a_year(desk)
    model = await redrawn(desk, planner, places)

    await desk.does("Lin", "previewTerritoryModel", "model { id }", territoryModelId=model)

    shown = await desk.ask("Lin", MOVES, model=model)
    hidden = [await desk.ask(name, MOVES, model=model) for name in ("An", "Admin")]
    south = {"code": "s"}
    key = {"fromTerritory": {"code": "n"}, "toTerritory": south, "rep": {"name": "An"}}
    assert shown["territoryMoveTargets"]["nodes"] == [
        {
            **key,
            "move": {"party": {"fullName": "the account"}},
            "amount": "120",
            "kind": "COMMITMENT",
            "level": "TARGET",
            "metric": {"code": "SIGNED"},
            "plan": {"code": "2026-03"},
            "fromNode": {"figure": "500"},
            "toNode": {"figure": "300"},
        }
    ]
    counted = {"key": key, "partyCount": 1, "amount": "120"}
    assert shown["territoryMoveTargetStatistics"] == [counted]
    above = {"fromParent": {"code": "all"}, "toParent": south}
    seat = {"territory": {"code": "o"}, "movedTerritory": {"code": "o"}, "role": "REP", **above}
    seats = shown["territoryMoveSeats"]["nodes"]
    assert sorted(seats, key=lambda one: bool(one["vacant"])) == [
        {**seat, "member": {"name": "Bo"}, "vacant": False, "reason": "REHUNG"},
        {**seat, "member": None, "vacant": True, "reason": "REHUNG"},
    ]
    heads = {"key": above, "filledSeatCount": 1, "vacancyCount": 1}
    assert shown["territoryMoveSeatStatistics"] == [heads]
    nothing: dict[str, Any] = {f"territoryMove{what}Statistics": [] for what in ("Target", "Seat")}
    nothing |= {f"territoryMove{what}": {"nodes": []} for what in ("Targets", "Seats")}
    assert hidden == [nothing, nothing]


async def test_who_and_what_is_anothers_is_not_there_and_a_day_that_is_over_is_refused(
    desk: Desk, transactions: Transactions
) -> None:
    planner, places = await a_year(desk)
    other = await a_tenant(transactions, name="別家")
    foreign = await other.do(create_party, CreateParty("王先生"), by=await other.member("Wang"))
    model = await a_draft(
        desk, territoryId=places["s"], partyIds=[await a_customer(desk, "Li", places["n"])]
    )
    lin, sent = desk.token("Lin"), {"metricId": planner.metric, "amount": "1", "sourceKey": "one"}
    sent |= {"creditedOn": "2026-02-01", "parts": [{"basisPoints": 10_000}]}

    refused = [
        await desk.api.tries(
            lin, "recordMetricCredit", "metricCredits { id }", partyId=party, **sent
        )
        for party in (make_id("party", foreign), make_id("party", other.admin_id))
    ]
    over = {"territoryModelId": model, "activeOn": "2026-03-01"}
    late = await desk.api.tries(lin, "previewTerritoryModel", "model { id }", **over)
    away = [
        await desk.api.tries(lin, "previewTerritoryModel", "model { id }", territoryModelId=one)
        for one in (make_id("territory_model", foreign), make_id("territory_model", other.admin_id))
    ]

    assert refused[0] == refused[1]
    assert [one["code"] for one in refused[0]["errors"]] == ["NOT_FOUND"]
    assert [(one["code"], one["field"]) for one in late["errors"]] == [
        ("SPAN_INVALID", ["input", "activeOn"])
    ]
    assert away[0] == away[1]
