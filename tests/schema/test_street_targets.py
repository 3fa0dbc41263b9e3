"""Who has both what is counted on and what was given out is measured by the first (Q09, Q35)."""

from typing import Any

from builders.api import Desk
from builders.credits import Ledger
from builders.targets import Planner

BOARDS = """query($metric: ID!, $period: PeriodInput!, $root: ID!, $unit: ID!) {
  memberBoard(metricId: $metric, period: $period) { memberName target month { target } }
  territoryBoard(territoryId: $root, metricId: $metric, period: $period, depth: 0) {
    target credited attainmentBasisPoints }
  companyBoard(metricId: $metric, period: $period) { target targets { kind } }
  dealerBoard(orgUnitId: $unit, metricId: $metric, period: $period) { total target }
  lineBoard(metricId: $metric, period: $period) { channelCode target } }"""
OWN = "{ myTargets { node { kind } target } }"
TREES = "{ territoryTree { territory { id } } orgUnitTree { orgUnit { id } } }"
MARCH = {"month": {"year": 2026, "month": 3}}


def both(key: str, commitment: int, street: int, **whose: Any) -> list[dict[str, Any]]:
    amounts = {"COMMITMENT": commitment, "STREET": street}
    return [
        {"key": f"{key}-{kind}", "kind": kind, "amount": str(amount), **whose}
        for kind, amount in amounts.items()
    ]


async def test_a_street_target_beside_a_commitment_is_added_on_no_board(desk: Desk) -> None:
    ledger = Ledger(desk)
    planner = Planner(desk, metric=await ledger.with_metric())
    trees = await desk.ask("Lin", TREES)
    root = trees["territoryTree"][0]["territory"]["id"]
    top, dealer = (row["orgUnit"]["id"] for row in trees["orgUnitTree"][:2])
    an, bo = ({"memberId": desk.member(name)} for name in ("An", "Bo"))
    await planner.with_plan("committed", "2026-03-01", "2026-03-31")
    await planner.add(
        *both("company", 100, 110),
        *both("an", 40, 44, **an),
        {"key": "bo", "kind": "STREET", "amount": "30", **bo},
        *both("place", 50, 60, territoryId=trees["territoryTree"][-1]["territory"]["id"]),
        *both("dealer", 20, 25, orgUnitId=dealer),
        *both("online", 7, 9, channelCode="online", territoryId=root),
        # Of another line of the same holder nothing else is counted on.
        {"key": "stores", "kind": "STREET", "amount": "5", "channelCode": "stores"}
        | {"territoryId": root},
    )
    await planner.publish()
    await ledger.counts("deal", 96, {"An": 10_000}, territoryId=root)
    asked = {"metric": planner.metric, "period": MARCH, "root": root, "unit": top}

    found = await desk.ask("Lin", BOARDS, **asked)

    people = {row["memberName"]: row for row in found["memberBoard"]}
    assert {name: row["target"] for name, row in people.items()} == {"An": "40", "Bo": "30"}
    assert people["An"]["month"] == {"target": "40"}
    assert found["territoryBoard"] == [
        {"target": "100", "credited": "96", "attainmentBasisPoints": "9600"}
    ]
    (company,) = found["companyBoard"]
    assert company == {"target": "100", "targets": [{"kind": "COMMITMENT"}]}
    assert {"total": True, "target": "20"} in found["dealerBoard"]
    lines = {row["channelCode"]: row["target"] for row in found["lineBoard"]}
    assert lines == {"online": "7", "stores": "5"}
    own = (await desk.ask("An", OWN))["myTargets"]
    assert {row["node"]["kind"]: row["target"] for row in own} == {
        "COMMITMENT": "40",
        "STREET": "44",
    }, "each of his own by itself"

    # What is counted on no more leaves what was given out.
    assert (await planner.adjust("an-COMMITMENT", -40, "2026-03-02", holder="NONE"))["errors"] == []
    people = {
        row["memberName"]: row["target"]
        for row in (await desk.ask("Lin", BOARDS, **asked))["memberBoard"]
    }
    assert people == {"An": "44", "Bo": "30"}
