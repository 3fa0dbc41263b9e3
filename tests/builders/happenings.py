"""A company to which things happen that change boards, and the boards that are looked at then."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import NAMES, Planner

from service.clock import ManualClock

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
PERIOD = """query($metric: ID!, $card: ID!, $scheme: ID!) {
  memberBoard(metricId: $metric, period: {month: {year: 2026, month: 3}}) {
    member { name leftOn } credited }
  memberScores(scorecardId: $card, period: {month: {year: 2026, month: 3}}) { member { name } }
  memberBonuses(schemeId: $scheme, period: {month: {year: 2026, month: 3}}) {
    member { name } credited } }"""
ON_DAY = """query($metric: ID!, $day: Date, $restated: Boolean!) {
  memberBoard(metricId: $metric, period: {month: {year: 2026, month: 3}}, asOfDay: $day,
              restated: $restated) { member { name } target } }"""
WIDER = f"""query($unit: ID!, $team: ID!, $place: ID!, $metric: ID!, $day: Date,
                $card: ID!, $scheme: ID!) {{
  here: memberBoard(metricId: $metric, asOfDay: $day, territoryId: $place,
                    period: {{month: {{year: 2026, month: 3}}}}) {{ member {{ name }} credited }}
  team: memberBoard(metricId: $metric, asOfDay: $day, orgUnitId: $team,
                    period: {{month: {{year: 2026, month: 3}}}}) {{ member {{ name }} credited }}
  orgUnitTree(day: $day) {{ orgUnit {{ id }} parent {{ id }} }}
  lineBoard(metricId: $metric, asOfDay: $day, territoryId: $place, period: {{year: 2026}}) {{
    channelCode {FIGURES} }}
  memberBoard(metricId: $metric, asOfDay: $day, period: {{year: 2026}}) {{
    member {{ name }} {FIGURES} }}
  dealerBoard(orgUnitId: $unit, metricId: $metric, asOfDay: $day, period: {{year: 2026}}) {{
    dealer {{ id }} territory {{ id }} {FIGURES} }}
  memberScores(scorecardId: $card, asOfDay: $day, period: {{month: {{year: 2026, month: 3}}}}) {{
    member {{ name }} score }}
  memberBonuses(schemeId: $scheme, asOfDay: $day, period: {{month: {{year: 2026, month: 3}}}}) {{
    member {{ name }} target credited bonus }} }}"""
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
STAY, GO = ("An", "Bo"), ("Chu", "Dee", "Eli")
PEOPLE = (*STAY, *GO)
HAPPENING = (
    *("counts", "late", "reverse", "restate", "adjust", "move", "absence", "transfer", "calendar"),
    *("plan", "unit", "leaves", "departs", *["day"] * 3),
)
# What leaves territories, units and everybody's targets as they are.
TO_PEOPLE = ("counts", "late", "reverse", "absence", "leaves", "departs", *["transfer", "day"] * 3)
SEEN = f"""query($root: ID!, $metric: ID!, $day: Date, $card: ID!, $scheme: ID!) {{
  territoryBoard(territoryId: $root, metricId: $metric, depth: 9, asOfDay: $day,
                 period: {{month: {{year: 2026, month: 3}}}}) {{ territory {{ id }} {MORE} }}
  memberBoard(metricId: $metric, asOfDay: $day, period: {{month: {{year: 2026, month: 3}}}}) {{
    memberName cursor {MORE} }}
  memberScores(scorecardId: $card, asOfDay: $day, period: {{month: {{year: 2026, month: 3}}}}) {{
    memberName score }}
  memberBonuses(schemeId: $scheme, asOfDay: $day, period: {{month: {{year: 2026, month: 3}}}}) {{
    memberName credited bonus }} }}"""
FOUND = """query($metric: ID!, $day: Date, $after: ID) {
  memberBoard(metricId: $metric, asOfDay: $day, afterId: $after,
              period: {month: {year: 2026, month: 3}}) {
    memberName member { name } credited absentCount cursor } }"""


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
        self.card = self.scheme = ""
        desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id

    async def made(self) -> None:
        """Make a tree of territories, a plan over it, and people below one of them."""
        self.planner.metric = await self.ledger.with_metric()
        tenant, people = self.desk.showroom.tenant, self.desk.showroom.people
        people |= zip(GO[1:], await tenant.members(*GO[1:]), strict=True)
        await self.with_card()
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

    async def with_card(self) -> None:
        """Make a scorecard for a role, and a bonus scheme."""
        role = f"role_{self.desk.showroom.tenant.roles['sales-representative']}"
        metric: dict[str, Any] = {"metricId": self.planner.metric}
        first = {"names": NAMES, "firstDay": "2026-01-01"}
        card = await self.desk.does(
            "Lin", "createScorecard", "scorecard { id }",
            code="card", roleId=role, lines=[{**metric, "weight": 100}], **first,
        )  # fmt: skip
        scheme = await self.desk.does(
            "Lin", "createBonusScheme", "bonusScheme { id }",
            code="steps", steps=[{"fromBasisPoints": 1, "amountEach": "100"}], **metric, **first,
        )  # fmt: skip
        self.card, self.scheme = card["scorecard"]["id"], scheme["bonusScheme"]["id"]

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
        wider = {
            "metric": self.planner.metric,
            "day": f"2026-03-{day:02}",
            "unit": self.unit,
            "team": self.units[0],
            "place": self.places[1],
            "card": self.card,
            "scheme": self.scheme,
        }
        return json.dumps(
            [
                await self.boards(day),
                await self.desk.ask("Lin", WIDER, **wider),
                [await self.desk.ask(one, OWN, day=wider["day"]) for one in STAY],
            ]
        )

    async def next(self, happening: Sequence[str] = HAPPENING) -> None:
        """Do one of the things that happen, on this day."""
        today = f"2026-03-{self.day:02}"
        what = self.chance.choice(happening)
        if what in {"counts", "late"}:
            self.count += 1
            day = today if what == "counts" else f"2026-0{self.chance.choice((2, 3))}-02"
            parts = {self.chance.choice(PEOPLE): 10_000}
            where = {"territoryId": self.chance.choice(self.places), "creditedOn": day}
            where["channelCode"] = self.chance.choice(["stores", "online"])
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
        elif what in {"absence", "transfer", "leaves", "departs"}:
            await self.of_somebody(what)
        else:
            self.day += 1
            on_day(self.clock, f"2026-03-{self.day:02}")

    async def of_somebody(self, what: str) -> None:
        """Record that somebody is absent, twice for one day is refused; or let him go elsewhere."""
        if what in {"leaves", "departs"}:
            await self.goes(what)
            return
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

    async def goes_to(self, name: str, unit: str) -> None:
        """Put somebody into a unit, today."""
        member = self.desk.member(name)
        document = "query($id: ID!) { node(id: $id) { ... on Member { version } } }"
        found = await self.desk.ask("Ada", document, id=member)
        await self.desk.does(
            "Ada", "editMember", "member { id }", memberId=member, orgUnitId=unit,
            expectedVersion=found["node"]["version"],
        )  # fmt: skip

    async def goes(self, what: str) -> None:
        """Let somebody leave or go elsewhere, maybe since a day that is over."""
        first = self.chance.randrange(2, self.day + 1)
        kind = self.chance.choice(["LEAVING", "TRANSFER"])
        leaver = self.desk.member(self.chance.choice(GO))
        if what == "leaves":
            document = "query($id: ID!) { node(id: $id) { ... on Member { version } } }"
            found = await self.desk.ask("Ada", document, id=leaver)
            await self.desk.api.tries(
                self.desk.token("Ada"), "leaveMember", "member { id }", memberId=leaver,
                expectedVersion=found["node"]["version"], leftOn=f"2026-03-{first:02}",
            )  # fmt: skip
            return
        place = {}
        if kind == "TRANSFER":
            place = {
                "toTerritoryId": self.chance.choice(self.places),
                "toOrgUnitId": self.chance.choice(self.units),
            }
        await self.desk.api.tries(
            self.desk.token("Ada"), "planDeparture", "departure { id }", memberId=leaver,
            kind=kind, firstDay=f"2026-03-{first:02}", confirmPast=True, reason="so", **place,
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
