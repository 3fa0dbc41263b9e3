"""Boards computed once more from what the API lists: targets, changes, entries, the calendar.

Written from the formulas of the targets page and not from the service's statements. Everything is
taken as it is known today, so that a board of a past day is asked for with `restated`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from builders.api import Desk

LISTS = {
    "targetPlans": "id state firstDay lastDay publishedAt seasonSteps { firstDay lastDay weight"
    " metric { id } } revisionOf { id }",
    "targetNodes": "id plan { id } parent { id } metric { id } territory { id } member { id }"
    " channelCode productCode orgUnit { id } seat firstDay lastDay kind level split setFigure"
    " unassigned vacant",
    "targetChanges": "node { id } delta effectiveOn",
    "metricCredits": "metric { id } amount kind creditedOn member { id } territory { id }",
    "calendarDays": "day worked",
}
TREE = "query($day: Date) { territoryTree(day: $day) { territory { id } parent { id } } }"
FIGURES = """target credited creditedOnDay overlay attainmentBasisPoints expected paceBasisPoints
  colour gap requiredPerDay requiredPerWeek runRate projection workingDays elapsedWorkingDays
  unassigned"""
BOARDS = f"""query($root: ID!, $metric: ID!, $day: Date, $period: PeriodInput!) {{
  territoryBoard(territoryId: $root, metricId: $metric, depth: 9, asOfDay: $day, restated: true,
                 period: $period) {{ territory {{ id }} {FIGURES} }}
  memberBoard(metricId: $metric, asOfDay: $day, restated: true, period: $period) {{
    cursor {FIGURES} }} }}"""
MINE = f"""query($day: Date) {{ viewer {{ member {{ id }} }}
  myTargets(asOfDay: $day, restated: true) {{ node {{ id }} {FIGURES} }} }}"""
WEEKEND, WEEK = {5, 6}, 5
IN_FORCE = {"PUBLISHED", "REVISED", "CLOSED"}
Found = dict[str, Any]


def of(record: Found, name: str) -> str | None:
    return record[name]["id"] if record[name] else None


def day_of(text: str) -> date:
    return date.fromisoformat(text)


def half_up(number: Fraction | None, places: int = 0) -> Fraction | None:
    """Round half away from zero."""
    if number is None:
        return None
    scaled = abs(number) * 10**places
    whole = (2 * scaled + 1) // 2
    return Fraction(whole if number >= 0 else -whole, 10**places)


def divided(number: Fraction | int | None, by: Fraction | int | None) -> Fraction | None:
    return Fraction(number) / by if number is not None and by else None


@dataclass(slots=True)
class Looked:
    """A period and the last day that is looked at; `over` is the first that is not over."""

    first: date
    last: date
    day: date
    over: date

    def has(self, record: Found) -> bool:
        return day_of(record["firstDay"]) >= self.first and day_of(record["lastDay"]) <= self.last


@dataclass(slots=True)
class Recounted:
    """What the lists have, and the boards that follow."""

    desk: Desk
    metric: str
    found: dict[str, list[Found]] = field(default_factory=dict)

    async def read(self, by: str) -> None:
        """Read every list to its end."""
        for name, fields in LISTS.items():
            after, self.found[name] = None, []
            document = f"""query($after: String) {{ {name}(first: 200, after: $after) {{
              nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
            while True:
                page = (await self.desk.ask(by, document, after=after))[name]
                self.found[name] += page["nodes"]
                if not page["pageInfo"]["hasNextPage"]:
                    break
                after = page["pageInfo"]["endCursor"]

    def in_force(self) -> dict[str, Found]:
        plans = {one["id"]: one for one in self.found["targetPlans"] if one["state"] in IN_FORCE}
        replaced = {of(one, "revisionOf") for one in plans.values()}
        return {key: one for key, one in plans.items() if key not in replaced}

    def worked(self, day: date) -> bool:
        said = {day_of(one["day"]): one["worked"] for one in self.found["calendarDays"]}
        return bool(said.get(day, day.weekday() not in WEEKEND))

    def figure(self, node: Found, day: date) -> int:
        """What is in force of a target on a day (I5)."""
        return int(node["setFigure"]) + sum(
            int(one["delta"])
            for one in self.found["targetChanges"]
            if of(one, "node") == node["id"] and day_of(one["effectiveOn"]) <= day
        )

    def elapsed(self, looked: Looked) -> tuple[int, int, Fraction, Fraction]:
        """Working days of the period, those over, and what both weigh, by a season if any."""
        days = spread(looked.first, looked.last)
        worked = [day for day in days if self.worked(day)]
        over = [day for day in worked if day < looked.over]
        steps = self.season(looked)
        weights = dict.fromkeys(worked, Fraction(1)) if not steps else {}
        for step in steps:
            inside = spread(day_of(step["firstDay"]), day_of(step["lastDay"]))
            bearing = [day for day in inside if self.worked(day)] or inside
            weights |= dict.fromkeys(bearing, Fraction(step["weight"], len(bearing)))
        weights = {day: each for day, each in weights.items() if day in set(days)}
        done = sum((each for day, each in weights.items() if day < looked.over), Fraction(0))
        return len(worked), len(over), sum(weights.values(), Fraction(0)), done

    def season(self, looked: Looked) -> list[Found]:
        """The season of the plan that was last published and has the whole period."""
        aimed = {of(n, "plan") for n in self.found["targetNodes"] if of(n, "metric") == self.metric}
        plans = [
            one
            for one in self.in_force().values()
            if one["id"] in aimed
            and day_of(one["firstDay"]) <= looked.first
            and day_of(one["lastDay"]) >= looked.last
            and one["seasonSteps"]
        ]
        if not plans:
            return []
        last = max(plans, key=lambda one: (one["publishedAt"], one["id"]))
        return list(last["seasonSteps"])

    def targets(
        self, looked: Looked, whose: Callable[[Found], str | None]
    ) -> dict[str, list[Found]]:
        """The uppermost targets within the period of each holder."""
        nodes = {one["id"]: one for one in self.found["targetNodes"]}
        plans, kept = self.in_force(), {}
        for node in nodes.values():
            if of(node, "plan") in plans and counts(node, self.metric) and looked.has(node):
                kept[node["id"]] = whose(node)
        found: dict[str, list[Found]] = {}
        for key, holder in kept.items():
            above = nodes.get(of(nodes[key], "parent") or "")
            if holder and not (above and kept.get(above["id"]) == holder):
                found.setdefault(holder, []).append(nodes[key])
        return found

    def figures(self, targets: list[Found], counted: list[Found], looked: Looked) -> Found:
        """Everything a row says of a metric that is no ratio and of which more is better."""
        target = sum(self.figure(one, looked.day) for one in targets) if targets else None
        primary = [one for one in counted if one["kind"] == "PRIMARY"]
        beside = [one for one in counted if one["kind"] == "OVERLAY"]
        actual = amount(primary)
        whole, elapsed, weight, done = self.elapsed(looked)
        expected = target * done / weight if target is not None and weight else None
        pace = divided(actual, expected)
        gap = None if target is None else max(target - actual, 0)
        left = whole - elapsed
        above = {one["id"] for one in targets}
        held = [
            one
            for one in self.found["targetNodes"]
            if one["unassigned"] and of(one, "parent") in above
        ]
        return {
            "target": target,
            "credited": actual,
            "creditedOnDay": amount(one for one in primary if on(one) == looked.day),
            "overlay": amount(beside),
            "attainmentBasisPoints": half_up(divided(actual * 10_000, target)),
            "expected": half_up(expected),
            "paceBasisPoints": half_up(None if pace is None else pace * 10_000),
            "colour": colour(pace, expected),
            "gap": gap,
            "requiredPerDay": half_up(divided(gap, left), 2),
            "requiredPerWeek": half_up(divided(gap and gap * WEEK if gap else gap, left), 2),
            "runRate": half_up(divided(actual, elapsed), 2),
            "projection": half_up(divided(actual * weight, done), 2),
            "workingDays": whole,
            "elapsedWorkingDays": elapsed,
            "unassigned": sum(self.figure(one, looked.day) for one in held),
        }

    def counted(self, looked: Looked, here: Callable[[Found], bool]) -> list[Found]:
        last = min(looked.last, looked.day)
        return [
            one
            for one in self.found["metricCredits"]
            if of(one, "metric") == self.metric and looked.first <= on(one) <= last and here(one)
        ]


def spread(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def on(entry: Found) -> date:
    return day_of(entry["creditedOn"])


def amount(entries: Iterable[Found]) -> int:
    return sum(int(one["amount"]) for one in entries)


def counts(node: Found, metric: str) -> bool:
    """Whether a target is one that is measured, and somebody's."""
    measured = node["level"] == "TARGET" and node["kind"] != "OVERLAY" and not node["unassigned"]
    return of(node, "metric") == metric and measured


def colour(pace: Fraction | None, expected: Fraction | None) -> str | None:
    if pace is None or not expected or expected < 0:
        return None
    if pace >= 1:
        return "GREEN"
    return "AMBER" if pace >= Fraction(9, 10) else "RED"


def same(wanted: Found, row: Found) -> dict[str, tuple[Any, Any]]:
    """Return the figures that differ, with what was wanted and what the board says."""
    told = {
        name: row[name]
        if row[name] is None or isinstance(wanted[name], str)
        else Fraction(str(row[name]))
        for name in wanted
    }
    return {name: (wanted[name], told[name]) for name in wanted if wanted[name] != told[name]}


async def boards_recounted(recounted: Recounted, root: str, day: str | None, today: str) -> int:
    """Compare the boards of March 2026 and of its year with what the lists have.

    Returns:
        How many rows there were.
    """
    desk, metric = recounted.desk, recounted.metric
    tree = (await desk.ask("Lin", TREE, day=day))["territoryTree"]
    above = {one["territory"]["id"]: (one["parent"] or {}).get("id") for one in tree}
    last = day_of(day or today)
    over = last + timedelta(days=1) if day else last
    compared = 0
    for period, first, end in (
        ({"month": {"year": 2026, "month": 3}}, date(2026, 3, 1), date(2026, 3, 31)),
        ({"year": 2026}, date(2026, 1, 1), date(2026, 12, 31)),
    ):
        looked = Looked(first, end, last, over)
        asked = {"root": root, "metric": metric, "day": day, "period": period}
        found = await desk.ask("Lin", BOARDS, **asked)
        places = recounted.targets(looked, place_of)
        people = recounted.targets(looked, lambda node: of(node, "member"))
        for row in found["territoryBoard"]:
            place = row["territory"]["id"]
            here = recounted.counted(looked, lambda one: place in up(above, of(one, "territory")))  # noqa: B023
            wanted = recounted.figures(places.get(place, []), here, looked)
            assert same(wanted, row) == {}, (period, day, place)
        for row in found["memberBoard"]:
            his = recounted.counted(looked, lambda one: of(one, "member") == row["cursor"])  # noqa: B023
            wanted = recounted.figures(people.get(row["cursor"], []), his, looked)
            assert same(wanted, row) == {}, (period, day, row["cursor"])
        compared += len(found["territoryBoard"]) + len(found["memberBoard"])
    return compared


async def own_recounted(recounted: Recounted, name: str, day: str | None, today: str) -> int:
    """Compare somebody's own targets, each in its own days, and return how many there were."""
    found = await recounted.desk.ask(name, MINE, day=day)
    nodes = {one["id"]: one for one in recounted.found["targetNodes"]}
    last = day_of(day or today)
    for row in found["myTargets"]:
        node = nodes[row["node"]["id"]]
        first, end = day_of(node["firstDay"]), day_of(node["lastDay"])
        looked = Looked(first, end, last, last + timedelta(days=1) if day else last)
        mine = recounted.counted(
            looked, lambda one: of(one, "member") == found["viewer"]["member"]["id"]
        )
        wanted = recounted.figures([node], mine, looked) | {"unassigned": 0}
        assert same(wanted, row) == {}, (day, node["id"])
    return len(found["myTargets"])


def place_of(node: Found) -> str | None:
    return None if node["member"] or node["vacant"] else of(node, "territory")


def up(above: dict[str, str | None], place: str | None) -> list[str]:
    """Return a territory and those above it."""
    found = []
    while place:
        found.append(place)
        place = above.get(place)
    return found
