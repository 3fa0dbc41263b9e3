"""What the worker does once a day, and the door it closes behind who has left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from builders.identity import identity_pool_of
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock, new_id
from service.database.connections import Location, open_pool
from service.identity.accounts import Accounts, Login, Membership
from service.organisation.commands import LeaveMember, leave_member
from service.work import Transactions
from service.worker.chores import Chore, Chores
from service.worker.loop import Worker
from service.worker.recurring import recurring_obligations
from service.worker.registry import heard_with


class Sweeping:
    """A chore that is counted, and fails when told to."""

    def __init__(self) -> None:
        self.done: list[datetime] = []
        self.broken = False

    async def __call__(self, now: datetime) -> int:
        self.done.append(now)
        if self.broken:
            raise ConnectionError("the database is away")
        return 1


async def test_a_chore_is_done_at_once_and_then_once_a_day(clock: ManualClock) -> None:
    sweeping, first = Sweeping(), clock.now()
    chores = Chores([Chore("sweep", sweeping)])

    for _ in range(49):
        await chores.do_due(clock.now())
        clock.advance(timedelta(hours=1))

    assert sweeping.done == [first + timedelta(days=day) for day in range(3)]


async def test_a_chore_that_fails_is_tried_again_in_an_hour(clock: ManualClock) -> None:
    sweeping, first = Sweeping(), clock.now()
    chores = Chores([Chore("sweep", sweeping)])

    sweeping.broken = True
    for minutes in (0, 59, 60):
        clock.set(first + timedelta(minutes=minutes))
        await chores.do_due(clock.now())
        sweeping.broken = False

    assert sweeping.done == [first, first + timedelta(hours=1)]


async def test_a_worker_that_runs_does_its_chores(
    relay: "asyncpg.Pool[Any]", transactions: Transactions, clock: ManualClock
) -> None:
    swept = asyncio.Event()

    async def sweep(_now: datetime) -> int:
        swept.set()
        return 0

    worker = Worker(relay, lambda _tenant: transactions, clock, chores=[Chore("sweep", sweep)])
    running = asyncio.ensure_future(worker.run_forever())
    await asyncio.wait_for(swept.wait(), 60)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def identity_pool(location: Location) -> "AsyncIterator[asyncpg.Pool[Any]]":
    async with await identity_pool_of(location) as pool:
        yield pool


@pytest.fixture
async def tenant(transactions: Transactions) -> TenantHandle:
    return await a_tenant(transactions)


@pytest.mark.usefixtures("_nothing_left_over")
async def test_the_worker_closes_the_door_behind_a_member_who_left(
    relay: "asyncpg.Pool[Any]",
    identity_pool: "asyncpg.Pool[Any]",
    transactions: Transactions,
    clock: ManualClock,
    tenant: TenantHandle,
) -> None:
    accounts = Accounts(identity_pool, clock)
    anna, ben = await tenant.members("安娜", "本")
    for member_id in (anna, ben):
        await accounts.change_login(Membership(tenant.id, member_id), Login(f"{new_id()}", "hash"))
    worker = Worker(relay, lambda _tenant: transactions, clock, events=heard_with(accounts))

    await tenant.do(leave_member, LeaveMember(anna, 1))
    await worker.run_due(clock.now())

    rows = await identity_pool.fetch(
        "SELECT member_id, ended_at FROM app.platform_membership WHERE tenant_id = $1", tenant.id
    )
    assert {row["member_id"]: row["ended_at"] for row in rows} == {anna: clock.now(), ben: None}
    assert not await tenant.rows(
        "SELECT id FROM app.outbox WHERE tenant_id = $1 AND kind = 'MemberLeft'"
        " AND published_at IS NULL"
    )


async def test_what_recurs_is_opened_in_every_working_tenant(
    relay: "asyncpg.Pool[Any]",
    location: Location,
    transactions: Transactions,
    clock: ManualClock,
) -> None:
    tenants = [await a_tenant(transactions) for _ in range(2)]
    for tenant in tenants:
        await tenant.member("Mei", "sales-manager")
    async with await open_pool(location, "bailiwick_identity", 1) as directory:
        await directory.executemany(
            "INSERT INTO app.global_tenant_directory"
            " (tenant_id, code, name, industry, state, tenant_state, generation, created_at)"
            " VALUES ($1, $2, 'Huating', 'property-developer', 'ACTIVE', 'ACTIVE', 1, $3)",
            [(tenant.id, f"t-{tenant.id.hex[-12:]}", clock.now()) for tenant in tenants],
        )
    # A Friday: the managers' weekly inspection falls due.
    clock.set(datetime(2026, 3, 6, 2, tzinfo=UTC))

    chore = recurring_obligations(relay, lambda _tenant: transactions)
    for _ in range(2):
        # Entries that other tests have left lead to no tenant; they must not stop these two.
        with suppress(ExceptionGroup):
            await chore.do(clock.now())

    for tenant in tenants:
        rows = await tenant.rows(
            "SELECT 1 FROM app.task WHERE tenant_id = $1 AND kind = 'inspection'"
        )
        assert len(rows) == 1
