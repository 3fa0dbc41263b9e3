"""The targets of a demo company's year: set by its director, by territory, person and month."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from service.simulation.demo.aims import (
    AIMS,
    LAUNCH,
    RATES,
    SEASON,
    Aim,
    Place,
    Rate,
    dealt_months,
    months_of,
    places,
)
from service.simulation.demo.founding import Founder, OpenSite
from service.targets.commands.metrics import CreateMetric, create_metric
from service.targets.commands.nodes import AddTargetNodes, NewTargetNode, add_target_nodes
from service.targets.commands.plans import (
    CreateTargetPlan,
    MovePlan,
    create_target_plan,
    distribute_target_plan,
    publish_target_plan,
)
from service.targets.commands.seasons import SetTargetSeason, WantedStep, set_target_season
from service.targets.tables import CountingEvent, MetricDirection, MetricUnit, TargetSplit
from service.tenants.texts import Texts
from service.work import Caller

_DIRECTOR: Final = "director"
_HUNDREDTH: Final = 100
LAUNCHED: Final = ("内窥镜KY-300标准配置", "内窥镜KY-300高级配置")


@dataclass(frozen=True, slots=True)
class PlannedYear:
    """The plan of a year.

    Attributes:
        metrics: the company's metrics, by their codes.
        units: each site's unit.
        nodes: the yearly targets by their keys: metric and territory, `RETAIL@city-east`.
        places: the territories that have targets, parents before what is below them.
    """

    plan_id: UUID
    year: int
    metrics: Mapping[str, UUID]
    units: Mapping[UUID, UUID]
    nodes: Mapping[str, UUID]
    places: Sequence[Place]


async def plan_years(
    founder: Founder, sites: Sequence[OpenSite], first: int, last: int
) -> PlannedYear:
    """Make and publish the plans of a history's years, and return the last one's.

    A year that is over is looked at as a whole: its targets have no months. A repetition answers
    the same.
    """
    await _launch(founder, first, last)
    await _rates(founder)
    metrics, units = await _known(founder, sites)
    planned = [
        await _plan(
            founder,
            _Planning(
                founder,
                {site.plan.territory: site for site in sites},
                units,
                year,
                monthly=year == last,
            ),
            metrics,
        )
        for year in range(first, last + 1)
    ]
    return planned[-1]


async def _plan(
    founder: Founder, planning: "_Planning", metrics: Mapping[str, UUID]
) -> PlannedYear:
    year, director_id = planning.year, founder.office(_DIRECTOR)
    names = Texts(f"Targets of {year}", f"{year} 年度目標", f"{year} 年度目标")
    made = CreateTargetPlan(f"year-{year}", names, date(year, 1, 1), date(year, 12, 31))
    plan_id = await founder.hand.do(director_id, made, create_target_plan)
    # By working days alone everybody would be behind in spring, and ahead of autumn's months.
    season = SetTargetSeason(plan_id, tuple(_season(year)))
    await founder.hand.do(director_id, season, set_target_season)
    nodes = tuple(planning.nodes(metrics))
    added = await founder.hand.do(director_id, AddTargetNodes(plan_id, nodes), add_target_nodes)
    await founder.hand.do(director_id, MovePlan(plan_id), distribute_target_plan)
    await founder.hand.do(director_id, MovePlan(plan_id), publish_target_plan)
    ids = {node.key: id_ for node, id_ in zip(nodes, added.node_ids, strict=True)}
    return PlannedYear(plan_id, year, metrics, planning.units, ids, planning.places())


def _season(year: int) -> Iterator[WantedStep]:
    for month, weight in enumerate(SEASON, 1):
        yield WantedStep(date(year, month, monthrange(year, month)[1]), weight)


async def _launch(founder: Founder, first: int, last: int) -> None:
    """Count what is sold of products launched in these years, where a company launches some."""
    if all(aim.metric != LAUNCH for aim in AIMS[founder.company.industry]):
        return
    names = Texts(
        f"Endoscopes launched in {last}", f"{last} 內窺鏡新品銷售額", f"{last} 内窥镜新品销售额"
    )
    order = CreateMetric(
        LAUNCH,
        names,
        MetricUnit.MONEY.value,
        CountingEvent.INVOICE.value,
        product_codes=LAUNCHED,
        launch_first_day=date(first, 1, 1),
        launch_last_day=date(last, 12, 31),
    )
    await founder.hand.do(founder.office(_DIRECTOR), order, create_metric)


async def _rates(founder: Founder) -> None:
    """Count what a company wants little of, where its template has no metric of it."""
    for rate in RATES[founder.company.industry]:
        if rate.names is not None:
            order = CreateMetric(
                rate.metric,
                rate.names,
                MetricUnit.RATIO.value,
                CountingEvent.OTHER.value,
                direction=MetricDirection.LOWER.value,
            )
            await founder.hand.do(founder.office(_DIRECTOR), order, create_metric)


@dataclass(frozen=True, slots=True)
class _Planning:
    founder: Founder
    sites: Mapping[str, OpenSite]
    units: Mapping[UUID, UUID]
    year: int
    monthly: bool

    def nodes(self, metrics: Mapping[str, UUID]) -> Iterator[NewTargetNode]:
        """Return all targets, parents before what is below them."""
        industry = self.founder.company.industry
        for aim in AIMS[industry]:
            yield from self._aimed(aim, metrics[aim.metric])
        for rate in RATES[industry]:
            for place in self.places():
                yield from self._rated(rate, metrics[rate.metric], place)

    def places(self) -> list[Place]:
        """Return the territories that have targets, parents before what is below them."""
        staffed = {code: len(site.reps) for code, site in self.sites.items()}
        return places(self.founder.company.industry, staffed)

    def _aimed(self, aim: Aim, metric_id: UUID) -> Iterator[NewTargetNode]:
        found = self.places()
        months = months_of(aim, found)
        for place in found:
            site = self.sites.get(place.code)
            here = NewTargetNode(
                key=f"{aim.metric}@{place.code}",
                metric_id=metric_id,
                parent_key=None if place.above is None else f"{aim.metric}@{place.above}",
                amount=aim.each * place.size,
                org_unit_id=None if site is None else self.units[site.site_id],
                territory_id=self.founder.territories[place.code],
            )
            yield from self._with_months(here, months[place.code])
            reps = list(site.reps) if site and aim.divided else []
            dealt = dealt_months(months[place.code], len(reps))
            for number, member_id in enumerate(reps):
                his = NewTargetNode(
                    key=f"{here.key}/{number}",
                    parent_key=here.key,
                    amount=aim.each,
                    member_id=member_id,
                )
                yield from self._with_months(his, dealt[number])

    def _rated(self, rate: Rate, metric_id: UUID, place: Place) -> Iterator[NewTargetNode]:
        site = self.sites.get(place.code)
        here = NewTargetNode(
            key=f"{rate.metric}@{place.code}",
            metric_id=metric_id,
            amount=rate.target * _HUNDREDTH,
            org_unit_id=None if site is None else self.units[site.site_id],
            territory_id=self.founder.territories[place.code],
        )
        yield here
        for number, member_id in enumerate(site.reps if site else ()):
            yield replace(here, key=f"{here.key}/{number}", member_id=member_id)

    def _with_months(self, node: NewTargetNode, months: Sequence[int]) -> Iterator[NewTargetNode]:
        yield node
        for month, amount in enumerate(months if self.monthly else (), 1):
            yield NewTargetNode(
                key=f"{node.key}#{month}",
                parent_key=node.key,
                amount=amount,
                split=TargetSplit.PERIOD.value,
                first_day=date(self.year, month, 1),
                last_day=date(self.year, month, monthrange(self.year, month)[1]),
            )


async def _known(
    founder: Founder, sites: Sequence[OpenSite]
) -> tuple[Mapping[str, UUID], Mapping[UUID, UUID]]:
    """Return the metrics by code, and each site's unit."""
    tenant_id = founder.tenant.tenant_id
    async with founder.hand.transactions.sight(Caller(tenant_id, None, "demo-plan")) as sight:
        metrics = await sight.fetch(
            "SELECT code, id FROM app.metric WHERE tenant_id = $1", tenant_id
        )
        units = await sight.fetch(
            "SELECT id, org_unit_id FROM app.site WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
            tenant_id,
            [site.site_id for site in sites],
        )
    return (
        {row["code"]: row["id"] for row in metrics},
        {row["id"]: row["org_unit_id"] for row in units},
    )
