import pytest
from builders.tenants import TenantHandle, a_tenant

from service.work import Transactions


@pytest.fixture
async def tenant(transactions: Transactions) -> TenantHandle:
    return await a_tenant(transactions)


@pytest.fixture
async def other(transactions: Transactions) -> TenantHandle:
    return await a_tenant(transactions, name="別家")
