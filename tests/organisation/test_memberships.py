"""The door: opened with a member's commit, closed behind who has left."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from builders.organisation import a_person
from builders.tenants import TenantHandle

from service.clock import ManualClock, new_id
from service.database.connections import Location, open_pool
from service.database.security import IDENTITY
from service.identity.accounts import Accounts, Login
from service.identity.errors import SignInNameTaken
from service.organisation.commands import CreateMember, LeaveMember, create_member, leave_member
from service.organisation.events import MemberLeft
from service.organisation.memberships import closing, open_door
from service.work import UnitOfWork


@pytest.fixture(scope="module")
async def identity_pool(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    async with await open_pool(location, IDENTITY, 2) as opened:
        yield opened


@pytest.fixture
def accounts(identity_pool: "asyncpg.Pool[Any]", clock: ManualClock) -> Accounts:
    return Accounts(identity_pool, clock)


async def bring_in(tenant: TenantHandle, accounts: Accounts, name: str, key: str = "") -> UUID:
    async def answer(work: UnitOfWork, member_id: UUID) -> None:
        await open_door(work, accounts, member_id, Login(name, "hash"))

    order: CreateMember = a_person()
    done = await tenant.transactions.carry_out(
        tenant.caller(), key or f"key-{new_id()}", order, create_member, answer
    )
    return done.result


async def inside(pool: "asyncpg.Pool[Any]", tenant: TenantHandle) -> set[UUID]:
    rows = await pool.fetch(
        "SELECT member_id FROM app.platform_membership WHERE tenant_id = $1 AND ended_at IS NULL",
        tenant.id,
    )
    return {row["member_id"] for row in rows}


async def test_of_two_who_want_a_name_at_once_one_gets_it_and_the_other_leaves_no_trace(
    identity_pool: "asyncpg.Pool[Any]",
    accounts: Accounts,
    tenant: TenantHandle,
    other: TenantHandle,
) -> None:
    name = f"anna-{uuid4()}"

    found = await asyncio.gather(
        *(bring_in(one, accounts, name) for one in (tenant, other, tenant, other)),
        return_exceptions=True,
    )

    won = {one for one in found if isinstance(one, UUID)}
    assert len(won) == 1
    assert all(isinstance(one, SignInNameTaken) for one in found if one not in won)
    assert await inside(identity_pool, tenant) | await inside(identity_pool, other) == won
    counted = [
        (await one.rows("SELECT count(*) AS n FROM app.member WHERE tenant_id = $1"))[0]["n"]
        for one in (tenant, other)
    ]
    assert sorted(counted) == [1, 2]  # the administrators, and the one


async def test_a_member_who_is_not_committed_holds_no_name(
    identity_pool: "asyncpg.Pool[Any]", accounts: Accounts, tenant: TenantHandle
) -> None:
    name = f"anna-{uuid4()}"

    async def answer(work: UnitOfWork, member_id: UUID) -> None:
        await open_door(work, accounts, member_id, Login(name, "hash"))
        raise RuntimeError("power cut before the commit")

    with pytest.raises(RuntimeError):
        await tenant.transactions.carry_out(
            tenant.caller(), f"key-{new_id()}", a_person(), create_member, answer
        )

    assert await inside(identity_pool, tenant) == set()
    assert await bring_in(tenant, accounts, name)


async def test_behind_who_left_the_door_is_closed_here_and_stays_open_elsewhere(
    identity_pool: "asyncpg.Pool[Any]",
    accounts: Accounts,
    tenant: TenantHandle,
    other: TenantHandle,
) -> None:
    name = f"anna-{uuid4()}"
    here, there = await bring_in(tenant, accounts, name), await other.member("安娜")
    await accounts.admit(await accounts.person_named(name), other.id, there)
    on_member_left = closing(accounts)

    async def step(work: UnitOfWork) -> None:
        await on_member_left(work, MemberLeft(here))

    await tenant.transactions.internally(tenant.id, "hear", step)
    assert await inside(identity_pool, tenant) == {here}, "he works here"

    await tenant.do(leave_member, LeaveMember(here, 1))
    for _ in range(2):
        await tenant.transactions.internally(tenant.id, "hear", step)

    assert await inside(identity_pool, tenant) == set()
    assert await inside(identity_pool, other) == {there}
