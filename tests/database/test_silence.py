"""A server that stands still: who waits is told soon, who comes at once, and it heals by itself."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import httpx
import pytest
from builders.api import Api
from builders.standstill import processes_standing_still, standing_still
from builders.tenants import a_tenant
from starlette.applications import Starlette

from service.clock import ManualClock
from service.database.connections import Location, open_pool, open_tenant_pool
from service.database.migrations.run import newest_revision
from service.database.pool import TenantPool
from service.database.security import APPLICATION, IDENTITY
from service.database.silence import DatabaseSilent
from service.organisation.actors import Callers
from service.web.health import health_routes
from service.work import CONNECTION_LOST, Transactions

HERE = "SELECT true AS here, pg_sleep($2), $1::uuid"
ASK = "{ viewer { member { name } } }"
EDIT = "mutation Edit($input: EditTenantInput!) { editTenant(input: $input) { errors { code } } }"


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a second be some milliseconds; a probe of a server that works has the time it needs."""
    for name, seconds in {"SWEEP": 0.01, "DOUBT": 0.03, "PROBE": 0.5, "REST": 0.01}.items():
        monkeypatch.setattr(f"service.database.silence._{name}_SECONDS", seconds)


@pytest.fixture
async def way(location: Location) -> AsyncIterator[tuple[TenantPool, asyncio.Event]]:
    """A pool on a server, and what is cleared for that to stand still."""
    async with (
        standing_still(location) as (there, passes),
        await open_tenant_pool(there, APPLICATION, 2) as pool,
    ):
        yield pool, passes
        passes.set()


@pytest.fixture
async def tenant_id(transactions: Transactions) -> UUID:
    return (await a_tenant(transactions)).id


async def ready(pool: TenantPool) -> int:
    app = Starlette(routes=health_routes(pool, newest_revision()))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as client:
        return (await client.get("/readyz")).status_code


async def test_who_waits_is_told_and_who_comes_is_told_at_once(
    way: tuple[TenantPool, asyncio.Event], tenant_id: UUID
) -> None:
    pool, passes = way
    await asyncio.gather(*(pool.read_here(tenant_id, HERE, tenant_id, 0.0) for _ in range(2)))
    passes.clear()
    # Two have a connection, the others wait for one.
    told = [asyncio.create_task(pool.read_here(tenant_id, HERE, tenant_id, 0.0)) for _ in range(6)]
    done, hanging = await asyncio.wait(told, timeout=4)

    assert not hanging
    assert all(isinstance(one.exception(), CONNECTION_LOST) for one in done)
    for _ in range(3):
        with pytest.raises(DatabaseSilent):
            await pool.take(tenant_id)
    assert pool.in_use == 0


async def test_it_heals_as_soon_as_the_server_answers(
    way: tuple[TenantPool, asyncio.Event], tenant_id: UUID
) -> None:
    pool, passes = way
    passes.clear()
    with pytest.raises(CONNECTION_LOST):
        await pool.read_here(tenant_id, HERE, tenant_id, 0.0)
    assert pool.silence.silent
    passes.set()
    async with asyncio.timeout(10):
        while pool.silence.silent:
            await asyncio.sleep(0)

    assert (await pool.read_here(tenant_id, HERE, tenant_id, 0.0))["here"]


async def test_a_statement_that_is_only_slow_goes_on(
    way: tuple[TenantPool, asyncio.Event], tenant_id: UUID
) -> None:
    pool, _ = way

    assert (await pool.read_here(tenant_id, HERE, tenant_id, 0.3))["here"]
    assert not pool.silence.silent


async def test_sign_in_is_told_with_the_others(location: Location) -> None:
    async with (
        standing_still(location) as (there, passes),
        await open_tenant_pool(there, APPLICATION, 1) as pool,
    ):
        identity = await open_pool(there, IDENTITY, 1, patience_seconds=5.0, silence=pool.silence)
        assert await identity.fetchval("SELECT 1") == 1
        passes.clear()
        with pytest.raises((*CONNECTION_LOST, asyncpg.PostgresError)):
            await asyncio.wait_for(identity.fetchval("SELECT 1"), 4)
        with pytest.raises(DatabaseSilent):
            await identity.fetchval("SELECT 1")
        passes.set()
        identity.terminate()


@pytest.mark.parametrize(("own", "given"), [(0.2, None), (60.0, 0.2)], ids=["usual", "called off"])
async def test_sign_in_is_told_soon_where_only_its_connections_stand_still(
    location: Location, monkeypatch: pytest.MonkeyPatch, own: float, given: float | None
) -> None:
    # Neither the statement nor that it is called off is answered; the driver would wait for both.
    monkeypatch.setattr("service.database.connections._SHORT_ANSWER_SECONDS", own)
    monkeypatch.setattr("service.database.connections._CALLED_OFF_SECONDS", 0.05)
    async with processes_standing_still(location) as (there, block):
        identity = await open_pool(there, IDENTITY, 1, patience_seconds=30.0)
        assert await identity.fetchval("SELECT 1") == 1
        block()
        told = asyncio.create_task(identity.fetchval("SELECT 1", timeout=given))
        await asyncio.wait([told], timeout=5)

        assert told.done()
        assert isinstance(told.exception(), CONNECTION_LOST)
        assert await identity.fetchval("SELECT 2") == 2
        identity.terminate()


async def test_the_api_says_so_with_503_and_readyz_too(
    way: tuple[TenantPool, asyncio.Event], transactions: Transactions, clock: ManualClock
) -> None:
    pool, passes = way
    tenant = await a_tenant(transactions)
    api = Api(Transactions(pool, clock, Callers()))
    token = api.token(tenant.id, tenant.admin_id)
    order = {"idempotencyKey": "while-it-stands-still", "expectedVersion": 1, "alertIdleDays": 3}
    assert (await api.post(token, ASK)).status_code == 200

    passes.clear()
    for text, variables in ((ASK, {}), (ASK, {}), (EDIT, {"input": order})):
        answer = await asyncio.wait_for(api.post(token, text, **variables), 4)
        assert answer.status_code == 503, answer.text
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert await ready(pool) == 503

    passes.set()
    async with asyncio.timeout(10):
        while await ready(pool) != 200:
            await asyncio.sleep(0)
    assert (await api.post(token, ASK)).status_code == 200
