"""The company against its number, for who may see the whole of it (targets page 4.6, I4)."""

from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import Planner

from service.clock import ManualClock

BOARD = """query($metric: ID!, $period: PeriodInput!, $day: Date, $restated: Boolean! = false) {
  companyBoard(metricId: $metric, period: $period, asOfDay: $day, restated: $restated) {
    target credited creditedOnDay overlay attainmentBasisPoints expected paceBasisPoints colour gap
    requiredPerDay projection unassigned openPipeline coverageState newCustomerCount absentCount
    year { target credited attainmentBasisPoints } quarter { target credited }
    lastChange { delta } targets { id } } }"""
ENTRIES = """query($metric: ID!) { metricCredits(filter: {metricId: {eq: $metric}}, first: 50) {
  nodes { kind amount } } }"""
YEAR = {"year": 2026}
FIRST = {"quarter": {"year": 2026, "quarter": 1}}


async def board(planner: Planner, by: str = "Lin", **asked: Any) -> list[dict[str, Any]]:
    sent = {"metric": planner.metric, "period": YEAR, "day": None} | asked
    rows: list[dict[str, Any]] = (await planner.desk.ask(by, BOARD, **sent))["companyBoard"]
    return rows


@pytest.fixture
async def planner(desk: Desk) -> Planner:
    """A company of 1,000 which gives out a tenth more, by people and by quarters of its own."""
    planner = Planner(desk)
    planner.metric = await Ledger(desk).with_metric()
    await planner.with_plan()
    quarter = {"split": "PERIOD", "firstDay": "2026-01-01", "lastDay": "2026-03-31"}
    rest = {"split": "PERIOD", "firstDay": "2026-04-01", "lastDay": "2026-12-31"}
    await planner.add(
        {"key": "co", "amount": "1000", "overAssignmentBasisPoints": 1_000},
        {"key": "co 1", "parentKey": "co", "amount": "400", **quarter},
        {"key": "co 2", "parentKey": "co", "amount": "600", **rest},
        # A channel is nobody's either: it is a part of the company's, and no second company.
        {"key": "shops", "parentKey": "co", "amount": "500", "channelCode": "shops"},
        {"key": "shops 1", "parentKey": "shops", "amount": "200", **quarter},
        {"key": "shops 2", "parentKey": "shops", "amount": "300", **rest},
        {"key": "An", "parentKey": "co", "amount": "600", "memberId": desk.member("An")},
        {"key": "Chu", "parentKey": "co", "amount": "7", "kind": "OVERLAY"}
        | {"memberId": desk.member("Chu")},
    )
    await planner.publish()
    return planner


async def test_the_director_sees_the_company_against_its_number_and_opens_it_to_the_entries(
    planner: Planner, clock: ManualClock
) -> None:
    desk, ledger = planner.desk, Ledger(planner.desk)
    ledger.metric = planner.metric
    on_day(clock, "2026-03-20")
    await ledger.counts(
        "a", 300, {"An": 10_000, "Chu": ("OVERLAY", 10_000)}, creditedOn="2026-03-10"
    )
    await ledger.counts("b", 50, {"Bo": 10_000}, creditedOn="2026-03-20")

    (row,) = await board(planner)
    (quarter,) = await board(planner, period=FIRST)
    entries = (await desk.ask("Lin", ENTRIES, metric=planner.metric))["metricCredits"]["nodes"]

    # Neither what is given out beyond it nor what stands beside is the company's.
    assert (row["target"], row["credited"], row["gap"]) == ("1000", "350", "650")
    assert (row["creditedOnDay"], row["overlay"]) == ("50", "300")
    assert row["attainmentBasisPoints"] == "3500"
    assert row["colour"] == "GREEN"
    assert row["coverageState"] == "SHORT"
    assert row["year"] == {"target": "1000", "credited": "350", "attainmentBasisPoints": "3500"}
    assert row["quarter"] == {"target": "400", "credited": "350"}
    assert (quarter["target"], quarter["credited"]) == ("400", "350")
    assert row["targets"] == [{"id": planner.ids["co"]}]
    counted = [int(one["amount"]) for one in entries if one["kind"] == "PRIMARY"]
    assert sum(counted) == int(row["credited"])


async def test_a_past_day_of_the_company_stays_and_a_change_counts_from_its_day(
    planner: Planner, clock: ManualClock
) -> None:
    ledger = Ledger(planner.desk)
    ledger.metric = planner.metric
    on_day(clock, "2026-03-20")
    await ledger.counts("a", 100, {"An": 10_000}, creditedOn="2026-03-20")
    on_day(clock, "2026-03-27")
    before = await board(planner, day="2026-03-26")
    assert (await planner.adjust("An", 55, "2026-03-27", holder="NONE"))["errors"] == []
    await ledger.counts("late", 11, {"Bo": 10_000}, creditedOn="2026-03-21")
    on_day(clock, "2026-03-28")

    assert await board(planner, day="2026-03-26") == before
    assert (before[0]["target"], before[0]["credited"]) == ("1000", "100")
    (after,) = await board(planner, day="2026-03-27")
    assert (after["target"], after["credited"]) == ("1050", "111")
    assert after["lastChange"] == {"delta": "50"}
    (restated,) = await board(planner, day="2026-03-26", restated=True)
    assert (restated["target"], restated["credited"]) == ("1000", "111")


async def test_who_does_not_see_the_whole_company_has_no_row_of_it(
    planner: Planner, showroom: Any
) -> None:
    region = next(iter(showroom.tenant.territories))
    showroom.people["Rui"] = await showroom.tenant.member(
        "Rui", "regional-manager", territory=region
    )
    for name in ("Mei", "Rui", "An", "Clerk"):
        assert await board(planner, name) == []
    nothing = "metric_0199c2f0-7d1e-7a55-8a3e-5f0c9b1f2a10"
    assert await board(planner, metric=nothing) == []


async def test_the_number_of_the_one_unit_above_all_others_is_the_companys(desk: Desk) -> None:
    planner = Planner(desk)
    planner.metric = await Ledger(desk).with_metric()
    units = {code: f"org_unit_{one}" for code, one in desk.showroom.tenant.units.items()}
    lower = next(one for code, one in units.items() if code != "group")
    await planner.with_plan("lower", "2026-01-01", "2026-12-31")
    await planner.add({"key": "lower", "amount": "40", "orgUnitId": lower})
    await planner.publish()
    assert [row["target"] for row in await board(planner)] == [None]

    await planner.with_plan("group", "2026-01-01", "2026-12-31")
    await planner.add(
        {"key": "group", "amount": "90", "orgUnitId": units["group"]},
        {"key": "below", "parentKey": "group", "amount": "90", "orgUnitId": lower},
    )
    await planner.publish()

    (row,) = await board(planner)
    assert (row["target"], row["targets"]) == ("90", [{"id": planner.ids["group"]}])
