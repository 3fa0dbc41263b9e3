"""What a demo company does beside its targets: actions, people and money, planned and reported."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from service.simulation.demo.aims import LAUNCH, Place
from service.simulation.demo.founding import Founder, Hand
from service.simulation.demo.planning import PlannedYear
from service.targets.commands.working import PlanWork, ReportWork, plan_work, report_work
from service.targets.tables import WorkItemKind

_DIRECTOR: Final = "director"
_REGION: Final = "region"
_FIRST: Final = "region-1"
_FEN: Final = 100
# What a representative's place may cost in a year, in yuan; how much of a hundred of it goes.
_EACH: Final = 120_000
_SPENT: Final = (88, 104, 95, 97, 91, 108, 84)
_YEAR: Final = 365


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of something, so many days before the last: its result, its cost in yuan."""

    days_ago: int
    result: int
    cost: int | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """Something to be done for a target.

    Attributes:
        target: key of the target.
        by, owner: what they sign in as: who plans it, and who answers for it.
        due: days after the last day; before it, below 0.
        figure: how much it is to bring, in units of the target's metric.
        outcome: none while it is open; it is overdue where its day has passed.
    """

    target: str
    by: str
    owner: str
    title: str
    due: int
    figure: int
    outcome: Outcome | None = None
    kind: WorkItemKind = WorkItemKind.ACTION


_DEVELOPER: Final = (
    Planned(
        "SUBSCRIPTIONS@all",
        _DIRECTOR,
        _DIRECTOR,
        "老业主专场推介会",
        -12,
        12,
        Outcome(12, 9, 46_000, "到场41组，认购9套，两套待补资料。"),
    ),
    Planned("SUBSCRIPTIONS@city-guangzhou", _DIRECTOR, "region", "竞品踩盘与价格对标报告", -5, 6),
    Planned("CONTRACTS@region-1", _DIRECTOR, "region", "已认购未签约客户逐户催签", 9, 15),
    Planned("SUBSCRIPTIONS@yunqi-phase-1", "region", "manager", "周末夜场开放", 6, 8),
    Planned(
        "RECEPTIONS@binjiang-phase-1",
        "region",
        "manager2",
        "周边社区巡展",
        -6,
        60,
        Outcome(6, 52, 18_200, "下雨一天，到访少于计划。"),
        WorkItemKind.CAMPAIGN,
    ),
    Planned(
        "SUBSCRIPTIONS@yunqi-phase-1/0",
        "manager",
        "rep1",
        "重点客户逐一回访",
        -3,
        3,
        Outcome(4, 4, None, "四位确定本周末再来。"),
    ),
    Planned("SUBSCRIPTIONS@yunqi-phase-1/1", "manager", "rep2", "到访未认购客户二次邀约", -2, 2),
    Planned("SUBSCRIPTIONS@binjiang-phase-1/0", "manager2", "rep8", "转介绍客户登记跟进", 10, 2),
)
_DEALER: Final = (
    Planned("RETAIL@all", _DIRECTOR, _DIRECTOR, "厂家返利冲量方案", 8, 20),
    Planned("RETAIL@city-west", _DIRECTOR, _DIRECTOR, "城西分销网点走访", -3, 10),
    Planned("RETAIL@city-east-ruichi", _DIRECTOR, "manager", "库存超90天车辆清理", -4, 6),
    Planned(
        "RETAIL@city-east-ruichi",
        _DIRECTOR,
        "manager",
        "商圈巡展",
        -9,
        8,
        Outcome(8, 7, 21_000, "七台订单，三台已交车。"),
        WorkItemKind.CAMPAIGN,
    ),
    Planned(
        "RETAIL@city-east-ruichi/0",
        "manager",
        "rep1",
        "战败客户回访",
        -5,
        3,
        Outcome(5, 2, 600, "两位改订，一位已购他牌。"),
    ),
    Planned("RETAIL@city-east-ruichi/1", "manager", "rep2", "保有客户置换邀约", 5, 2),
)
_MEDICAL: Final = (
    Planned(
        f"{LAUNCH}@all",
        _DIRECTOR,
        _DIRECTOR,
        "新品上市推介会",
        -10,
        80_000_000,
        Outcome(10, 92_600_000, 138_000, "十一家医院确定试用。"),
    ),
    Planned(f"{LAUNCH}@region-1", _DIRECTOR, "region", "省级学会卫星会", 12, 60_000_000),
    Planned(
        "NEW_CUSTOMERS@region-1",
        _DIRECTOR,
        "region",
        "经销商产品培训",
        -8,
        12,
        Outcome(7, 10, 30_000, "晚一天办完，两家改期。"),
        WorkItemKind.CAMPAIGN,
    ),
    Planned("SAMPLE_SITES@zhejiang-first-imaging", "region", "manager", "样板点验收资料", -4, 2),
    Planned(
        "NEW_CUSTOMERS@zhejiang-first-imaging/0",
        "manager",
        "rep1",
        "影像科科室会",
        -6,
        3,
        Outcome(6, 4, 2_400, "四个科室要求试用。"),
    ),
    Planned(
        "SAMPLE_SITES@zhejiang-first-imaging/1", "manager", "rep2", "样板点科室主任拜访", -1, 1
    ),
    Planned("NEW_CUSTOMERS@zhejiang-first-imaging/2", "manager", "rep3", "县级医院摸底", 7, 3),
)


@dataclass(frozen=True, slots=True)
class Resources:
    """What a demo company plans: what is done, and whom and what its regions have.

    Attributes:
        headline: the metric beside whose targets people and money are planned.
        above: the territory right below which its regions are.
    """

    done: Sequence[Planned]
    headline: str
    above: str


_RESOURCES: Final[Mapping[str, Resources]] = {
    "property-developer": Resources(_DEVELOPER, "SUBSCRIPTIONS", "region-1"),
    "car-dealer": Resources(_DEALER, "RETAIL", "region-1"),
    "medical-device-distributor": Resources(_MEDICAL, LAUNCH, "all"),
}


@dataclass(slots=True)
class Working:
    """The work of one company: planned as it begins, reported on its days.

    Attributes:
        beginning, last: first and last day of its history.
    """

    founder: Founder
    planned: PlannedYear
    beginning: date
    last: date
    _reports: dict[date, list[tuple[UUID, ReportWork]]] = field(default_factory=dict)

    async def plan(self) -> None:
        """Plan everything; a repetition answers the same."""
        hand = Hand(self.founder.hand.transactions, self.founder.tenant.tenant_id, "work")
        for one in (*_RESOURCES[self.founder.company.industry].done, *self._resources()):
            owner_id = self.founder.office(one.owner)
            order = PlanWork(
                self.planned.nodes[one.target],
                one.kind.value,
                owner_id,
                one.title,
                self.last + timedelta(days=one.due),
                one.figure,
            )
            item_id = await hand.do(self.founder.office(one.by), order, plan_work)
            if one.outcome is not None:
                self._note(owner_id, item_id, one)

    def is_due(self, day: date) -> bool:
        """Tell whether anything is reported on a day."""
        return day in self._reports

    async def report(self, day: date) -> None:
        """Report what is over, or how it stands, on a day."""
        tenant_id = self.founder.tenant.tenant_id
        hand = Hand(self.founder.hand.transactions, tenant_id, f"worked-{day}")
        for owner_id, order in self._reports.get(day, ()):
            await hand.do(owner_id, order, report_work)

    def _note(self, owner_id: UUID, item_id: UUID, one: Planned) -> None:
        outcome = one.outcome
        if outcome is None:
            return
        # On the first day nobody has his office at midnight; a short history has less of a past.
        day = max(self.beginning + timedelta(days=1), self._ago(outcome.days_ago))
        order = ReportWork(
            item_id,
            outcome.result,
            None if outcome.cost is None else outcome.cost * _FEN,
            # How many there are and what is spent goes on.
            done=one.kind in {WorkItemKind.ACTION, WorkItemKind.CAMPAIGN},
            remark=outcome.remark,
        )
        self._reports.setdefault(day, []).append((owner_id, order))

    def _ago(self, days: int) -> date:
        return self.last - timedelta(days=days)

    def _resources(self) -> Iterator[Planned]:
        """Return the people and the money of each region, as they stand the day before the last."""
        told = _RESOURCES[self.founder.company.industry]
        regions = [one for one in self.planned.places if one.above == told.above]
        ends = (date(self.planned.year, 12, 31) - self.last).days
        for number, place in enumerate(regions):
            owner = self._owner(place)
            target = f"{told.headline}@{place.code}"
            # One seat more than there are people, in every other region.
            people = Outcome(1, place.size - number % 2)
            yield Planned(
                target,
                _DIRECTOR,
                owner,
                "编制人数",
                ends,
                place.size,
                people,
                WorkItemKind.HEADCOUNT,
            )
            money = place.size * _EACH * _FEN
            spent = Outcome(1, self._spent(money, number))
            yield Planned(
                target,
                _DIRECTOR,
                owner,
                "销售费用",
                ends,
                money,
                spent,
                WorkItemKind.BUDGET,
            )

    def _owner(self, place: Place) -> str:
        """Return who answers for a region: its own manager where the company has one."""
        managed = self.founder.has(_REGION)
        return _REGION if managed and _FIRST in {place.code, place.above} else _DIRECTOR

    def _spent(self, money: int, number: int) -> int:
        """Return what has gone by the day before the last, in whole hundreds of yuan."""
        over = max(0, (self.last - date(self.planned.year, 1, 1)).days)
        share = money * over * _SPENT[number % len(_SPENT)] // (_YEAR * 100)
        return share // (100 * _FEN) * 100 * _FEN
