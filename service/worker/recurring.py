"""What is looked at again and again in every tenant that works: duties that recur, targets."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from service.targets.commands.watching import watch_targets
from service.tasks.commands import owe_recurring
from service.work import Transactions, UnitOfWork
from service.worker.chores import Chore

# Often enough that a task stands soon after its local day has begun, in every zone.
_EVERY: Final = timedelta(minutes=30)
_WORKING: Final = """
SELECT tenant_id FROM app.global_tenant_directory
WHERE state = 'ACTIVE' AND tenant_state = 'ACTIVE' AND tenant_id IS NOT NULL ORDER BY tenant_id
"""


def recurring_obligations(
    relay: "asyncpg.Pool[Any]", transactions_for: Callable[[UUID], Transactions]
) -> Chore:
    """Open what duties make their holders owe; a second time within a period opens nothing."""
    return _in_every_tenant("tasks.recurring", owe_recurring, relay, transactions_for)


def watched_targets(
    relay: "asyncpg.Pool[Any]", transactions_for: Callable[[UUID], Transactions]
) -> Chore:
    """Tell managers what is wrong with targets; a second time tells nothing."""
    return _in_every_tenant("targets.watched", watch_targets, relay, transactions_for)


def _in_every_tenant(
    name: str,
    step: Callable[[UnitOfWork], Awaitable[None]],
    relay: "asyncpg.Pool[Any]",
    transactions_for: Callable[[UUID], Transactions],
) -> Chore:
    command = step.__name__

    async def do(_now: datetime) -> int:
        failures = list[Exception]()
        rows = await relay.fetch(_WORKING)
        for row in rows:
            tenant_id = row["tenant_id"]
            try:
                await transactions_for(tenant_id).internally(tenant_id, command, step)
            except Exception as error:  # noqa: BLE001 - one tenant must not stop the others
                failures.append(error)
        if failures:
            raise ExceptionGroup(f"{name} failed", failures)
        return len(rows)

    return Chore(name, do, _EVERY)
