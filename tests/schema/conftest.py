"""The API on this worker's database."""

import pytest
from builders.api import Api
from builders.tenants import TenantHandle, a_tenant

from service.work import Transactions


@pytest.fixture
def api(transactions: Transactions) -> Api:
    """The endpoint; tokens are made by the test."""
    return Api(transactions)


@pytest.fixture
async def tenant(transactions: Transactions) -> TenantHandle:
    """A property developer of its own."""
    return await a_tenant(transactions)
