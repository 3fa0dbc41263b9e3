"""Seals each tenant's journal soon after it was written; no command waits for it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from service.clock import new_id
from service.journal.sealing import MOST, seal
from service.work import Caller, Transactions
from service.worker.chores import Chore

_EVERY: Final = timedelta(minutes=1)
# What was written without an event is found by looking at every tenant now and then.
_EVERYBODY: Final = timedelta(hours=1)
_HORIZON: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_WORKING: Final = """
SELECT tenant_id FROM app.global_tenant_directory
WHERE state = 'ACTIVE' AND tenant_state = 'ACTIVE' AND tenant_id IS NOT NULL ORDER BY tenant_id
"""
# One index step for each tenant that has events, and one to see whether any is new.
_BUSY: Final = """
WITH RECURSIVE tenants AS (
    (SELECT tenant_id FROM app.outbox ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT o.tenant_id FROM app.outbox o WHERE o.tenant_id > t.tenant_id
            ORDER BY o.tenant_id LIMIT 1)
    FROM tenants t WHERE t.tenant_id IS NOT NULL
)
SELECT t.tenant_id FROM tenants t
WHERE EXISTS (SELECT FROM app.outbox o WHERE o.tenant_id = t.tenant_id AND o.transaction >= $1)
"""


async def seal_all(transactions: Transactions, tenant_id: UUID) -> int:
    """Seal everything of a tenant that is final by now, and return how many lines it was.

    In a sight, for the journal takes no note of what only looks at it. A worker killed half-way
    has sealed some and not the rest; one that was overtaken begins again behind the other.
    """
    total = 0
    while True:
        caller = Caller(tenant_id, None, f"product-{new_id()}")
        try:
            async with transactions.sight(caller) as sight:
                sealed = await seal(sight, sight.now, sight.new_id())
        except asyncpg.UniqueViolationError:
            continue
        total += sealed
        if sealed < MOST:
            return total


def journal_seals(
    relay: "asyncpg.Pool[Any]", transactions_for: Callable[[UUID], Transactions]
) -> Chore:
    """Make the chore: tenants with news each minute, all of them each hour."""
    known: dict[str, Any] = {"horizon": 0, "everybody": None}

    async def do(now: datetime) -> int:
        horizon = await relay.fetchval(_HORIZON)
        everybody = known["everybody"] is None or now >= known["everybody"] + _EVERYBODY
        rows = (
            await relay.fetch(_WORKING) if everybody else await relay.fetch(_BUSY, known["horizon"])
        )
        total, failures = 0, list[Exception]()
        for row in rows:
            tenant_id = row["tenant_id"]
            try:
                total += await seal_all(transactions_for(tenant_id), tenant_id)
            except Exception as error:  # noqa: BLE001 - one tenant must not stop the others
                failures.append(error)
        if failures:
            raise ExceptionGroup("journals could not be sealed", failures)
        known["horizon"] = horizon
        if everybody:
            known["everybody"] = now
        return total

    return Chore("journal.seal", do, _EVERY)
