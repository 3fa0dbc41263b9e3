"""A specialist's target beside the total: on his manager's board, and in no sum."""

from typing import Any

from builders.api import Desk
from builders.credits import Ledger
from builders.targets import Planner

ROW = "target credited overlay overlayTarget overlayAttainmentBasisPoints attainmentBasisPoints"
PEOPLE = f"""query($metric: ID!, $period: PeriodInput!) {{
  memberBoard(metricId: $metric, period: $period) {{ memberName {ROW} }} }}"""
ABOVE = f"""query($metric: ID!, $period: PeriodInput!, $root: ID!) {{
  companyBoard(metricId: $metric, period: $period) {{ {ROW} }}
  territoryBoard(territoryId: $root, metricId: $metric, period: $period) {{ {ROW} }} }}"""
TREE = """query($plan: ID!) { targetTree(planId: $plan, depth: 3) {
  target { kind figure member { name } } } territoryTree { territory { id } } }"""
MARCH = {"month": {"year": 2026, "month": 3}}


async def test_a_manager_sees_a_specialists_target_and_no_sum_has_it(desk: Desk) -> None:
    ledger = Ledger(desk)
    planner = Planner(desk, metric=await ledger.with_metric())
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    tenant = desk.showroom.tenant
    team = {"orgUnitId": f"org_unit_{tenant.units[tenant.team_unit]}"}
    an, bo, chu = ({**team, "memberId": desk.member(name)} for name in ("An", "Bo", "Chu"))
    await planner.add(
        {"key": "company", "amount": "100"},
        {"key": "an", "parentKey": "company", "amount": "100", **an},
        {"key": "bo", "parentKey": "company", "amount": "60", "kind": "OVERLAY", **bo},
        {"key": "chu", "parentKey": "company", "amount": "20", "kind": "OVERLAY", **chu},
        {"key": "also", "parentKey": "an", "amount": "8", "kind": "OVERLAY"},
    )
    await planner.publish()
    parts: Any = {"An": 10_000, "Bo": ("OVERLAY", 5_000)}
    await ledger.counts("deal", 30, parts)
    asked = {"metric": planner.metric, "period": MARCH}

    for by in ("Lin", "Mei"):
        found = (await desk.ask(by, PEOPLE, **asked))["memberBoard"]
        rows = {row.pop("memberName"): list(row.values()) for row in found}
        assert rows == {
            "An": ["100", "30", "0", "8", "0", "3000"],
            "Bo": [None, "0", "15", "60", "2500", None],
            "Chu": [None, "0", "0", "20", "0", None],
        }, by
    tree = await desk.ask("Lin", TREE, plan=planner.plan)
    kinds = [
        (one["target"]["member"] and one["target"]["member"]["name"], one["target"]["kind"])
        for one in tree["targetTree"]
    ]
    assert ("Bo", "OVERLAY") in kinds
    root = tree["territoryTree"][0]["territory"]["id"]
    above = await desk.ask("Lin", ABOVE, root=root, **asked)
    for row in (above["companyBoard"][0], above["territoryBoard"][0]):
        assert (row["target"], row["overlayTarget"]) == ("100", None)
