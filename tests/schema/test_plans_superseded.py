"""A plan that takes the place of another does so whole, and whoever is concerned is told."""

from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger
from builders.targets import Planner

WARNED = "targetPlan { state } warnings { code arguments { name value } }"
REFUSED = "targetNode { id } errors { code arguments { name value } }"
DISTRIBUTE = "distributeTargetPlan"
ACTIONS = "query($id: ID!) { targetNode(id: $id) { allowedActions } }"


@pytest.fixture
async def planner(desk: Desk) -> Planner:
    return Planner(desk, metric=await Ledger(desk).with_metric())


async def moved(planner: Planner, command: str) -> list[dict[str, str]]:
    """Take the plan on; returns what one is warned of as left out."""
    done = await planner.desk.does(planner.director, command, WARNED, planId=planner.plan)
    return [
        {argument["name"]: argument["value"] for argument in one["arguments"]}
        for one in done["warnings"]
        if one["code"] == "TARGET_PLAN_LEAVES_OUT"
    ]


async def told(planner: Planner, command: str, node: str, **sent: Any) -> list[dict[str, Any]]:
    """Try a command for a target, and return how it was refused."""
    made = await planner.desk.api.tries(
        planner.desk.token("Lin"), command, REFUSED, nodeId=planner.ids[node], **sent
    )
    return [
        (one["code"], {argument["name"]: argument["value"] for argument in one["arguments"]})
        for one in made["errors"]
    ]


async def test_a_target_of_a_plan_whose_place_was_taken_is_changed_no_more(
    desk: Desk, planner: Planner
) -> None:
    first = await planner.with_plan("first")
    await planner.add({"key": "old", "amount": "100", "memberId": desk.member("An")})
    await planner.publish()
    await planner.with_plan("second", revisionOfId=first)
    await planner.add({"key": "new", "amount": "130", "memberId": desk.member("An")})
    more = {"effectiveOn": "2026-03-02", "reason": "as decided", "delta": "5", "holder": "NONE"}
    # As long as the second is a draft, the first is in force.
    assert await told(planner, "adjustTarget", "old", **more) == []

    await planner.publish()

    gone = [("TARGET_PLAN_SUPERSEDED", {"by": "second"})]
    assert await told(planner, "adjustTarget", "old", **more) == gone
    revised = {"effectiveOn": "2026-03-02", "reason": "as decided", "figure": "90"}
    assert await told(planner, "reviseTarget", "old", **revised) == gone
    assert await told(planner, "acknowledgeTarget", "old") == gone
    node = (await desk.ask("Lin", ACTIONS, id=planner.ids["old"]))["targetNode"]
    assert not {"ADJUST_BELOW", "ACKNOWLEDGE"} & set(node["allowedActions"])
    assert await told(planner, "adjustTarget", "new", **more) == []


async def test_who_publishes_a_plan_with_fewer_metrics_or_days_is_told_of_those_it_leaves_out(
    desk: Desk, planner: Planner
) -> None:
    calls = await Ledger(desk).with_metric("CALLS")
    visits = await Ledger(desk).with_metric("VISITS")
    an = {"memberId": desk.member("An")}
    await planner.with_plan("first")
    await planner.add(
        {"key": "an", "amount": "100", **an},
        {"key": "calls", "amount": "9", "metricId": calls, **an},
        {"key": "visits", "amount": "0", "metricId": visits, **an},
    )
    await planner.publish()
    first = planner.plan
    parts = (("2026-03-01", "2026-05-31"), ("2026-07-01", "2026-09-30"))
    await planner.with_plan("second", revisionOfId=first)
    await planner.add(
        *(
            {"key": f"from {since}", "amount": "130", "firstDay": since, "lastDay": until, **an}
            for since, until in parts
        )
    )

    left_out = {
        ("SALES", "2026-01-01", "2026-02-28"),
        # Days amid it are missing as well as those before and after it.
        ("SALES", "2026-06-01", "2026-06-30"),
        ("SALES", "2026-10-01", "2026-12-31"),
        ("CALLS", "2026-01-01", "2026-12-31"),
    }
    await desk.does("Lin", DISTRIBUTE, "targetPlan { state }", planId=planner.plan)
    for command in ("approveTargetPlan", "publishTargetPlan"):
        found = await moved(planner, command)
        assert {(one["metric"], one["first"], one["last"]) for one in found} == left_out
        assert {(one["plan"], one["other"]) for one in found} == {("second", "first")}

    # What is whole leaves nothing out, and what takes nobody's place is measured by nothing.
    second = planner.plan
    for code, place in (("third", {"revisionOfId": second}), ("fourth", {})):
        await planner.with_plan(code, **place)
        await planner.add({"key": code, "amount": "130", **an})
        await desk.does("Lin", DISTRIBUTE, "targetPlan { state }", planId=planner.plan)
        assert await moved(planner, "publishTargetPlan") == []
