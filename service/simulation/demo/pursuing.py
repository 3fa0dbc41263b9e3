"""What a demo company hopes for beside its targets, and the one target that has been changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from service.opportunities.commands import CreateOpportunity, create_opportunity
from service.simulation.demo.aims import AIMS, LAUNCH
from service.simulation.demo.founding import Founder, Hand, OpenSite
from service.simulation.demo.planning import PlannedYear
from service.simulation.demo.territories import TREES, is_of_region
from service.targets.commands.adjusting import AdjustTarget, adjust_target
from service.work import Caller

_DIRECTOR: Final = "director"
_REGION: Final = "region"
# In how many days from the last one what is hoped for is expected.
_IN: Final = (7, 26, 12, 40, 18)
_CHANGED_AGO: Final = 9


@dataclass(frozen=True, slots=True)
class Hopes:
    """What a demo company hopes for.

    Attributes:
        metric: what it would count toward.
        names, amounts, stages: of one after another, over and over; amounts in whole units.
        changed, less, reason: the territory whose target was lowered, by how much of a hundred,
            and why.
    """

    metric: str
    names: Sequence[str]
    amounts: Sequence[int]
    stages: Sequence[str]
    changed: str
    less: int
    reason: str


_HOPES: Final[Mapping[str, Hopes]] = {
    "property-developer": Hopes(
        "SUBSCRIPTIONS",
        ("三居室改善换房", "企业团购意向", "老业主增购", "家庭合购两套", "外地购房团"),
        (1, 4, 1, 2, 3),
        ("unit-chosen", "first-visit", "deposit-agreed", "second-visit", "unit-chosen"),
        "binjiang-phase-2",
        4,
        "二期预售证晚两个月取得，房源推迟入市。",
    ),
    "car-dealer": Hopes(
        "RETAIL",
        ("家庭增购第二辆车", "网约车公司批量采购", "老客户增换购", "企业公务用车", "新能源置换"),
        (1, 6, 1, 3, 1),
        ("test-drive", "offer", "trade-in-agreed", "enquiry", "offer"),
        "city-west-ruixing",
        4,
        "主销车型改款，厂家推迟供车。",
    ),
    "medical-device-distributor": Hopes(
        LAUNCH,
        ("消化科设备更新", "新院区设备配置", "体检中心新建", "省级集中采购", "县域医共体采购"),
        (38_000_000, 92_000_000, 26_500_000, 146_000_000, 54_000_000),
        ("trial", "listing", "awarded", "tender", "need"),
        "jiangsu",
        4,
        "省级集采延后一轮，进院推迟。",
    ),
}


@dataclass(frozen=True, slots=True)
class Pursuing:
    """What one company hopes for.

    Attributes:
        beginning, last: first and last day of its history.
    """

    founder: Founder
    sites: Sequence[OpenSite]
    planned: PlannedYear
    beginning: date
    last: date

    async def hope(self) -> None:
        """Open its opportunities; a repetition changes nothing."""
        hand = Hand(self.founder.hand.transactions, self.founder.tenant.tenant_id, "hoped")
        stages, hopes = await self._stages(), _HOPES[self.founder.company.industry]
        for number, (member_id, territory_id) in enumerate(self._whose()):
            amount = hopes.amounts[number % len(hopes.amounts)]
            order = CreateOpportunity(
                hopes.names[number % len(hopes.names)],
                self.planned.metrics[hopes.metric],
                amount,
                stages[hopes.stages[number % len(hopes.stages)]],
                self._expected(number),
                member_id,
                territory_id=territory_id,
            )
            await hand.do(self.founder.office(_DIRECTOR), order, create_opportunity)

    async def change(self, day: date) -> None:
        """Take back a part of a target that cannot be reached, on its day: nobody has it then."""
        if day != max(self.beginning + timedelta(days=1), self._ago(_CHANGED_AGO)):
            return
        hand = Hand(self.founder.hand.transactions, self.founder.tenant.tenant_id, "changed")
        hopes = _HOPES[self.founder.company.industry]
        size = next(one.size for one in self.planned.places if one.code == hopes.changed)
        aims = AIMS[self.founder.company.industry]
        each = next(one.each for one in aims if one.metric == hopes.metric)
        order = AdjustTarget(
            self.planned.nodes[f"{hopes.metric}@{hopes.changed}"],
            -(each * size * hopes.less // 100),
            max(day, date(self.planned.year, 1, 1)),
            hopes.reason,
        )
        await hand.do(self.founder.office(_DIRECTOR), order, adjust_target)

    def _ago(self, days: int) -> date:
        return self.last - timedelta(days=days)

    def _expected(self, number: int) -> date:
        """Return the day on which something is expected, in the plan's year."""
        day = self.last + timedelta(days=_IN[number % len(_IN)])
        return min(day, date(self.planned.year, 12, 31))

    def _whose(self) -> Iterator[tuple[UUID, UUID]]:
        """Return who has an opportunity and where: each representative, and those above them.

        Theirs are where no site sells, in one territory of each that is divided: the region's
        manager's in his region, elsewhere the director's.
        """
        territories = self.founder.territories
        for site in self.sites:
            yield from ((rep, territories[site.plan.territory]) for rep in site.reps)
        homes = {site.plan.territory for site in self.sites}
        drawn = TREES[self.founder.company.industry]
        above = {one.above for one in drawn}
        chosen = {one.above: one.code for one in drawn if one.code not in above | homes}
        managed = self.founder.has(_REGION)
        for code in chosen.values():
            login = _REGION if managed and is_of_region(drawn, code) else _DIRECTOR
            yield self.founder.office(login), territories[code]

    async def _stages(self) -> Mapping[str, UUID]:
        tenant_id = self.founder.tenant.tenant_id
        caller = Caller(tenant_id, None, "demo-hopes")
        async with self.founder.hand.transactions.sight(caller) as sight:
            found = await sight.fetch(
                "SELECT code, id FROM app.opportunity_stage WHERE tenant_id = $1", tenant_id
            )
        return {row["code"]: row["id"] for row in found}
