"""From a token to the records: leaving and suspension take effect on the next request."""

import asyncpg
import pytest
from builders.identity import Door, a_company, a_person
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.errors import NotSignedIn, TenantSuspended
from service.work import Caller, Transactions, UnitOfWork

Pool = asyncpg.Pool


async def signed_in(door: Door, pool: Pool, clock: ManualClock, tenant: TenantHandle) -> Caller:
    """Sign a rep of the tenant in; returns him as the caller his token makes of him."""
    company = await a_company(pool, tenant.id)
    member_id = await tenant.member("陳小梅")
    person = await a_person(pool, clock, company, member_id=member_id)
    body = (await door.knock(person.name)).json()
    claims = await door.authentication.claims(body["access_token"])
    assert claims is not None
    assert claims.tenant_id is not None
    return Caller(claims.tenant_id, claims.member_id, "test")


async def change(transactions: Transactions, tenant: TenantHandle, sql: str) -> None:
    async def step(work: UnitOfWork) -> None:
        work.write("change", sql, tenant.id)

    await transactions.internally(tenant.id, "change", step)


async def test_a_token_opens_the_records_of_its_tenant(
    door: Door, identity_pool: Pool, clock: ManualClock, transactions: Transactions
) -> None:
    tenant = await a_tenant(transactions)
    caller = await signed_in(door, identity_pool, clock, tenant)

    async with transactions.sight(caller) as sight:
        name = await sight.fetch_value(
            "SELECT name FROM app.member WHERE tenant_id = $1 AND id = $2",
            tenant.id,
            sight.actor.member_id,
        )

    assert name == "陳小梅"


async def test_who_has_left_is_not_signed_in_at_his_next_request(
    door: Door, identity_pool: Pool, clock: ManualClock, transactions: Transactions
) -> None:
    tenant = await a_tenant(transactions)
    caller = await signed_in(door, identity_pool, clock, tenant)

    left = "UPDATE app.member SET state = 'LEFT' WHERE tenant_id = {}::uuid AND name = '陳小梅'"
    await change(transactions, tenant, left)

    with pytest.raises(NotSignedIn):
        async with transactions.sight(caller):
            pass


async def test_a_suspended_tenant_is_refused_at_the_next_request_and_keeps_its_records(
    door: Door, identity_pool: Pool, clock: ManualClock, transactions: Transactions
) -> None:
    tenant = await a_tenant(transactions)
    caller = await signed_in(door, identity_pool, clock, tenant)

    suspended = "UPDATE app.tenant SET state = 'SUSPENDED' WHERE tenant_id = {}::uuid"
    await change(transactions, tenant, suspended)

    with pytest.raises(TenantSuspended):
        async with transactions.sight(caller):
            pass
    assert await tenant.rows("SELECT id FROM app.member WHERE tenant_id = $1")
