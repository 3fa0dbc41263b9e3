"""The pool: whose tenant a connection is set to, who waits, and what an error leaves behind."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from builders.standstill import standing_still
from builders.tenants import a_tenant
from builders.ways import BOTH_WAYS

from service.clock import ManualClock, new_id
from service.database.connections import Location, connected, open_pool, open_tenant_pool
from service.database.openings import JOB, opening
from service.database.pool import PoolExhausted, TenantPool
from service.database.prepared import Pipelining
from service.database.security import APPLICATION, IDENTITY
from service.database.session import Session, WrongPlace
from service.database.silence import DatabaseAway
from service.organisation.actors import Callers
from service.work import CONNECTION_LOST, Transactions, UnitOfWork

HERE = (
    "SELECT (SELECT true FROM app.tenant WHERE tenant_id = $1) AS here,"
    " (SELECT count(*) FROM app.term WHERE tenant_id = $1) AS terms,"
    " pg_backend_pid() AS backend"
)


@dataclass(slots=True)
class House:
    """A pool on this worker's database, and every statement it sent."""

    location: Location
    statements: list[str] = field(default_factory=list)
    attempts: int = 0
    down: bool = False

    def pool(self, size: int = 2, patience_seconds: float = 5.0) -> TenantPool:
        return TenantPool(self.connect, size, patience_seconds=patience_seconds)

    async def connect(self) -> "asyncpg.Connection[Any]":
        self.attempts += 1
        if self.down:
            raise ConnectionRefusedError("nobody listens")
        connection = await asyncpg.connect(**self.location.arguments(APPLICATION))
        connection.add_query_logger(lambda record: self.statements.append(record.query))
        return connection

    @property
    def settings(self) -> int:
        return sum("SET app.tenant_id" in statement for statement in self.statements)

    async def running(self) -> int:
        """Count what the server is carrying out for anybody's sleep."""
        async with connected(self.location, "postgres") as watcher:
            found: int = await watcher.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'"
                " AND query LIKE '%pg_sleep(61)%' AND pid <> pg_backend_pid()"
                " AND datname = current_database()"
            )
        return found


@pytest.fixture
def house(location: Location) -> House:
    return House(location)


@pytest.fixture
async def two(transactions: Transactions) -> tuple[UUID, UUID]:
    return (await a_tenant(transactions)).id, (await a_tenant(transactions)).id


async def until(told: Callable[[], bool]) -> None:
    """Let the others run until something is so."""
    async with asyncio.timeout(10):
        while not told():
            await asyncio.sleep(0)


async def test_a_connection_is_set_to_a_tenant_once_and_again_only_for_another(
    house: House, two: tuple[UUID, UUID]
) -> None:
    async with house.pool(size=1) as pool:
        for tenant_id in (two[0], two[0], two[0], two[1], two[0]):
            row = await pool.read_here(tenant_id, HERE, tenant_id)
            assert row["terms"] > 0

    assert house.settings == 3
    assert not any("RESET" in statement for statement in house.statements)


async def test_each_tenant_is_given_the_connection_that_is_set_to_him(
    house: House, two: tuple[UUID, UUID]
) -> None:
    async with house.pool(size=2) as pool:
        await asyncio.gather(*(pool.read_here(one, HERE, one) for one in two))
        before = house.settings
        for _ in range(5):
            for tenant_id in two:
                await pool.read_here(tenant_id, HERE, tenant_id)

    assert (before, house.settings) == (2, 2)


async def test_a_connection_set_to_another_tenant_shows_nothing_of_either(
    house: House, two: tuple[UUID, UUID]
) -> None:
    mine, other = two
    async with house.pool(size=1) as pool:
        held = await pool.take(mine)
        await held.turn_to(mine)
        row = await held.connection.fetchrow(HERE, other)
        pool.give_back(held)

    assert (row["here"], row["terms"]) == (None, 0)


async def test_a_lost_setting_is_seen_by_the_witness_and_made_again(
    house: House, two: tuple[UUID, UUID]
) -> None:
    mine = two[0]
    async with house.pool(size=1) as pool:
        await pool.read_here(mine, HERE, mine)
        async with pool.acquire() as connection:
            await connection.execute("RESET ALL")

        with pytest.raises(WrongPlace):
            await pool.read_here(mine, HERE, mine)
        row = await pool.read_here(mine, HERE, mine)

    assert row["here"]


async def test_an_error_leaves_doubt_about_the_setting(
    house: House, two: tuple[UUID, UUID]
) -> None:
    mine = two[0]
    async with house.pool(size=1) as pool:
        await pool.read_here(mine, HERE, mine)
        with pytest.raises(asyncpg.DivisionByZeroError):
            await pool.read_here(mine, "SELECT true AS here, 1 / 0, $1::uuid", mine)
        await pool.read_here(mine, HERE, mine)

    assert house.settings == 2


async def test_whoever_finds_all_lent_waits_his_turn_and_not_for_ever(house: House) -> None:
    async with house.pool(size=1, patience_seconds=0.05) as pool:
        held = await pool.take()
        with pytest.raises(PoolExhausted):
            await pool.take()
        waiting = asyncio.ensure_future(pool.take())
        await until(lambda: pool.waiting == 1)
        assert pool.in_use == 1
        pool.give_back(held)
        assert await waiting is held
        pool.give_back(held)

    assert house.attempts == 1


async def test_whoever_waits_and_goes_away_takes_no_connection_with_him(house: House) -> None:
    async with house.pool(size=1) as pool:
        held = await pool.take()
        waiting = asyncio.ensure_future(pool.take())
        await until(lambda: pool.waiting == 1)
        pool.give_back(held)
        # It is his by now, but he has not woken up yet.
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

        assert await pool.take() is held
        pool.give_back(held)


async def test_a_statement_that_nobody_waits_for_is_cancelled_and_its_connection_lent_again(
    house: House, two: tuple[UUID, UUID]
) -> None:
    mine = two[0]
    async with house.pool(size=1) as pool:
        backend = (await pool.read_here(mine, HERE, mine))["backend"]
        sleeping = asyncio.ensure_future(
            pool.read_here(mine, "SELECT true AS here, pg_sleep(61), $1::uuid", mine)
        )
        async with asyncio.timeout(10):
            while not await house.running():
                await asyncio.sleep(0)
        sleeping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sleeping

        assert await house.running() == 0
        assert pool.in_use == 0
        assert (await pool.read_here(mine, HERE, mine))["backend"] == backend


async def test_a_statement_that_is_prepared_is_asked_without_the_drivers_ceremony(
    location: Location, two: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = two[0]
    async with await open_tenant_pool(location, APPLICATION, 1) as pool:
        first = await pool.read_here(mine, HERE, mine)
        monkeypatch.setattr(asyncpg.Connection, "fetchrow", None)

        assert await pool.read_here(mine, HERE, mine) == first


@BOTH_WAYS
async def test_a_prepared_statement_that_has_become_stale_is_prepared_anew(
    location: Location, two: tuple[UUID, UUID], pipelining: bool
) -> None:
    mine, text = two[0], "SELECT true AS here, k.* FROM kept k WHERE $1::uuid IS NOT NULL"
    async with await open_tenant_pool(location, APPLICATION, 1, pipelining=pipelining) as pool:
        async with pool.acquire() as connection:
            await connection.execute("CREATE TEMP TABLE kept AS SELECT 1 AS one")
        before = await pool.read_here(mine, text, mine)
        async with pool.acquire() as connection:
            await connection.execute("ALTER TABLE kept ADD two int DEFAULT 2")

        after = await pool.read_here(mine, text, mine)

    assert (dict(before), dict(after)) == (
        {"here": True, "one": 1},
        {"here": True, "one": 1, "two": 2},
    )


@BOTH_WAYS
async def test_a_commands_statement_is_asked_so_too_and_undone_where_it_has_become_stale(
    location: Location, two: tuple[UUID, UUID], pipelining: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, fetch = "SELECT k.* FROM kept k", asyncpg.Connection.fetch
    async with (
        await open_tenant_pool(location, APPLICATION, 1, pipelining=pipelining) as pool,
        pool.acquire() as one,
    ):
        session = Session(one, two[0])
        await one.execute("CREATE TEMP TABLE kept AS SELECT 1 AS one")
        before = await session.fetch(text)
        if pipelining:
            monkeypatch.setattr(asyncpg.Connection, "fetch", None)
        assert await session.fetch(text) == before
        monkeypatch.setattr(asyncpg.Connection, "fetch", fetch)

        await one.execute("ALTER TABLE kept ADD two int DEFAULT 2")
        async with one.transaction():
            with pytest.raises(asyncpg.InvalidCachedStatementError):
                await session.fetch(text)
            with pytest.raises(asyncpg.InFailedSQLTransactionError):
                await session.fetch("SELECT 1")
            await one.execute("ROLLBACK; BEGIN")
            assert list(map(tuple, await session.fetch(text))) == [(1, 2)]

        await one.execute("ALTER TABLE kept ADD three int DEFAULT 3")
        assert list(map(tuple, await session.fetch(text))) == [(1, 2, 3)]
        session.patience = 60.0
        assert list(map(tuple, await session.fetch("SELECT $1::int", 1))) == [(1,)]
        await session.fetch("SELECT pg_sleep($1)", 0.0)
        session.patience = 0.01
        with pytest.raises(TimeoutError):
            await session.fetch("SELECT pg_sleep($1)", 61.0)


@BOTH_WAYS
async def test_who_reads_of_a_server_that_has_vanished_is_told_in_the_end(
    location: Location, two: tuple[UUID, UUID], pipelining: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.database.silence._SWEEP_SECONDS", 0.01)
    mine, slow = two[0], "SELECT true AS here, pg_sleep($2), $1::uuid"

    async def connect() -> "asyncpg.Connection[Any]":
        kind = Pipelining if pipelining else asyncpg.Connection
        return await asyncpg.connect(**location.arguments(APPLICATION), connection_class=kind)

    async with TenantPool(connect, 1) as pool:
        await pool.read_here(mine, slow, mine, 0.0)
        monkeypatch.setattr(pool, "_reading", 0.1)

        with pytest.raises(CONNECTION_LOST):
            await pool.read_here(mine, slow, mine, 61.0)


async def test_whoever_signs_in_while_the_server_stands_still_is_told_in_the_end(
    location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.database.connections.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("service.database.connections._CONNECT_SECONDS", 0.5)
    async with standing_still(location) as (there, passes):
        pool = await open_pool(there, IDENTITY, 1, patience_seconds=0.5)
        assert await pool.fetchval("SELECT 1") == 1
        passes.clear()
        told = [asyncio.create_task(pool.fetchval("SELECT 1")) for _ in range(3)]
        done, hanging = await asyncio.wait(told, timeout=8)
        assert not hanging
        assert all(isinstance(one.exception(), CONNECTION_LOST) for one in done)

        passes.set()
        assert await pool.fetchval("SELECT 1") == 1
        pool.terminate()


async def test_while_nothing_listens_one_attempt_is_made_and_everybody_told(house: House) -> None:
    house.down = True
    pool = house.pool(size=1)
    told = await asyncio.gather(*(pool.take() for _ in range(20)), return_exceptions=True)

    assert {type(one) for one in told} == {DatabaseAway}
    assert house.attempts == 1
    await pool.close()


async def test_after_one_lost_connection_the_idle_ones_are_not_trusted(
    house: House, location: Location
) -> None:
    async with house.pool(size=3) as pool:
        held = [await pool.take() for _ in range(3)]
        for one in held[1:]:
            pool.give_back(one)
        async with connected(location, "postgres") as superuser:
            await superuser.fetchval(
                "SELECT pg_terminate_backend($1)", held[0].connection.get_server_pid()
            )
        with pytest.raises(CONNECTION_LOST):
            await held[0].connection.execute("SELECT 1")
        await pool.mend(held[0])

        assert all(one.connection.is_closed() for one in held)
        async with pool.acquire() as connection:
            assert await connection.fetchval("SELECT 1") == 1


@pytest.fixture
def settings_of(location: Location) -> Callable[[str, str], Any]:
    async def told(role: str, setting: str) -> str:
        async with connected(location, role) as connection:
            found: str = await connection.fetchval("SELECT current_setting($1)", setting)
        return found

    return told


@pytest.mark.parametrize("role", ["bailiwick_app", "bailiwick_identity"])
async def test_whoever_serves_people_gives_up_early(
    settings_of: Callable[[str, str], Any], role: str
) -> None:
    limits = {
        "statement_timeout": "5s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
        "transaction_timeout": "15s",
    }

    assert {name: await settings_of(role, name) for name in limits} == limits


@pytest.mark.parametrize("role", ["bailiwick_relay", "bailiwick_migrate", "bailiwick_transfer"])
async def test_nobody_waits_for_a_lock_or_rests_in_a_transaction_for_ever(
    settings_of: Callable[[str, str], Any], role: str
) -> None:
    assert await settings_of(role, "lock_timeout") in {"2s", "3s"}
    assert await settings_of(role, "idle_in_transaction_session_timeout") in {"10s", "1min"}


async def test_a_read_gives_up_first_a_command_later_and_a_job_last(location: Location) -> None:
    tenant = new_id()
    async with await open_tenant_pool(location, APPLICATION, 1, read_seconds=2) as pool:
        held = await pool.take(tenant)

        async def limits() -> tuple[str, ...]:
            row = await held.connection.fetchrow(
                "SELECT current_setting('statement_timeout'),"
                " current_setting('transaction_timeout'), current_setting('work_mem')"
            )
            return tuple(row)

        reading = await limits()
        await held.connection.execute("; ".join(opening(tenant)))
        commanding = await limits()
        await held.connection.execute("COMMIT")
        await held.connection.execute("; ".join(opening(tenant, JOB)))
        working = await limits()
        await held.connection.execute("COMMIT")
        again = await limits()
        pool.give_back(held)

    assert (reading, commanding) == (("2s", "15s", "4MB"), ("5s", "15s", "4MB"))
    assert (working, again) == (("30s", "45s", "32MB"), ("2s", "15s", "4MB"))


async def test_what_the_product_does_itself_is_given_the_time_of_a_job(
    location: Location, clock: ManualClock
) -> None:
    async def step(work: UnitOfWork) -> tuple[str, float | None]:
        limit: str = await work.fetch_value("SELECT current_setting('statement_timeout')")
        return limit, work.patience

    async with await open_tenant_pool(location, APPLICATION, 1, read_seconds=2) as pool:
        transactions = Transactions(pool, clock, Callers())
        tenant = await a_tenant(transactions)

        assert await transactions.internally(tenant.id, "step", step) == ("30s", 33.0)
