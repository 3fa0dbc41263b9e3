"""Target plans over HTTP: set, divided exactly, published, changed without changing the past."""

from typing import Any

import pytest
from builders.api import Desk
from builders.targets import Planner

TREE = """query($plan: ID!) { targetTree(planId: $plan) {
  target { figure childrenFigure allowedActions } parent { id } depth childCount } }"""


@pytest.fixture
async def planner(desk: Desk) -> Planner:
    """A director with a metric and a plan of the year."""
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    return planner


def codes(payload: Any) -> list[str]:
    return [one["code"] for one in payload["errors"]]


async def test_a_plan_is_divided_published_and_changed_and_every_sum_is_exact(
    planner: Planner,
) -> None:
    await planner.root_with(100, ("a", "b", "c"))
    assert await planner.weighed("root", {"a": "50", "b": "30", "c": "20"}) == {
        "a": 50,
        "b": 30,
        "c": 20,
    }
    await planner.publish()

    assert codes(await planner.adjust("a", -6, "2026-03-02")) == []
    assert await planner.below("root") == {"a": 44, "b": 30, "c": 20, "unassigned": 6}

    rows = (await planner.desk.ask("Lin", TREE, plan=planner.plan))["targetTree"]
    assert [(row["depth"], row["target"]["figure"], row["childCount"]) for row in rows] == [
        (0, "100", 4),
        (1, "44", 0),
        (1, "30", 0),
        (1, "20", 0),
        (1, "6", 0),
    ]
    assert rows[0]["target"]["childrenFigure"] == "100"
    assert rows[0]["target"]["allowedActions"] == ["ADJUST_BELOW", "ACKNOWLEDGE"]


async def test_a_published_amount_is_not_set_any_more_and_no_change_begins_in_the_past(
    planner: Planner,
) -> None:
    await planner.root_with(100, ("a", "b"))
    await planner.divide("root")
    await planner.publish()

    desk = planner.desk
    payload = await desk.api.tries(
        desk.token("Lin"),
        "setTargetNode",
        "targetNode { id }",
        nodeId=planner.ids["a"],
        expectedVersion=1,
        amount="60",
    )

    assert codes(payload) == ["TARGET_PLAN_NOT_OPEN"]
    assert codes(await planner.adjust("a", 5, "2026-03-01")) == ["CHANGE_IN_THE_PAST"]


async def test_who_has_no_duty_for_it_sets_nothing_and_sees_only_his_own(planner: Planner) -> None:
    desk = planner.desk
    await planner.add(
        {"key": "root", "amount": "10", "seat": "root"},
        *(
            {"key": name, "parentKey": "root", "memberId": desk.member(name)}
            for name in ("An", "Bo")
        ),
    )
    await planner.divide("root")
    # While it is weighed above, nobody reads his own.
    assert await planner.nodes("An") == []
    await planner.publish()

    assert [
        (one["member"]["name"], one["figure"], one["parent"]) for one in await planner.nodes("An")
    ] == [("An", "5", None)]
    assert codes(await planner.adjust("An", 1, "2026-03-02", by="An")) == ["FORBIDDEN"]


async def test_work_is_planned_for_a_target_and_what_a_visit_cost_is_told(
    planner: Planner,
) -> None:
    desk = planner.desk
    await planner.add(
        {"key": "An", "amount": "10", "memberId": desk.member("An"), "seat": "An"},
    )
    sent = {
        "nodeId": planner.ids["An"],
        "kind": "CAMPAIGN",
        "ownerId": desk.member("An"),
        "title": "spring fair",
        "dueOn": "2026-04-30",
        "planned": "300",
    }
    refused = await desk.api.tries(desk.token("An"), "planWork", "workItem { id }", **sent)
    made = await desk.does("Lin", "planWork", "workItem { id }", **sent)
    told = await desk.does(
        "An",
        "reportWork",
        "workItem { result cost { amountMinor } costOfEach { amountMinor } doneAt }",
        itemId=made["workItem"]["id"],
        result="240",
        cost="3600000",
    )
    seen = await desk.ask("Bo", "{ workItems { nodes { title } } }")

    # Of his own target he is told nothing before those above have weighed it.
    assert codes(refused) == ["NOT_FOUND"]
    assert told["workItem"]["costOfEach"] == {"amountMinor": "15000"}
    assert told["workItem"]["doneAt"] is not None
    assert seen["workItems"]["nodes"] == []


async def test_people_and_money_of_all_below_stand_beside_a_target(planner: Planner) -> None:
    desk = planner.desk
    await planner.add(
        {"key": "root", "amount": "10", "seat": "root"},
        {"key": "An", "parentKey": "root", "memberId": desk.member("An")},
        {"key": "Bo", "parentKey": "root", "memberId": desk.member("Bo")},
    )
    for kind, at, planned, result in (
        ("HEADCOUNT", "root", 1, 1),
        ("HEADCOUNT", "An", 3, 2),
        ("BUDGET", "An", 500_000, 120_000),
        ("BUDGET", "Bo", 300_000, 310_000),
        ("ACTION", "Bo", 9, 9),
    ):
        made = await desk.does(
            "Lin",
            "planWork",
            "workItem { id }",
            nodeId=planner.ids[at],
            kind=kind,
            ownerId=desk.member("An"),
            title="next year",
            dueOn="2026-04-30",
            planned=str(planned),
        )
        item = made["workItem"]["id"]
        await desk.does("Lin", "reportWork", "workItem { id }", itemId=item, result=str(result))
    tree = """query($plan: ID!) { targetTree(planId: $plan) { target { id }
      plannedHeadcount headcount plannedBudget spentBudget } }"""

    rows = (await desk.ask("Lin", tree, plan=planner.plan))["targetTree"]

    by_id = {row.pop("target")["id"]: list(row.values()) for row in rows}
    assert by_id[planner.ids["root"]] == ["4", "3", "800000", "430000"]
    assert by_id[planner.ids["An"]] == ["3", "2", "500000", "120000"]
    assert by_id[planner.ids["Bo"]] == [None, None, "300000", "310000"]


async def test_a_plan_of_several_levels_is_reconciled_from_its_top(planner: Planner) -> None:
    """What a level gains or loses is left unassigned below it, and every sum stays exact."""
    desk = planner.desk
    await planner.root_with(1_000, ("south", "north"))
    for region in ("south", "north"):
        await planner.divide("root")
        await planner.add(
            *(
                {"key": f"{region} {name}", "parentId": planner.ids[region], "seat": name}
                for name in ("a", "b")
            )
        )
        await planner.divide(region)
    for command in ("distributeTargetPlan", "openTargetFeedback", "reconcileTargetPlan"):
        await desk.does("Lin", command, "targetPlan { state }", planId=planner.plan)

    proposed = [{"nodeId": "south", "proposal": "450"}, {"nodeId": "north", "proposal": "400"}]
    assert await planner.divide("root", "PROPOSALS", proposed) == {
        "south": 450,
        "north": 400,
        "unassigned": 150,
    }
    assert await planner.below("south") == {"south a": 250, "south b": 250, "unassigned": -50}
    assert await planner.divide("root", "COMMITMENT", proposed) == {
        "south": 529,
        "north": 471,
        "unassigned": 0,
    }
    await planner.divide("south", "CURRENT")
    sent = {"nodeId": planner.ids["north"], "amount": "400"}
    await desk.does("Lin", "redistributeTarget", "targetNode { id }", **sent)

    assert await planner.below("root") == {"south": 529, "north": 400, "unassigned": 71}
    assert sum((await planner.below("north")).values()) == 400
    sent = {"nodeId": planner.ids["north"], "overAssignmentBasisPoints": 1_000}
    version = next(n["version"] for n in await planner.nodes() if n["id"] == planner.ids["north"])
    await desk.does("Lin", "setTargetNode", "targetNode { id }", expectedVersion=version, **sent)
    assert sum((await planner.below("north")).values()) == 440


async def test_a_level_pads_what_it_gives_out_and_not_what_it_has(planner: Planner) -> None:
    desk = planner.desk
    tenant = desk.showroom.tenant
    team = f"org_unit_{list(tenant.units.values())[-1]}"
    await planner.add(
        {"key": "team", "amount": "100", "orgUnitId": team},
        {"key": "An", "parentKey": "team", "memberId": desk.member("An")},
    )

    async def sets(name: str, **values: Any) -> list[str]:
        sent = {"nodeId": planner.ids["team"], "expectedVersion": 1, **values}
        token = desk.token(name)
        return codes(await desk.api.tries(token, "setTargetNode", "targetNode { id }", **sent))

    assert await sets("Mei", amount="90") == await sets("Mei", pinned=True) == ["FORBIDDEN"]
    # An does not see what his team has together.
    assert await sets("An", overAssignmentBasisPoints=500) == ["NOT_FOUND"]
    assert await sets("Mei", overAssignmentBasisPoints=500) == []
    assert await planner.divide("team") == {"An": 105}


async def test_a_plan_with_open_sums_says_of_which_targets(planner: Planner) -> None:
    desk = planner.desk
    await planner.root_with(100, ("south", "north"), overAssignmentBasisPoints=1_000)
    await planner.divide("root")
    south, weights = planner.ids["south"], {"a": "1", "b": "1"}
    await planner.add(*({"key": one, "parentId": south, "seat": one} for one in weights))

    async def told() -> Any:
        payload = await desk.api.tries(
            desk.token("Lin"), "distributeTargetPlan", "targetPlan { id }", planId=planner.plan
        )
        return [(one["code"], one["message"], one["field"]) for one in payload["errors"]]

    [(code, message, field)] = await told()
    assert (code, field) == ("SUMS_DO_NOT_HOLD", ["input", "planId"])
    assert "south 55 ≠ 0" in message
    assert "root" not in message
    await planner.weighed("south", weights)
    assert await told() == []


async def test_a_plan_whose_sums_are_open_names_who_is_not_broken_down_exactly(
    planner: Planner,
) -> None:
    await planner.root_with(100, ("a", "b"))
    await planner.divide("root")
    await planner.add(
        {"key": "a1", "parentId": planner.ids["a"], "seat": "a1", "amount": "30"},
        {"key": "b1", "parentId": planner.ids["b"], "seat": "b1", "amount": "50"},
    )
    desk = planner.desk

    answer = await desk.api.tries(
        desk.token("Lin"),
        "distributeTargetPlan",
        "targetPlan { id } errors { arguments { name value } }",
        planId=planner.plan,
    )

    assert codes(answer) == ["SUMS_DO_NOT_HOLD"]
    told = {one["name"]: one["value"] for one in answer["errors"][0]["arguments"]}
    assert told == {"nodes": "1", "targets": "a 50 ≠ 30", "targetIds": planner.ids["a"]}
