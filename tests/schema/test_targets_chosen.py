"""Which targets a board looks at: parts of other trees, empty seats, and what months have over."""

from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger
from builders.targets import Planner

MARCH = {"month": {"year": 2026, "month": 3}}
ROW = "target unassigned month { target }"
ALL = f"""query($metric: ID!, $period: PeriodInput!, $root: ID!, $unit: ID!) {{
  companyBoard(metricId: $metric, period: $period) {{ {ROW} }}
  territoryBoard(territoryId: $root, metricId: $metric, period: $period, depth: 9) {{
    territory {{ id }} {ROW} }}
  memberBoard(metricId: $metric, period: $period) {{ memberName {ROW} }}
  dealerBoard(orgUnitId: $unit, metricId: $metric, period: $period) {{
    dealer {{ id }} territory {{ id }} target unassigned }}
  lineBoard(metricId: $metric, period: $period) {{
    channelCode productCode target unassigned }} }}"""
TREE = "{ territoryTree { territory { id } } orgUnitTree { depth orgUnit { id } } }"
HALVES = [
    {"firstDay": "2026-03-01", "lastDay": "2026-03-15"},
    {"firstDay": "2026-03-16", "lastDay": "2026-03-31"},
]


class Boards:
    """A plan of March, and every board of it."""

    def __init__(self, planner: Planner, root: str, leaf: str, top: str, unit: str) -> None:
        """Keep whose they are."""
        self.planner, self.root, self.leaf, self.top, self.unit = planner, root, leaf, top, unit

    async def seen(self) -> dict[Any, tuple[str | None, str, str | None]]:
        """Return target, what is held, and the month's target, by whose it is."""
        asked = {"metric": self.planner.metric, "period": MARCH}
        found = await self.planner.desk.ask("Lin", ALL, root=self.root, unit=self.top, **asked)
        rows: dict[Any, Any] = {}
        for board, of in found.items():
            for row in of:
                named = (row.pop(name, None) for name in ("territory", "dealer"))
                key = [one["id"] for one in named if one] + [
                    row.pop(name)
                    for name in ("memberName", "channelCode", "productCode")
                    if row.get(name)
                ]
                month = row.get("month")
                rows[board, *key] = (row["target"], row["unassigned"], month and month["target"])
        return rows


@pytest.fixture
async def boards(desk: Desk) -> Boards:
    """A director with a metric and a plan of March."""
    planner = Planner(desk, metric=await Ledger(desk).with_metric())
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    found = await desk.ask("Lin", TREE)
    root, leaf = (found["territoryTree"][n]["territory"]["id"] for n in (0, -1))
    top, unit = (found["orgUnitTree"][n]["orgUnit"]["id"] for n in (0, 1))
    return Boards(planner, root, leaf, top, unit)


@pytest.mark.parametrize("apart", [False, True])
async def test_a_tree_of_a_line_is_in_the_targets_of_everything_and_not_added_to_them(
    boards: Boards, apart: bool
) -> None:
    """A target of everything has its products and channels in it, whichever plan tells of these."""
    planner = boards.planner
    an = {"memberId": planner.desk.member("An")}
    everything = [
        {"key": "all", "amount": "100"},
        {"key": "here", "parentKey": "all", "amount": "60", "territoryId": boards.leaf},
        {"key": "an", "parentKey": "here", "amount": "60", **an},
        {"key": "unit", "parentKey": "all", "amount": "40", "orgUnitId": boards.unit},
    ]
    lines = [
        {"key": "villa", "amount": "70", "productCode": "villa"},
        {"key": "there", "parentKey": "villa", "amount": "50", "territoryId": boards.leaf},
        {"key": "his", "parentKey": "there", "amount": "50", **an},
        {"key": "rest", "parentKey": "villa", "amount": "20", "orgUnitId": boards.unit},
        {"key": "stores", "amount": "30", "channelCode": "stores"},
    ]
    await planner.add(*everything, *([] if apart else lines))
    await planner.publish()
    if apart:
        await planner.with_plan("lines", "2026-03-01", "2026-03-31")
        await planner.add(*lines)
        await planner.publish()

    seen = await boards.seen()

    assert seen["companyBoard",] == ("100", "0", "100")
    assert seen["territoryBoard", boards.root] == ("100", "0", "100")
    assert seen["territoryBoard", boards.leaf] == ("60", "0", "60")
    assert seen["memberBoard", "An"] == ("60", "0", "60")
    assert seen["dealerBoard", boards.unit][0] == "40"
    # Each line has its own.
    assert seen["lineBoard", "villa"][0] == "70"
    assert seen["lineBoard", "stores"][0] == "30"


async def test_what_is_divided_by_lines_alone_is_their_sum_and_of_two_divisions_one(
    boards: Boards,
) -> None:
    planner = boards.planner
    here = {"territoryId": boards.leaf}
    await planner.add(
        {"key": "villa", "amount": "70", "productCode": "villa", **here},
        {"key": "flat", "amount": "20", "productCode": "flat", **here},
    )
    await planner.publish()
    assert (await boards.seen())["territoryBoard", boards.leaf] == ("90", "0", "90")

    # The same once more, by channels.
    await planner.with_plan("channels", "2026-03-01", "2026-03-31")
    await planner.add(
        {"key": "stores", "amount": "65", "channelCode": "stores", **here},
        {"key": "online", "amount": "30", "channelCode": "online", **here},
    )
    await planner.publish()
    assert (await boards.seen())["territoryBoard", boards.leaf] == ("95", "0", "95")


async def test_parts_of_one_tree_are_summed_whatever_line_each_is_of(boards: Boards) -> None:
    """The parts of a target have nothing in common, and sum to it."""
    planner = boards.planner
    here = {"territoryId": boards.leaf}
    await planner.add(
        {"key": "all", "amount": "100"},
        {"key": "offline", "parentKey": "all", "amount": "60", **here},
        {"key": "online", "parentKey": "all", "amount": "40", "channelCode": "online", **here},
    )
    await planner.publish()

    assert (await boards.seen())["territoryBoard", boards.leaf] == ("100", "0", "100")


async def test_an_empty_seat_is_no_target_of_the_whole_territory(boards: Boards) -> None:
    planner = boards.planner
    here = {"territoryId": boards.leaf, "orgUnitId": boards.unit}
    await planner.add(
        {"key": "all", "amount": "100"},
        {"key": "an", "parentKey": "all", "amount": "50", "seat": "first", **here}
        | {"memberId": planner.desk.member("An")},
        {"key": "empty", "parentKey": "all", "amount": "50", "seat": "second", "vacant": True}
        | here,
    )
    await planner.publish()

    seen = await boards.seen()

    assert seen["territoryBoard", boards.leaf][0] is None
    assert seen["dealerBoard", boards.unit][0] is None


async def test_what_the_halves_of_a_month_have_over_the_month_has(boards: Boards) -> None:
    """A target that is broken down in each of its periods: what nobody has there is its own."""
    planner, first, second = boards.planner, *HALVES
    an = {"memberId": planner.desk.member("An")}
    await planner.add(
        {"key": "all", "amount": "100", "territoryId": boards.leaf, "orgUnitId": boards.unit},
        {"key": "first", "parentKey": "all", "amount": "60", "split": "PERIOD", **first},
        {"key": "second", "parentKey": "all", "amount": "40", "split": "PERIOD", **second},
        {"key": "an", "parentKey": "first", "amount": "60", **an},
        {"key": "his", "parentKey": "second", "amount": "40", **an},
    )
    await planner.publish()
    await planner.adjust("an", -35, "2026-03-02")
    await planner.adjust("his", -20, "2026-03-02")

    seen = await boards.seen()

    assert seen["territoryBoard", boards.leaf] == ("100", "55", "100")
    assert seen["dealerBoard", boards.unit][:2] == ("100", "55")
    assert seen["memberBoard", "An"] == ("45", "0", "45")


async def test_what_is_broken_down_itself_holds_its_own_and_not_that_of_its_periods_too(
    boards: Boards,
) -> None:
    planner, first, second = boards.planner, *HALVES
    an = {"memberId": planner.desk.member("An")}
    await planner.add(
        {"key": "all", "amount": "100", "territoryId": boards.leaf},
        {"key": "his", "parentKey": "all", "amount": "100", **an},
        {"key": "first", "parentKey": "all", "amount": "60", "split": "PERIOD", **first},
        {"key": "second", "parentKey": "all", "amount": "40", "split": "PERIOD", **second},
        {"key": "an", "parentKey": "first", "amount": "60", **an},
    )
    await planner.publish()
    await planner.adjust("his", -30, "2026-03-02")
    await planner.adjust("an", -35, "2026-03-02")

    assert (await boards.seen())["territoryBoard", boards.leaf] == ("100", "30", "100")


PACE = "expected paceBasisPoints projection"
HIS = f"""query($metric: ID!, $period: PeriodInput!, $day: Date) {{
  myTargets(asOfDay: $day) {{ node {{ metric {{ id }} lastDay }} {PACE} }}
  memberBoard(metricId: $metric, period: $period, asOfDay: $day) {{ {PACE} }} }}"""


async def test_whoever_looks_at_his_own_target_sees_the_pace_his_manager_sees(
    boards: Boards,
) -> None:
    """The season of the target's own plan and metric, whatever others there are."""
    planner = boards.planner
    march, metric = planner.plan, planner.metric
    an = {"key": "an", "amount": "100", "memberId": planner.desk.member("An")}
    steps = [{"lastDay": "2026-03-15", "weight": 3}, {"lastDay": "2026-03-31", "weight": 1}]
    await planner.desk.does(
        "Lin", "setTargetSeason", "targetPlan { id }", planId=march, steps=steps
    )
    await planner.add(an)
    await planner.publish()
    # Another metric of another plan, with a season of its own.
    other = Planner(planner.desk)
    other.metric = await Ledger(planner.desk).with_metric(code="OTHER")
    await other.with_plan("other", "2026-03-01", "2026-03-31")
    reverse = [{"lastDay": "2026-03-15", "weight": 1}, {"lastDay": "2026-03-31", "weight": 9}]
    await planner.desk.does(
        "Lin",
        "setTargetSeason",
        "targetPlan { id }",
        planId=other.plan,
        metricId=other.metric,
        steps=reverse,
    )
    await other.add(an)
    await other.publish()
    for planned in (planner, other):
        ledger = Ledger(planner.desk)
        ledger.metric = planned.metric
        await ledger.counts(f"deal of {planned.metric}", 30, {"An": 10_000})

    for of, expected in ((metric, "75"), (other.metric, "10")):
        for day in ("2026-03-15", None):
            asked = {"metric": of, "period": MARCH, "day": day}
            found = await planner.desk.ask("An", HIS, **asked)
            (his,) = [one for one in found["myTargets"] if one.pop("node")["metric"]["id"] == of]
            assert [his] == found["memberBoard"]
            assert day is None or his["expected"] == expected
