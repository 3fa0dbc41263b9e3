"""What nobody is assigned of a year is on the board of each of its months, too."""

from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger
from builders.targets import Planner

BOARD = """query($root: ID!, $metric: ID!, $period: PeriodInput!) {
  territoryBoard(territoryId: $root, metricId: $metric, period: $period, depth: 0) {
    target unassigned } }"""
TREE = "{ territoryTree { territory { id } } }"
LAST = {3: 31, 4: 30, 5: 31}
SPRING = {"range": {"from": "2026-03-01", "until": "2026-06-01"}}


def period(number: int, above: str, amount: int) -> dict[str, Any]:
    days = {"firstDay": f"2026-{number:02}-01", "lastDay": f"2026-{number:02}-{LAST[number]}"}
    made = {"key": f"{above} {number}", "split": "PERIOD", "amount": str(amount), **days}
    return {**made, "parentKey": above}


class Spring:
    """A plan of three months: a territory with its months, and two people below it."""

    def __init__(self, desk: Desk, planner: Planner, root: str) -> None:
        self.desk, self.planner, self.root = desk, planner, root

    async def unassigned(self, *periods: Any) -> list[str]:
        asked = {"root": self.root, "metric": self.planner.metric}
        return [
            (await self.desk.ask("Lin", BOARD, **asked, period=one))["territoryBoard"][0][
                "unassigned"
            ]
            for one in periods
        ]

    async def months(self) -> list[str]:
        return await self.unassigned(*({"month": {"year": 2026, "month": n}} for n in LAST))


@pytest.fixture
async def spring(desk: Desk) -> Spring:
    planner = Planner(desk, metric=await Ledger(desk).with_metric())
    await planner.with_plan("spring", "2026-03-01", "2026-05-31")
    root = (await desk.ask("Lin", TREE))["territoryTree"][0]["territory"]["id"]
    await planner.add(
        {"key": "root", "amount": "100", "territoryId": root},
        {"key": "An", "parentKey": "root", "memberId": desk.member("An"), "amount": "60"},
        {"key": "Bo", "parentKey": "root", "memberId": desk.member("Bo"), "amount": "40"},
        *(period(number, "root", amount) for number, amount in ((3, 50), (4, 30), (5, 20))),
    )
    return Spring(desk, planner, root)


async def test_a_month_has_what_is_unassigned_by_the_season_of_its_target(spring: Spring) -> None:
    await spring.planner.publish()
    assert await spring.months() == ["0", "0", "0"]

    await spring.planner.adjust("An", -17, "2026-03-02")

    # 17 by 50, 30 and 20 in 100: 8.5, 5.1 and 3.4, half up.
    assert await spring.months() == ["9", "5", "3"]
    assert await spring.unassigned(SPRING) == ["17"]


async def test_a_month_that_is_broken_down_itself_has_its_own(spring: Spring) -> None:
    planner = spring.planner
    days = {"firstDay": "2026-03-01", "lastDay": "2026-03-31"}
    await planner.add(
        {"key": "Chu", "parentKey": None, "parentId": planner.ids["root 3"], "amount": "44"}
        | {"memberId": planner.desk.member("Chu"), **days}
    )
    await planner.divide("root 3", children=[{"nodeId": "Chu", "pinned": "44"}])
    await planner.publish()
    await planner.adjust("An", -10, "2026-03-02")

    # Nothing of the ten is March's, of which everything is given out below itself.
    assert await spring.months() == ["6", "3", "2"]
    assert await spring.unassigned(SPRING) == ["10"]
