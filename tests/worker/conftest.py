from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from service.clock import ManualClock
from service.database.connections import Location, open_pool
from service.database.security import RELAY
from service.work import Transactions
from service.worker.loop import Worker


@pytest.fixture
async def relay(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    """A pool under the relay's role, which sees every tenant's outbox and timers."""
    async with await open_pool(location, RELAY, 4) as opened:
        yield opened


@pytest.fixture
async def _nothing_left_over(relay: "asyncpg.Pool[Any]") -> None:
    # The relay sees every tenant: what other tests left is done first, as it lies.
    await relay.execute("UPDATE app.timer SET fired_at = due_at WHERE fired_at IS NULL")
    await relay.execute("UPDATE app.outbox SET published_at = at WHERE published_at IS NULL")


@pytest.fixture
def worker(relay: "asyncpg.Pool[Any]", transactions: Transactions, clock: ManualClock) -> Worker:
    return Worker(relay, lambda _tenant_id: transactions, clock)
