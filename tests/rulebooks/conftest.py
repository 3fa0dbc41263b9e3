"""A company whose rulebook changes, and who may change it beside its administrator."""

from uuid import UUID

import pytest
from builders.tenants import TenantHandle, a_tenant

from service.work import Transactions


@pytest.fixture
async def tenant(transactions: Transactions) -> TenantHandle:
    return await a_tenant(transactions)


@pytest.fixture
async def director(tenant: TenantHandle) -> UUID:
    root = next(iter(tenant.units))
    return await tenant.member("總監", "director", unit=root)
