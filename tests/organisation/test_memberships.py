"""The door: who signs in as which member."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from builders.tenants import TenantHandle

from service.clock import ManualClock, new_id
from service.database.connections import Location, open_pool
from service.database.security import IDENTITY
from service.errors import AlreadyTaken
from service.organisation.memberships import admit, dismiss


@pytest.fixture(scope="module")
async def identity_pool(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    async with await open_pool(location, IDENTITY, 2) as opened:
        yield opened


async def door(pool: "asyncpg.Pool[Any]", login: str) -> list[dict[str, Any]]:
    rows = await pool.fetch(
        "SELECT m.member_id, m.ended_at, u.password_hash FROM app.platform_membership m"
        " JOIN app.platform_user u ON u.id = m.user_id WHERE u.name = $1 ORDER BY m.tenant_id",
        login,
    )
    return [dict(row) for row in rows]


async def test_a_member_is_admitted_once_however_often_it_is_said(
    identity_pool: "asyncpg.Pool[Any]", clock: ManualClock, tenant: TenantHandle
) -> None:
    login, member = f"anna-{uuid4()}", await tenant.member("安娜")

    for password_hash in ("first", "second"):
        await admit(identity_pool, (tenant.id, member), login, password_hash, clock.now())

    assert await door(identity_pool, login) == [
        {"member_id": member, "ended_at": None, "password_hash": "first"}
    ]


async def test_one_person_is_one_member_of_a_tenant(
    identity_pool: "asyncpg.Pool[Any]", clock: ManualClock, tenant: TenantHandle
) -> None:
    login, (anna, ben) = f"anna-{uuid4()}", await tenant.members("安娜", "本")
    await admit(identity_pool, (tenant.id, anna), login, "hash", clock.now())

    with pytest.raises(AlreadyTaken):
        await admit(identity_pool, (tenant.id, ben), login, None, clock.now())


async def test_behind_who_left_the_door_is_closed_here_and_stays_open_elsewhere(
    identity_pool: "asyncpg.Pool[Any]",
    clock: ManualClock,
    tenant: TenantHandle,
    other: TenantHandle,
) -> None:
    login = f"anna-{uuid4()}"
    here, there = await tenant.member("安娜"), await other.member("安娜")
    await admit(identity_pool, (tenant.id, here), login, "hash", clock.now())
    await admit(identity_pool, (other.id, there), login, None, clock.now())
    session = new_id()
    await identity_pool.execute(
        "INSERT INTO app.platform_session (id, user_id, tenant_id, member_id, started_at,"
        " expires_at) SELECT $1, id, $3, $4, $5, $5 FROM app.platform_user WHERE name = $2",
        session,
        login,
        tenant.id,
        here,
        clock.now(),
    )

    await dismiss(identity_pool, tenant.id, here, clock.now())

    ended = {row["member_id"]: row["ended_at"] for row in await door(identity_pool, login)}
    assert ended == {here: clock.now(), there: None}
    assert await identity_pool.fetchval(
        "SELECT end_reason FROM app.platform_session WHERE id = $1", session
    )
