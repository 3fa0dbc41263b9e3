"""Two at once on one plan, each order forced: nothing is lost, nobody agrees to the unseen."""

from collections.abc import Awaitable, Callable, Coroutine
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from builders.api import Desk
from builders.targets import Planner
from builders.waiting import waited_for

from service.clock import ManualClock
from service.targets.checking import broken_invariants
from service.targets.commands.adjusting import AdjustTarget, adjust_target
from service.targets.commands.cascading import ReviseTarget, revise_target
from service.targets.commands.nodes import SetTargetNode, set_target_node
from service.targets.commands.plans import MovePlan, approve_target_plan, publish_target_plan
from service.targets.commands.responding import (
    AcknowledgeTarget,
    JudgeTarget,
    acknowledge_target,
    approve_target,
)
from service.work import Caller, UnitOfWork

Command = Callable[[UnitOfWork, Any], Awaitable[UUID]]
ON, DAY = "2026-04-01", date(2026, 4, 1)
CHANGES = """query($plan: ID!) { targetPlan(id: $plan) { version revision state }
  targetChanges(first: 200, filter: {planId: {eq: $plan}}) {
    nodes { kind delta recordedAt node { id } } }
  targetResponses(first: 200, filter: {planId: {eq: $plan}}) { nodes { kind recordedAt } } }"""
MINE = "{ myTargets { target acknowledged } }"


def row(api_id: str) -> UUID:
    return UUID(api_id.rpartition("_")[-1])


async def a_plan(desk: Desk, *, in_force: bool = True) -> Planner:
    """A company with two people, broken down; in force, or open still."""
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    await planner.add(
        {"key": "co", "amount": "1000", "seat": "co"},
        {"key": "An", "parentKey": "co", "memberId": desk.member("An"), "amount": "600"},
        {"key": "Bo", "parentKey": "co", "memberId": desk.member("Bo"), "amount": "400"},
    )
    await planner.desk.does(
        "Lin", "distributeTargetPlan", "targetPlan { state }", planId=planner.plan
    )
    if in_force:
        await desk.does("Lin", "publishTargetPlan", "targetPlan { state }", planId=planner.plan)
    return planner


async def behind(
    planner: Planner,
    clock: ManualClock,
    held: tuple[Command, Any],
    asked: Coroutine[Any, Any, Any],
) -> Any:
    """Carry one command out and hold its locks until another waits; returns the other's payload.

    A second passes before the first is done.
    """
    command, order = held
    desk = planner.desk

    async def holds(work: UnitOfWork) -> Any:
        await command(work, order)
        await work.flush()
        waits = await waited_for(work, asked)
        clock.advance(timedelta(seconds=1))
        return waits

    transactions, tenant_id = desk.api.transactions, desk.showroom.tenant.id
    return await (await transactions.internally(tenant_id, "holds", holds))


def tries(planner: Planner, command: str, by: str = "Lin", **sent: Any) -> Any:
    answered = "targetPlan { state }" if "planId" in sent else "targetNode { id }"
    return planner.desk.api.tries(planner.desk.token(by), command, answered, **sent)


def adjusts(planner: Planner, name: str, delta: int) -> tuple[Command, Any]:
    return adjust_target, AdjustTarget(row(planner.ids[name]), delta, DAY, "as decided")


def revises(planner: Planner, figure: int) -> tuple[Command, Any]:
    return revise_target, ReviseTarget(row(planner.ids["co"]), figure, DAY, "as decided")


def codes(payload: Any) -> list[str]:
    return [one["code"] for one in payload["errors"]]


async def state(planner: Planner) -> Any:
    return await planner.desk.ask("Lin", CHANGES, plan=planner.plan)


async def sums_hold(planner: Planner) -> bool:
    caller = Caller(planner.desk.showroom.tenant.id, None, "check")
    async with planner.desk.api.transactions.sight(caller) as sight:
        return await broken_invariants(sight) == []


async def at_end(planner: Planner) -> dict[str, int]:
    """Return what is in force of each target once all changes are."""
    names = {made: name for name, made in planner.ids.items()}
    found = {one["id"]: int(one["setFigure"]) for one in await planner.nodes()}
    for one in (await state(planner))["targetChanges"]["nodes"]:
        found[one["node"]["id"]] += int(one["delta"])
    return {names.get(key, "unassigned"): figure for key, figure in found.items()}


def in_order(found: Any, *kinds: str) -> bool:
    """Tell whether changes of one kind were all recorded before those of the next."""
    instants = [
        {one["recordedAt"] for one in found["targetChanges"]["nodes"] if one["kind"] == kind}
        for kind in kinds
    ]
    return all(max(a) < min(b) for a, b in pairwise(instants))


async def test_who_revises_behind_an_adjustment_revises_what_it_made(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_plan(desk)
    sent = {"nodeId": planner.ids["co"], "effectiveOn": ON, "reason": "a better year"}

    asked = tries(planner, "reviseTarget", figure="2000", **sent)
    revised = await behind(planner, clock, adjusts(planner, "An", -100), asked)

    assert codes(revised) == []
    # 500 and 400 and the 100 that the manager holds, each twice.
    assert await at_end(planner) == {"co": 2000, "An": 1000, "Bo": 800, "unassigned": 200}
    assert await sums_hold(planner)
    assert in_order(await state(planner), "ADJUSTMENT", "REVISION")


async def test_who_adjusts_behind_a_revision_adjusts_what_it_made(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_plan(desk)

    asked = planner.adjust("An", -100, ON)
    adjusted = await behind(planner, clock, revises(planner, 2000), asked)

    assert codes(adjusted) == []
    assert await at_end(planner) == {"co": 2000, "An": 1100, "Bo": 800, "unassigned": 100}
    assert await sums_hold(planner)
    assert in_order(await state(planner), "REVISION", "ADJUSTMENT")


@pytest.mark.parametrize("seen", [False, True])
async def test_of_two_revisions_at_once_the_later_stands_unless_it_goes_by_what_was_seen(
    desk: Desk, clock: ManualClock, *, seen: bool
) -> None:
    planner = await a_plan(desk)
    sent = {"nodeId": planner.ids["co"], "effectiveOn": ON, "reason": "a better year"}
    before = (await state(planner))["targetPlan"]
    if seen:
        sent["expectedVersion"] = before["version"]

    asked = tries(planner, "reviseTarget", figure="3000", **sent)
    second = await behind(planner, clock, revises(planner, 2000), asked)

    assert codes(second) == (["VERSION_CONFLICT"] if seen else [])
    total = 2000 if seen else 3000
    figures = await at_end(planner)
    assert (figures["co"], figures["An"], figures["Bo"]) == (total, total * 3 // 5, total * 2 // 5)
    assert (await state(planner))["targetPlan"]["revision"] == (1 if seen else 2)
    assert await sums_hold(planner)


async def test_who_acknowledges_behind_a_revision_has_not_read_it(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_plan(desk)

    asked = tries(planner, "acknowledgeTarget", by="An", nodeId=planner.ids["An"])
    read = await behind(planner, clock, revises(planner, 2000), asked)

    assert codes(read) == ["VERSION_CONFLICT"]
    assert (await state(planner))["targetResponses"]["nodes"] == []
    again = await tries(planner, "acknowledgeTarget", by="An", nodeId=planner.ids["An"])
    assert codes(again) == []
    assert [one["acknowledged"] for one in (await desk.ask("An", MINE))["myTargets"]] == [True]


async def test_a_revision_behind_an_acknowledgement_is_to_be_acknowledged_anew(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_plan(desk)
    sent = {"nodeId": planner.ids["co"], "effectiveOn": ON, "reason": "a better year"}
    held = acknowledge_target, AcknowledgeTarget(row(planner.ids["An"]))

    asked = tries(planner, "reviseTarget", figure="2000", **sent)
    revised = await behind(planner, clock, held, asked)

    assert codes(revised) == []
    assert [one["acknowledged"] for one in (await desk.ask("An", MINE))["myTargets"]] == [False]


async def test_a_neighbours_change_does_not_keep_anybody_from_acknowledging(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_plan(desk)

    asked = tries(planner, "acknowledgeTarget", by="An", nodeId=planner.ids["An"])
    read = await behind(planner, clock, adjusts(planner, "Bo", -5), asked)

    assert codes(read) == []


async def test_who_adjusts_behind_a_publication_adjusts_and_before_it_is_refused(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_plan(desk, in_force=False)
    early = await planner.adjust("An", -5, ON)
    held = publish_target_plan, MovePlan(row(planner.plan))

    adjusted = await behind(planner, clock, held, planner.adjust("An", -5, ON))

    assert codes(early) == ["TARGET_PLAN_NOT_IN_FORCE"]
    assert codes(adjusted) == []
    assert (await at_end(planner))["An"] == 595


async def test_who_sets_a_target_behind_the_plans_approval_is_too_late(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_plan(desk, in_force=False)
    held = approve_target_plan, MovePlan(row(planner.plan))

    asked = tries(
        planner, "setTargetNode", nodeId=planner.ids["An"], expectedVersion=1, amount="500"
    )
    late = await behind(planner, clock, held, asked)

    assert codes(late) == ["TARGET_PLAN_NOT_OPEN"]
    assert (await at_end(planner))["An"] == 600


async def test_who_approves_the_plan_as_he_saw_it_does_not_approve_what_was_set_meanwhile(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_plan(desk, in_force=False)
    version = (await state(planner))["targetPlan"]["version"]
    held = set_target_node, SetTargetNode(row(planner.ids["An"]), 1, amount=500)

    asked = tries(planner, "approveTargetPlan", planId=planner.plan, expectedVersion=version)
    approved = await behind(planner, clock, held, asked)

    assert codes(approved) == ["VERSION_CONFLICT"]
    assert (await state(planner))["targetPlan"]["state"] == "DISTRIBUTED"


async def test_who_approves_a_target_behind_its_change_has_not_seen_it(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_plan(desk, in_force=False)
    held = set_target_node, SetTargetNode(row(planner.ids["An"]), 1, amount=500)

    asked = tries(planner, "approveTarget", nodeId=planner.ids["An"])
    approved = await behind(planner, clock, held, asked)

    assert codes(approved) == ["VERSION_CONFLICT"]
    assert (await state(planner))["targetResponses"]["nodes"] == []


async def test_who_sets_a_target_behind_its_approval_sets_it(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_plan(desk, in_force=False)
    held = approve_target, JudgeTarget(row(planner.ids["An"]))

    asked = tries(
        planner, "setTargetNode", nodeId=planner.ids["An"], expectedVersion=1, amount="500"
    )
    done = await behind(planner, clock, held, asked)

    assert codes(done) == []
    assert await at_end(planner) == {"co": 1000, "An": 500, "Bo": 400, "unassigned": 100}
