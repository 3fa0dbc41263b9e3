from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from builders.tenants import TenantHandle, a_tenant

from service.database.connections import Location, connected
from service.work import Transactions


@pytest.fixture
async def superuser(location: Location) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Everything done through it is rolled back: a broken wall must not outlive its test."""
    async with connected(location, "postgres") as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            yield connection
        finally:
            await transaction.rollback()


@pytest.fixture
async def tenant(transactions: Transactions) -> TenantHandle:
    return await a_tenant(transactions)


@pytest.fixture
async def other(transactions: Transactions) -> TenantHandle:
    return await a_tenant(transactions, name="別家")
