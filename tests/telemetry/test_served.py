"""Metrics are served beside the API, each process on a port of its own."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest

from service.app.base import StartRefused
from service.app.watching import metrics_served, watch_answers
from service.clock import ManualClock
from service.database.connections import Location, open_pool
from service.database.pool import TenantPool
from service.database.security import RELAY
from service.settings import Settings
from tests.benchmarks.load import free_port


@pytest.fixture
async def relay(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    async with await open_pool(location, RELAY, 1) as opened:
        yield opened


@pytest.fixture
def base(pool: TenantPool, relay: "asyncpg.Pool[Any]", clock: ManualClock) -> Any:
    return SimpleNamespace(application_pool=pool, relay_pool=relay, clock=clock)


async def read(port: int, path: str = "/metrics") -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{port}{path}")


async def test_each_process_takes_the_next_free_port(base: Any) -> None:
    port = free_port()
    settings = Settings(metrics_port=port)
    async with metrics_served(settings, base, "api"), metrics_served(settings, base, "worker"):
        first, second = await read(port), await read(port + 1)

    for answer in (first, second):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "bailiwick_pool_connections" in answer.text
        assert "bailiwick_backlog_read 1.0" in answer.text


async def test_open_streams_what_they_wait_for_and_what_plans_weigh_are_told(base: Any) -> None:
    port, gate = free_port(), SimpleNamespace(open_count=7, behind_seconds=2.5)
    watch_answers(gate, lambda: 4_096)
    async with metrics_served(Settings(metrics_port=port), base, "api"):
        told = (await read(port)).text
        gate.open_count = 6
        later = (await read(port)).text

    assert "bailiwick_streams_open 7.0" in told
    assert "bailiwick_streams_behind_seconds 2.5" in told
    assert "bailiwick_plans_bytes 4096.0" in told
    assert "bailiwick_streams_open 6.0" in later


async def test_nothing_else_is_served_there(base: Any) -> None:
    port = free_port()
    async with metrics_served(Settings(metrics_port=port), base, "api"):
        assert (await read(port, "/graphql")).status_code == 404


async def test_by_default_nothing_is_served(base: Any) -> None:
    async with metrics_served(Settings(), base, "api"):
        pass


async def test_an_address_that_is_not_this_machines_is_refused_in_a_sentence(base: Any) -> None:
    settings = Settings(metrics_port=free_port(), metrics_host="192.0.2.1")
    with pytest.raises(StartRefused, match="BAILIWICK_METRICS_HOST"):
        async with metrics_served(settings, base, "api"):
            pass


async def test_a_port_that_another_program_has_is_refused_in_a_sentence(base: Any) -> None:
    async def other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 404 Not Found\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(other, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(StartRefused, match=f"BAILIWICK_METRICS_PORT {port} is taken"):
            async with metrics_served(Settings(metrics_port=port), base, "api"):
                pass
