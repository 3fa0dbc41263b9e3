"""The targets of a demo company's year: set by its director, by site, by person and by month."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from service.money import spread
from service.simulation.demo.founding import Founder, OpenSite
from service.targets.commands.nodes import AddTargetNodes, NewTargetNode, add_target_nodes
from service.targets.commands.plans import (
    CreateTargetPlan,
    MovePlan,
    create_target_plan,
    distribute_target_plan,
    publish_target_plan,
)
from service.targets.tables import TargetSplit
from service.tenants.texts import Texts
from service.work import Caller

_DIRECTOR: Final = "director"
# Q07's curve: little at the new year's holidays, much in autumn.
_SEASON: Final = (5, 3, 9, 8, 9, 12, 6, 6, 13, 12, 9, 8)
# What a representative is to reach in a year, by the template's metrics; money in minor units.
_EACH: Final[Mapping[str, Mapping[str, int]]] = {
    "property-developer": {
        "RECEPTIONS": 600,
        "SUBSCRIPTIONS": 40,
        "CONTRACTS": 36,
        "CASH_RECEIVED": 7_200_000_000,
    },
    "car-dealer": {
        "WHOLESALE": 110,
        "RETAIL": 96,
        "DELIVERIES": 96,
        "SALES_AMOUNT": 1_900_000_000,
    },
    "medical-device-distributor": {
        "NEW_PRODUCT_SALES": 360_000_000,
        "NEW_CUSTOMERS": 12,
        "SAMPLE_SITES": 4,
    },
}


async def plan_year(founder: Founder, sites: Sequence[OpenSite], year: int) -> UUID:
    """Make and publish the plan of a year and return its id; a repetition answers the same."""
    metrics, places = await _known(founder, sites)
    director_id = founder.office(_DIRECTOR)
    first, last = date(year, 1, 1), date(year, 12, 31)
    names = Texts(f"Targets of {year}", f"{year} 年度目標", f"{year} 年度目标")
    made = CreateTargetPlan(f"year-{year}", names, first, last)
    plan_id = await founder.hand.do(director_id, made, create_target_plan)
    nodes = tuple(
        node
        for code, each in _EACH[founder.company.industry].items()
        for node in _nodes(code, metrics[code], each, sites, places, year)
    )
    await founder.hand.do(director_id, AddTargetNodes(plan_id, nodes), add_target_nodes)
    await founder.hand.do(director_id, MovePlan(plan_id), distribute_target_plan)
    await founder.hand.do(director_id, MovePlan(plan_id), publish_target_plan)
    return plan_id


def _nodes(  # noqa: PLR0917 - what one metric's targets are made of
    code: str,
    metric_id: UUID,
    each: int,
    sites: Sequence[OpenSite],
    places: Mapping[UUID, tuple[UUID, UUID]],
    year: int,
) -> Iterator[NewTargetNode]:
    people = sum(len(site.reps) for site in sites)
    yield from _with_months(
        NewTargetNode(key=code, metric_id=metric_id, amount=each * people), year
    )
    for number, site in enumerate(sites):
        unit_id, territory_id = places[site.site_id]
        team = NewTargetNode(
            key=f"{code}-{number}",
            parent_key=code,
            amount=each * len(site.reps),
            org_unit_id=unit_id,
            territory_id=territory_id,
        )
        yield from _with_months(team, year)
        for place, member_id in enumerate(site.reps):
            his = NewTargetNode(
                key=f"{team.key}-{place}", parent_key=team.key, amount=each, member_id=member_id
            )
            yield from _with_months(his, year)


def _with_months(node: NewTargetNode, year: int) -> Iterator[NewTargetNode]:
    yield node
    for month, amount in enumerate(spread(node.amount, _SEASON), 1):
        yield NewTargetNode(
            key=f"{node.key}/{month}",
            parent_key=node.key,
            amount=amount,
            split=TargetSplit.PERIOD.value,
            first_day=date(year, month, 1),
            last_day=date(year, month, monthrange(year, month)[1]),
        )


async def _known(
    founder: Founder, sites: Sequence[OpenSite]
) -> tuple[Mapping[str, UUID], Mapping[UUID, tuple[UUID, UUID]]]:
    """Return the metrics by code, and where each site belongs."""
    tenant_id = founder.tenant.tenant_id
    async with founder.hand.transactions.sight(Caller(tenant_id, None, "demo-plan")) as sight:
        metrics = await sight.fetch(
            "SELECT code, id FROM app.metric WHERE tenant_id = $1", tenant_id
        )
        places = await sight.fetch(
            "SELECT id, org_unit_id, territory_id FROM app.site"
            " WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
            tenant_id,
            [site.site_id for site in sites],
        )
    return (
        {row["code"]: row["id"] for row in metrics},
        {row["id"]: (row["org_unit_id"], row["territory_id"]) for row in places},
    )
