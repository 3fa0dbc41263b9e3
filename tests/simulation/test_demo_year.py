"""What a manager of each demo company finds beside his targets, on whatever day it is made."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from builders.rehearsals import a_chance, a_demo_loan

from service.clock import ManualClock
from service.database.connections import Location, open_pool
from service.database.security import IDENTITY
from service.simulation.demo.companies import COMPANIES, KANGYI, Company
from service.simulation.demo.loading import load_demo
from service.work import Caller

# Noon in Shanghai: the first day of a year, the last of a month, the one that most years lack.
DAYS = {
    "huating": datetime(2027, 1, 1, 4, tzinfo=UTC),
    "ruichi": datetime(2026, 3, 31, 4, tzinfo=UTC),
    "kangyi": datetime(2028, 2, 29, 4, tzinfo=UTC),
}
LIVED = 4

ITEMS = """
SELECT w.kind, w.title, w.due_on, w.planned, w.result, w.cost, w.done_at, m.name AS owner, n.id AS
  node, w.org_unit_id, w.territory_id
 FROM app.work_item w JOIN app.member m ON m.tenant_id = $1 AND m.id = w.owner_id
 LEFT JOIN app.target_node n ON n.tenant_id = $1 AND n.id = w.node_id
 WHERE w.tenant_id = $1
"""
LINES = """
SELECT s.code, s.role_id, l.weight, l.method, l.cap_basis_points, l.floor_basis_points,
  m.direction, m.unit
 FROM app.scorecard s JOIN app.scorecard_line l ON l.tenant_id = $1 AND l.scorecard_id = s.id
 JOIN app.metric m ON m.tenant_id = $1 AND m.id = l.metric_id
 WHERE s.tenant_id = $1 AND s.first_day = $2
"""
STEPS = """
SELECT p.from_basis_points, p.amount_each_minor FROM app.bonus_scheme b
 JOIN app.bonus_step p ON p.tenant_id = $1 AND p.scheme_id = b.id
 WHERE b.tenant_id = $1 AND b.first_day = $2 ORDER BY 1
"""
CHANGES = """
SELECT c.delta, c.reason, c.effective_on FROM app.target_change c WHERE c.tenant_id = $1
"""
HOPES = """
SELECT o.expected_on, o.category, o.member_id, o.territory_id, o.amount FROM app.opportunity o
 WHERE o.tenant_id = $1 AND o.state = 'OPEN'
"""
PLANS = """
SELECT p.first_day, (SELECT count(*) FROM app.target_node n
  WHERE n.tenant_id = $1 AND n.plan_id = p.id) AS nodes
 FROM app.target_plan p WHERE p.tenant_id = $1 AND p.state = 'PUBLISHED'
"""
UNOWNED = """
SELECT DISTINCT t.code FROM app.target_node n
 JOIN app.territory t ON t.tenant_id = $1 AND t.id = n.territory_id
 WHERE n.tenant_id = $1 AND NOT EXISTS (SELECT FROM app.territory_assignment a
   WHERE a.tenant_id = $1 AND a.territory_id = t.id AND a.member_id IS NOT NULL)
"""
CAMPAIGNS = """
SELECT c.code, m.name AS owner, c.territory_id IS NOT NULL AS regional FROM app.campaign c
 JOIN app.member m ON m.tenant_id = $1 AND m.id = c.owner_id WHERE c.tenant_id = $1
"""
WANTED = """
SELECT count(*) FROM app.metric_credit_day d JOIN app.metric m ON m.tenant_id = $1
  AND m.id = d.metric_id
 WHERE d.tenant_id = $1 AND m.direction = 'LOWER' AND d.base > 0
"""


def today(company: Company) -> date:
    return (DAYS[company.code] + timedelta(hours=8)).date()


class Year:
    """What there is in a demo company, by the statements above."""

    def __init__(self, company: Company, found: dict[str, list[Any]]) -> None:
        self.company = company
        self.today = today(company)
        self.found = found


async def lived(demo: Company, pool, location: Location) -> Year:
    company = replace(demo, code=f"{demo.code}-year", days=LIVED)
    first = today(demo).replace(month=1, day=1)
    async with await open_pool(location, IDENTITY, 2) as identity_pool:
        loan = a_demo_loan(pool, identity_pool, ManualClock(DAYS[demo.code]))
        lent = replace(loan, chance=a_chance)
        await load_demo(lent, companies=[company])
        tenant_id = await identity_pool.fetchval(
            "SELECT tenant_id FROM app.global_tenant_directory WHERE code = $1", company.code
        )
    found = {}
    async with lent.loan.transactions(lent.clock).sight(Caller(tenant_id, None, "test")) as sight:
        for name, sql in (
            ("items", ITEMS),
            ("changes", CHANGES),
            ("hopes", HOPES),
            ("plans", PLANS),
            ("unowned", UNOWNED),
            ("campaigns", CAMPAIGNS),
        ):
            found[name] = await sight.fetch(sql, tenant_id)
        found["lines"] = await sight.fetch(LINES, tenant_id, first)
        found["steps"] = await sight.fetch(STEPS, tenant_id, first)
        found["lower"] = await sight.fetch(WANTED, tenant_id)
    return Year(demo, found)


def actions_are_open_overdue_and_done_by_people_of_different_levels(year: Year) -> None:
    items = [one for one in year.found["items"] if one["kind"] in {"ACTION", "CAMPAIGN"}]
    done = [one for one in items if one["done_at"] is not None]
    overdue = [one for one in items if one["done_at"] is None and one["due_on"] < year.today]
    coming = [one for one in items if one["done_at"] is None and one["due_on"] >= year.today]

    assert len(done) >= 2
    assert len(overdue) >= 2
    assert len(coming) >= 2
    assert all(one["result"] > 0 and one["planned"] > 0 for one in done)
    assert any(one["cost"] for one in done if one["kind"] == "CAMPAIGN")
    assert len({one["owner"] for one in items}) >= 4


def every_region_has_its_people_and_its_money(year: Year) -> None:
    for kind in ("HEADCOUNT", "BUDGET"):
        found = [one for one in year.found["items"] if one["kind"] == kind]
        assert len(found) == (7 if year.company is KANGYI else 2)
        assert all(one["result"] is not None and one["result"] <= one["planned"] for one in found)
        assert all(one["done_at"] is None for one in found)


def a_scorecard_has_caps_a_floor_and_a_line_of_which_less_is_better(year: Year) -> None:
    cards = {one["code"]: [] for one in year.found["lines"]}
    for one in year.found["lines"]:
        cards[one["code"]].append(one)

    assert sorted(lines[0]["role_id"] is None for lines in cards.values()) == [False, True]
    for lines in cards.values():
        assert sum(one["weight"] for one in lines) == 100
        assert all(one["cap_basis_points"] == 12_000 for one in lines)
        assert any(one["floor_basis_points"] for one in lines)
        assert [one["method"] for one in lines if one["direction"] == "LOWER"] == ["LINEAR"]
    assert [step["amount_each_minor"] for step in year.found["steps"]] == sorted(
        {step["amount_each_minor"] for step in year.found["steps"]}
    )
    assert len(year.found["steps"]) == 3
    assert year.found["lower"][0]["count"] > 0


def a_history_that_began_in_the_year_before_has_that_years_targets_too(year: Year) -> None:
    years = {one["first_day"].year: one["nodes"] for one in year.found["plans"]}
    began = today(year.company) - timedelta(days=LIVED)

    assert set(years) == {began.year, year.today.year}
    assert years[year.today.year] == max(years.values())


def a_campaign_is_answered_for_by_who_is_to_see_what_it_costs(year: Year) -> None:
    managers = {site.manager.name for site in year.company.sites}
    regional = {one.name for one in year.company.offices if one.login == "region"}
    owners = {one["code"]: one["owner"] for one in year.found["campaigns"]}

    assert len(owners) >= 2
    assert managers & set(owners.values())
    assert set(owners.values()) <= managers | regional
    assert regional <= set(owners.values())


def every_territory_but_one_has_an_owner(year: Year) -> None:
    assert len(year.found["unowned"]) == 1


def something_is_hoped_for_and_one_target_was_lowered_with_a_reason(year: Year) -> None:
    assert {one["category"] for one in year.found["hopes"]} == {"PIPELINE", "BEST", "COMMIT"}
    for one in year.found["hopes"]:
        assert year.today <= one["expected_on"] <= date(year.today.year, 12, 31)
    moves = year.found["changes"]
    assert min(one["delta"] for one in moves) < 0 < max(one["delta"] for one in moves)
    assert len({one["reason"] for one in moves}) == 1
    assert all(date(year.today.year, 1, 1) <= one["effective_on"] for one in moves)


CHECKS = (
    actions_are_open_overdue_and_done_by_people_of_different_levels,
    every_region_has_its_people_and_its_money,
    a_scorecard_has_caps_a_floor_and_a_line_of_which_less_is_better,
    a_history_that_began_in_the_year_before_has_that_years_targets_too,
    a_campaign_is_answered_for_by_who_is_to_see_what_it_costs,
    every_territory_but_one_has_an_owner,
    something_is_hoped_for_and_one_target_was_lowered_with_a_reason,
)


# A demo takes many seconds to make: one for all that is looked at in it.
@pytest.mark.long
@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.code)
async def test_a_demo_company_has_what_its_managers_look_for(
    company: Company, pool, location: Location
) -> None:
    year = await lived(company, pool, location)

    for check in CHECKS:
        check(year)
