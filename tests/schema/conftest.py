"""The API on this worker's database."""

import pytest
from builders.api import Api, Desk
from builders.reception import Showroom
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


@pytest.fixture
async def showroom(transactions: Transactions) -> Showroom:
    """A showroom with three reps, their manager, the desk's clerk and a director."""
    tenant = await a_tenant(transactions)
    reps = ("An", "Bo", "Chu")
    people = dict(zip(reps, await tenant.members(*reps), strict=True))
    people["Mei"] = await tenant.member("Mei", "sales-manager")
    people["Lin"] = await tenant.member("Lin", "director")
    people["Clerk"] = await tenant.member("Clerk", "clerk")
    return Showroom(tenant, tenant.site_id, people)


@pytest.fixture
def desk(api: Api, showroom: Showroom) -> Desk:
    """The showroom over HTTP."""
    return Desk(api, showroom)
