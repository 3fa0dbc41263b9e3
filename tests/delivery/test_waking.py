"""Commands wake those who stream their tenant, and nobody else."""

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from builders.tenants import TenantHandle

from service.clock import ManualClock, new_id
from service.database.connections import Location, connected
from service.delivery.errors import ResyncRequired
from service.delivery.hub import CHANNEL, Hub
from service.delivery.places import before
from service.delivery.topics import TASK, Interest
from service.tasks.commands import AssignTask, assign_task

LISTENS = "INSERT INTO app.outbox_listener (tenant_id, id, expires_at) VALUES ($1, $2, $3)"
LAST = "the last"


async def heard_of_a_command(location: Location, tenant: TenantHandle) -> list[str]:
    """Carry out a command and return what was heard on the channel until after it."""
    heard: list[str] = []
    done = asyncio.Event()

    def hear(_connection: Any, _process: int, _channel: str, payload: str) -> None:
        heard.append(payload)
        if payload == LAST:
            done.set()

    member, boss = await tenant.member("An"), await tenant.member("Mei", "sales-manager")
    async with connected(location, "bailiwick_relay") as listener:
        await listener.add_listener(CHANNEL, hear)
        await tenant.do(assign_task, AssignTask(member, "回访"), by=boss)
        # Notifications come in the order of commits: whatever the command told came before.
        await listener.execute(f"NOTIFY {CHANNEL}, '{LAST}'")
        async with asyncio.timeout(10):
            await done.wait()
        await listener.remove_listener(CHANNEL, hear)
    return heard


async def test_where_nobody_listens_nothing_notifies(
    location: Location, tenant: TenantHandle
) -> None:
    assert await heard_of_a_command(location, tenant) == [LAST]


async def test_where_somebody_listens_each_commit_notifies_once(
    location: Location, relay: "asyncpg.Pool[Any]", tenant: TenantHandle, clock: ManualClock
) -> None:
    until = clock.now() + timedelta(minutes=1)
    await relay.execute(LISTENS, tenant.id, new_id(), until)

    assert await heard_of_a_command(location, tenant) == ["", LAST]


async def test_a_listener_that_is_gone_is_forgotten(
    location: Location, relay: "asyncpg.Pool[Any]", tenant: TenantHandle, clock: ManualClock
) -> None:
    await relay.execute(LISTENS, tenant.id, new_id(), clock.now())

    assert await heard_of_a_command(location, tenant) == [LAST]


async def test_a_process_says_which_tenants_it_listens_to(
    relay: "asyncpg.Pool[Any]", tenant: TenantHandle, clock: ManualClock
) -> None:
    hub = Hub(relay, clock)
    follower = hub.follow(tenant.id, Interest(TASK, {}), before(2**62))
    waiting = asyncio.create_task(follower.take())
    async with asyncio.timeout(10):
        while not follower.live:
            await asyncio.sleep(0)

    listed = await relay.fetch(
        "SELECT expires_at FROM app.outbox_listener WHERE tenant_id = $1", tenant.id
    )
    assert [row["expires_at"] for row in listed] == [clock.now() + timedelta(seconds=60)]
    waiting.cancel()
    hub.leave(tenant.id, follower)
    assert hub.follower_count == 0
    await hub.close()


async def test_whoever_reads_back_while_the_database_becomes_another_reads_afresh(
    relay: "asyncpg.Pool[Any]", tenant: TenantHandle, clock: ManualClock
) -> None:
    hub = Hub(relay, clock)
    follower = hub.follow(tenant.id, Interest(TASK, {}), before(2**62))
    hub._forget_all()

    with pytest.raises(ResyncRequired):
        await follower.take()
    await hub.close()
