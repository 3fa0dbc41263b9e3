"""The copy of the directory: ten seconds old at most, and good enough when the original is away."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from service.clock import ManualClock
from service.database.connections import Location, open_pool
from service.database.security import IDENTITY
from service.tenants import directory
from service.tenants.directory import StaleRouting, TenantDirectory


@pytest.fixture(scope="module")
async def identity_pool(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    async with await open_pool(location, IDENTITY, 2) as opened:
        yield opened


async def enter(
    pool: "asyncpg.Pool[Any]", clock: ManualClock, state: str = "ACTIVE"
) -> tuple[UUID, str]:
    tenant_id = uuid4()
    await pool.execute(
        "INSERT INTO app.global_tenant_directory"
        " (tenant_id, code, name, industry, state, tenant_state, generation, created_at)"
        " VALUES ($1, $2, '華庭', 'property-developer', $3, 'ACTIVE', 1, $4)",
        tenant_id,
        f"t-{tenant_id.hex}",
        state,
        clock.now(),
    )
    return tenant_id, f"t-{tenant_id.hex}"


async def test_a_tenant_is_found_by_code_and_by_id(
    identity_pool: "asyncpg.Pool[Any]", clock: ManualClock
) -> None:
    tenant_id, code = await enter(identity_pool, clock)
    known = TenantDirectory(identity_pool)

    by_code, by_id = await known.by_code(code), await known.by_id(tenant_id)

    assert by_code is not None
    assert by_code == by_id
    assert (by_code.cluster, by_code.generation, by_code.open) == ("default", 1, True)
    assert await known.by_code("nobody") is None


async def test_a_tenant_still_being_made_is_not_open(
    identity_pool: "asyncpg.Pool[Any]", clock: ManualClock
) -> None:
    _, code = await enter(identity_pool, clock, state="PREPARING")

    placed = await TenantDirectory(identity_pool).by_code(code)

    assert placed is not None
    assert not placed.open


async def test_the_copy_is_read_again_after_ten_seconds(
    identity_pool: "asyncpg.Pool[Any]", clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 1_000.0
    monkeypatch.setattr(directory, "monotonic_seconds", lambda: seconds)
    known = TenantDirectory(identity_pool)
    await known.by_code("warm")
    _, code = await enter(identity_pool, clock)

    seconds += 7
    early = await known.by_code(code)
    seconds += 5.1

    assert early is None
    assert await known.by_code(code) is not None


async def test_a_tenant_that_moved_is_looked_up_once_more(
    identity_pool: "asyncpg.Pool[Any]", clock: ManualClock
) -> None:
    tenant_id, _ = await enter(identity_pool, clock)
    known = TenantDirectory(identity_pool)
    await known.by_id(tenant_id)
    await identity_pool.execute(
        "UPDATE app.global_tenant_directory SET generation = 2 WHERE tenant_id = $1", tenant_id
    )

    assert (await known.confirm(tenant_id, 2)).generation == 2
    with pytest.raises(StaleRouting):
        await known.confirm(tenant_id, 1)
    with pytest.raises(StaleRouting):
        await known.confirm(uuid4(), 1)


async def test_the_copy_serves_on_while_the_directory_is_down(
    location: Location, identity_pool: "asyncpg.Pool[Any]", clock: ManualClock
) -> None:
    tenant_id, code = await enter(identity_pool, clock)
    pool = await open_pool(location, IDENTITY, 1)
    known = TenantDirectory(pool)
    await known.by_id(tenant_id)
    await pool.close()

    await known.look_again()

    assert await known.by_code(code) is not None


async def test_a_directory_never_read_is_a_fault_when_it_is_down(location: Location) -> None:
    pool = await open_pool(location, IDENTITY, 1)
    await pool.close()

    with pytest.raises(asyncpg.InterfaceError):
        await TenantDirectory(pool).by_code("anybody")
