"""Two at once, in an order that is forced: one holds his locks until the other waits for them."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from service.work import UnitOfWork

_T = TypeVar("_T")
# Of the connections a transaction keeps the list it saw first, of the locks it does not.
_BLOCKED = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted"
    " AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


async def waited_for(work: UnitOfWork, asked: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
    """Begin what is asked of another connection, until it waits for this one."""
    begun = asyncio.create_task(asked)
    async with asyncio.timeout(60):
        while not await work.fetch_value(_BLOCKED):
            assert not begun.done(), f"it did not wait: {begun}"
            await asyncio.sleep(0.01)
    return begun
