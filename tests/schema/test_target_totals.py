"""Clerks read the totals of published targets, and nobody's own (model page 5.5)."""

from typing import Any

from builders.api import Desk
from builders.credits import Ledger
from builders.targets import Planner

NODES = """query($plan: ID!) { targetNodes(first: 50, filter: {planId: {eq: $plan}}) { nodes {
  figure member { name } seat unassigned vacant } }
  targetTree(planId: $plan, depth: 9) { target { figure } } }"""
BOARDS = """query($metric: ID!, $period: PeriodInput!, $root: ID!) {
  companyBoard(metricId: $metric, period: $period) { target credited attainmentBasisPoints }
  territoryBoard(territoryId: $root, metricId: $metric, period: $period) {
    target credited attainmentBasisPoints }
  memberBoard(metricId: $metric, period: $period) { memberName target }
  targetAlerts { kind } myTargets { target } }"""
TREE = "{ territoryTree { territory { id } } }"
MARCH = {"month": {"year": 2026, "month": 3}}


async def totals(desk: Desk, by: str, plan: str) -> list[str]:
    """Return the figures somebody reads, which are the same as a list and as a tree."""
    found = await desk.ask(by, NODES, plan=plan)
    nodes: list[dict[str, Any]] = found["targetNodes"]["nodes"]
    for one in nodes:
        assert (one["member"], one["seat"], one["unassigned"], one["vacant"]) == (
            None,
            None,
            False,
            False,
        )
    figures = sorted(one["figure"] for one in nodes)
    assert sorted(one["target"]["figure"] for one in found["targetTree"]) == figures
    return figures


async def test_clerks_read_totals_and_nobodys_own(desk: Desk) -> None:
    desk.showroom.people["Fin"] = await desk.showroom.tenant.member("Fin", "finance-clerk")
    ledger = Ledger(desk)
    planner = Planner(desk, metric=await ledger.with_metric())
    root = (await desk.ask("Lin", TREE))["territoryTree"][0]["territory"]["id"]
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    await planner.add(
        {"key": "company", "amount": "100", "territoryId": root},
        {"key": "stores", "parentKey": "company", "amount": "70", "channelCode": "stores"},
        {"key": "an", "parentKey": "company", "amount": "20", "memberId": desk.member("An")},
        {"key": "seat", "parentKey": "company", "amount": "10", "seat": "third"},
    )
    assert await totals(desk, "Fin", planner.plan) == [], "a plan at work is no total yet"
    await planner.publish()
    await planner.adjust("an", -5, "2026-03-02")
    await ledger.counts("deal", 60, {"An": 10_000}, territoryId=root)
    asked = {"metric": planner.metric, "period": MARCH, "root": root}

    for by in ("Fin", "Clerk"):
        assert await totals(desk, by, planner.plan) == ["100", "70"], by

    found = await desk.ask("Fin", BOARDS, **asked)
    row = {"target": "100", "credited": "60", "attainmentBasisPoints": "6000"}
    assert found["companyBoard"] == [row]
    assert found["territoryBoard"][0] == row
    assert [one["target"] for one in found["memberBoard"]] == [None] * len(found["memberBoard"])
    assert found["myTargets"] == []
    # Who does not see what counts is not told that nothing did.
    found = await desk.ask("Clerk", BOARDS, **asked)
    assert (found["companyBoard"], found["targetAlerts"]) == ([], [])
    assert found["territoryBoard"][0]["target"] is None


async def test_a_representative_reads_no_totals(desk: Desk) -> None:
    planner = Planner(desk, metric=await Ledger(desk).with_metric())
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    await planner.add({"key": "company", "amount": "100"})
    await planner.publish()

    assert await totals(desk, "An", planner.plan) == []
