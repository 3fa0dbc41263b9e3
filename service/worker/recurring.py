"""Opens what duties make their holders owe again and again, in every tenant that works."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from service.tasks.commands import owe_recurring
from service.work import Transactions
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
    """Make the chore; a second time within a period opens nothing."""

    async def do(_now: datetime) -> int:
        failures = list[Exception]()
        rows = await relay.fetch(_WORKING)
        for row in rows:
            tenant_id = row["tenant_id"]
            try:
                await transactions_for(tenant_id).internally(
                    tenant_id, "owe_recurring", owe_recurring
                )
            except Exception as error:  # noqa: BLE001 - one tenant must not stop the others
                failures.append(error)
        if failures:
            raise ExceptionGroup("recurring obligations failed", failures)
        return len(rows)

    return Chore("tasks.recurring", do, _EVERY)
