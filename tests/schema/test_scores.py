"""Scorecards and bonuses over HTTP (targets page 4.5 and 4.7)."""

import asyncio
from fractions import Fraction
from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import NAMES, Planner
from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.clock import ManualClock
from service.database.connections import Location, connected
from service.schema.boards import pieces
from service.schema.scorecards.bonuses import BONUS, PAY, STEPS
from service.schema.scorecards.scores import COUNTED, REACHED, SCORE
from service.targets.rules.pacing import (
    Measure,
    Stair,
    attained_by_ratio,
    attained_linearly,
    divided,
    next_stair,
    score,
    stair_bonus,
    stepwise_bonus,
)
from service.targets.rules.rounding import shown

SCORES = """query($card: ID!, $period: PeriodInput!, $day: Date) {
  memberScores(scorecardId: $card, period: $period, asOfDay: $day) {
    member { name } score
    lines { metric { code } weight target credited attainmentBasisPoints countedBasisPoints } } }"""
PLACES = """query($card: ID!, $place: ID!, $period: PeriodInput!) {
  territoryScores(scorecardId: $card, territoryId: $place, period: $period) {
    territory { code } score lines { attainmentBasisPoints } } }"""
BONUSES = """query($scheme: ID!, $period: PeriodInput!, $day: Date) {
  memberBonuses(schemeId: $scheme, period: $period, asOfDay: $day, restated: true) {
    member { name } target credited bonus stepBasisPoints nextStepBasisPoints unitsToNextStep
    bonusAtNextStep } }"""
BOARD = """query($metric: ID!, $period: PeriodInput!) {
  memberBoard(metricId: $metric, period: $period) {
    member { name } target credited attainmentBasisPoints gap colour requiredPerDay } }"""
MARCH = {"month": {"year": 2026, "month": 3}}


class Scorer:
    """Metrics with a plan of March, and what is reached of them."""

    def __init__(self, desk: Desk) -> None:
        """Begin with no metric."""
        self.desk, self.planner, self.ledger = desk, Planner(desk), Ledger(desk)
        self.metrics: dict[str, str] = {}

    async def reached(self, code: str, people: dict[str, tuple[int, Any]], **metric: Any) -> None:
        """Make a metric; publish targets of people and count what each has reached."""
        self.planner.metric = self.metrics[code] = await self.ledger.with_metric(code, **metric)
        await self.planner.with_plan(code.lower(), "2026-03-01", "2026-03-31")
        member = self.desk.member
        await self.planner.add(
            *(
                {"key": name, "amount": str(target), "memberId": member(name)}
                for name, (target, _) in people.items()
            )
        )
        await self.planner.publish()
        for name, (_, amount) in people.items():
            more = {"base": "1"} if metric.get("unit") == "RATIO" else {}
            await self.ledger.counts(f"{code} {name}", amount, {name: 10_000}, **more)

    async def card(self, code: str, *lines: dict[str, Any], **more: Any) -> str:
        """Make a scorecard of metrics by code."""
        sent = [{**line, "metricId": self.metrics[line["metricId"]]} for line in lines]
        made = await self.desk.does(
            "Lin",
            "createScorecard",
            "scorecard { id }",
            code=code,
            names=NAMES,
            firstDay="2026-03-01",
            lines=sent,
            **more,
        )
        return str(made["scorecard"]["id"])

    async def scores(self, card: str, by: str = "Lin", **more: Any) -> dict[str, dict[str, Any]]:
        """Return the scores of March by name."""
        asked = {"card": card, "period": MARCH, "day": None, **more}
        rows = (await self.desk.ask(by, SCORES, **asked))["memberScores"]
        return {row["member"]["name"]: row for row in rows}

    async def board(self, code: str) -> dict[str, dict[str, Any]]:
        """Return the board of a metric by name."""
        asked = {"metric": self.metrics[code], "period": MARCH}
        rows = (await self.desk.ask("Lin", BOARD, **asked))["memberBoard"]
        return {row["member"]["name"]: row for row in rows}


@pytest.fixture
def scorer(desk: Desk) -> Scorer:
    """A director's scorer."""
    return Scorer(desk)


def line(metric: str, weight: int, **more: Any) -> dict[str, Any]:
    return {"metricId": metric, "weight": weight, **more}


async def scores_that_are_cut_go_on(scorer: Scorer, card: str) -> None:
    """And so do bonuses."""
    made = await scorer.desk.does(
        "Lin",
        "createBonusScheme",
        "bonusScheme { id }",
        code="cut",
        names=NAMES,
        metricId=scorer.metrics["MY_CASH"],
        firstDay="2026-03-01",
        steps=[{"fromBasisPoints": 0, "amountEach": "1"}],
    )
    document = """query($card: ID!, $scheme: ID!, $period: PeriodInput!, $after: ID) {
      memberScores(scorecardId: $card, period: $period, afterId: $after) { member { name } cut }
      memberBonuses(schemeId: $scheme, period: $period, afterId: $after) {
        member { name } cut } }"""
    asked = {"card": card, "scheme": made["bonusScheme"]["id"], "period": MARCH}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "MOST_PEOPLE", 3)
        for after, names in ((None, ["An", "Bo", "Lin"]), (scorer.desk.member("Lin"), ["Mei"])):
            found = await scorer.desk.ask("Lin", document, after=after, **asked)
            for rows in found.values():
                assert [row["member"]["name"] for row in rows] == names
                assert [row["cut"] for row in rows] == [False] * 2 * (not after) + [not after]


async def what_is_retired_is_weighed_no_more(scorer: Scorer, card: str) -> None:
    """In a new card, that is; what was weighed with it stays."""
    retired = {"metricId": scorer.metrics["MY_CASH"]}
    await scorer.desk.does("Lin", "retireMetric", "metric { id }", **retired, expectedVersion=1)
    sent = {"code": "late", "names": NAMES, "firstDay": "2026-03-01"}
    for made, more in (
        ("createScorecard", {"lines": [{**retired, "weight": 1}]}),
        ("createBonusScheme", {**retired, "steps": [{"fromBasisPoints": 0, "amountEach": "1"}]}),
    ):
        tried = await scorer.desk.api.tries(
            scorer.desk.token("Lin"), made, "replayed", **sent, **more
        )
        assert [one["code"] for one in tried["errors"]] == ["NOT_FOUND"]
    assert (await scorer.scores(card))["An"]["score"] == "103.00"


async def test_q25_q25b_q27_and_q29_metrics_are_weighed_into_one_score(scorer: Scorer) -> None:
    await scorer.reached(
        "MY_CONTRACTS", {"An": (100, 92), "Bo": (100, 92), "Lin": (600, 460), "Mei": (100, 92)}
    )
    await scorer.reached(
        "MY_CASH", {"An": (100, 110), "Bo": (100, 55), "Lin": (8, 5), "Mei": (0, 30)}
    )
    await scorer.reached(
        "MY_VISITS", {"An": (100, 150), "Bo": (100, 150), "Lin": (12, 7), "Mei": (100, 120)}
    )
    lines = (
        line("MY_CONTRACTS", 50, capBasisPoints=12_000),
        line("MY_CASH", 30, capBasisPoints=12_000, floorBasisPoints=6_000),
        line("MY_VISITS", 20, capBasisPoints=12_000),
    )
    card = await scorer.card("everybody", *lines)

    scores = await scorer.scores(card)

    assert {name: row["score"] for name, row in scores.items()} == {
        "An": "103.00",  # Q25
        "Bo": "70.00",  # Q25b
        "Lin": "68.75",  # Q29
        "Mei": "100.00",  # Q27
    }
    assert [one["attainmentBasisPoints"] for one in scores["Lin"]["lines"]] == [
        "7667",
        "6250",
        "5833",
    ]
    assert [one["countedBasisPoints"] for one in scores["Bo"]["lines"]] == ["9200", "0", "12000"]
    assert [one["attainmentBasisPoints"] for one in scores["Mei"]["lines"]] == [
        "9200",
        None,
        "12000",
    ]
    assert set(await scorer.scores(card, "An")) == {"An"}

    tenant = scorer.desk.showroom.tenant
    place = f"territory_{tenant.territories[tenant.team_territory]}"
    rows = await scorer.desk.ask("Lin", PLACES, card=card, place=place, period=MARCH)
    assert rows["territoryScores"][0]["score"] is None
    role = f"role_{tenant.roles['director']}"
    for_bo = await scorer.card("for-bo", lines[0], memberId=scorer.desk.member("Bo"))
    assert set(await scorer.scores(for_bo)) == {"Bo"}
    for_directors = await scorer.card("for-directors", lines[0], roleId=role)
    assert set(await scorer.scores(for_directors)) == {"Lin"}
    ended = {"scorecardId": card, "lastDay": "2026-03-31"}
    await scorer.desk.does("Lin", "endScorecard", "scorecard { lastDay }", **ended)
    april = {"month": {"year": 2026, "month": 4}}
    assert await scorer.scores(card, period=april) == {}

    await scores_that_are_cut_go_on(scorer, card)
    await what_is_retired_is_weighed_no_more(scorer, card)
    refused = await scorer.desk.api.tries(
        scorer.desk.token("An"), "endScorecard", "scorecard { id }", **ended
    )
    assert [one["code"] for one in refused["errors"]] == ["FORBIDDEN"]


async def test_q26_and_q33_where_lower_is_better_and_of_several_metrics_none_is_added(
    scorer: Scorer,
) -> None:
    minutes = {"unit": "RATIO", "direction": "LOWER"}
    await scorer.reached("MY_RESPONSE", {"An": (300_000, 36), "Bo": (300_000, 24)}, **minutes)
    linear = await scorer.card("linear", line("MY_RESPONSE", 1, method="LINEAR"))
    ratio = await scorer.card("ratio", line("MY_RESPONSE", 1, method="RATIO"))

    by_line = {name: row["score"] for name, row in (await scorer.scores(linear)).items()}
    by_ratio = {name: row["score"] for name, row in (await scorer.scores(ratio)).items()}
    board = await scorer.board("MY_RESPONSE")

    assert by_line == {"An": "80.00", "Bo": "120.00"}
    assert by_ratio == {"An": "83.33", "Bo": "125.00"}
    assert (board["An"]["attainmentBasisPoints"], board["An"]["gap"]) == ("8000", "60000")
    assert (board["Bo"]["attainmentBasisPoints"], board["Bo"]["gap"]) == ("12000", "0")
    assert (board["An"]["colour"], board["An"]["requiredPerDay"]) == (None, None)

    await scorer.reached("MY_SUBSCRIBED", {"An": (20, 12)})
    await scorer.ledger.counts("two cancelled", -2, {"An": 10_000})
    money = {"unit": "MONEY", "countingEvent": "CASH"}
    await scorer.reached("MY_COLLECTED", {"An": (900_000_000, 540_000_000)}, **money)
    attained = {
        code: (await scorer.board(code))["An"]["attainmentBasisPoints"]
        for code in ("MY_SUBSCRIBED", "MY_COLLECTED")
    }
    assert attained == {"MY_SUBSCRIBED": "5000", "MY_COLLECTED": "6000"}


async def test_of_a_ratio_nothing_is_divided_that_was_rounded_before(scorer: Scorer) -> None:
    await scorer.reached("WON_SHARE", {"An": (5_000, 0)}, unit="RATIO")
    await scorer.ledger.counts("a third", 1, {"An": 10_000}, base="2")

    row = (await scorer.board("WON_SHARE"))["An"]

    # 1 of 3 is 33.33 % for display, and two thirds of the half that was wanted.
    assert (row["credited"], row["attainmentBasisPoints"]) == ("3333", "6667")


async def test_q30_each_step_pays_for_every_unit_and_tells_what_the_next_one_takes(
    scorer: Scorer, clock: ManualClock
) -> None:
    await scorer.reached("MY_CARS", {"An": (120, 0)})
    on_day(clock, "2026-03-20")
    for day, more in ((3, 107), (4, 1), (5, 11), (6, 1), (9, 11), (10, 1)):
        on = f"2026-03-{day:02}"
        await scorer.ledger.counts(f"cars {day}", more, {"An": 10_000}, creditedOn=on)
    steps = [
        {"fromBasisPoints": at, "amountEach": each}
        for at, each in ((9_000, "1000"), (10_000, "2000"), (11_000, "3000"))
    ]
    sent = {"metricId": scorer.metrics["MY_CARS"], "names": NAMES, "firstDay": "2026-01-01"}
    made = await scorer.desk.does(
        "Lin", "createBonusScheme", "bonusScheme { id }", code="stairs", steps=steps, **sent
    )

    rows = [
        (
            await scorer.desk.ask(
                "Lin",
                BONUSES,
                scheme=made["bonusScheme"]["id"],
                period=MARCH,
                day=f"2026-03-{day:02}",
            )
        )["memberBonuses"][0]
        for day in (3, 4, 5, 6, 9, 10)
    ]

    assert [(int(row["credited"]), int(row["bonus"])) for row in rows] == [
        (107, 0),
        (108, 108_000),
        (119, 119_000),
        (120, 240_000),
        (131, 262_000),
        (132, 396_000),
    ]
    first, last = rows[0], rows[-1]
    assert (first["nextStepBasisPoints"], first["unitsToNextStep"]) == (9_000, "1")
    assert (first["stepBasisPoints"], first["bonusAtNextStep"]) == (None, "108000")
    assert (last["stepBasisPoints"], last["nextStepBasisPoints"]) == (11_000, None)


shares = st.integers(0, 20_000)
limits = st.none() | shares
lines_of_one = st.lists(
    st.tuples(
        st.integers(1, 100),
        st.sampled_from(["DIRECT", "LINEAR", "RATIO"]),
        limits,
        limits,
        st.integers(0, 2_000),
        st.integers(0, 3_000),
    ),
    min_size=1,
    max_size=4,
)
stairs_of_one = st.lists(
    st.tuples(shares, st.integers(0, 5_000)), min_size=1, max_size=4, unique_by=lambda one: one[0]
)


@given(
    lines=lines_of_one, stairs=stairs_of_one, target=st.integers(0, 40), units=st.integers(0, 60)
)
@example(
    lines=[(1, "DIRECT", None, None, 3, 1), (1, "DIRECT", None, None, 6, 1)],
    stairs=[(9_000, 1_000)],
    target=7,
    units=7,
)
@example(
    lines=[(1, "DIRECT", None, 5_000, 2, 1)], stairs=[(9_000, 1_000)], target=7, units=7
)  # Exactly at its floor it counts.
@settings(max_examples=25)
def test_the_statements_score_and_pay_as_the_exact_rules_do(
    location: Location, lines: list[Any], stairs: list[Any], target: int, units: int
) -> None:
    found, paid = asyncio.run(reckoned(location, lines, stairs, target, units))

    exact = score([measure(one) for one in lines])
    assert (None if found is None else str(found)) == (
        None if exact is None else shown(exact * 100)
    )
    steps = [Stair(Fraction(at, 10_000), each) for at, each in stairs]
    ahead = next_stair(target, units, steps)
    for row, rule in zip(paid, (stair_bonus, stepwise_bonus), strict=True):
        assert row["bonus"] == rule(target, units, steps)
        assert row["units_to_next_step"] == (None if ahead is None else ahead[1])
        assert row["bonus_at_next_step"] == (
            None if ahead is None else rule(target, units + ahead[1], steps)
        )


def measure(line: tuple[int, str, int | None, int | None, int, int]) -> Measure:
    """Make the rule's measure of a line; a target of 0 is no target."""
    weight, method, cap, floor, target, actual = line
    wanted, reached = Fraction(target), Fraction(actual)
    attained = {
        "DIRECT": divided(reached, wanted),
        "LINEAR": attained_linearly(wanted, reached),
        "RATIO": attained_by_ratio(wanted, reached),
    }[method]
    bounds = [None if one is None else Fraction(one, 10_000) for one in (cap, floor)]
    return Measure(Fraction(weight), attained if target else None, *bounds)


async def reckoned(
    location: Location, lines: list[Any], stairs: list[Any], target: int, units: int
) -> tuple[Any, list[Any]]:
    """Let the database make the score of lines, and the bonus both ways."""
    columns = [list(column) for column in zip(*lines, strict=True)]
    async with connected(location, "postgres") as connection:
        found = await connection.fetchval(
            f"SELECT {SCORE} FROM (SELECT l.weight, {COUNTED} AS counted FROM unnest($1::integer[],"
            " $2::text[], $3::integer[], $4::integer[], $5::numeric[], $6::numeric[])"
            " l (weight, method, cap_basis_points, floor_basis_points, target, actual)"
            " CROSS JOIN LATERAL (SELECT l.target, l.actual AS number, 1 AS per) f"
            f" CROSS JOIN LATERAL (SELECT {REACHED} AS reached) r) e",
            *columns,
        )
        steps = (
            "(SELECT * FROM unnest($3::integer[], $4::bigint[])"
            " b (from_basis_points, amount_each_minor))"
        )
        paid = [
            await connection.fetchrow(
                f"WITH scheme AS (SELECT $5::boolean AS retroactive), {PAY.format(steps=steps)}"
                f" SELECT {BONUS} FROM (SELECT $1::numeric AS target, $2::numeric AS credited) f"
                f" {STEPS}",
                target,
                units,
                *(list(column) for column in zip(*stairs, strict=True)),
                retroactive,
            )
            for retroactive in (True, False)
        ]
    return found, paid
