"""Boards keep their past, sum to what one may list, and show nobody what is not his to see."""

import json
from random import Random
from typing import Any

from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import NAMES, Planner
from builders.tenants import a_tenant

from service.clock import ManualClock
from service.database.connections import Location, connected

FIGURES = """target credited creditedOnDay overlay attainmentBasisPoints expected paceBasisPoints
  colour gap requiredPerDay runRate projection workingDays elapsedWorkingDays unassigned"""
MORE = f"""{FIGURES} newCustomerCount uncollected
  openClaimCount openDisputeCount overdueContactCount lapsingRegistrationCount absentCount
  overdueFirstFollowUpCount lastChange {{ delta effectiveOn }} month {{ target credited }}
  quarter {{ target credited }} year {{ target credited }} projectionByHistory openPipeline"""
BOARDS = f"""query($root: ID!, $metric: ID!, $day: Date) {{
  territoryBoard(territoryId: $root, metricId: $metric, depth: 9, asOfDay: $day,
                 period: {{month: {{year: 2026, month: 3}}}}) {{
    territory {{ id }} parent {{ id }} depth {MORE} }}
  memberBoard(metricId: $metric, asOfDay: $day, period: {{month: {{year: 2026, month: 3}}}}) {{
    member {{ name }} {MORE} }} }}"""
WIDER = f"""query($unit: ID!, $team: ID!, $place: ID!, $metric: ID!, $day: Date) {{
  here: memberBoard(metricId: $metric, asOfDay: $day, territoryId: $place,
                    period: {{month: {{year: 2026, month: 3}}}}) {{ member {{ name }} credited }}
  team: memberBoard(metricId: $metric, asOfDay: $day, orgUnitId: $team,
                    period: {{month: {{year: 2026, month: 3}}}}) {{ member {{ name }} credited }}
  orgUnitTree(day: $day) {{ orgUnit {{ id }} parent {{ id }} }}
  memberBoard(metricId: $metric, asOfDay: $day, period: {{year: 2026}}) {{
    member {{ name }} {FIGURES} }}
  dealerBoard(orgUnitId: $unit, metricId: $metric, asOfDay: $day, period: {{year: 2026}}) {{
    dealer {{ id }} territory {{ id }} {FIGURES} }} }}"""
OWN = f"""query($day: Date) {{ myTargets(asOfDay: $day) {{
  node {{ id }} {FIGURES} acknowledged lastChanges {{ delta }} }} }}"""
UNITS = "{ orgUnitTree { orgUnit { id } } }"
LISTED = """query($metric: ID!, $place: ID!) {
  here: metricCreditDays(first: 200, filter: {metricId: {eq: $metric},
      territory: {exactly: $place}, creditedOn: {gte: "2026-03-01"}}) {
    nodes { kind amount } } }"""
ALL = """query($metric: ID!) {
  metricCreditDays(first: 200, filter: {metricId: {eq: $metric},
      creditedOn: {gte: "2026-03-01"}}) { nodes { kind amount } } }"""
WHOLE = """query($root: ID!, $metric: ID!, $day: Date) {
  territoryBoard(territoryId: $root, metricId: $metric, depth: 9, asOfDay: $day,
                 period: {month: {year: 2026, month: 3}}) {
    territory { code } target attainmentBasisPoints } }"""
TREE = "{ territoryTree { territory { id code } } }"
PEOPLE = ("An", "Bo", "Chu")


class House:
    """A company whose territories, targets and ledger are made by chance."""

    def __init__(self, desk: Desk, clock: ManualClock) -> None:
        """Begin with nothing."""
        self.desk, self.clock = desk, clock
        self.planner, self.ledger = Planner(desk), Ledger(desk)
        self.chance = Random(11)  # noqa: S311 - test data, no secret
        self.places: list[str] = []
        self.units: list[str] = []
        self.day, self.count, self.unit = 2, 0, ""
        desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id

    async def made(self) -> None:
        """Make a tree of territories, a plan over it, and people below one of them."""
        self.planner.metric = await self.ledger.with_metric()
        await self.planner.with_plan("march", "2026-03-01", "2026-03-31")
        self.unit = (await self.desk.ask("Lin", UNITS))["orgUnitTree"][0]["orgUnit"]["id"]
        for _ in range(3):
            await self.new_unit(self.unit)
        tree = (await self.desk.ask("Lin", TREE))["territoryTree"]
        self.places = [row["territory"]["id"] for row in tree]
        for number in range(5):
            made = await self.desk.does(
                "Ada",
                "createTerritory",
                "territory { id }",
                parentId=self.chance.choice(self.places),
                code=f"part-{number}",
                dimension="area",
                names=NAMES,
            )
            self.places.append(made["territory"]["id"])
        await self.planner.add(
            {"key": "root", "amount": "300", "territoryId": self.places[0]},
            *(
                {"key": name, "parentKey": "root", "memberId": self.desk.member(name)}
                for name in PEOPLE
            ),
        )
        await self.planner.divide("root")
        await self.planner.publish()

    async def boards(self, day: int | None, by: str = "Lin", root: str | None = None) -> Any:
        """Return both boards."""
        asked = {
            "root": root or self.places[0],
            "metric": self.planner.metric,
            "day": day and f"2026-03-{day:02}",
        }
        return await self.desk.ask(by, BOARDS, **asked)

    async def all_of(self, day: int) -> str:
        """Return every board of a day, as it is written."""
        asked = {"metric": self.planner.metric, "day": f"2026-03-{day:02}"}
        return json.dumps(
            [
                await self.boards(day),
                await self.desk.ask(
                    "Lin", WIDER, unit=self.unit, team=self.units[0], place=self.places[1], **asked
                ),
                [await self.desk.ask(one, OWN, day=asked["day"]) for one in PEOPLE[:2]],
            ]
        )

    async def next(self) -> None:
        """Do one of the things that happen, on this day."""
        today = f"2026-03-{self.day:02}"
        what = self.chance.choice(
            [
                "counts",
                "late",
                "reverse",
                "restate",
                "adjust",
                "move",
                "absence",
                "transfer",
                "calendar",
                "plan",
                "unit",
                *["day"] * 3,
            ]
        )
        if what in {"counts", "late"}:
            self.count += 1
            day = today if what == "counts" else f"2026-0{self.chance.choice((2, 3))}-02"
            parts = {self.chance.choice(PEOPLE): 10_000}
            where = {"territoryId": self.chance.choice(self.places), "creditedOn": day}
            await self.ledger.counts(f"{self.count}", self.chance.randrange(50), parts, **where)
        elif what in {"reverse", "restate"}:
            entries = await self.ledger.entries()
            if entries:
                which = self.chance.choice(entries)["id"]
                await self.ledger.reverse(which, restated=what == "restate")
        elif what == "calendar":
            worked = self.chance.choice([True, False, None])
            day = f"2026-03-{self.chance.randrange(1, 32):02}"
            days = [{"day": day, "worked": worked, "reason": None if worked is None else "so"}]
            await self.desk.does("Ada", "editCalendar", "tenant { id }", days=days)
        elif what == "plan":
            await self.plan()
        elif what == "adjust":
            name, delta = self.chance.choice(PEOPLE), self.chance.choice([-5, 7])
            await self.planner.adjust(name, delta, today)
        elif what == "move":
            await self.move()
        elif what == "unit":
            await self.of_a_unit()
        elif what in {"absence", "transfer"}:
            await self.of_somebody(what)
        else:
            self.day += 1
            on_day(self.clock, f"2026-03-{self.day:02}")

    async def of_somebody(self, what: str) -> None:
        """Record that somebody is absent, twice for one day is refused; or put him elsewhere."""
        member = self.desk.member(self.chance.choice(PEOPLE))
        if what == "absence":
            day = f"2026-03-{self.chance.randrange(1, 32):02}"
            span = {"memberId": member, "kind": "SICK", "firstDay": day, "lastDay": day}
            await self.desk.api.tries(self.desk.token("Ada"), "recordLeave", "leave { id }", **span)
            return
        document = "query($id: ID!) { node(id: $id) { ... on Member { version } } }"
        found = await self.desk.ask("Ada", document, id=member)
        place = {
            "territoryId": self.chance.choice(self.places),
            "orgUnitId": self.chance.choice(self.units),
        }
        # A unit that was closed takes nobody.
        await self.desk.api.tries(
            self.desk.token("Ada"), "editMember", "member { id }", memberId=member,
            expectedVersion=found["node"]["version"], **place,
        )  # fmt: skip

    async def of_a_unit(self) -> None:
        """Put a unit below another, make one, or close one where nobody is; some are refused."""
        which, above = self.chance.sample(self.units, 2)
        what = self.chance.choice(["moves", "moves", "opens", "closes"])
        if what == "opens":
            await self.new_unit(self.unit)
            return
        document = "query($id: ID!) { node(id: $id) { ... on OrgUnit { version } } }"
        found = await self.desk.ask("Ada", document, id=which)
        does, more = "retireOrgUnit", {}
        if what == "moves":
            does = "editOrgUnit"
            more = {"parentId": self.chance.choice([above, self.unit])}
        await self.desk.api.tries(
            self.desk.token("Ada"),
            does,
            "orgUnit { id }",
            orgUnitId=which,
            expectedVersion=found["node"]["version"],
            **more,
        )

    async def new_unit(self, above: str) -> None:
        """Make a unit below another."""
        names, code = NAMES, f"unit-{len(self.units)}"
        made = await self.desk.does(
            "Ada", "createOrgUnit", "orgUnit { id }",
            code=code, kind="team", names=names, parentId=above,
        )  # fmt: skip
        self.units.append(made["orgUnit"]["id"])

    async def plan(self) -> None:
        """Publish another plan of the month, with a season of its own."""
        self.count += 1
        other = Planner(self.desk, metric=self.planner.metric)
        await other.with_plan(f"more-{self.count}", "2026-03-01", "2026-03-31")
        await other.add(
            {"key": "place", "amount": "9", "territoryId": self.chance.choice(self.places)},
            {"key": "An", "amount": "5", "memberId": self.desk.member("An")},
        )
        half = self.chance.randrange(1, 9)
        steps = [{"lastDay": "2026-03-15", "weight": half}, {"lastDay": "2026-03-31", "weight": 5}]
        await self.desk.does(
            "Lin", "setTargetSeason", "targetPlan { version }", planId=other.plan, steps=steps
        )
        await other.publish()

    async def move(self) -> None:
        """Put a territory below another; what would be a circle is refused."""
        which, above = self.chance.sample(self.places[1:], 2)
        document = "query($id: ID!) { node(id: $id) { ... on Territory { version } } }"
        found = await self.desk.ask("Ada", document, id=which)
        await self.desk.api.tries(
            self.desk.token("Ada"),
            "editTerritory",
            "territory { id }",
            territoryId=which,
            expectedVersion=found["node"]["version"],
            parentId=above,
        )


async def test_no_past_figure_changes_and_every_sum_is_that_of_the_list(
    desk: Desk, clock: ManualClock, location: Location
) -> None:
    house = House(desk, clock)
    await house.made()
    on_day(clock, "2026-03-02")
    kept: dict[int, str] = {}
    for _ in range(75):
        was = house.day
        await house.next()
        if house.day > was:
            kept[was] = await house.all_of(was)
    assert len(kept) > 5

    for day, found in kept.items():
        assert await house.all_of(day) == found, day
    now = await house.boards(None)
    assert now == {**now, **await house.boards(None)}
    rows = {row["territory"]["id"]: row for row in now["territoryBoard"]}
    assert rows.keys() == set(house.places)
    for place, row in rows.items():
        asked = {"metric": house.planner.metric, "place": place}
        own = sum(
            int(one["amount"])
            for one in (await desk.ask("Lin", LISTED, **asked))["here"]["nodes"]
            if one["kind"] == "PRIMARY"
        )
        below = sum(
            int(one["credited"])
            for one in rows.values()
            if one["parent"] and one["parent"]["id"] == place
        )
        assert int(row["credited"]) == own + below

    await late_is_what_was_recorded_after_its_day(house, location)
    await nobody_sees_more(house)


async def late_is_what_was_recorded_after_its_day(house: House, location: Location) -> None:
    """What past boards leave out is, entry by entry, what the ledger says of it."""
    async with connected(location, "postgres") as connection:
        kept, found = [
            [tuple(row) for row in await connection.fetch(text, house.desk.showroom.tenant_id)]
            for text in (
                "SELECT metric_id, kind, credited_on, recorded_on, territory_id, member_id, amount,"
                " base, entry_count FROM app.metric_credit_late WHERE tenant_id = $1 ORDER BY id",
                "SELECT metric_id, kind, credited_on, (recorded_at AT TIME ZONE 'Asia/Shanghai')"
                "::date, territory_id, member_id, sum(amount), coalesce(sum(base), 0), count(*)"
                " FROM app.metric_credit WHERE tenant_id = $1 AND credited_on"
                " < (recorded_at AT TIME ZONE 'Asia/Shanghai')::date GROUP BY 1, 2, 3, 4, 5, 6",
            )
        ]
    assert kept
    assert sorted(kept, key=str) == sorted(found, key=str)


async def nobody_sees_more(house: House) -> None:
    """A regional manager has his own part alone, a rep himself, a stranger nothing."""
    tenant = house.desk.showroom.tenant
    part = f"territory_{tenant.territories[tenant.team_territory]}"
    rita = await tenant.member("Rita", "regional-manager")
    house.desk.showroom.people["Rita"] = rita
    whole = {row["territory"]["id"]: row for row in (await house.boards(None))["territoryBoard"]}
    hers = (await house.boards(None, "Rita", part))["territoryBoard"]
    assert [row["credited"] for row in hers[:1]] == [whole[part]["credited"]]
    # Of what stands above she is told what she could list: neither its target nor what is held.
    above = (await house.boards(None, "Rita"))["territoryBoard"]
    assert above[0]["territory"]["id"] == house.places[0]
    listed = (await house.desk.ask("Rita", ALL, metric=house.planner.metric))["metricCreditDays"]
    hers_alone = sum(int(one["amount"]) for one in listed["nodes"] if one["kind"] == "PRIMARY")
    assert above[0]["credited"] == str(hers_alone)
    told = ("target", "unassigned", "lastChange")
    assert [above[0][name] for name in told] == [None, "0", None]
    assert {row["member"]["name"] for row in (await house.boards(None, "An"))["memberBoard"]} == {
        "An"
    }
    other = await a_tenant(tenant.transactions)
    token = house.desk.api.token(other.id, other.admin_id)
    asked = {"root": part, "metric": house.planner.metric}
    missing = {"root": f"territory_{other.id}", "metric": f"metric_{other.id}"}
    foreign = [
        json.dumps(await house.desk.api.ask(token, BOARDS, **one)) for one in (asked, missing)
    ]
    assert foreign[0] == foreign[1] == '{"territoryBoard": [], "memberBoard": []}'


async def test_the_company_s_own_target_is_that_of_the_territory_above_all_others(
    desk: Desk,
) -> None:
    planner, ledger = Planner(desk), Ledger(desk)
    planner.metric = await ledger.with_metric()
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    tree = (await desk.ask("Lin", TREE))["territoryTree"]
    top, leaf = tree[0]["territory"], tree[-1]["territory"]
    await planner.add(
        {"key": "company", "amount": "100", "overAssignmentBasisPoints": 1_000},
        {"key": "all", "parentKey": "company", "territoryId": top["id"]},
        {"key": "leaf", "parentKey": "all", "territoryId": leaf["id"]},
        # Of a product, a channel or a seat it is not the company's own.
        {"key": "part", "amount": "7", "productCode": "villa"},
    )
    await planner.divide("company")
    await planner.divide("all")
    await planner.publish()
    await ledger.counts("a", 30, {"An": 10_000}, territoryId=leaf["id"])

    async def targets(by: str, root: dict[str, str], **asked: Any) -> dict[str, Any]:
        sent = {"root": root["id"], "metric": planner.metric, **asked}
        rows = (await desk.ask(by, WHOLE, **sent))["territoryBoard"]
        return {
            row["territory"]["code"]: (row["target"], row["attainmentBasisPoints"]) for row in rows
        }

    for asked in ({}, {"day": "2026-03-02"}):
        found = await targets("Lin", top, **asked)
        assert (found[top["code"]], found[leaf["code"]]) == (("100", "3000"), ("110", "2727"))
    assert (await targets("Lin", leaf))[leaf["code"]][0] == "110"
    # Who does not see the company's target sees nothing of what is above his.
    assert (await targets("Mei", top))[top["code"]][0] is None
