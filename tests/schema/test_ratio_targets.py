"""A target of a ratio by months and territories: each has a goal of its own, and no sum."""

from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import Planner

from service.clock import ManualClock
from service.targets.checking import broken_invariants

BOARD = """query($root: ID!, $metric: ID!, $period: PeriodInput!) {
  territoryBoard(territoryId: $root, metricId: $metric, period: $period, depth: 5) {
    territory { id } target credited attainmentBasisPoints unassigned
    month { target credited attainmentBasisPoints } year { target attainmentBasisPoints } } }"""
TREE = "{ territoryTree { territory { id code } } }"
ALERTS = "{ targetAlerts(kind: SUM_BROKEN) { target { id } } }"
MARCH = {"month": {"year": 2026, "month": 3}}
APRIL = {"month": {"year": 2026, "month": 4}}
MONTHS = {
    "march": ("2026-03-01", "2026-03-31", "3500"),
    "april": ("2026-04-01", "2026-04-30", "2500"),
}


async def places(desk: Desk) -> tuple[str, str]:
    """Return the territory above all, and one without any below it."""
    tree = (await desk.ask("Lin", TREE))["territoryTree"]
    return tree[0]["territory"]["id"], tree[-1]["territory"]["id"]


@pytest.fixture
async def planner(desk: Desk) -> Planner:
    """A plan in force of a year of 30 %, with months and a territory that has others."""
    whole, north = await places(desk)
    planner = Planner(desk, metric=await Ledger(desk).with_metric("PENETRATION", unit="RATIO"))
    await planner.with_plan()
    above = {"key": "year", "amount": "3000", "territoryId": whole}
    months = [
        {"parentKey": "year", "key": key, "split": "PERIOD", "amount": goal}
        | {"firstDay": first, "lastDay": last}
        for key, (first, last, goal) in MONTHS.items()
    ]
    territory = {"key": "north", "parentKey": "year", "amount": "4000", "territoryId": north}
    person = {"key": "an", "parentKey": "north", "amount": "4500", "memberId": desk.member("An")}
    await planner.add(above, *months, territory, person)
    await planner.publish()
    return planner


async def rows(desk: Desk, planner: Planner, period: Any) -> list[dict[str, Any]]:
    """Return the rows of the board of the two territories."""
    whole, north = await places(desk)
    asked = {"root": whole, "metric": planner.metric, "period": period}
    found = (await desk.ask("Lin", BOARD, **asked))["territoryBoard"]
    return [row for row in found if row["territory"]["id"] in (whole, north)]


async def test_each_has_a_goal_of_its_own_and_changes_alone(
    desk: Desk, planner: Planner, clock: ManualClock
) -> None:
    assert await planner.figures() == {
        "year": 3_000,
        "march": 3_500,
        "april": 2_500,
        "north": 4_000,
        "an": 4_500,
    }
    on_day(clock, "2026-03-02")
    for holder in ("MANAGER", "PEERS", "NONE"):
        changed = await planner.adjust("north", 100, "2026-03-02", holder=holder)
        refused = [one["code"] for one in changed["errors"]]
        assert refused == (["INVALID_INPUT"] if holder == "PEERS" else [])
    assert (await planner.adjust("march", -100, "2026-03-02"))["errors"] == []
    assert await planner.figures() == {
        "year": 3_000,
        "march": 3_400,
        "april": 2_500,
        "north": 4_200,
        "an": 4_500,
    }
    assert (await desk.ask("Lin", ALERTS))["targetAlerts"] == []
    tenant = desk.showroom.tenant
    async with tenant.transactions.sight(tenant.caller()) as sight:
        assert await broken_invariants(sight) == []
    nodes = {one["id"]: one for one in await planner.nodes()}
    assert not any(one["unassigned"] for one in nodes.values())


async def test_boards_divide_what_counted_in_the_days_and_place_of_each(
    desk: Desk, planner: Planner
) -> None:
    whole, north = await places(desk)
    ledger = Ledger(desk)
    ledger.metric = planner.metric
    await ledger.counts("north", 3, {"An": 10_000}, base="7", territoryId=north)
    await ledger.counts("whole", 1, {"An": 10_000}, base="5", territoryId=whole)

    above, below = await rows(desk, planner, MARCH)

    # 4 of 12 of 35 % are 95.24 %; where no target is of March, the year's 40 % is aimed at.
    assert (above["target"], above["credited"]) == ("3500", "3333")
    assert above["attainmentBasisPoints"] == "9524"
    assert above["month"] == {
        "target": "3500",
        "credited": "3333",
        "attainmentBasisPoints": "9524",
    }
    assert above["year"] == {"target": "3000", "attainmentBasisPoints": "11111"}
    assert (below["target"], below["credited"], below["attainmentBasisPoints"]) == (
        "4000",
        "4286",
        "10714",
    )
    assert below["month"]["target"] == below["year"]["target"] == "4000"
    _, below = await rows(desk, planner, {"year": 2026})
    assert (below["target"], below["attainmentBasisPoints"], below["unassigned"]) == (
        "4000",
        "10714",
        "0",
    )
    above, _ = await rows(desk, planner, APRIL)
    assert (above["target"], above["attainmentBasisPoints"]) == ("2500", None)
    assert above["credited"] == "0"


async def test_of_several_months_without_a_target_above_them_the_goal_is_their_mean_by_days(
    desk: Desk, planner: Planner
) -> None:
    span = {"from": "2026-03-01", "until": "2026-05-01"}

    above, _ = await rows(desk, planner, {"range": span})

    assert above["target"] == str(round((3_500 * 31 + 2_500 * 30) / 61))


async def test_what_the_year_aims_at_holds_for_the_days_that_have_no_target_of_their_own(
    desk: Desk, planner: Planner
) -> None:
    async def goals(**period: Any) -> tuple[str, str]:
        above, below = await rows(desk, planner, period)
        return above["target"], below["target"]

    # Of the first quarter March has its own, of the second April.
    first = round((3_000 * (31 + 28) + 3_500 * 31) / 90)
    second = round((2_500 * 30 + 3_000 * (31 + 30)) / 91)
    assert await goals(quarter={"year": 2026, "quarter": 1}) == (str(first), "4000")
    assert await goals(quarter={"year": 2026, "quarter": 2}) == (str(second), "4000")
    assert await goals(month={"year": 2026, "month": 5}) == ("3000", "4000")
    # A day is March's, which is nearer than the year; the year after has no plan.
    assert await goals(day="2026-03-02") == ("3500", "4000")
    assert await goals(month={"year": 2027, "month": 3}) == (None, None)


async def test_an_amount_of_the_year_is_none_of_a_month(desk: Desk, planner: Planner) -> None:
    whole, _ = await places(desk)
    pieces = Planner(desk)
    await pieces.with_metric()
    await pieces.with_plan("pieces")
    await pieces.add({"key": "year", "amount": "120", "territoryId": whole})
    await pieces.publish()

    asked = {"root": whole, "metric": pieces.metric}
    found = [
        (await desk.ask("Lin", BOARD, period=period, **asked))["territoryBoard"][0]["target"]
        for period in (MARCH, {"year": 2026})
    ]

    assert planner.metric != pieces.metric
    assert found == [None, "120"]


async def test_what_divides_an_amount_is_refused(desk: Desk, planner: Planner) -> None:
    node = {"nodeId": planner.ids["an"], "reason": "as decided", "effectiveOn": "2026-04-01"}
    away = {"awayFrom": "2026-04-06", "awayUntil": "2026-04-17"}
    asked = {
        "relieveTarget": {**node, **away},
        "rampTarget": {**node, "startsOn": "2026-04-01", "rampBasisPoints": [0]},
        "vacateTarget": {**node, "credited": "1"},
        "transferTarget": {**node, "seatNodeId": planner.ids["north"]},
        "reviseTarget": {**node, "nodeId": planner.ids["year"], "figure": "3100"},
    }
    for command, values in asked.items():
        found = await desk.api.tries(desk.token("Lin"), command, "targetNode { id }", **values)
        assert [one["code"] for one in found["errors"]] == ["RATIO_NOT_DIVIDED"], command
    await planner.with_plan("next", "2027-01-01", "2027-12-31")
    await planner.add(
        {"key": "year", "amount": "3000", "seat": "root"},
        {"key": "east", "parentKey": "year", "amount": "2000", "seat": "east"},
    )
    node = {"nodeId": planner.ids["year"]}
    for command, values in {
        "allocateTarget": {**node, "method": "EVEN"},
        "redistributeTarget": {**node, "amount": "9"},
    }.items():
        found = await desk.api.tries(desk.token("Lin"), command, "targetNode { id }", **values)
        assert [one["code"] for one in found["errors"]] == ["RATIO_NOT_DIVIDED"], command
