"""Worked examples of the targets page (4.7) that boards carry out, through the API, by their ids.

One tenant serves them all: each has a metric of its own.
"""

from typing import Any

from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import Planner

from service.clock import ManualClock

MARCH = {"firstDay": "2026-03-01", "lastDay": "2026-03-31"}
DAYS = {"range": {"from": "2026-03-02", "until": "2026-03-31"}}
ROW = """target credited expected attainmentBasisPoints paceBasisPoints runRate requiredPerDay
  requiredPerWeek projection gap"""
PEOPLE = f"""query($metric: ID!, $period: PeriodInput!, $day: Date) {{
  memberBoard(metricId: $metric, period: $period, asOfDay: $day, restated: true) {{
    member {{ name }} {ROW} }} }}"""
PLACES = f"""query($metric: ID!, $root: ID!) {{
  territoryBoard(territoryId: $root, metricId: $metric, period: {{month: {{year: 2026, month: 3}}}},
                 depth: 9, asOfDay: "2026-03-31") {{ territory {{ id }} depth {ROW} }} }}"""
OWN = f"""query($day: Date) {{ myTargets(asOfDay: $day) {{
  node {{ figure metric {{ code }} }} {ROW} acknowledged lastChanges {{ delta }} }} }}"""
UNITS = "{ orgUnitTree { orgUnit { id } depth } }"
DEALERS = f"""query($unit: ID!, $metric: ID!) {{
  dealerBoard(orgUnitId: $unit, metricId: $metric, period: {{month: {{year: 2026, month: 3}}}},
              asOfDay: "2026-03-31") {{ dealer {{ id }} territory {{ id }} total {ROW} }} }}"""
LINES = f"""query($metric: ID!, $place: ID, $day: Date, $restated: Boolean! = false) {{
  lineBoard(metricId: $metric, territoryId: $place, period: {{month: {{year: 2026, month: 3}}}},
            asOfDay: $day, restated: $restated) {{ channelCode productCode {ROW} unassigned }} }}"""
TREE = "{ territoryTree { territory { id } depth } }"


class Examples:
    """A director with a plan of March and a ledger."""

    def __init__(self, desk: Desk) -> None:
        """Begin with nothing."""
        self.desk, self.planner, self.ledger = desk, Planner(desk), Ledger(desk)

    async def metric(self, code: str, **more: Any) -> str:
        """Make a metric, and a plan of March for it."""
        self.planner.metric = await self.ledger.with_metric(code, **more)
        await self.planner.with_plan(code.lower().replace("_", "-"), "2026-03-01", "2026-03-31")
        return self.planner.metric

    async def targets(self, total: int, root: dict[str, Any], **people: int) -> None:
        """Publish a target with those of people below it."""
        nodes = [
            {"key": name, "parentKey": "root", "memberId": self.desk.member(name)}
            for name in people
        ]
        await self.planner.add({"key": "root", "amount": str(total), **root}, *nodes)
        if people:
            weights = {name: str(one) for name, one in people.items()}
            await self.planner.weighed("root", weights)
        await self.planner.publish()

    async def people(self, day: str, period: Any = DAYS) -> dict[str, dict[str, Any]]:
        """Return the board of people by name."""
        asked = {"metric": self.planner.metric, "period": period, "day": day}
        found = (await self.desk.ask("Lin", PEOPLE, **asked))["memberBoard"]
        return {row["member"]["name"]: row for row in found}

    async def places(self, root: str) -> dict[str, dict[str, Any]]:
        """Return the board of territories by id."""
        asked = {"metric": self.planner.metric, "root": root}
        found = (await self.desk.ask("Lin", PLACES, **asked))["territoryBoard"]
        return {row["territory"]["id"]: row for row in found}


async def test_boards_of_people_q15b_q20_q22_q33_q34(desk: Desk, clock: ManualClock) -> None:
    one = Examples(desk)
    on_day(clock, "2026-03-01")
    await q15b(one)
    on_day(clock, "2026-03-31")
    await q20_q22(one)
    await q33(one)
    await q34(one)


async def q15b(one: Examples) -> None:
    # In hundredths: 40.00 a month, from 15 February, counted from the first day of work.
    await one.metric("RAMP", unit="MONEY")
    await one.planner.with_plan("ramp-2", "2026-03-01", "2026-04-30")
    his = {"memberId": one.desk.member("Chu")}
    april = {"firstDay": "2026-04-01", "lastDay": "2026-04-30"}
    await one.planner.add(
        {"key": "team", "amount": "8000", "seat": "team"},
        {"key": "his", "parentKey": "team", "amount": "8000", **his},
        *(
            {"key": key, "parentKey": "his", "split": "PERIOD", "amount": "4000", **days}
            for key, days in (("march", MARCH), ("april", april))
        ),
    )
    await one.planner.publish()
    await one.desk.does(
        "Lin",
        "rampTarget",
        "targetNode { figure }",
        nodeId=one.planner.ids["his"],
        startsOn="2026-02-15",
        rampBasisPoints=[0, 2_500, 5_000, 7_500, 10_000],
        countedFromStart=True,
        effectiveOn="2026-03-01",
        reason="new",
    )
    found = [
        (await one.people("2026-04-30", {"month": {"year": 2026, "month": month}}))["Chu"]["target"]
        for month in (3, 4)
    ]
    assert found == ["548", "1533"]


async def q20_q22(one: Examples) -> None:
    # From the 2nd to the 30th are 21 working days, nine of them over by the 12th.
    await one.metric("PACE")
    days = {"firstDay": "2026-03-02", "lastDay": "2026-03-30"}
    await one.targets(210, {"memberId": one.desk.member("An"), **days})
    await one.ledger.counts("q20", 78, {"An": 10_000}, creditedOn="2026-03-10")
    assert (await one.people("2026-03-12"))["An"] == {
        "member": {"name": "An"},
        "target": "210",
        "credited": "78",
        "expected": "90",
        "attainmentBasisPoints": "3714",
        "paceBasisPoints": "8667",
        "runRate": "8.67",
        "requiredPerDay": "11.00",
        "requiredPerWeek": "55.00",
        "projection": "182.00",
        "gap": "132",
    }
    # Three weeks, fifteen working days, are left: 163.33 a week.
    await one.metric("QUARTER")
    await one.targets(900, {"memberId": one.desk.member("An"), **days})
    await one.ledger.counts("q22", 410, {"An": 10_000}, creditedOn="2026-03-03")
    row = (await one.people("2026-03-09"))["An"]
    assert (row["attainmentBasisPoints"], row["gap"]) == ("4556", "490")
    assert (row["requiredPerDay"], row["requiredPerWeek"]) == ("32.67", "163.33")


async def q33(one: Examples) -> None:
    # Subscribed, signed and paid are metrics of their own: never added.
    march = {"month": {"year": 2026, "month": 3}}
    found = []
    for code, target, counts, taken in (
        ("Q33_SUBSCRIBED", 20, 12, 2),
        ("Q33_SIGNED", 20, 9, 0),
        ("Q33_CASH", 900_000_000, 540_000_000, 0),
    ):
        await one.metric(code)
        await one.targets(target, {"memberId": one.desk.member("An")})
        await one.ledger.counts("gross", counts, {"An": 10_000}, creditedOn="2026-03-10")
        if taken:
            await one.ledger.counts("more", taken, {"An": 10_000}, creditedOn="2026-03-11")
            await one.ledger.counts("back", -2 * taken, {"An": 10_000}, creditedOn="2026-03-12")
        row = (await one.people("2026-03-31", march))["An"]
        found.append((row["credited"], row["attainmentBasisPoints"]))
    assert found == [("10", "5000"), ("9", "4500"), ("540000000", "6000")]


async def q34(one: Examples) -> None:
    # Half up, once: 66.67 %, 12.35 % of 12.345 %, 1.01 % of 1.005 %.
    march = {"month": {"year": 2026, "month": 3}}
    for number, (target, credited, shown) in enumerate(
        ((3, 2, "6667"), (1_000_000, 123_450, "1235"), (100_000, 1_005, "101"))
    ):
        await one.metric(f"ROUND_{number}")
        await one.targets(target, {"memberId": one.desk.member("An")})
        await one.ledger.counts("one", credited, {"An": 10_000}, creditedOn="2026-03-10")
        assert (await one.people("2026-03-31", march))["An"]["attainmentBasisPoints"] == shown


async def test_boards_of_places_and_of_oneself_q35_q40(desk: Desk, clock: ManualClock) -> None:
    one = Examples(desk)
    on_day(clock, "2026-03-31")
    tree = (await desk.ask("Lin", TREE))["territoryTree"]
    root, north = tree[0]["territory"]["id"], tree[-1]["territory"]["id"]
    desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id
    made = await desk.does(
        "Ada",
        "createTerritory",
        "territory { id }",
        parentId=root,
        code="south",
        dimension="area",
        names={"en": "South", "zhHant": "南", "zhHans": "南"},
    )
    south = made["territory"]["id"]
    await q35(one, north)
    await q40(one, north, south)
    await of_oneself(one)
    await dealers(one, north, south)
    await lines(one, clock, north, south)


async def dealers(one: Examples, north: str, south: str) -> None:
    """Each dealer as a whole, and by brand and region."""
    await one.metric("RETAIL")
    tree = (await one.desk.ask("Lin", UNITS))["orgUnitTree"]
    top = tree[0]["orgUnit"]["id"]
    dealer = next(row["orgUnit"]["id"] for row in tree if row["depth"] == 1)
    await one.planner.add(
        {"key": "dealer", "amount": "60", "orgUnitId": dealer},
        {"key": "north", "parentKey": "dealer", "territoryId": north, "amount": "40"},
        {"key": "south", "parentKey": "dealer", "territoryId": south, "amount": "20"},
    )
    await one.planner.publish()
    await one.ledger.counts("n", 10, {"An": 10_000}, territoryId=north)
    await one.ledger.counts("s", 15, {"An": 10_000}, territoryId=south)

    asked = {"unit": top, "metric": one.planner.metric}
    rows = (await one.desk.ask("Lin", DEALERS, **asked))["dealerBoard"]
    found = [
        (row["total"], row["territory"] and row["territory"]["id"], row["target"], row["credited"])
        for row in rows
        if row["dealer"]["id"] == dealer
    ]
    assert found[0] == (True, None, "60", "25")
    assert sorted(found[1:]) == sorted([(False, north, "40", "10"), (False, south, "20", "15")])
    foreign = {**asked, "unit": "org_unit_" + str(one.desk.showroom.tenant_id)}
    assert (await one.desk.ask("Lin", DEALERS, **foreign))["dealerBoard"] == []


async def lines(one: Examples, clock: ManualClock, north: str, south: str) -> None:
    """What is sold out through each channel, of each product, and of each in each."""
    await one.metric("SELL_OUT")
    await one.planner.add(
        {"key": "stores", "channelCode": "stores", "amount": "100"},
        {"key": "in-north", "parentKey": "stores", "channelCode": "stores", "territoryId": north},
        {"key": "online", "channelCode": "online", "amount": "50"},
        {"key": "ovens", "parentKey": "online", "channelCode": "online", "productCode": "oven"},
        {"key": "fridges", "productCode": "fridge", "amount": "80"},
    )
    await one.planner.weighed("stores", {"in-north": "1"})
    await one.planner.weighed("online", {"ovens": "1"})
    await one.planner.publish()
    on_day(clock, "2026-03-30")
    sold = (
        (30, north, {"channelCode": "stores", "productCode": "fridge"}),
        (5, south, {"channelCode": "online", "productCode": "fridge"}),
        (8, south, {"channelCode": "stores", "productCode": "oven"}),
        (7, south, {"channelCode": "stores"}),
        (999, north, {}),
    )
    for number, (amount, place, line) in enumerate(sold):
        more = {"territoryId": place, "creditedOn": "2026-03-30", **line}
        await one.ledger.counts(f"line-{number}", amount, {"An": 10_000}, **more)
    on_day(clock, "2026-04-01")
    late = {"territoryId": south, "creditedOn": "2026-03-30", "channelCode": "online"}
    await one.ledger.counts("late", 4, {"An": 10_000}, **late)
    first = next(row["id"] for row in await one.ledger.entries() if row["amount"] == "7")
    await one.ledger.reverse(first, restated=True)

    assert await lines_of(one) == await lines_of(one, day="2026-03-31", restated=True) == {
        ("online", None): ("50", "9"),
        ("online", "fridge"): (None, "5"),
        ("online", "oven"): ("50", "0"),
        ("stores", None): ("100", "38"),
        ("stores", "fridge"): (None, "30"),
        ("stores", "oven"): (None, "8"),
        (None, "fridge"): ("80", "35"),
        (None, "oven"): ("50", "8"),
    }  # fmt: skip
    past = await lines_of(one, day="2026-03-31")
    assert past["online", None] == ("50", "5")
    assert past["stores", None] == ("100", "45")
    assert await lines_of(one, place=north) == await lines_of(one, place=north, day="2026-03-31")
    assert await lines_of(one, place=north) == {
        ("stores", None): ("100", "30"),
        ("stores", "fridge"): (None, "30"),
        (None, "fridge"): (None, "30"),
    }
    assert await lines_of(one, place="territory_" + str(one.desk.showroom.tenant_id)) == {}


async def lines_of(one: Examples, **asked: Any) -> dict[tuple[Any, Any], tuple[Any, str]]:
    """Return target and credit of each line, in the order of the board."""
    rows = (await one.desk.ask("Lin", LINES, metric=one.planner.metric, **asked))["lineBoard"]
    return {
        (row["channelCode"], row["productCode"]): (row["target"], row["credited"]) for row in rows
    }


async def q35(one: Examples, team: str) -> None:
    # The team has 100, its people 110 together: it is measured on its own.
    await one.metric("STREET")
    over = {"territoryId": team, "overAssignmentBasisPoints": 1_000}
    await one.targets(100, over, An=40, Bo=40, Chu=30)
    for name, amount in (("An", 40), ("Bo", 30), ("Chu", 26)):
        await one.ledger.counts(name, amount, {name: 10_000}, territoryId=team)
    row = (await one.places(team))[team]
    assert (row["target"], row["credited"], row["attainmentBasisPoints"]) == ("100", "96", "9600")
    people = await one.people("2026-03-31", {"month": {"year": 2026, "month": 3}})
    target, credited = (
        sum(int(row[name]) for row in people.values()) for name in ("target", "credited")
    )
    assert (target, credited) == (110, 96), "87.27 % of the street"


async def q40(one: Examples, north: str, south: str) -> None:
    # What counts follows the territory of its day; the rep has both.
    await one.metric("TWO")
    his = {"memberId": one.desk.member("An")}
    await one.planner.add(
        {"key": "north", "amount": "20", "territoryId": north},
        {"key": "south", "amount": "63", "territoryId": south},
        {"key": "n", "parentKey": "north", "amount": "20", **his},
        {"key": "s", "parentKey": "south", "amount": "63", **his},
    )
    await one.planner.publish()
    await one.ledger.counts("n", 15, {"An": 10_000}, territoryId=north)
    await one.ledger.counts("s", 50, {"An": 10_000}, territoryId=south)
    row = (await one.people("2026-03-31", {"month": {"year": 2026, "month": 3}}))["An"]
    assert (row["target"], row["credited"], row["attainmentBasisPoints"]) == ("83", "65", "7831")
    for place, credited in ((north, "15"), (south, "50")):
        assert (await one.places(place))[place]["credited"] == credited
    # Of another metric he has one alone: all of his counts there.
    await one.metric("ONE")
    await one.planner.add(
        {"key": "alone", "amount": "8", "territoryId": north},
        *({"key": seat, "amount": "1", "seat": seat} for seat in ("x", "y", "z")),
        {"key": "a", "parentKey": "alone", "amount": "8", **his},
    )
    await one.planner.publish()
    await one.ledger.counts("o", 5, {"An": 10_000}, territoryId=south)


async def of_oneself(one: Examples) -> None:
    """A rep sees his own, and not what his colleagues and the team have."""
    rows = (await one.desk.ask("An", OWN, day="2026-03-31"))["myTargets"]
    assert [(row["node"]["metric"]["code"], row["target"], row["credited"]) for row in rows] == [
        ("STREET", "40", "40"),
        ("TWO", "20", "15"),
        ("TWO", "63", "50"),
        ("ONE", "8", "5"),
    ], "of each territory what counted there (Q40)"
    assert [row["acknowledged"] for row in rows] == [False] * 4
    assert (await one.desk.ask("Mei", OWN, day="2026-03-31"))["myTargets"] == []

    node = one.planner.ids["s"]
    await one.desk.does("An", "acknowledgeTarget", "targetNode { id }", nodeId=node)
    rows = (await one.desk.ask("An", OWN))["myTargets"]
    assert [row["acknowledged"] for row in rows] == [False, False, True, False]
    await one.planner.adjust("s", -3, "2026-03-31")
    *_, row, _ = (await one.desk.ask("An", OWN))["myTargets"]
    assert (row["target"], row["acknowledged"], row["lastChanges"]) == (
        "60",
        True,
        [{"delta": "-3"}],
    )
