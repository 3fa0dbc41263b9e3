"""What somebody, or the company, has reached is the ledger's word where nobody gives another."""

from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger
from builders.reception import at
from builders.targets import Planner

from service.clock import ManualClock

TREES = "{ territoryTree { territory { id } } }"
LAST = {1: 31, 2: 28, 3: 31, 4: 30}


@pytest.fixture
async def ledger(desk: Desk) -> Ledger:
    """A metric for which nothing has counted."""
    ledger = Ledger(desk)
    await ledger.with_metric()
    return ledger


@pytest.fixture
async def planner(desk: Desk, ledger: Ledger) -> Planner:
    """A plan of the first four months, still open."""
    planner = Planner(desk, metric=ledger.metric)
    await planner.with_plan("2026-a", "2026-01-01", "2026-04-30")
    return planner


def months(of: str, amount: int) -> list[dict[str, Any]]:
    return [
        {"key": f"{of} {month}", "parentKey": of, "split": "PERIOD", "amount": str(amount)}
        | {"firstDay": f"2026-{month:02}-01", "lastDay": f"2026-{month:02}-{last}"}
        for month, last in LAST.items()
    ]


async def does(planner: Planner, command: str, **values: Any) -> str:
    made = await planner.desk.does(
        planner.director, command, "targetNode { id }", reason="as it is", **values
    )
    answered: str = made["targetNode"]["id"]
    return answered


async def test_a_leaver_keeps_what_counted_for_him_in_the_month_before_his_day(
    desk: Desk, clock: ManualClock, ledger: Ledger, planner: Planner
) -> None:
    root, *_, south = (
        row["territory"]["id"] for row in (await desk.ask("Lin", TREES))["territoryTree"]
    )
    an, bo = desk.member("An"), desk.member("Bo")
    await planner.add(
        {"key": "team", "amount": "320", "seat": "team"},
        {"key": "An", "parentKey": "team", "memberId": an, "amount": "120"},
        *months("An", 30),
        {"key": "Bo", "parentKey": "team", "memberId": bo, "territoryId": root, "amount": "120"},
        *months("Bo", 30),
        {"key": "Bo south", "parentKey": "team", "memberId": bo, "territoryId": south}
        | {"amount": "80"},
        *months("Bo south", 20),
    )
    await planner.publish()
    at(clock, "03-16 09:00")
    both, there = {"An": 5_000, "Bo": 5_000}, {"territoryId": root}
    await ledger.counts("last month", 40, both, creditedOn="2026-02-28", **there)
    await ledger.counts("first day", 14, both, creditedOn="2026-03-01", **there)
    await ledger.counts("in the south", 8, both, creditedOn="2026-03-10", territoryId=south)
    await ledger.counts("beside", 2, {"Bo": 10_000, "An": ("OVERLAY", 10_000)}, **there)
    await ledger.counts("the day itself", 9, both, creditedOn="2026-03-16", **there)

    for name in ("An", "Bo south"):
        seat = await does(
            planner, "vacateTarget", effectiveOn="2026-03-16", nodeId=planner.ids[name]
        )
        planner.ids[f"{name}'s seat"] = seat

    at(clock, "03-20 09:00")
    found = await planner.figures()
    # An: 7 and 4 of the month so far. Bo goes from the south alone, where 4 of it counted.
    assert [found[f"An {month}"] for month in LAST] == [30, 30, 11, 0]
    assert [found[f"Bo south {month}"] for month in LAST] == [20, 20, 4, 0]
    assert (found["An's seat"], found["Bo south's seat"]) == (19 + 30, 16 + 20)
    assert (found["team"], found["Bo"]) == (320, 120)

    # Who was paid back more than he sold keeps a target of nothing, and no debt.
    await ledger.counts("paid back", -90, {"Bo": 10_000}, creditedOn="2026-03-18", **there)
    await does(planner, "vacateTarget", effectiveOn="2026-03-20", nodeId=planner.ids["Bo"])
    assert (await planner.figures())["Bo 3"] == 0


async def test_a_shortfall_that_is_carried_is_what_the_ledger_misses_of_the_closed_months(
    desk: Desk, clock: ManualClock, ledger: Ledger, planner: Planner
) -> None:
    root, *_, south = (
        row["territory"]["id"] for row in (await desk.ask("Lin", TREES))["territoryTree"]
    )
    wheres: dict[str, dict[str, Any]] = {
        "company": {},
        "all": {"territoryId": root},
        "south": {"territoryId": south},
        "online": {"channelCode": "online"},
        "Bo": {"memberId": desk.member("Bo")},
        "specialist": {"memberId": desk.member("An"), "kind": "OVERLAY"},
    }
    for key, where in wheres.items():
        await planner.add({"key": key, "amount": "400", **where}, *months(key, 100))
    await planner.publish()
    at(clock, "03-16 09:00")
    await ledger.counts("of no place", 50, {None: 10_000}, creditedOn="2026-01-31")
    await ledger.counts("south", 30, {"Bo": 10_000}, creditedOn="2026-02-28", territoryId=south)
    online = {"creditedOn": "2026-02-01", "territoryId": root, "channelCode": "online"}
    await ledger.counts("online", 20, {None: 10_000, "An": ("OVERLAY", 5_000)}, **online)
    await ledger.counts("in March", 7, {"Bo": 10_000}, creditedOn="2026-03-01", territoryId=south)

    reached = {"company": 100, "all": 100, "south": 30, "online": 20, "Bo": 30, "specialist": 10}
    for key, counted in reached.items():
        await does(
            planner,
            "reviseTarget",
            effectiveOn="2026-03-16",
            nodeId=planner.ids[key],
            figure="400",
            mode="CARRY_SHORTFALL",
        )
        found = await planner.figures()
        # Two months are over: what they miss is due from the two that are not.
        assert [found[f"{key} {month}"] for month in (1, 2)] == [100, 100]
        assert found[f"{key} 3"] + found[f"{key} 4"] == 400 - counted, key
        assert found[key] == 400
