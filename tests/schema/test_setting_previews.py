"""What is set of an open plan is shown before it is set, to each as far as he sees."""

from typing import Any

import pytest
from builders.api import Desk
from builders.organisation import texts
from builders.targets import Planner

from service.territories.commands import CreateTerritory, create_territory

PREVIEW = """query Foresee($input: TargetChangePreviewInput!) { previewTargetChange(input: $input) {
  planVersion effectiveOn partCount parts { before after difference unassigned vacant
    node { id } parent { id } inPlaceOf { id } } } }"""
STATE = """query($plan: ID!) { targetPlan(id: $plan) { version state }
  targetNodes(first: 200, filter: {planId: {eq: $plan}}) {
    nodes { id version setFigure pinned overAssignmentBasisPoints unassigned parent { id } } } }"""
QUARTERS = (
    {"firstDay": "2026-01-01", "lastDay": "2026-03-31"},
    {"firstDay": "2026-04-01", "lastDay": "2026-12-31"},
)
COMMANDS = {"setNode": "setTargetNode", "redistribute": "redistributeTarget"}


@pytest.fixture
async def planner(desk: Desk) -> Planner:
    """A company that gives out 5 % more than it has, two regions, people, and their parts of time.

    One of the north's people is pinned; nobody has yet what the south gives out.
    """
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    over = {"overAssignmentBasisPoints": 500}
    await planner.add(
        {"key": "co", "amount": "1000", "seat": "co", **over},
        {"key": "north", "parentKey": "co", "amount": "650", "seat": "north"},
        {"key": "south", "parentKey": "co", "amount": "400", "seat": "south"},
        {"key": "An", "parentKey": "north", "amount": "300", "memberId": desk.member("An")},
        {"key": "Bo", "parentKey": "north", "amount": "350", "memberId": desk.member("Bo")},
        *(
            {"key": f"An {n}", "parentKey": "An", "split": "PERIOD", "amount": part, **days}
            for n, (days, part) in enumerate(zip(QUARTERS, ("100", "200"), strict=True), 1)
        ),
        {
            "key": "Chu",
            "parentKey": "south",
            "memberId": desk.member("Chu"),
            "amount": "400",
            "pinned": True,
        },
    )
    return planner


async def broken_down(planner: Planner) -> None:
    await planner.desk.does(
        "Lin", "distributeTargetPlan", "targetPlan { state }", planId=planner.plan
    )


async def shown(planner: Planner, act: str, name: str, by: str = "Lin", **sent: Any) -> Any:
    wanted = {act: {"nodeId": planner.ids[name], **sent}}
    return (await planner.desk.ask(by, PREVIEW, input=wanted))["previewTargetChange"]


async def state(planner: Planner) -> Any:
    return await planner.desk.ask("Lin", STATE, plan=planner.plan)


def figures(found: Any) -> dict[tuple[str, str], int]:
    """Return every figure by its target; of what nobody is assigned, by the one above."""
    return {
        ("unassigned", one["parent"]["id"]) if one["unassigned"] else ("node", one["id"]): int(
            one["setFigure"]
        )
        for one in found["targetNodes"]["nodes"]
    }


async def made(planner: Planner, act: str, name: str, **sent: Any) -> dict[str, int]:
    """Show what is to be set, set exactly that, and return what each gained, by its name."""
    desk, before = planner.desk, await state(planner)
    told = await shown(planner, act, name, **sent)
    assert await state(planner) == before, "a preview has written something"
    if act == "setNode":
        version = next(
            one["version"] for one in await planner.nodes() if one["id"] == planner.ids[name]
        )
        versions = {"expectedVersion": version, "expectedPlanVersion": told["planVersion"]}
    else:
        versions = {"expectedVersion": told["planVersion"]}
    await desk.does(
        "Lin", COMMANDS[act], "targetNode { id }", nodeId=planner.ids[name], **versions, **sent
    )
    was, now = figures(before), figures(await state(planner))
    names = {one: key for key, one in planner.ids.items()}
    done = {
        place: (was.get(place, 0), figure)
        for place, figure in now.items()
        if figure != was.get(place, 0)
    }
    said = {
        ("unassigned", one["parent"]["id"]) if one["unassigned"] else ("node", one["node"]["id"]): (
            int(one["before"]),
            int(one["after"]),
        )
        for one in told["parts"]
    }
    assert said == done
    assert told["partCount"] == len(told["parts"]) == len(said)
    assert told["effectiveOn"] == "2026-01-01"
    assert all(
        int(one["difference"]) == int(one["after"]) - int(one["before"]) for one in told["parts"]
    )
    return {
        f"{'' if kind == 'node' else 'unassigned '}{names[key]}": after - before
        for (kind, key), (before, after) in said.items()
    }


async def test_what_is_set_once_every_sum_holds_is_set_as_it_was_shown(planner: Planner) -> None:
    await broken_down(planner)

    # The manager has what An has no more, and his parts of time share it as they share the year.
    assert await made(planner, "setNode", "An", amount="270") == {
        "An": -30,
        "An 1": -10,
        "An 2": -20,
        "unassigned north": 30,
    }
    assert await made(planner, "setNode", "co", amount="1100") == {
        "co": 100,
        "unassigned co": 105,
    }
    assert await made(planner, "setNode", "co", overAssignmentBasisPoints=0) == {
        "unassigned co": -55
    }
    assert await made(
        planner, "setNode", "north", amount="700", overAssignmentBasisPoints=1000
    ) == {
        "north": 50,
        "unassigned co": -50,
        "unassigned north": 120,
    }
    # A pin is no figure, and is not lost where there is one.
    assert await made(planner, "setNode", "Bo", pinned=True) == {}
    assert await made(planner, "setNode", "An", pinned=True, amount="280") == {
        "An": 10,
        "An 1": 3,
        "An 2": 7,
        "unassigned north": -10,
    }
    nodes = {one["id"]: one for one in (await state(planner))["targetNodes"]["nodes"]}
    assert nodes[planner.ids["An"]]["pinned"]
    assert nodes[planner.ids["north"]]["overAssignmentBasisPoints"] == 1000


async def test_a_tree_is_set_anew_as_it_was_shown(planner: Planner) -> None:
    await broken_down(planner)

    assert await made(planner, "redistribute", "north", amount="600") == {
        "north": -50,
        "An": -23,
        "An 1": -8,
        "An 2": -15,
        "Bo": -27,
        "unassigned co": 50,
    }
    # North and what is unassigned have five per cent more of it, all but what the south has.
    await planner.desk.does(
        "Lin",
        "setTargetNode",
        "targetNode { id }",
        nodeId=planner.ids["south"],
        expectedVersion=1,
        pinned=True,
    )
    gained = await made(planner, "redistribute", "co", amount="1100")
    assert gained["north"] + gained["unassigned co"] == 105
    assert gained.keys() == {"co", "unassigned co", "north", "An", "An 1", "An 2", "Bo"}


async def test_while_sums_may_be_open_nothing_else_changes_than_what_is_shown(
    planner: Planner,
) -> None:
    assert await made(planner, "setNode", "north", amount="600") == {"north": -50}
    gained = await made(planner, "redistribute", "north", amount="650")
    assert gained["north"] == 50
    assert "unassigned co" not in gained
    assert await made(planner, "redistribute", "north", amount="650") == {}


async def test_what_was_shown_before_another_set_something_is_not_set(planner: Planner) -> None:
    await broken_down(planner)
    sent = {"nodeId": planner.ids["An"], "amount": "250"}
    told = await shown(planner, "setNode", "An", amount="250")
    await made(planner, "setNode", "Bo", amount="340")
    token = planner.desk.token("Lin")

    for command, versions, field in (
        (
            "setTargetNode",
            {"expectedVersion": 1, "expectedPlanVersion": told["planVersion"]},
            "expectedPlanVersion",
        ),
        ("redistributeTarget", {"expectedVersion": told["planVersion"]}, "expectedVersion"),
    ):
        answer = await planner.desk.api.tries(
            token, command, "targetNode { id }", **sent, **versions
        )
        assert [(one["code"], one["field"]) for one in answer["errors"]] == [
            ("VERSION_CONFLICT", ["input", field])
        ]
    assert (await planner.figures())["An"] == 300


async def refusal(planner: Planner, by: str, act: str, name: str, **sent: Any) -> Any:
    desk = planner.desk
    wanted = {act: {"nodeId": planner.ids[name], **sent}}
    answer = (await desk.api.post(desk.token(by), PREVIEW, input=wanted)).json()
    extensions = answer["errors"][0]["extensions"]
    return extensions["code"], extensions.get("field", [])


async def test_a_preview_refuses_what_the_command_would(planner: Planner) -> None:
    beyond = str(2**60 + 1)
    for act in COMMANDS:
        assert await refusal(planner, "Lin", act, "An", amount=beyond) == (
            "INVALID_INPUT",
            ["input", act, "amount"],
        )
        assert (await refusal(planner, "An", act, "Bo", amount="1"))[0] == "NOT_FOUND"
    assert await refusal(planner, "Lin", "redistribute", "south", amount="1") == (
        "LIMITS_NOT_REACHABLE",
        ["input", "redistribute", "amount"],
    )
    await planner.publish()
    for act in COMMANDS:
        assert await refusal(planner, "Lin", act, "An", amount="1") == (
            "TARGET_PLAN_NOT_OPEN",
            ["input", act, "nodeId"],
        )
        assert (await refusal(planner, "An", act, "An", amount="1"))[0] == "TARGET_PLAN_NOT_OPEN"


async def test_a_regional_manager_is_shown_his_part_and_no_word_of_the_rest(desk: Desk) -> None:
    tenant = desk.showroom.tenant
    desk.showroom.people["Regional"] = await tenant.member(
        "Regional", "regional-manager", unit="region-1"
    )
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    here = {"territoryId": f"territory_{tenant.territories['region-1']}"}
    elsewhere = CreateTerritory(
        code="east", dimension="area", names=texts("East"), parent_id=tenant.territories["all"]
    )
    there = {"territoryId": f"territory_{await tenant.do(create_territory, elsewhere)}"}
    # What is lent to the other region is a part of his team's, and out of his sight.
    await planner.add(
        {"key": "co", "amount": "600", "seat": "co"},
        {"key": "his", "parentKey": "co", "amount": "600", **here},
        {"key": "team", "parentKey": "his", "amount": "600", "seat": "team"},
        {"key": "own", "parentKey": "team", "amount": "200", "seat": "own"},
        {"key": "near", "parentKey": "team", "amount": "100", "seat": "near"},
        {"key": "lent", "parentKey": "team", "amount": "300", "seat": "lent", **there},
    )
    await broken_down(planner)
    made_as = {one: key for key, one in planner.ids.items()}

    async def told(by: str) -> list[tuple[str, int]]:
        found = await shown(planner, "redistribute", "team", by, amount="1200")
        assert found["partCount"] == len(found["parts"])
        return [
            (made_as[one["node"]["id"]] if one["node"] else "", int(one["after"]))
            for one in found["parts"]
        ]

    his = [("team", 1200), ("own", 400), ("near", 200), ("", -600)]
    assert sorted(await told("Lin")) == sorted([*his, ("lent", 600)])
    assert sorted(await told("Regional")) == sorted(his)
    refused = await refusal(planner, "Regional", "redistribute", "his", amount="1200")
    assert refused[0] == "FORBIDDEN"
    assert (await refusal(planner, "Regional", "setNode", "lent", amount="1"))[0] == "NOT_FOUND"
