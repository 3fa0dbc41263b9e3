"""The way to every tenant's outbox, and a tenant of its own."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from builders.tenants import TenantHandle, a_tenant

from service.database.connections import Location, open_pool
from service.database.security import RELAY
from service.work import Transactions


@pytest.fixture
async def relay(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    """A pool under the relay's role, which sees every tenant's outbox."""
    async with await open_pool(location, RELAY, 4) as opened:
        yield opened


@pytest.fixture
async def tenant(transactions: Transactions) -> TenantHandle:
    """A property developer of its own."""
    return await a_tenant(transactions)
