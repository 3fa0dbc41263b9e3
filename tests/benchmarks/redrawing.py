"""How long it takes to say what a draft of territories would move, targets and all.

On the data set `ledger`, where four of five entries are of a customer. Nothing of it is kept.
"""

from datetime import timedelta
from time import perf_counter
from typing import Any, Final
from uuid import UUID

from service.clock import ManualClock
from service.organisation.actors import Callers
from service.targets.commands.previewing import preview_territory_model
from service.tenants.texts import Texts
from service.territories.commands import (
    CreateTerritoryModel,
    ListAccounts,
    PreviewTerritoryModel,
    create_territory_model,
    list_accounts,
)
from service.work import Transactions, UnitOfWork
from tests.benchmarks.dataset import ENDED, Dataset

_TENANT: Final = "ledger-large"
_AT_ONCE, _TRIES = 200, 3
# What an interactive read has; and, of a draft that moves everybody, one statement of a command.
_GOAL_OF_A_SITE, _GOAL_OF_ALL = 2.0, 5.0
# Those of one site, or of every site but the one they all would go to.
_GOING: Final = """
SELECT p.id FROM app.party p WHERE p.tenant_id = $1 AND p.territory_id <> $2
AND ($3::uuid IS NULL OR p.territory_id = $3) ORDER BY p.id
"""
_SITES: Final = """
SELECT DISTINCT p.territory_id FROM app.party p
WHERE p.tenant_id = $1 AND p.territory_id IS NOT NULL ORDER BY 1 LIMIT 2
"""


class _Measured(Exception):
    """Ends a transaction of which nothing is kept."""

    def __init__(self, seconds: float, count: int) -> None:
        super().__init__(seconds)
        self.seconds, self.count = seconds, count


async def previews(data: Dataset) -> list[dict[str, Any]]:
    """Return the figures: the customers of one site go to another, and those of all sites."""
    figures = []
    for name, whole, goal in (
        ("one site", False, _GOAL_OF_A_SITE),
        ("every site", True, _GOAL_OF_ALL),
    ):
        tries = [await _preview(data, whole=whole) for _ in range(_TRIES)]
        best = min(tries, key=lambda one: one.seconds)
        figures.append(
            {
                "name": f"boards: preview of a draft, customers of {name} go",
                "value": round(best.seconds, 3),
                "unit": "s",
                "reference": f"{best.count:,} customers, 5,000,000 entries",
                "goal": f"<= {goal:g}",
                "ok": best.seconds <= goal,
            }
        )
    return figures


async def _preview(data: Dataset, *, whole: bool) -> _Measured:
    # The ledger's last day: of a whole month entries are read, the year's targets are in force.
    clock = ManualClock(ENDED - timedelta(days=1))
    transactions = Transactions(data.base.application_pool, clock, Callers())

    async def step(work: UnitOfWork) -> None:
        here, there = (row["territory_id"] for row in await work.fetch(_SITES, work.tenant_id))
        rows = await work.fetch(_GOING, work.tenant_id, there, None if whole else here)
        going = [row["id"] for row in rows]
        model_id = await _drafted(work, going, there)
        began = perf_counter()
        await preview_territory_model(work, PreviewTerritoryModel(model_id))
        raise _Measured(perf_counter() - began, len(going))

    try:
        await transactions.internally(data.tenants[_TENANT], "preview", step)
    except _Measured as measured:
        return measured
    raise AssertionError


async def _drafted(work: UnitOfWork, going: list[UUID], there: UUID) -> UUID:
    names = Texts("Drawn anew", "重劃", "重划")
    model_id = await create_territory_model(work, CreateTerritoryModel("drawn-anew", names))
    for place in range(0, len(going), _AT_ONCE):
        listed = tuple(going[place : place + _AT_ONCE])
        await list_accounts(work, ListAccounts(model_id, listed, there))
    return model_id
