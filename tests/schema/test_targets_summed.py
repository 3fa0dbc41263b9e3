"""A territory without a target has what the nearest below it have that have one, and says so."""

from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger
from builders.targets import NAMES, Planner

BOARD = """query($root: ID!, $metric: ID!, $period: PeriodInput!, $depth: Int!) {
  territoryBoard(territoryId: $root, metricId: $metric, period: $period, depth: $depth) {
    territory { code } target targetSummed credited gap attainmentBasisPoints unassigned
    month { target targetSummed } year { target targetSummed } } }"""
TREE = "{ territoryTree { territory { id } } }"
MARCH = {"month": {"year": 2026, "month": 3}}
YEAR = {"year": 2026}
# Below the root: a region without a target over a city with one, over a district of its own, and a
# county without one whose two towns have some; and a region with a target, and one where none has.
ABOVE = {
    "region": "root",
    "city": "region",
    "district": "city",
    "county": "region",
    "town-1": "county",
    "town-2": "county",
    "other": "root",
    "village": "other",
    "empty": "root",
}
SET = {"city": 40, "district": 25, "town-1": 7, "town-2": 3, "other": 90, "village": 60}


@pytest.fixture
async def places(desk: Desk) -> dict[str, str]:
    """The territories by code."""
    desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id
    found = {"root": (await desk.ask("Lin", TREE))["territoryTree"][0]["territory"]["id"]}
    for code, above in ABOVE.items():
        made = await desk.does(
            "Ada",
            "createTerritory",
            "territory { id }",
            code=code,
            parentId=found[above],
            dimension="area",
            names=NAMES,
        )
        found[code] = made["territory"]["id"]
    return found


async def planned(desk: Desk, places: dict[str, str], unit: str = "COUNT") -> Planner:
    """Put a plan of March into force with the targets of the territories that have one."""
    planner = Planner(desk, metric=await Ledger(desk).with_metric(f"M_{unit}", unit=unit))
    await planner.with_plan(f"march-{unit}".lower(), "2026-03-01", "2026-03-31")
    await planner.add(
        *(
            {"key": code, "amount": str(amount), "territoryId": places[code]}
            for code, amount in SET.items()
        ),
        # What stands beside the total, and what somebody has of the region, are no territory's.
        {"key": "beside", "amount": "500", "territoryId": places["empty"], "kind": "OVERLAY"},
        {"key": "his", "amount": "9", "territoryId": places["empty"]}
        | {"memberId": desk.member("An")},
    )
    await planner.publish()
    return planner


async def rows(
    desk: Desk, places: dict[str, str], planner: Planner, period: Any = MARCH, root: str = "root"
) -> dict[str, dict[str, Any]]:
    asked = {"root": places[root], "metric": planner.metric, "period": period, "depth": 9}
    found = (await desk.ask("Lin", BOARD, **asked))["territoryBoard"]
    return {row["territory"]["code"]: row for row in found}


def expected(code: str) -> tuple[int, bool] | None:
    """Work out what a territory shows: its own, or what those right below it show."""
    if code in SET:
        return SET[code], False
    below = [expected(one) for one, above in ABOVE.items() if above == code]
    shown = [one[0] for one in below if one is not None]
    return (sum(shown), True) if shown else None


async def test_each_shows_its_own_or_the_sum_of_the_nearest_below_once(
    desk: Desk, places: dict[str, str]
) -> None:
    planner = await planned(desk, places)
    ledger = Ledger(desk)
    ledger.metric = planner.metric
    await ledger.counts("in town", 25, {None: 10_000}, territoryId=places["town-1"])

    found = await rows(desk, places, planner)

    assert expected("region") == (50, True)
    assert expected("root") == (140, True)
    for code in ("root", *ABOVE):
        wanted = expected(code)
        row = found[code if code != "root" else next(iter(found))]
        target = None if wanted is None else str(wanted[0])
        summed = wanted is not None and wanted[1]
        assert (row["target"], row["targetSummed"]) == (target, summed), code
        for span in ("month", "year"):
            assert row[span] == {"target": target, "targetSummed": summed}, code
    region = found["region"]
    assert (region["credited"], region["attainmentBasisPoints"]) == ("25", "5000")
    assert (region["gap"], region["unassigned"]) == ("25", "0")
    # The same seen from the region alone; and one's own target, once there is one, is no sum.
    assert (await rows(desk, places, planner, root="region"))["region"] == region
    await planner.with_plan("march-too", "2026-03-01", "2026-03-31")
    await planner.add({"key": "region", "amount": "55", "territoryId": places["region"]})
    await planner.publish()
    found = await rows(desk, places, planner, YEAR)
    assert (found["region"]["target"], found["region"]["targetSummed"]) == ("55", False)
    assert next(iter(found.values()))["target"] == "145"


async def test_ratios_are_not_summed(desk: Desk, places: dict[str, str]) -> None:
    found = await rows(desk, places, await planned(desk, places, "RATIO"))

    assert found["city"]["target"] == "40"
    for code in ("region", "county"):
        row = found[code]
        assert (row["target"], row["targetSummed"]) == (None, False)
        assert row["month"] == {"target": None, "targetSummed": False}
