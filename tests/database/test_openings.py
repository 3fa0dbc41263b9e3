"""A transaction begins on the trip of its first statement; whatever comes of it, it is undone."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from builders.ways import BOTH_WAYS

from service.clock import ManualClock, new_id
from service.database.connections import Location, connected, open_tenant_pool
from service.database.openings import COMMAND, JOB, opening
from service.database.pool import PooledConnection, TenantPool
from service.database.prepared import Pipelining
from service.database.security import APPLICATION
from service.database.session import Session
from service.organisation.actors import Callers
from service.work import CONNECTION_LOST, Caller, Transactions, UnitOfWork

TENANT = new_id()
TOLD = (
    "SELECT current_setting('app.tenant_id'), current_setting('statement_timeout'),"
    " current_setting('transaction_timeout'), $1::int AS given"
)
OUTSIDE = "SELECT coalesce(current_setting('app.tenant_id', true), ''), 1"


@pytest.fixture
async def pool(location: Location, pipelining: bool) -> AsyncIterator[TenantPool]:
    async with await open_tenant_pool(
        location, APPLICATION, 1, read_seconds=2, pipelining=pipelining
    ) as opened:
        yield opened


@pytest.fixture
async def held(pool: TenantPool) -> AsyncIterator[PooledConnection]:
    """A connection that has prepared the statement before."""
    found = await pool.take()
    await begun(found).fetch(TOLD, 0)
    await found.connection.execute("ROLLBACK")
    yield found
    if pool.in_use:
        await pool.mend(found)


def begun(held: PooledConnection, tenant: UUID = TENANT) -> Session:
    session = Session(held.connection, tenant)
    session.opening = opening(tenant)
    return session


async def assert_as_new(pool: TenantPool, held: PooledConnection, backend: int) -> None:
    """Give it back undone: the same server process, no transaction, nobody's setting."""
    await pool.mend(held)

    assert held.connection.get_server_pid() == backend
    assert not held.connection.is_closed()
    assert not held.connection.is_in_transaction()
    assert tuple(await held.connection.fetchrow(OUTSIDE)) == ("", 1)


@BOTH_WAYS
async def test_it_begins_in_the_one_trip_of_a_statement_that_is_prepared(
    held: PooledConnection, pipelining: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is pipelined; else on a trip of its own, and the transaction is the same."""
    commands: list[str] = []
    execute = asyncpg.Connection.execute

    async def told(self: Any, text: str, **others: Any) -> str:
        commands.append(text)
        answer: str = await execute(self, text, **others)
        return answer

    monkeypatch.setattr(asyncpg.Connection, "execute", told)
    for pace, limits in ((None, ("5s", "15s")), (JOB, ("30s", "45s"))):
        session = Session(held.connection, TENANT)
        session.opening = opening(TENANT) if pace is None else opening(TENANT, pace)

        (row,) = await session.fetch(TOLD, 7)

        assert tuple(row) == (str(TENANT), *limits, 7)
        assert held.connection.is_in_transaction()
        assert session.opening == ()
        begun_apart = opening(TENANT) if pace is None else opening(TENANT, pace)
        assert commands == ([] if pipelining else ["; ".join(begun_apart)])
        await held.connection.execute("COMMIT")
        assert tuple(await held.connection.fetchrow(OUTSIDE)) == ("", 1)
        commands.clear()

    await begun(held).fetch(f"{TOLD}, 'not prepared yet'", 1)
    assert commands == ["; ".join(opening(TENANT))]


@BOTH_WAYS
async def test_a_read_turns_the_session_to_its_tenant_on_its_own_trip(
    pool: TenantPool, pipelining: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "SELECT true AS here, current_setting('app.tenant_id') AS whose, 1 / $1::int AS given"
    other = new_id()
    await pool.read_here(TENANT, text, 1)
    if pipelining:
        monkeypatch.setattr(asyncpg.Connection, "execute", None)

    for tenant in (other, other, TENANT):
        assert (await pool.read_here(tenant, text, 1))["whose"] == str(tenant)

    monkeypatch.undo()
    with pytest.raises(asyncpg.DivisionByZeroError):
        await pool.read_here(other, text, 0)
    async with pool.acquire() as connection:
        undone = await connection.fetchval("SHOW app.tenant_id") == str(TENANT)
    # What failed has left doubt whose it is, so it is said again.
    assert undone == pipelining
    assert (await pool.read_here(other, text, 1))["whose"] == str(other)


@BOTH_WAYS
async def test_what_the_first_statement_is_refused_undoes_the_beginning(
    pool: TenantPool, held: PooledConnection
) -> None:
    backend, text = held.connection.get_server_pid(), "SELECT 1 / $1::int"
    await held.connection.fetch(text, 1)

    with pytest.raises(asyncpg.DivisionByZeroError):
        await begun(held).fetch(text, 0)

    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await held.connection.fetch(OUTSIDE)
    await assert_as_new(pool, held, backend)


@BOTH_WAYS
async def test_a_beginning_that_is_on_its_way_alone_is_undone(
    pool: TenantPool, held: PooledConnection
) -> None:
    backend = held.connection.get_server_pid()

    with pytest.raises(asyncpg.DataError):
        await begun(held).fetch(TOLD, "no number, so it is never sent")

    await assert_as_new(pool, held, backend)


@BOTH_WAYS
async def test_nobody_waits_for_the_first_statement_any_more_and_the_beginning_is_undone(
    pool: TenantPool, held: PooledConnection
) -> None:
    backend, text = held.connection.get_server_pid(), "SELECT pg_sleep($1)"
    await held.connection.fetch(text, 0.0)
    sleeping = asyncio.ensure_future(begun(held).fetch(text, 4.0))
    await asyncio.sleep(0)

    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping

    await assert_as_new(pool, held, backend)


@BOTH_WAYS
async def test_a_first_statement_that_has_become_stale_undoes_the_beginning(
    pool: TenantPool, held: PooledConnection
) -> None:
    backend, text = held.connection.get_server_pid(), "SELECT k.* FROM kept k"
    await held.connection.execute("CREATE TEMP TABLE kept AS SELECT 1 AS one")
    await held.connection.fetch(text)
    await held.connection.execute("ALTER TABLE kept ADD two int DEFAULT 2")

    with pytest.raises(asyncpg.InvalidCachedStatementError):
        await begun(held).fetch(text)

    await assert_as_new(pool, held, backend)
    (row,) = await begun(held).fetch(text)
    assert tuple(row) == (1, 2)


@BOTH_WAYS
async def test_a_lost_connection_is_found_by_the_first_statement(
    pool: TenantPool, held: PooledConnection, location: Location
) -> None:
    async with connected(location, "postgres") as superuser:
        await superuser.fetchval(
            "SELECT pg_terminate_backend($1, 5000)", held.connection.get_server_pid()
        )

    with pytest.raises(CONNECTION_LOST):
        await begun(held).fetch(TOLD, 1)
    await pool.mend(held)

    assert held.connection.is_closed()


@BOTH_WAYS
async def test_who_commands_a_server_that_has_vanished_is_told_in_the_end(
    location: Location, clock: ManualClock, pipelining: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.database.silence._SWEEP_SECONDS", 0.01)
    monkeypatch.setattr("service.database.pool.ANSWER_SECONDS", 0.1)
    slow = "SELECT pg_sleep($1)"

    async def connect() -> "asyncpg.Connection[Any]":
        kind = Pipelining if pipelining else asyncpg.Connection
        return await asyncpg.connect(**location.arguments(APPLICATION), connection_class=kind)

    async with TenantPool(connect, 1) as short:
        transactions = Transactions(short, clock, Callers())
        caller = Caller(TENANT, new_id(), "request")

        async def wait(work: UnitOfWork) -> None:
            await work.fetch(slow, 0.0)
            await work.fetch(slow, 4.0)

        with pytest.raises(CONNECTION_LOST):
            async with transactions._begun(caller, clock.now(), COMMAND) as work:
                await wait(work)
        assert short.in_use == 0


@BOTH_WAYS
async def test_who_commits_to_a_server_that_has_vanished_is_told_in_the_end(
    location: Location, clock: ManualClock, pipelining: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.database.silence._SWEEP_SECONDS", 0.01)
    monkeypatch.setattr("service.database.pool.ANSWER_SECONDS", 0.1)

    async def connect() -> "asyncpg.Connection[Any]":
        kind = Pipelining if pipelining else asyncpg.Connection
        return await asyncpg.connect(**location.arguments(APPLICATION), connection_class=kind)

    async with TenantPool(connect, 1) as short:
        transactions = Transactions(short, clock, Callers())
        caller = Caller(TENANT, new_id(), "request")
        # The first prepares what ends it.
        async with transactions._begun(caller, clock.now(), COMMAND) as work:
            backend = await work.fetch_value("SELECT pg_backend_pid()")

        async def commit_to_nobody() -> None:
            async with transactions._begun(caller, clock.now(), COMMAND) as work:
                await work.fetch("SELECT 1")
                os.kill(backend, signal.SIGSTOP)

        try:
            async with asyncio.timeout(5):
                with pytest.raises(CONNECTION_LOST):
                    await commit_to_nobody()
        finally:
            os.kill(backend, signal.SIGCONT)
        assert short.in_use == 0
