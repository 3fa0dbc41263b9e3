"""What is done by chance to the targets and territories of a `House` whose plan is in force."""

from collections import Counter
from typing import Any

from builders.happenings import PEOPLE, House
from builders.rehearsals import REACTIONS
from builders.targets import NAMES

from service.simulation.passing import pass_to

CHANGES = """query($plan: ID!) { targetChanges(first: 200, filter: {planId: {eq: $plan}}) {
  nodes { id kind } } }"""
KINDS = ("adjust", "relieve", "withdraw", "ramp", "vacate", "fill", "seat", "revise", "redraw")


class Changed:
    """A house, and how often each kind of change was made of it."""

    def __init__(self, house: House) -> None:
        """Begin with a plan in force and no change."""
        self.house, self.chance = house, house.chance
        self.made: Counter[str] = Counter()
        self.vacant: list[str] = []
        self._still: list[str] = []

    async def next(self) -> None:
        """Do one from today on, each kind in its turn; what may not be done then is refused."""
        if not self._still:
            self._still = self.chance.sample(KINDS, len(KINDS))
        kind = self._still.pop()
        if kind == "redraw":
            self.made[kind] += await self.redrawn()
            return
        found = await getattr(self, f"_{kind}")()
        self.made[kind] += found is not None and found["errors"] == []

    async def _does(self, command: str, **sent: Any) -> Any:
        desk = self.house.desk
        today = f"2026-03-{self.house.day:02}"
        sent = {"effectiveOn": today, "reason": "as decided", **sent}
        return await desk.api.tries(desk.token("Lin"), command, "targetNode { id }", **sent)

    def _his(self) -> str:
        return self.house.planner.ids[self.chance.choice(PEOPLE)]

    async def _adjust(self) -> Any:
        holder = self.chance.choice(["MANAGER", "PEERS", "NONE"])
        delta = self.chance.choice(["-5", "8"])
        # What begins later stands there already when somebody goes before its day.
        day = min(self.house.day + self.chance.choice([0, 0, 2, 9]), 31)
        return await self._does(
            "adjustTarget", nodeId=self._his(), delta=delta, holder=holder,
            effectiveOn=f"2026-03-{day:02}",
        )  # fmt: skip

    async def _relieve(self) -> Any:
        first = self.house.day
        away = {"awayFrom": f"2026-03-{first:02}", "awayUntil": f"2026-03-{first + 6:02}"}
        holder = self.chance.choice(["MANAGER", "PEERS", "NONE"])
        return await self._does("relieveTarget", nodeId=self._his(), holder=holder, **away)

    async def _withdraw(self) -> Any:
        desk, plan = self.house.desk, self.house.planner.plan
        rows = (await desk.ask("Lin", CHANGES, plan=plan))["targetChanges"]["nodes"]
        reliefs = [one["id"] for one in rows if one["kind"] == "RELIEF"]
        if not reliefs:
            return None
        return await self._does("withdrawRelief", changeId=self.chance.choice(reliefs))

    async def _ramp(self) -> Any:
        began = f"2026-03-{self.chance.randrange(1, self.house.day + 1):02}"
        shares = [self.chance.randrange(0, 10_001)]
        return await self._does(
            "rampTarget", nodeId=self._his(), startsOn=began, rampBasisPoints=shares
        )

    async def _vacate(self) -> Any:
        found = await self._does("vacateTarget", nodeId=self._his(), credited="3")
        if not found["errors"]:
            self.vacant.append(found["targetNode"]["id"])
        return found

    async def _fill(self) -> Any:
        if not self.vacant:
            return None
        member = self.house.desk.member(self.chance.choice(PEOPLE))
        seat = self.chance.choice(self.vacant)
        return await self._does("fillVacancy", nodeId=seat, memberId=member)

    async def _seat(self) -> Any:
        if not self.vacant:
            return None
        seat = self.chance.choice(self.vacant)
        return await self._does("transferTarget", nodeId=self._his(), seatNodeId=seat)

    async def _revise(self) -> Any:
        figure = str(self.chance.randrange(250, 400))
        return await self._does(
            "reviseTarget", nodeId=self.house.planner.ids["root"], figure=figure
        )

    async def redrawn(self) -> bool:
        """Put a model into force in which a territory hangs elsewhere; a circle is refused."""
        house, desk = self.house, self.house.desk
        house.count += 1
        made = await desk.does(
            "Lin", "createTerritoryModel", "model { id }", code=f"m-{house.count}", names=NAMES
        )
        model = made["model"]["id"]
        which, above = self.chance.sample(house.places[1:], 2)
        placed = await desk.api.tries(
            desk.token("Lin"), "placeTerritory", "model { id }", territoryModelId=model,
            territoryId=which, parentId=above,
        )  # fmt: skip
        if placed["errors"]:
            return False
        await desk.does("Lin", "previewTerritoryModel", "model { id }", territoryModelId=model)
        await desk.does(
            "Lin", "activateTerritoryModel", "activation { activeOn }", territoryModelId=model
        )
        tenant = desk.showroom.tenant
        await pass_to(tenant.transactions, tenant.id, REACTIONS)
        return True
