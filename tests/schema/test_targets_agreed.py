"""Nobody agrees to what his screen did not show: a target is agreed to at the version he saw."""

from typing import Any

import pytest
from builders.api import Desk
from builders.targets import Planner

STALE = [("VERSION_CONFLICT", ["input", "expectedVersion"])]
SAID = """query($plan: ID!) { targetResponses(first: 50, filter: {planId: {eq: $plan}}) {
  nodes { kind node { id } } } }"""


@pytest.fixture
async def planner(desk: Desk) -> Planner:
    """A company of 1,000 of which two people have all, broken down and open still."""
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    await planner.add(
        {"key": "co", "amount": "1000", "seat": "co"},
        {"key": "An", "parentKey": "co", "memberId": desk.member("An"), "amount": "600"},
        {"key": "Bo", "parentKey": "co", "memberId": desk.member("Bo"), "amount": "400"},
    )
    await desk.does("Lin", "distributeTargetPlan", "targetPlan { state }", planId=planner.plan)
    return planner


async def version(planner: Planner, name: str) -> int:
    found: int = next(
        one["version"] for one in await planner.nodes() if one["id"] == planner.ids[name]
    )
    return found


async def says(planner: Planner, command: str, by: str, name: str, **sent: Any) -> Any:
    desk = planner.desk
    if command == "returnTarget":
        sent["comment"] = "too little"
    answer = await desk.api.tries(
        desk.token(by), command, "targetNode { id }", nodeId=planner.ids[name], **sent
    )
    return [(one["code"], one["field"]) for one in answer["errors"]]


async def said(planner: Planner) -> list[str]:
    found = await planner.desk.ask("Lin", SAID, plan=planner.plan)
    return [one["kind"] for one in found["targetResponses"]["nodes"]]


@pytest.mark.parametrize(
    ("command", "kind"), [("approveTarget", "APPROVAL"), ("returnTarget", "RETURN")]
)
async def test_a_target_is_judged_as_it_was_seen_or_not_at_all(
    planner: Planner, command: str, kind: str
) -> None:
    seen = await version(planner, "An")
    await planner.desk.does(
        "Lin",
        "setTargetNode",
        "targetNode { id }",
        nodeId=planner.ids["An"],
        expectedVersion=seen,
        amount="500",
    )

    assert await says(planner, command, "Lin", "An", expectedVersion=seen) == STALE
    assert await said(planner) == []
    now = await version(planner, "An")
    assert await says(planner, command, "Lin", "An", expectedVersion=now) == []
    assert await said(planner) == [kind]
    # What is done to a neighbour, and what is said, leaves it as it is.
    await says(planner, command, "Lin", "Bo", expectedVersion=await version(planner, "Bo"))
    assert await says(planner, command, "Lin", "An", expectedVersion=now) == []


async def test_a_published_target_is_acknowledged_as_it_was_read_or_not_at_all(
    planner: Planner,
) -> None:
    await planner.desk.does("Lin", "publishTargetPlan", "targetPlan { state }", planId=planner.plan)
    # One that counts from a later day is among what there is to be read.
    read = await version(planner, "An")
    changed = await planner.adjust("An", -50, "2026-09-01")
    assert changed["errors"] == []

    assert await says(planner, "acknowledgeTarget", "An", "An", expectedVersion=read) == STALE
    assert await said(planner) == []
    again = await version(planner, "An")
    assert again > read
    assert await says(planner, "acknowledgeTarget", "An", "An", expectedVersion=again) == []
    # All his colleagues may acknowledge theirs, and be adjusted, before he does: his is the same.
    assert (await planner.adjust("Bo", 7, "2026-09-01"))["errors"] == []
    assert await says(planner, "acknowledgeTarget", "Bo", "Bo") == []
    assert await says(planner, "acknowledgeTarget", "An", "An", expectedVersion=again) == []


async def test_who_says_no_version_agrees_to_what_there_is(planner: Planner) -> None:
    await planner.desk.does("Lin", "publishTargetPlan", "targetPlan { state }", planId=planner.plan)
    assert (await planner.adjust("An", -50, "2026-09-01"))["errors"] == []

    assert await says(planner, "acknowledgeTarget", "An", "An") == []


async def test_where_one_may_not_agree_no_version_is_told(planner: Planner) -> None:
    (refused,) = await says(planner, "approveTarget", "An", "Bo", expectedVersion=99)

    assert refused[0] in {"FORBIDDEN", "NOT_FOUND"}


async def test_a_proposal_answers_what_its_screen_showed_or_nothing(planner: Planner) -> None:
    desk, out_of_date = planner.desk, await version(planner, "An")
    await desk.does("Lin", "openTargetFeedback", "targetPlan { state }", planId=planner.plan)
    await desk.does(
        "Lin",
        "setTargetNode",
        "targetNode { id }",
        nodeId=planner.ids["An"],
        expectedVersion=out_of_date,
        amount="500",
    )
    sent: dict[str, Any] = {"amount": "450", "expectedVersion": out_of_date}

    assert await says(planner, "proposeTarget", "An", "An", **sent) == STALE
    assert await said(planner) == []
    # Another's target is neither proposed to, nor its version told.
    (refused,) = await says(planner, "proposeTarget", "Bo", "An", **sent)
    assert refused[0] in {"FORBIDDEN", "NOT_FOUND"}
    sent["expectedVersion"] = await version(planner, "An")
    assert await says(planner, "proposeTarget", "An", "An", **sent) == []
    assert await says(planner, "proposeTarget", "An", "An", **sent) == []
    assert await says(planner, "proposeTarget", "An", "An", amount="460") == []
    assert await said(planner) == ["PROPOSAL"] * 3


async def test_who_proposes_or_judges_out_of_turn_is_told_where_the_plan_stands(
    planner: Planner,
) -> None:
    # Broken down it is judged, and proposed to only once those below are asked.
    desk, out_of_turn = planner.desk, [("TARGET_NOT_NEGOTIATED", ["input", "nodeId"])]
    assert await says(planner, "proposeTarget", "An", "An", amount="5") == out_of_turn
    assert await says(planner, "approveTarget", "Lin", "An") == []

    await desk.does("Lin", "publishTargetPlan", "targetPlan { state }", planId=planner.plan)

    for command, by in (("proposeTarget", "An"), ("approveTarget", "Lin"), ("returnTarget", "Lin")):
        sent = {"amount": "5"} if command == "proposeTarget" else {}
        assert await says(planner, command, by, "An", **sent) == out_of_turn
