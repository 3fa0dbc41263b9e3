"""Two published plans for the same holder, metric and days are added up, and everybody is told."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import Planner

from service.app.target_checks import check_sums
from service.clock import ManualClock
from service.targets.commands.watching import watch_targets

WARNED = "targetPlan { state } warnings { code message arguments { name value } }"
BOARD = """query($metric: ID!, $period: PeriodInput!) {
  memberBoard(metricId: $metric, period: $period) {
    memberName target addedUpPlans { code } } }"""
COMPANY = """query($metric: ID!, $period: PeriodInput!) {
  companyBoard(metricId: $metric, period: $period) { target addedUpPlans { code } } }"""
ALERTS = """{ targetAlerts(kind: PLANS_ADD_UP) {
  kind target { id } otherPlan { code } member { name } wanted found } }"""
TASKS = """{ tasks(filter: {kind: {eq: "target_plans_add_up"}}) {
  nodes { state message member { name } } } }"""
YEAR, MARCH = {"year": 2026}, {"month": {"year": 2026, "month": 3}}


async def plan(
    planner: Planner, code: str, first: str, last: str, *nodes: dict[str, Any], **further: str
) -> dict[str, Any]:
    """Make a plan, break it down and publish it; returns the payload of the publication."""
    await planner.with_plan(code, first, last, **further)
    await planner.add(*nodes)
    await planner.desk.does(
        planner.director, "distributeTargetPlan", "targetPlan { state }", planId=planner.plan
    )
    return await planner.desk.does(
        planner.director, "publishTargetPlan", WARNED, planId=planner.plan
    )


@pytest.fixture
async def planner(desk: Desk) -> Planner:
    return Planner(desk, metric=await Ledger(desk).with_metric())


async def test_who_publishes_the_second_plan_is_told_of_both_and_of_the_days(
    desk: Desk, planner: Planner, clock: ManualClock
) -> None:
    an = {"memberId": desk.member("An")}
    months = [
        {"key": "march", "parentKey": "an", "amount": "100", "split": "PERIOD"}
        | {"firstDay": "2026-03-01", "lastDay": "2026-03-31"},
        {"key": "rest", "parentKey": "an", "amount": "140", "split": "PERIOD"}
        | {"firstDay": "2026-04-01", "lastDay": "2026-12-31"},
    ]
    first = await plan(
        planner,
        "year",
        "2026-03-01",
        "2026-12-31",
        {"key": "company", "amount": "240"},
        {"key": "an", "parentKey": "company", "amount": "240", **an},
        *months,
    )
    assert first["warnings"] == []

    clock.advance(timedelta(seconds=1))
    second = await plan(
        planner, "march", "2026-03-01", "2026-03-31", {"key": "an-2", "amount": "30", **an}
    )
    (warning,) = second["warnings"]
    assert warning["code"] == "TARGET_PLANS_ADD_UP"
    assert {one["name"]: one["value"] for one in warning["arguments"]} == {
        "plan": "march",
        "other": "year",
        "metric": "SALES",
        "first": "2026-03-01",
        "last": "2026-03-31",
        "nodes": "1",
    }
    assert "march" in warning["message"]
    assert "year" in warning["message"]

    await the_boards_name_both(desk, planner)
    await everybody_is_told(desk, planner)

    # Who lowers the second to nothing has them added up no more.
    on_day(clock, "2026-03-02")
    assert (await planner.adjust("an-2", -30, "2026-03-02", holder="NONE"))["errors"] == []
    asked = {"metric": planner.metric, "period": MARCH}
    (row,) = (await desk.ask("Lin", BOARD, **asked))["memberBoard"]
    assert (row["target"], row["addedUpPlans"]) == ("100", [])
    assert (await desk.ask("Lin", ALERTS))["targetAlerts"] == []
    assert [state for state, _, _ in await tasks(desk)] == ["DONE"]


async def the_boards_name_both(desk: Desk, planner: Planner) -> None:
    asked = {"metric": planner.metric, "period": MARCH}
    (row,) = (await desk.ask("Lin", BOARD, **asked))["memberBoard"]
    assert row == {
        "memberName": "An",
        "target": "130",
        "addedUpPlans": [{"code": "march"}, {"code": "year"}],
    }
    (company,) = (await desk.ask("Lin", COMPANY, metric=planner.metric, period=YEAR))[
        "companyBoard"
    ]
    assert company == {"target": "240", "addedUpPlans": []}, "a plan of one person is no company's"


async def everybody_is_told(desk: Desk, planner: Planner) -> None:
    alert = {
        "kind": "PLANS_ADD_UP",
        "target": {"id": planner.ids["an-2"]},
        "otherPlan": {"code": "year"},
        "member": {"name": "An"},
        "wanted": None,
        "found": None,
    }
    assert (await desk.ask("Lin", ALERTS))["targetAlerts"] == [alert]
    assert await tasks(desk) == [
        (
            "OPEN",
            "Mei",
            "Plans march and year both set this target for the same days, and boards add"
            " them up: An · Plan · 2026-03-01 – 2026-03-31.",
        )
    ]
    assert await checked(desk) == [
        "warning: march and year both set SALES for 1 of the same holders, 2026-03-01 to"
        f" 2026-03-31, from {planner.ids['an-2']} on; boards add them up",
        "huating: every sum holds",
    ]


async def checked(desk: Desk) -> list[str]:
    """Return what the operator's check says; it finds nothing broken."""
    said: list[str] = []
    base: Any = SimpleNamespace(transactions=desk.showroom.tenant.transactions)
    assert await check_sums(base, "huating", desk.showroom.tenant_id, said.append) == 0
    return said


async def tasks(desk: Desk) -> list[tuple[str, str, str]]:
    """Let the worker come by; return the tasks that tell of it."""
    tenant = desk.showroom.tenant
    await tenant.transactions.internally(tenant.id, "watch_targets", watch_targets)
    found = await desk.ask("Lin", TASKS, headers={"Accept-Language": "en"})
    return [
        (one["state"], one["member"]["name"], one["message"]) for one in found["tasks"]["nodes"]
    ]


async def test_what_is_meant_to_stand_beside_another_plan_warns_nobody(
    desk: Desk, planner: Planner
) -> None:
    an = {"memberId": desk.member("An")}
    days = ("2026-03-01", "2026-03-31")
    await plan(
        planner, "committed", *days, {"key": "an", "amount": "100", "productCode": "MRI", **an}
    )
    beside = [
        {"kind": "STREET", "productCode": "MRI"},
        {"kind": "OVERLAY", "productCode": "MRI"},
        {"level": "STRETCH", "productCode": "MRI"},
        {"productCode": "CT"},
    ]
    for place, more in enumerate(beside):
        made = await plan(
            planner, f"beside-{place}", *days, {"key": f"b{place}", "amount": "9", **an, **more}
        )
        assert made["warnings"] == [], more
    later = await plan(
        planner,
        "april",
        "2026-04-01",
        "2026-04-30",
        {"key": "later", "amount": "100", "productCode": "MRI", **an},
    )
    assert later["warnings"] == []
    assert (await desk.ask("Lin", ALERTS))["targetAlerts"] == []
    overlay = await plan(
        planner, "beside-again", *days, {"key": "o", "amount": "9", "kind": "OVERLAY", **an}
    )
    assert overlay["warnings"] == []


AS_OF = """query($metric: ID!, $day: Date, $restated: Boolean!) {
  companyBoard(metricId: $metric, period: { year: 2026 }, asOfDay: $day, restated: $restated) {
    target addedUpPlans { code } }
  memberBoard(metricId: $metric, period: { year: 2026 }, asOfDay: $day, restated: $restated) {
    memberName target } }"""
OWN = "{ myTargets { node { plan { code } } target } }"


async def test_a_plan_that_takes_the_place_of_another_is_not_added_to_it(
    desk: Desk, planner: Planner, clock: ManualClock
) -> None:
    an = {"parentKey": "company", "memberId": desk.member("An")}
    first = await plan(
        planner,
        "first",
        "2026-01-01",
        "2026-12-31",
        {"key": "company", "amount": "100"},
        {"key": "an", "amount": "100", **an},
    )
    on_day(clock, "2026-04-01")

    second = await plan(
        planner,
        "second",
        "2026-01-01",
        "2026-12-31",
        {"key": "company", "amount": "130"},
        {"key": "an", "amount": "130", **an},
        revisionOfId=planner.plan,
    )
    on_day(clock, "2026-04-03")

    async def targets(day: str | None, *, restated: bool = False) -> tuple[str, str, Any]:
        asked = {"metric": planner.metric, "day": day, "restated": restated}
        found = await desk.ask("Lin", AS_OF, **asked)
        (company,), (row,) = found["companyBoard"], found["memberBoard"]
        return company["target"], row["target"], company["addedUpPlans"]

    assert (first["warnings"], second["warnings"]) == ([], [])
    assert await targets("2026-03-31") == ("100", "100", [])
    assert await targets("2026-04-01") == ("130", "130", [])
    assert await targets(None) == ("130", "130", [])
    assert await targets("2026-03-31", restated=True) == ("130", "130", [])
    await the_first_is_nobodys_any_more(desk)


async def the_first_is_nobodys_any_more(desk: Desk) -> None:
    own = (await desk.ask("An", OWN))["myTargets"]
    assert own == [{"node": {"plan": {"code": "second"}}, "target": "130"}]
    assert (await desk.ask("Lin", ALERTS))["targetAlerts"] == []


BESIDE = """query($metric: ID!, $period: PeriodInput!, $unit: ID!) {
  dealerBoard(orgUnitId: $unit, metricId: $metric, period: $period) {
    dealer { id } total target addedUpPlans { code } }
  lineBoard(metricId: $metric, period: $period) { channelCode target addedUpPlans { code } } }"""
UNITS = "{ orgUnitTree { orgUnit { id } } }"


async def test_boards_of_dealers_and_of_lines_name_the_plans_as_well(
    desk: Desk, planner: Planner
) -> None:
    above, dealer = [
        row["orgUnit"]["id"] for row in (await desk.ask("Lin", UNITS))["orgUnitTree"][:2]
    ]
    for code, amount in (("one", "100"), ("two", "30")):
        nodes = [
            {"key": f"{code}-dealer", "amount": amount, "orgUnitId": dealer},
            {"key": f"{code}-line", "amount": amount, "channelCode": "online"},
        ]
        once = {"key": "once", "amount": "5", "channelCode": "stores"}
        await plan(planner, code, "2026-03-01", "2026-03-31", *nodes, *[once][: code == "one"])
    asked = {"metric": planner.metric, "period": MARCH, "unit": above}

    found = await desk.ask("Lin", BESIDE, **asked)

    both = [{"code": "one"}, {"code": "two"}]
    (whole,) = (row for row in found["dealerBoard"] if row["total"] and row["target"])
    assert (whole["dealer"]["id"], whole["target"]) == (dealer, "130")
    assert whole["addedUpPlans"] == both
    lines = {row["channelCode"]: (row["target"], row["addedUpPlans"]) for row in found["lineBoard"]}
    assert lines == {"online": ("130", both), "stores": ("5", [])}


ROOT = "{ territoryTree { territory { id } } orgUnitTree { orgUnit { id } } }"
LINES = """query($metric: ID!, $period: PeriodInput!) {
  lineBoard(metricId: $metric, period: $period) { productCode target addedUpPlans { code } } }"""


@pytest.mark.parametrize("second", ["whole", "territory", "unit"])
async def test_two_plans_of_the_whole_company_are_told_of_whatever_they_call_it(
    desk: Desk, planner: Planner, clock: ManualClock, second: str
) -> None:
    trees = await desk.ask("Lin", ROOT)
    place = {
        "whole": {},
        "territory": {"territoryId": trees["territoryTree"][0]["territory"]["id"]},
        "unit": {"orgUnitId": trees["orgUnitTree"][0]["orgUnit"]["id"]},
    }
    months = ("2026-03-01", "2026-03-31")
    for code, amounts, where in (
        ("first", (60, 40), {}),
        ("second", (30, 20), place[second]),
    ):
        published = await plan(
            planner,
            code,
            *months,
            {"key": code, "amount": str(sum(amounts)), **where},
            *(
                {"key": f"{code} {product}", "parentKey": code, "amount": str(amount)}
                | {"productCode": product}
                for product, amount in zip(("flat", "villa"), amounts, strict=True)
            ),
        )
        clock.advance(timedelta(seconds=1))

    warned = [one["code"] for one in published["warnings"]]
    assert warned == ["TARGET_PLANS_ADD_UP"]
    asked = {"metric": planner.metric, "period": MARCH}
    both = [{"code": "first"}, {"code": "second"}]
    assert (await desk.ask("Lin", COMPANY, **asked))["companyBoard"] == [
        {"target": "150", "addedUpPlans": both}
    ]
    assert (await desk.ask("Lin", LINES, **asked))["lineBoard"] == [
        {"productCode": "flat", "target": "90", "addedUpPlans": both},
        {"productCode": "villa", "target": "60", "addedUpPlans": both},
    ]
    (alert,) = (await desk.ask("Lin", ALERTS))["targetAlerts"]
    assert (alert["target"], alert["otherPlan"]) == (
        {"id": planner.ids["second"]},
        {"code": "first"},
    )
