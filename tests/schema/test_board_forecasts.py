"""Seasons, coverage and forecasts on the boards over HTTP (targets page 4.5 to 4.7)."""

import asyncio
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import Planner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.clock import ManualClock
from service.database.connections import Location, connected
from service.schema.boards.pipeline import FORECASTS, former_days
from service.schema.statistics.periods import Days
from service.targets.rules.pacing import coverage, projection_by_history, weighted_forecast
from service.targets.rules.rounding import rounded, shown
from service.targets.rules.seasons import SeasonStep, Span, season_over

PEOPLE = """query($metric: ID!, $day: Date, $period: PeriodInput!) {
  memberBoard(metricId: $metric, period: $period, asOfDay: $day, restated: true) {
    member { name } target credited gap expected paceBasisPoints projection projectionByHistory
    openPipeline coverage coverageState weightedForecast shortfall commitForecast bestForecast
    pipelineForecast } }"""
TERRITORIES = """query($root: ID!, $metric: ID!, $period: PeriodInput!) {
  territoryBoard(territoryId: $root, metricId: $metric, period: $period) {
    openPipeline weightedForecast coverageState } }"""
BEHIND = """query($metric: ID!, $member: ID!) {
  opportunities(filter: {metricId: {eq: $metric}, memberId: {eq: $member}, state: {eq: OPEN}}) {
    totalCount } }"""
STAGES = "{ opportunityStages { nodes { id code } } }"
PACE = """query($input: PacePreviewInput!) { previewPace(input: $input) {
  expected paceBasisPoints projection projectionByHistory } }"""
MARCH = {"month": {"year": 2026, "month": 3}}
WEEKS = [
    {"lastDay": day, "weight": weight}
    for day, weight in (
        ("2026-03-08", 15),
        ("2026-03-15", 20),
        ("2026-03-22", 25),
        ("2026-03-31", 40),
    )
]


class Forecaster:
    """A plan of March with a season of weeks, its ledger, and opportunities."""

    def __init__(self, desk: Desk) -> None:
        """Begin with nothing."""
        self.desk, self.planner, self.ledger = desk, Planner(desk), Ledger(desk)
        self.stage = ""

    async def begin(self, **targets: int) -> None:
        """Publish targets of people."""
        planner = self.planner
        planner.metric = await self.ledger.with_metric()
        await planner.with_plan("march", "2026-03-01", "2026-03-31")
        members = {name: {"memberId": self.desk.member(name)} for name in targets}
        await planner.add(
            *({"key": name, "amount": str(targets[name]), **members[name]} for name in targets)
        )
        set_ = {"planId": planner.plan, "steps": WEEKS}
        await self.desk.does("Lin", "setTargetSeason", "targetPlan { version }", **set_)
        again = await self.desk.does(
            "Lin", "setTargetSeason", "targetPlan { seasonSteps { firstDay weight } }", **set_
        )
        assert [one["weight"] for one in again["targetPlan"]["seasonSteps"]] == [15, 20, 25, 40]
        await planner.publish()
        nodes = (await self.desk.ask("Lin", STAGES))["opportunityStages"]["nodes"]
        self.stage = nodes[0]["id"]

    async def hopes(self, amount: int, chance: int, category: str = "PIPELINE", **more: Any) -> Any:
        """Open an opportunity of An's."""
        sent = {
            "name": f"{amount} at {chance}",
            "metricId": self.planner.metric,
            "amount": str(amount),
            "stageId": self.stage,
            "expectedOn": "2026-03-31",
            "probabilityBasisPoints": chance,
            "category": category,
            **more,
        }
        made = await self.desk.api.does(
            self.desk.token("An"), "createOpportunity", "opportunity { id }", **sent
        )
        return made["opportunity"]["id"]

    async def board(self, day: str, **more: Any) -> dict[str, dict[str, Any]]:
        """Return the board of people of March by name."""
        asked = {"metric": self.planner.metric, "period": MARCH, "day": day, **more}
        rows = (await self.desk.ask("Lin", PEOPLE, **asked))["memberBoard"]
        return {row["member"]["name"]: row for row in rows}


@pytest.fixture
def forecaster(desk: Desk) -> Forecaster:
    """A director's forecaster."""
    return Forecaster(desk)


def of(row: dict[str, Any], *names: str) -> list[Any]:
    return [row[name] for name in names]


async def test_q21_q23_q24_and_q28_on_a_board(forecaster: Forecaster, clock: ManualClock) -> None:
    await forecaster.begin(An=900, Bo=200, Mei=100)
    count = forecaster.ledger.counts
    on_day(clock, "2026-03-13")
    # Q24: of 100 in each of the three months before, 30, 36 and 33 had come by the 15th.
    for month, by_then in (("2025-12", 30), ("2026-01", 36), ("2026-02", 33)):
        await count(f"{month}-a", by_then, {"Mei": 10_000}, creditedOn=f"{month}-15")
        await count(f"{month}-b", 100 - by_then, {"Mei": 10_000}, creditedOn=f"{month}-16")
    for name, amount in (("An", 410), ("Bo", 60), ("Mei", 60)):
        await count(f"now {name}", amount, {name: 10_000}, creditedOn="2026-03-12")
    await forecaster.hopes(200, 8000, "COMMIT")
    await forecaster.hopes(300, 5000, "BEST")
    await forecaster.hopes(500, 2000)
    await forecaster.hopes(470, 0)
    await forecaster.hopes(9_000, 9000, "OMITTED")
    await forecaster.hopes(9_000, 9000, expectedOn="2026-04-01")
    on_day(clock, "2026-03-20")
    won = await forecaster.hopes(50, 10_000, "COMMIT")
    await forecaster.desk.does(
        "An", "closeOpportunity", "opportunity { state }", opportunityId=won, outcome="WON"
    )

    board = await forecaster.board("2026-03-15")
    before = await forecaster.board("2026-03-12")

    assert of(board["Bo"], "expected", "paceBasisPoints", "projection") == ["70", "8571", "171.43"]
    assert board["Mei"]["projectionByHistory"] == "181.82"
    assert board["Bo"]["projectionByHistory"] is None
    an = board["An"]
    assert of(an, "weightedForecast", "shortfall") == ["820.00", "80.00"]
    assert of(an, "openPipeline", "gap", "coverage", "coverageState") == [
        "1470",
        "490",
        "3.00",
        "ENOUGH",
    ]
    assert of(an, "commitForecast", "bestForecast", "pipelineForecast") == ["610", "910", "1880"]
    assert of(board["Bo"], "coverage", "coverageState") == ["0.00", "SHORT"]
    assert before["An"]["openPipeline"] == "0"

    desk, metric = forecaster.desk, forecaster.planner.metric
    assert await desk.ask("Lin", BEHIND, metric=metric, member=desk.member("An")) == {
        "opportunities": {"totalCount": 6}
    }
    tenant = desk.showroom.tenant
    place = f"territory_{tenant.territories[tenant.team_territory]}"
    rows = await desk.ask("Lin", TERRITORIES, root=place, metric=metric, period=MARCH)
    assert rows["territoryBoard"][0]["openPipeline"] == "1470"
    # Q28: with no gap left it is covered, and nothing is divided by 0.
    await count("the rest", 490, {"An": 10_000}, creditedOn="2026-03-12")
    covered = (await forecaster.board("2026-03-15"))["An"]
    assert of(covered, "gap", "coverage", "coverageState") == ["0", None, "COVERED"]


async def test_what_is_expected_goes_by_the_season_as_the_exact_rule_does(
    forecaster: Forecaster,
) -> None:
    await forecaster.begin(An=1_000_003)
    march = [date(2026, 3, 1) + timedelta(days=n) for n in range(31)]
    worked = {day for day in march if day.weekday() < 5}
    steps = [SeasonStep(date.fromisoformat(str(one["lastDay"])), weight(one)) for one in WEEKS]

    for day in march[::3]:
        over = Span(march[0], date(2026, 4, 1), day + timedelta(days=1))
        share = season_over(march[0], steps, worked, over)
        assert share is not None
        row = (await forecaster.board(str(day)))["An"]
        assert row["expected"] == str(rounded(share * 1_000_003)), day


def weight(step: dict[str, Any]) -> Fraction:
    return Fraction(step["weight"])


async def test_q21_and_q24_before_anything_is_kept(desk: Desk) -> None:
    wanted: dict[str, Any] = {
        "target": "200",
        "actual": "60",
        "asOf": "2026-03-15T16:00:00Z",
        "period": MARCH,
        "curve": WEEKS,
        "formerSharesBasisPoints": [3000, 3600, 3300],
    }

    found = await desk.ask("An", PACE, input=wanted)
    short = {"input": {**wanted, "curve": WEEKS[:3]}}
    empty = {"input": {**wanted, "curve": [{**one, "weight": 0} for one in WEEKS]}}
    refused = [
        (
            await desk.api.post(desk.token("An"), PACE, headers={"Accept-Language": "en"}, **one)
        ).json()["errors"]
        for one in (short, empty)
    ]

    assert found["previewPace"] == {
        "expected": "70",
        "paceBasisPoints": 8571,
        "projection": "171.43",
        "projectionByHistory": "181.82",
    }
    assert [(one["extensions"]["code"], one["extensions"]["field"]) for (one,) in refused] == [
        ("INVALID_INPUT", ["input", "curve"])
    ] * 2
    assert [one["message"].partition("expected: ")[2] for (one,) in refused] == [
        "steps to the last day of the period, 2026-03-31, and no further.",
        "at least one weight above 0.",
    ]


def test_former_periods_are_months_of_their_own_length_or_days() -> None:
    def firsts(first: str, until: str) -> list[str]:
        days = Days(date.fromisoformat(first), date.fromisoformat(until))
        return [str(one.first) for one in former_days(days)]

    assert firsts("2026-03-01", "2026-04-01") == ["2026-02-01", "2026-01-01", "2025-12-01"]
    assert firsts("2026-01-01", "2027-01-01") == ["2025-01-01", "2024-01-01", "2023-01-01"]
    assert firsts("2026-03-10", "2026-03-17") == ["2026-03-03", "2026-02-24", "2026-02-17"]


amounts = st.integers(0, 10**12)
chances = st.integers(0, 10_000)
pairs = st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)).map(
    lambda pair: (pair[0], min(pair))
)


@given(
    rows=st.lists(
        st.tuples(amounts, amounts, st.lists(st.tuples(amounts, chances), max_size=3), pairs),
        min_size=1,
        max_size=20,
    )
)
@example(rows=[(900, 410, [(200, 8000), (300, 5000), (500, 2000)], (100, 33))])
@settings(max_examples=15)
def test_the_statement_forecasts_as_the_exact_rules_do(
    location: Location, rows: list[tuple[int, int, list[tuple[int, int]], tuple[int, int]]]
) -> None:
    for found, (target, credited, open_now, (total, booked)) in zip(
        asyncio.run(forecast(location, rows)), rows, strict=True
    ):
        pipeline = sum(amount for amount, _ in open_now)
        weighted = weighted_forecast(credited, [(n, Fraction(p, 10_000)) for n, p in open_now])
        projected = projection_by_history(credited, [Fraction(booked, total)])
        covered = coverage(pipeline, max(target - credited, 0))
        assert text(found["weighted_forecast"]) == shown(weighted)
        assert text(found["shortfall"]) == shown(max(target - weighted, Fraction(0)))
        assert text(found["coverage"]) == (None if covered is None else shown(covered))
        assert (found["coverage_state"] == "COVERED") == (covered is None)
        assert text(found["projection_by_history"]) == (
            None if projected is None else shown(projected)
        )


def text(value: object) -> str | None:
    return None if value is None else str(value)


async def test_without_a_target_a_forecast_falls_short_of_nothing(location: Location) -> None:
    (found,) = await forecast(location, [(None, 410, [(200, 8_000)], (100, 33))])
    assert (found["shortfall"], found["coverage"], found["coverage_state"]) == (None, None, None)
    assert text(found["weighted_forecast"]) == "570.00"


async def forecast(location: Location, rows: list[Any]) -> list[Any]:
    """Let the database make the forecasts of targets, credits and open amounts."""
    sums = [
        (target, credited, sum(n for n, _ in hoped), sum(n * p for n, p in hoped), *former)
        for target, credited, hoped, former in rows
    ]
    async with connected(location, "postgres") as connection:
        return list(
            await connection.fetch(
                f"SELECT {', '.join(FORECASTS.values())}"
                " FROM (SELECT FALSE AS ratio, FALSE AS lower) kind,"
                " unnest($1::numeric[], $2::numeric[], $3::numeric[], $4::numeric[],"
                " $5::numeric[], $6::numeric[]) WITH ORDINALITY"
                " f (target, credited, open, weighted, total, booked, place)"
                " CROSS JOIN LATERAL (SELECT f.open, f.weighted, 0 AS commit, 0 AS best) o"
                " CROSS JOIN LATERAL (SELECT f.total AS total_0, f.booked AS booked_0,"
                " NULL::numeric AS total_1, NULL::numeric AS booked_1, NULL::numeric AS total_2,"
                " NULL::numeric AS booked_2) b ORDER BY f.place",
                *(list(column) for column in zip(*sums, strict=True)),
            )
        )
