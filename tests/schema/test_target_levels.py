"""A plan of four levels is reconciled and divided anew at any of them; every sum stays exact."""

import random
from typing import Any

import pytest
from builders.api import Desk
from builders.targets import Planner

from service.targets.checking import broken_invariants
from service.work import Caller

REGIONS = ("north", "south", "west")
PREVIEW = """query($input: TargetAllocationInput!) { previewTargetAllocation(input: $input) {
  planVersion total unassigned parts { node { id } before after }
  below { node { id } parent { id } before after difference } belowCount } }"""
OF_THE_PLAN = "targetPlan { state version }"


def places(region: str) -> tuple[str, str]:
    return f"{region} city", f"{region} land"


def people(place: str) -> tuple[str, str]:
    return f"{place} 1", f"{place} 2"


@pytest.fixture
async def planner(desk: Desk) -> Planner:
    """A company of 9,000 with three regions, two territories in each, two people in each."""
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    sent: list[dict[str, Any]] = [{"key": "co", "amount": "9000", "seat": "co"}]
    for region in REGIONS:
        sent.append({"key": region, "parentKey": "co", "seat": region, "amount": "3000"})
        for place in places(region):
            sent.append({"key": place, "parentKey": region, "seat": place, "amount": "1500"})
            sent += [
                {"key": one, "parentKey": place, "seat": one, "amount": "750"}
                for one in people(place)
            ]
    await planner.add(*sent)
    await does(planner, "distributeTargetPlan")
    return planner


async def does(planner: Planner, command: str) -> Any:
    return await planner.desk.does("Lin", command, OF_THE_PLAN, planId=planner.plan)


async def tries(planner: Planner, command: str, node: str, **more: Any) -> list[str]:
    desk = planner.desk
    answer = await desk.api.tries(
        desk.token("Lin"), command, "targetNode { id }", nodeId=planner.ids[node], **more
    )
    return [one["code"] for one in answer["errors"]]


async def exact(planner: Planner) -> bool:
    """Tell whether every sum of the plan holds, as the checker command looks at it."""
    caller = Caller(planner.desk.showroom.tenant.id, None, "check")
    async with planner.desk.api.transactions.sight(caller) as sight:
        return await broken_invariants(sight) == []


async def test_each_way_of_reconciling_works_at_the_company_of_a_plan_that_is_broken_down(
    planner: Planner,
) -> None:
    await does(planner, "openTargetFeedback")
    proposed = {"north": 2_800, "south": 3_100, "west": 2_600}
    for region, amount in proposed.items():
        assert await tries(planner, "proposeTarget", region, amount=str(amount)) == []
    await does(planner, "reconcileTargetPlan")

    taken = await planner.divide("co", "PROPOSALS")
    held = await planner.figures()
    assert taken == {**proposed, "unassigned": 500}
    # What was broken down before stays; the region's manager holds the difference.
    assert [held[f"unassigned {one}"] for one in REGIONS] == [-200, 100, -400]
    assert held["north city"] == held["south land"] == 1_500
    assert await exact(planner)

    # The gap of 500 by what was proposed, in steps of 100; then by what the potential leaves open.
    agreed = await planner.divide("co", "COMMITMENT", step="100")
    assert agreed == {"north": 3_000, "south": 3_300, "west": 2_700, "unassigned": 0}
    assert await exact(planner)
    room = [
        {"nodeId": one, "potential": potential}
        for one, potential in zip(REGIONS, ("3000", "3100", "2900"), strict=True)
    ]
    open_room = await planner.divide("co", "HEADROOM", room)
    assert open_room == {"north": 3_000, "south": 3_100, "west": 2_900, "unassigned": 0}
    assert (await planner.figures())["unassigned west"] == -100
    assert await exact(planner)
    assert (await does(planner, "approveTargetPlan"))["targetPlan"]["state"] == "APPROVED"


async def test_what_is_carried_down_is_shown_before_and_keeps_what_is_pinned_or_bound(
    planner: Planner,
) -> None:
    city, first, second = "north city", *people("north city")
    # The city's first is promised 700 at the least and 800 at the most; the land's first is pinned.
    await planner.divide(city, "EVEN", [{"nodeId": first, "least": "700", "most": "800"}])
    pinned = people("north land")[0]
    assert await tries(planner, "setTargetNode", pinned, expectedVersion=1, pinned=True) == []
    sent = {
        "nodeId": planner.ids["co"],
        "method": "WEIGHTS",
        "below": "CARRIED_DOWN",
        "children": [
            {"nodeId": planner.ids[one], "weight": weight}
            for one, weight in zip(REGIONS, ("4", "3", "2"), strict=True)
        ],
    }

    shown = (await planner.desk.ask("Lin", PREVIEW, input=sent))["previewTargetAllocation"]
    version = shown["planVersion"]
    await planner.desk.does(
        "Lin", "allocateTarget", "targetNode { id }", expectedVersion=version, **sent
    )
    figures = await planner.figures()

    assert await exact(planner)
    assert [figures[one] for one in ("north", "south", "west")] == [4_000, 3_000, 2_000]
    assert (figures[city], figures[first], figures[second]) == (2_000, 800, 1_200)
    assert [figures[one] for one in people("north land")] == [750, 1_250]
    assert [figures[one] for one in people("west land")] == [500, 500]
    assert not [one for one in figures if one.startswith("unassigned")]
    # What was shown is what was done: four places and seven people, and nothing in the south.
    named = {made: name for name, made in planner.ids.items()}
    told = {named[one["node"]["id"]]: int(one["after"]) for one in shown["below"]}
    assert shown["belowCount"] == len(told) == 4 + 7
    assert told == {one: figures[one] for one in told}
    assert not any(one.startswith("south") for one in told)
    # What binds below and cannot be kept is refused, and nothing is cut silently.
    both = [{"nodeId": planner.ids[one], "most": "900"} for one in people("west city")]
    assert await tries(planner, "allocateTarget", "west city", method="EVEN", children=both) == []
    refused = await tries(planner, "redistributeTarget", "west", amount="9000")
    assert refused == ["LIMITS_NOT_REACHABLE"]


async def test_a_region_is_pushed_down_anew_and_the_level_above_holds_the_difference(
    planner: Planner,
) -> None:
    assert await tries(planner, "redistributeTarget", "south", amount="3600") == []
    figures = await planner.figures()

    assert [figures[one] for one in places("south")] == [1_800, 1_800]
    assert {figures[one] for place in places("south") for one in people(place)} == {900}
    assert (figures["co"], figures["unassigned co"]) == (9_000, -600)
    assert await exact(planner)
    unassigned = next(one["id"] for one in await planner.nodes() if one["unassigned"])
    planner.ids["held"] = unassigned
    assert await tries(planner, "redistributeTarget", "held", amount="5") == ["INVALID_INPUT"]


async def test_any_sequence_of_divisions_at_any_level_leaves_every_sum_exact(
    planner: Planner,
) -> None:
    chance = random.Random(1)  # noqa: S311 - a test's choices
    levels = ["co", *REGIONS, *(place for region in REGIONS for place in places(region))]
    await does(planner, "openTargetFeedback")
    await tries(planner, "proposeTarget", "west", amount="2222")
    done = 0
    for _ in range(20):
        node = chance.choice(levels)
        figures = {one["id"]: one for one in await planner.nodes()}
        at = figures[planner.ids[node]]
        amount = str(int(at["figure"]) + chance.randint(-900, 900))
        kind = chance.choice(("allocateTarget", "allocateTarget", "redistributeTarget", "set"))
        if kind == "set":
            refused = await tries(
                planner, "setTargetNode", node, expectedVersion=at["version"], amount=amount
            )
        elif kind == "redistributeTarget":
            refused = await tries(planner, kind, node, amount=amount)
        else:
            refused = await tries(
                planner,
                kind,
                node,
                method=chance.choice(("EVEN", "CURRENT", "PROPOSALS", "COMMITMENT")),
                step=chance.choice(("1", "7", "100")),
                below=chance.choice(("UNASSIGNED", "CARRIED_DOWN")),
            )
        assert set(refused) <= {"LIMITS_NOT_REACHABLE"}
        done += not refused
        assert await exact(planner)
    assert done > 6


async def test_what_stands_beside_the_total_is_set_and_divided_without_the_level_above(
    planner: Planner,
) -> None:
    beside = {"parentKey": "special", "kind": "OVERLAY"}
    await planner.add(
        {"key": "special", "parentId": planner.ids["co"], "kind": "OVERLAY", "seat": "special"}
        | {"amount": "100"},
        {"key": "first", "seat": "first", "amount": "60", **beside},
        {"key": "second", "seat": "second", "amount": "40", **beside},
    )

    assert await tries(planner, "redistributeTarget", "special", amount="200") == []
    assert await planner.below("special") == {"first": 120, "second": 80}
    assert await planner.divide("special", "EVEN") == {"first": 100, "second": 100}
    version = next(n["version"] for n in await planner.nodes() if n["id"] == planner.ids["special"])
    sent = {"expectedVersion": version, "amount": "150"}
    assert await tries(planner, "setTargetNode", "special", **sent) == []
    held = await planner.below("special")
    assert held == {"first": 100, "second": 100, "unassigned": -50}
    await planner.desk.does("Lin", "publishTargetPlan", OF_THE_PLAN, planId=planner.plan)
    assert (await planner.adjust("special", 50, "2026-03-02"))["errors"] == []
    assert (await planner.adjust("first", 7, "2026-03-02"))["errors"] == []
    assert await planner.below("special") == {"first": 107, "second": 100, "unassigned": -7}
    assert (await planner.figures()).get("unassigned co") is None
    assert await exact(planner)
