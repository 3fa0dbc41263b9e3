"""How fast a tree of 100,000 targets is set anew from its top, with every guard of the database.

`python -m tests.benchmarks targets` prints the figures. The reference is a bare UPDATE of as many
amounts by a key, with the same guards, on the same rows in the same run. The process collects as
seldom as a server does.
"""

import asyncio
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

# The builders stand beside the benchmarks, and tests import them by their own name.
sys.path.insert(0, str(Path(__file__).parents[1]))

from service.app.serving import load_beforehand
from service.clock import new_id
from service.database.connections import connected
from service.targets.commands.cascading import RedistributeTarget, redistribute_target
from service.targets.commands.plans import MovePlan, distribute_target_plan
from service.targets.tables import TargetNode, TargetPlan
from service.work import Transactions, UnitOfWork, nothing_more
from tests.benchmarks.house import house
from tests.builders.tenants import TenantHandle

# Regions, branches of each, teams of each, people of each, and what each of them has by quarter.
FANS = (10, 10, 10, 20)
QUARTERS = ((1, 3), (4, 6), (7, 9), (10, 12))
ROUNDS = 4
CHUNK = 5_000
BARE = """
UPDATE app.target_node n SET amount = n.amount
FROM (SELECT id FROM app.target_node WHERE tenant_id = $1) d
WHERE n.tenant_id = $1 AND n.id = d.id
"""


def measure() -> list[dict[str, Any]]:
    """Set the tree anew a few times; the best of them counts."""
    return asyncio.run(_measured())


async def _measured() -> list[dict[str, Any]]:
    load_beforehand()
    async with house(1, reps=1) as found:
        tenant = found.showrooms[0].tenant
        transactions = found.base.transactions
        root, count = await _planted(transactions, tenant)
        # As the database does by itself within a minute.
        async with connected(found.base.location, "postgres") as connection:
            await connection.execute("VACUUM (ANALYZE) app.target_node")
        seconds = [
            await _timed(transactions, tenant, RedistributeTarget(root, 10**9 * (turn + 1)))
            for turn in range(ROUNDS)
        ]
        bare = await _bare(transactions, tenant)
    mix = f"{count:,} targets, five levels; a bare UPDATE takes {bare:.2f} s"
    return [
        {
            "name": "targets: a tree set anew",
            "value": round(min(seconds), 3),
            "unit": "s",
            "reference": mix,
            "goal": 2.0,
            "ok": min(seconds) <= 2.0,
        }
    ]


async def _timed(
    transactions: Transactions, tenant: TenantHandle, order: RedistributeTarget
) -> float:
    began = time.perf_counter()
    caller = tenant.caller(await _director(tenant))
    await transactions.carry_out(
        caller, f"bench-{new_id()}", order, redistribute_target, nothing_more
    )
    return time.perf_counter() - began


async def _bare(transactions: Transactions, tenant: TenantHandle) -> float:
    async def step(work: UnitOfWork) -> float:
        began = time.perf_counter()
        await work.fetch(BARE, work.tenant_id)
        return time.perf_counter() - began

    return await transactions.internally(tenant.id, "bare", step)


_DIRECTORS: dict[UUID, UUID] = {}


async def _director(tenant: TenantHandle) -> UUID:
    if tenant.id not in _DIRECTORS:
        _DIRECTORS[tenant.id] = await tenant.member("Lin", "director")
    return _DIRECTORS[tenant.id]


async def _planted(transactions: Transactions, tenant: TenantHandle) -> tuple[UUID, int]:
    """Make a plan that is broken down, with nothing to share yet."""

    async def begin(work: UnitOfWork) -> list[TargetNode]:
        plan = TargetPlan(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            created_at=work.now,
            code="large",
            names={"en": "Large", "zh-Hant": "大", "zh-Hans": "大"},
            first_day=date(2026, 1, 1),
            last_day=date(2026, 12, 31),
            state="DRAFT",
            currency="CNY",
            revision=0,
        )
        metric_id = await work.fetch_value(
            "SELECT id FROM app.metric WHERE tenant_id = $1 AND unit <> 'RATIO'"
            " ORDER BY code LIMIT 1",
            work.tenant_id,
        )
        work.add(plan)
        return _grown(work, plan.id, metric_id)

    rows = await transactions.internally(tenant.id, "begin", begin)
    for place in range(0, len(rows), CHUNK):

        async def plant(work: UnitOfWork, at: int = place) -> None:
            work.add(*rows[at : at + CHUNK])

        await transactions.internally(tenant.id, "plant", plant)
    director = tenant.caller(await _director(tenant))
    order = MovePlan(rows[0].plan_id)
    await transactions.carry_out(
        director, f"bench-{new_id()}", order, distribute_target_plan, nothing_more
    )
    return rows[0].id, len(rows)


def _grown(work: UnitOfWork, plan_id: UUID, metric_id: UUID) -> list[TargetNode]:
    rows = [_node(work, plan_id, metric_id, None, 0)]
    level = rows
    for fan in FANS:
        level = [
            _node(work, plan_id, metric_id, above.id, place)
            for above in level
            for place in range(fan)
        ]
        rows = [*rows, *level]
    quarters = [
        _node(work, plan_id, metric_id, above.id, place, quarter)
        for above in level
        for place, quarter in enumerate(QUARTERS)
    ]
    return [*rows, *quarters]


def _node(  # noqa: PLR0917 - what tells one from the other
    work: UnitOfWork,
    plan_id: UUID,
    metric_id: UUID,
    parent_id: UUID | None,
    place: int,
    quarter: tuple[int, int] | None = None,
) -> TargetNode:
    first, last = quarter or (1, 12)
    return TargetNode(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        plan_id=plan_id,
        parent_id=parent_id,
        metric_id=metric_id,
        seat=f"{place}",
        first_day=date(2026, first, 1),
        last_day=date(2026, last, 28),
        kind="COMMITMENT",
        level="TARGET",
        split="BREAKDOWN" if quarter is None else "PERIOD",
        amount=0,
        pinned=False,
        is_unassigned=False,
        is_vacancy=False,
        over_assignment_basis_points=0,
        position=place,
    )
