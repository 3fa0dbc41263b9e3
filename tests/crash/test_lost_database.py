"""The database is killed: readers are told at once, nobody hangs, and it heals by itself."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from builders.api import Api
from starlette.applications import Starlette

from service.database.connections import open_tenant_pool
from service.database.migrations.run import newest_revision
from service.database.pool import TenantPool
from service.database.security import APPLICATION
from service.organisation.actors import Callers
from service.web.health import health_routes
from service.work import Transactions
from tests.benchmarks.house import House

ASK = "{ viewer { member { name } } }"


@asynccontextmanager
async def api_by_url(built: House) -> AsyncIterator[tuple[Api, TenantPool]]:
    """The API on a database that somebody else runs: nothing of ours starts it again."""
    async with await open_tenant_pool(built.base.location, APPLICATION, 4) as pool:
        yield Api(Transactions(pool, built.base.clock, Callers())), pool


def the_server(built: House) -> int:
    """Return the process of the server that runs, or ran last."""
    return int((built.home / "cluster-18" / "postmaster.pid").read_text("ascii").splitlines()[0])


def kill_the_database(built: House) -> None:
    os.kill(the_server(built), signal.SIGKILL)


async def asked(api: Api, built: House) -> httpx.Response:
    tenant = built.showrooms[0].tenant
    return await api.post(api.token(tenant.id, tenant.admin_id), ASK)


async def ready(pool: TenantPool) -> int:
    app = Starlette(routes=health_routes(pool, newest_revision()))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as client:
        return (await client.get("/readyz")).status_code


def start_again(built: House) -> None:
    assert built.base.lease is not None
    built.base.lease.renew()


async def test_a_reader_of_a_killed_database_is_told_when_to_come_again_and_then_served(
    built: House,
) -> None:
    async with api_by_url(built) as (api, pool):
        assert (await asked(api, built)).status_code == 200
        kill_the_database(built)
        # A session learns of its server's end a moment later, and may answer until then.
        while (await asked(api, built)).status_code == 200:
            pass
        for _ in range(5):
            answer = await asked(api, built)
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
        assert await ready(pool) == 503

        start_again(built)
        answer = await asked(api, built)
        while answer.status_code == 503:
            # The attempt before was a moment ago: nobody tries again at once.
            answer = await asked(api, built)

        assert answer.json()["data"]["viewer"]["member"]["name"]
        assert await ready(pool) == 200


async def test_the_embedded_database_is_started_again_by_whoever_asks_next(built: House) -> None:
    api = Api(built.base.transactions)
    assert (await asked(api, built)).status_code == 200
    killed = the_server(built)
    kill_the_database(built)

    # A session learns of its server's end a moment later, and may answer until then.
    while the_server(built) == killed:
        answer = await asked(api, built)
        assert answer.status_code == 200, answer.text
