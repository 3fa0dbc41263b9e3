"""Whoever comes to a tenant that was moved away finds nobody (database page 4.2)."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from builders.identity import a_company, identity_pool_of
from builders.organisation import a_person
from builders.tenants import TenantHandle

from service.clock import ManualClock, new_id
from service.database.connections import Location
from service.errors import NotSignedIn
from service.organisation.actors import Callers
from service.organisation.commands import create_member
from service.tenants.directory import TenantDirectory
from service.work import Transactions, UnitOfWork, nothing_more


@pytest.fixture
async def identity_pool(location: Location) -> "AsyncIterator[asyncpg.Pool[Any]]":
    async with await identity_pool_of(location) as pool:
        yield pool


async def test_a_tenant_that_was_moved_away_is_left_in_peace(
    pool: "asyncpg.Pool[Any]",
    identity_pool: "asyncpg.Pool[Any]",
    clock: ManualClock,
    tenant: TenantHandle,
) -> None:
    await a_company(identity_pool, tenant.id)
    routed = Transactions(pool, clock, Callers(TenantDirectory(identity_pool)))

    async def commands() -> None:
        await routed.carry_out(
            tenant.caller(), f"key-{new_id()}", a_person(), create_member, nothing_more
        )

    async def reading() -> None:
        async with routed.sight(tenant.caller()):
            pass

    async def reacting() -> None:
        async def step(_work: UnitOfWork) -> None:
            return None

        await routed.internally(tenant.id, "react", step)

    for way_in in (commands, reading, reacting):
        await way_in()
    # The move's last step but one; this cluster's row keeps the number it had.
    await identity_pool.execute(
        "UPDATE app.global_tenant_directory SET generation = 2 WHERE tenant_id = $1", tenant.id
    )
    routed = Transactions(pool, clock, Callers(TenantDirectory(identity_pool)))
    for way_in in (commands, reading, reacting):
        with pytest.raises(NotSignedIn):
            await way_in()
