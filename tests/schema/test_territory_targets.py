"""Targets follow customers to another territory: shown before, done from the day, exact."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from builders.api import Desk
from builders.rehearsals import REACTIONS
from builders.targets import NAMES, Planner
from builders.tenants import a_tenant

from service.clock import ManualClock
from service.customers.commands import CreateParty, create_party
from service.schema.scalars import make_id
from service.simulation.passing import pass_to
from service.targets.checking import broken_invariants
from service.work import Caller, Transactions


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


FIGURES = """
query Figures($plan: ID!) {
  targetNodes(first: 200, filter: {planId: {eq: $plan}}) { nodes {
    figure unassigned territory { code } member { name }
    parent { territory { code } member { name } } } }
}
"""
BOARD = """
query Board($territory: ID!, $metric: ID!, $day: Date) {
  territoryBoard(territoryId: $territory, metricId: $metric, period: {year: 2026}, depth: 3,
                 asOfDay: $day) { territory { code } target credited unassigned } }
"""
MINE = "query Mine($day: Date) { myTargets(asOfDay: $day) { target credited } }"
ALONG = """
query Along($model: ID!) {
  territoryMoveTargets(filter: {modelId: {eq: $model}}) { nodes {
    movedTerritory { code } move { id } fromTerritory { code } toTerritory { code } amount } }
  territoryMoveTargetStatistics(filter: {modelId: {eq: $model}}, groupBy: [MOVED_TERRITORY]) {
    key { movedTerritory { code } } partyCount amount } }
"""


async def figures(planner: Planner) -> dict[str, int]:
    """Return what every target has, by what it is a part of and whose it is; 0 is left out."""
    found: dict[str, int] = {}
    for one in (await planner.desk.ask("Lin", FIGURES, plan=planner.plan))["targetNodes"]["nodes"]:
        whose = [
            (each["member"] or {}).get("name") or each["territory"]["code"]
            for each in (one["parent"], one)
            if each
        ]
        place = "/".join([whose[0], "nobody"] if one["unassigned"] else whose)
        found[place] = found.get(place, 0) + int(one["figure"])
    return {place: figure for place, figure in found.items() if figure}


async def two_regions(desk: Desk) -> tuple[Planner, dict[str, str], str]:
    """Publish a plan of two regions with areas, and draft that s2 hangs below n."""
    tenant = desk.showroom.tenant
    desk.showroom.people["Admin"] = tenant.admin_id
    top = make_id("territory", tenant.territories["all"])
    places = {code: await a_territory(desk, code, top) for code in ("n", "s")}
    for code in ("n1", "s1", "s2"):
        places[code] = await a_territory(desk, code, places[code[0]])
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan("2026-03", "2026-03-02", "2026-12-31")
    await planner.add(
        {"key": "root", "amount": "1000", "territoryId": top},
        {"key": "n", "parentKey": "root", "territoryId": places["n"], "amount": "400"},
        {"key": "s", "parentKey": "root", "territoryId": places["s"], "amount": "600"},
        {"key": "n1", "parentKey": "n", "territoryId": places["n1"], "amount": "400"},
        {"key": "s1", "parentKey": "s", "territoryId": places["s1"], "amount": "500"},
        {"key": "s2", "parentKey": "s", "territoryId": places["s2"], "amount": "100"},
        {"key": "Bo", "parentKey": "s2", "memberId": desk.member("Bo"), "amount": "100"},
    )
    await planner.publish()
    made = await desk.does("Lin", "createTerritoryModel", "model { id }", code="next", names=NAMES)
    model: str = made["model"]["id"]
    await desk.does(
        "Lin", "placeTerritory", "model { id }", territoryModelId=model,
        territoryId=places["s2"], parentId=places["n"],
    )  # fmt: skip
    return planner, places | {"all": top}, model


async def boards(planner: Planner, places: dict[str, str], day: str | None = None) -> Any:
    """Return the territories' board and Bo's own targets."""
    asked = {"territory": places["all"], "metric": planner.metric, "day": day}
    board = await planner.desk.ask("Lin", BOARD, **asked)
    return board, await planner.desk.ask("Bo", MINE, day=day)


async def test_who_had_a_territory_changes_nothing_of_it_once_it_hangs_elsewhere(
    desk: Desk, clock: ManualClock
) -> None:
    planner, places, model = await two_regions(desk)
    tenant, people = desk.showroom.tenant, desk.showroom.people
    for code in ("n", "s"):
        tenant.territories[code] = UUID(places[code].rpartition("_")[2])
        people[f"{code} manager"] = await tenant.member(
            f"{code} manager", "regional-manager", territory=code
        )
    clock.set(datetime(2026, 8, 1, 4, tzinfo=UTC))

    async def adjusts(by: str) -> list[str]:
        payload = await desk.api.tries(
            desk.token(by), "adjustTarget", "targetNode { id }", nodeId=planner.ids["s2"],
            delta="-5", effectiveOn="2026-09-01", reason="a mall closed",
        )  # fmt: skip
        return [one["code"] for one in payload["errors"]]

    assert await adjusts("n manager") == ["NOT_FOUND"]
    assert await adjusts("s manager") == []
    before = await figures(planner)
    await desk.does("Lin", "previewTerritoryModel", "model { id }", territoryModelId=model)
    await in_force(desk, model)

    then = await figures(planner)
    assert await adjusts("s manager") == ["NOT_FOUND"]
    assert await figures(planner) == then != before


async def test_a_territory_that_hangs_elsewhere_takes_its_target_along_and_back(
    desk: Desk, clock: ManualClock
) -> None:
    planner, places, model = await two_regions(desk)
    before = await figures(planner)
    await credited(desk, planner.metric, places["s2"], 30, creditedOn="2026-03-02")
    clock.set(datetime(2026, 8, 1, 4, tzinfo=UTC))
    past = await boards(planner, places, "2026-07-31")

    await desk.does("Lin", "previewTerritoryModel", "model { id }", territoryModelId=model)
    shown = await desk.ask("Lin", ALONG, model=model)
    await in_force(desk, model)

    moved = {"code": "s2"}
    way = {"fromTerritory": {"code": "s"}, "toTerritory": {"code": "n"}}
    # 153 of 305 days lie from the day on.
    assert shown == {
        "territoryMoveTargets": {
            "nodes": [{"movedTerritory": moved, "move": None, **way, "amount": "50"}]
        },
        "territoryMoveTargetStatistics": [
            {"key": {"movedTerritory": moved}, "partyCount": 0, "amount": "50"}
        ],
    }
    rest = {"all": 1000, "n/n1": 400, "s/s1": 500}
    assert before == rest | {"all/n": 400, "all/s": 600, "s/s2": 100, "s2/Bo": 100}
    there = {"all/n": 450, "n/s2": 50, "all/s": 550, "s/s2": 50, "s2/Bo": 100}
    assert await figures(planner) == rest | there
    board, _ = await boards(planner, places)
    assert {
        one["territory"]["code"]: (one["target"], one["unassigned"], one["credited"])
        for one in board["territoryBoard"]
        if one["target"] is not None
    } == {
        "all": ("1000", "0", "30"),
        "n": ("450", "0", "30"),
        "n1": ("400", "0", "0"),
        "s": ("550", "0", "0"),
        "s1": ("500", "0", "0"),
        "s2": ("100", "0", "30"),
    }
    models = (await desk.ask("Lin", MODELS))["territoryModels"]["nodes"]
    first = next(one["id"] for one in models if one["code"] == "first")
    # Of the 50 for 153 days, what is for the last 92 goes back; nothing of what was kept does.
    clock.set(datetime(2026, 10, 1, 4, tzinfo=UTC))
    await in_force(desk, first)
    back = {"all/n": 420, "n/s2": 20, "all/s": 580, "s/s2": 80, "s2/Bo": 100}
    assert await figures(planner) == rest | back
    clock.set(datetime(2026, 10, 2, 4, tzinfo=UTC))
    await in_force(desk, model, targetsFollow=False)
    assert await figures(planner) == rest | back
    assert await boards(planner, places, "2026-07-31") == past
    checker = Caller(desk.showroom.tenant.id, None, "check")
    async with desk.api.transactions.sight(checker) as sight:
        assert await broken_invariants(sight) == []
