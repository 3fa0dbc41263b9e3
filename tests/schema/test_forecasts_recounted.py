"""Scores, projections by history and what slips, computed once more from the entries.

Written from the formulas of the targets page (4.5, Q24 to Q29) and not from the service's
statements, of territories with all below them and of people, on days amid the month and after it.
"""

from datetime import date, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.recounted import Looked, Recounted, amount, divided, half_up, on, place_of, up
from builders.targets import NAMES, Planner

from service.clock import ManualClock

TREE = "{ territoryTree { territory { id } parent { id } } }"
METRICS = """{ metrics(first: 200) { nodes {
  id countingEvent unit currency productCodes business } } }"""
MARCH = {"month": {"year": 2026, "month": 3}}
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
# The three months before, the latest first.
FORMER = [(date(2026, 2, 1), 28), (date(2026, 1, 1), 31), (date(2025, 12, 1), 31)]
SLIPPING = "projectionByHistory newCustomerCount uncollected absentCount"
ASKED = f"""query($root: ID!, $metric: ID!, $card: ID!, $day: Date, $period: PeriodInput!) {{
  territoryBoard(territoryId: $root, metricId: $metric, period: $period, depth: 9, asOfDay: $day,
                 restated: true) {{ territory {{ id }} target targetSummed {SLIPPING} }}
  memberBoard(metricId: $metric, period: $period, asOfDay: $day, restated: true) {{
    cursor {SLIPPING} }}
  territoryScores(scorecardId: $card, territoryId: $root, period: $period, depth: 9,
                  asOfDay: $day, restated: true) {{ territory {{ id }} score }}
  memberScores(scorecardId: $card, period: $period, asOfDay: $day, restated: true) {{
    cursor score }} }}"""
# Method, weight, cap and floor of a line.
LINES = {
    "SALES": ("DIRECT", 50, 12_000, 3_000),
    "PEOPLE": ("DIRECT", 30, None, None),
    "CASH": ("LINEAR", 15, 15_000, None),
    "SIGNED": ("RATIO", 5, 20_000, None),
}
KINDS: dict[str, dict[str, str]] = {
    "SALES": {},
    "PEOPLE": {"countingEvent": "NEW_CUSTOMER", "unit": "COUNT"},
    "SIGNED": {"countingEvent": "CONTRACT", "unit": "MONEY", "currency": "CNY"},
    "CASH": {"countingEvent": "CASH", "unit": "MONEY", "currency": "CNY"},
}


class World:
    """Metrics with targets, entries of four months, and a scorecard."""

    def __init__(self, desk: Desk, clock: ManualClock) -> None:
        self.desk, self.clock, self.chance = desk, clock, Random(27)  # noqa: S311 - test data
        self.ledger, self.planner = Ledger(desk), Planner(desk)
        self.metrics: dict[str, str] = {}
        self.above: dict[str, str | None] = {}
        self.card = ""

    async def made(self) -> None:
        """Make all of it."""
        await self.territories()
        # What is new, contracted and collected is the ledger's of the oldest metric of its kind.
        known = (await self.desk.ask("Lin", METRICS))["metrics"]["nodes"]
        for code, kind in KINDS.items():
            whole = {**kind, "productCodes": [], "business": "ALL"}
            found = [one["id"] for one in known if kind and whole.items() <= one.items()]
            made = min(found) if found else await self.ledger.with_metric(code, **kind)
            self.metrics[code] = made
        await self.planner.with_plan("march", str(FIRST), str(LAST))
        for code, metric in self.metrics.items():
            self.planner.metric = metric
            # The first two have none of their own, and the last of the people has none.
            places = list(self.above)[2:]
            await self.planner.add(
                *(self.target(f"{code} {n}", territoryId=place) for n, place in enumerate(places)),
                *(
                    self.target(f"{code} {name}", memberId=self.desk.member(name))
                    for name in ("An", "Bo")
                ),
            )
        await self.planner.publish()
        on_day(self.clock, "2026-04-08")
        await self.entries()
        lines = [
            {"metricId": self.metrics[code], "method": method, "weight": weight}
            | {"capBasisPoints": cap, "floorBasisPoints": floor}
            for code, (method, weight, cap, floor) in LINES.items()
        ]
        made = await self.desk.does(
            "Lin", "createScorecard", "scorecard { id }", code="all", names=NAMES,
            firstDay="2026-03-01", lines=lines,
        )  # fmt: skip
        self.card = made["scorecard"]["id"]

    def target(self, key: str, **whose: str) -> dict[str, Any]:
        # Of one nothing is asked: it is in no score.
        wanted = 0 if key == "PEOPLE 0" else self.chance.randint(5, 60)
        return {"key": key, "amount": str(wanted), **whose}

    async def territories(self) -> None:
        """Three below one another's side, and one below the second."""
        self.desk.showroom.people["Ada"] = self.desk.showroom.tenant.admin_id
        root = (await self.desk.ask("Lin", TREE))["territoryTree"][0]["territory"]["id"]
        made = [root]
        for number, above in enumerate((0, 1, 1, 0)):
            done = await self.desk.does(
                "Ada", "createTerritory", "territory { id }", code=f"t-{number}",
                parentId=made[above], dimension="area", names=NAMES,
            )  # fmt: skip
            made.append(done["territory"]["id"])
        tree = (await self.desk.ask("Lin", TREE))["territoryTree"]
        above_of = {one["territory"]["id"]: (one["parent"] or {}).get("id") for one in tree}
        self.above = {one: above_of[one] for one in (*made, *(above_of.keys() - set(made)))}

    async def entries(self) -> None:
        """Let amounts count in four months, some of them paid back."""
        for number in range(44):
            code = self.chance.choice(list(self.metrics))
            self.ledger.metric = self.metrics[code]
            day = date(2025, 12, 1) + timedelta(days=self.chance.randrange(121))
            await self.ledger.counts(
                f"entry {number}",
                self.chance.choice((1, 2, 3, 5, 8, 13, 21, -2)),
                {self.chance.choice(("An", "Bo", "Chu")): 10_000},
                creditedOn=str(day),
                territoryId=self.chance.choice(list(self.above)[1:5]),
            )


class Again:
    """The same figures, from the lists."""

    def __init__(self, world: World, lists: Recounted, day: date) -> None:
        self.world, self.lists = world, lists
        self.looked = Looked(FIRST, LAST, day, day + timedelta(days=1))

    def his(self, code: str, subject: str) -> list[dict[str, Any]]:
        """The primary entries of a metric, of a person or of a territory with all below it."""
        return [
            one
            for one in self.lists.found["metricCredits"]
            if one["metric"]["id"] == self.world.metrics[code]
            and one["kind"] == "PRIMARY"
            and subject
            in (
                (one["member"] or {}).get("id"),
                *up(self.world.above, (one["territory"] or {}).get("id")),
            )
        ]

    def reached(self, code: str, subject: str) -> int:
        until = min(LAST, self.looked.day)
        return amount(one for one in self.his(code, subject) if FIRST <= on(one) <= until)

    def target(self, code: str, subject: str) -> int | None:
        """Its own, or of a territory the sum of what those right below it have."""
        self.lists.metric = self.world.metrics[code]
        own = self.lists.targets(
            self.looked,
            lambda node: place_of(node) if node["territory"] else (node["member"] or {}).get("id"),
        ).get(subject)
        if own:
            return sum(self.lists.figure(one, self.looked.day) for one in own)
        below = [one for one, above in self.world.above.items() if above == subject]
        shown = [one for one in (self.target(code, each) for each in below) if one is not None]
        return sum(shown) if shown else None

    def by_history(self, code: str, subject: str) -> Fraction | None:
        """Actual ÷ the mean share that the three periods before had booked by this day (Q24)."""
        shares = []
        for first, length in FORMER:
            days = (first, first + timedelta(days=length - 1))
            there = [one for one in self.his(code, subject) if days[0] <= on(one) <= days[1]]
            by_then = first + (self.looked.day - FIRST)
            if amount(there) > 0:
                booked = amount(one for one in there if on(one) <= by_then)
                shares.append(Fraction(booked, amount(there)))
        mean = sum(shares, Fraction(0)) / len(shares) if shares else None
        return half_up(divided(self.reached(code, subject), mean), 2)

    def uncollected(self, subject: str) -> int:
        contracts, cash = (
            amount(one for one in self.his(code, subject) if on(one) <= self.looked.day)
            for code in ("SIGNED", "CASH")
        )
        return contracts - cash

    def score(self, subject: str) -> Fraction | None:
        """Σ weight × min(max(attainment, 0), cap), below its floor nothing; n/a weighs nothing."""
        total, weights = Fraction(0), 0
        for code, (method, weight, cap, floor) in LINES.items():
            target, actual = self.target(code, subject), self.reached(code, subject)
            direct = divided(actual, target)
            if method == "LINEAR" and direct is not None:
                direct = 2 - direct
            if method == "RATIO":
                direct = divided(target, actual) if target else None
            if direct is None:
                continue
            counted = max(direct, Fraction(0))
            if cap is not None:
                counted = min(counted, Fraction(cap, 10_000))
            if floor is not None and direct < Fraction(floor, 10_000):
                counted = Fraction(0)
            total, weights = total + weight * counted, weights + weight
        return half_up(total * 100 / weights, 2) if weights else None


def exact(text: Any) -> Fraction | None:
    return None if text is None else Fraction(str(text))


async def test_scores_and_projections_are_those_of_the_entries(
    desk: Desk, clock: ManualClock
) -> None:
    world = World(desk, clock)
    await world.made()
    lists = Recounted(desk, world.metrics["SALES"])
    await lists.read("Lin")
    summed = scored = projected = 0

    for day in (date(2026, 3, 4), date(2026, 3, 17), date(2026, 4, 2)):
        again = Again(world, lists, day)
        asked = {"root": next(iter(world.above)), "card": world.card, "day": str(day)}
        asked |= {"metric": world.metrics["SALES"], "period": MARCH}
        found = await desk.ask("Lin", ASKED, **asked)
        rows = {row["territory"]["id"]: row for row in found["territoryBoard"]}
        assert rows.keys() == world.above.keys()
        for place, row in rows.items():
            assert exact(row["target"]) == again.target("SALES", place)
            summed += row["targetSummed"]
        people = {row["cursor"]: row for row in found["memberBoard"]}
        for subject, row in (rows | people).items():
            wanted = again.by_history("SALES", subject)
            assert exact(row["projectionByHistory"]) == wanted, (day, subject)
            projected += wanted is not None
            assert int(row["newCustomerCount"]) == again.reached("PEOPLE", subject)
            assert int(row["uncollected"]) == again.uncollected(subject)
            assert row["absentCount"] == 0
        scores = {row["territory"]["id"]: row["score"] for row in found["territoryScores"]}
        scores |= {row["cursor"]: row["score"] for row in found["memberScores"]}
        for subject, score in scores.items():
            wanted = again.score(subject)
            assert exact(score) == wanted, (day, subject)
            scored += wanted is not None

    assert min(summed, scored, projected) > 5
