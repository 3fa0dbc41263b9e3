"""A client that hangs up: his read is cancelled down to the server, his command is carried out."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
import uvicorn
from builders.api import ARRIVE, SCHEMA, Api, a_key
from builders.reception import Showroom
from starlette.applications import Starlette

from service.clock import ManualClock
from service.database.connections import Location, connected, prepare_connection
from service.database.pool import TenantPool
from service.database.security import APPLICATION
from service.identity.tokens import Claims
from service.organisation.actors import Callers
from service.schema.endpoint import Endpoint
from service.schema.execution import Execution
from service.web.patience import PatientProtocol
from service.work import Transactions

VISITS = "{ visits(first: 1) { nodes { id } } }"


@dataclass(slots=True)
class Served:
    """The endpoint behind a real server, on one connection that waits for locks without end."""

    port: int
    pool: TenantPool
    location: Location
    tokens: Api

    async def send(self, token: str, document: str, variables: object) -> asyncio.StreamWriter:
        """Send an operation on a line of its own, and return the line."""
        _, line = await asyncio.open_connection("127.0.0.1", self.port)
        body = json.dumps({"query": document, "variables": variables}).encode()
        head = (
            "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        line.write(head.encode() + body)
        await line.drain()
        return line

    async def ask(self, token: str, document: str) -> None:
        """Send an operation, and wait for its answer."""
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}") as client:
            answer = await client.post("/graphql", json={"query": document}, headers=headers)
        assert "errors" not in answer.json()

    async def waiting(self) -> int:
        """Count the statements of ours that wait for a lock."""
        async with connected(self.location, "postgres") as watcher:
            found: int = await watcher.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND usename = $1 AND datname = current_database()",
                APPLICATION,
            )
        return found


async def until(told: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await told():
            await asyncio.sleep(0.01)


@pytest.fixture
async def patient(location: Location) -> AsyncIterator[TenantPool]:
    """One connection that never gives up by itself: what ends a statement is the hanging up."""

    async def connect() -> "asyncpg.Connection[Any]":
        connection = await asyncpg.connect(**location.arguments(APPLICATION))
        await prepare_connection(connection)
        for limit in ("lock_timeout", "statement_timeout", "transaction_timeout"):
            await connection.execute(f"SET {limit} = 0")
        return connection

    async with TenantPool(connect, 1) as pool:
        yield pool


@pytest.fixture(params=["auto", PatientProtocol], ids=["who looks", "who is told"])
async def served(
    request: pytest.FixtureRequest, patient: TenantPool, location: Location, clock: ManualClock
) -> AsyncIterator[Served]:
    transactions = Transactions(patient, clock, Callers())
    tokens = Api(transactions)

    async def authenticate(token: str) -> Claims | None:
        return tokens.people.get(token)

    endpoint = Endpoint(SCHEMA, transactions, authenticate, graphiql=False)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    app = Starlette(routes=endpoint.routes())
    config = uvicorn.Config(app, http=request.param, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server._serve(sockets=[listener]))
    await until(lambda: told(server.started))
    yield Served(listener.getsockname()[1], patient, location, tokens)
    server.should_exit = True
    await serving
    listener.close()


async def told(so: bool) -> bool:
    return so


@pytest.mark.parametrize("asked_before", [False, True])
async def test_whoever_hangs_up_frees_his_connection_and_ends_his_statement(
    served: Served, showroom: Showroom, monkeypatch: pytest.MonkeyPatch, asked_before: bool
) -> None:
    token = served.tokens.token(showroom.tenant_id, showroom.people["Mei"])
    if asked_before:
        await served.ask(token, VISITS)
        monkeypatch.setattr(Execution, "answer", None)
    async with connected(served.location, "postgres") as blocker, blocker.transaction():
        await blocker.execute("LOCK TABLE app.visit IN ACCESS EXCLUSIVE MODE")
        line = await served.send(token, VISITS, {})
        await until(lambda: one_waits(served))
        assert served.pool.in_use == 1

        line.close()

        await until(lambda: nobody_waits(served))
        await until(lambda: told(served.pool.in_use == 0))
    monkeypatch.undo()
    answer = await served.tokens.ask(token, VISITS)
    assert answer == {"visits": {"nodes": []}}


async def test_a_command_is_carried_out_though_the_line_broke(
    served: Served, showroom: Showroom
) -> None:
    await showroom.sign_in("An")
    token = served.tokens.token(showroom.tenant_id, showroom.people["Clerk"])
    sent = {"idempotencyKey": a_key(), "siteId": f"site_{showroom.site_id}"}
    async with connected(served.location, "postgres") as blocker, blocker.transaction():
        await blocker.execute("LOCK TABLE app.visit IN ACCESS EXCLUSIVE MODE")
        line = await served.send(token, ARRIVE, {"input": sent})
        await until(lambda: one_waits(served))
        line.close()
        await line.wait_closed()

    again = (await served.tokens.ask(token, ARRIVE, input=sent))["recordArrival"]

    assert (again["errors"], again["replayed"]) == ([], True)


async def one_waits(served: Served) -> bool:
    return await served.waiting() == 1


async def nobody_waits(served: Served) -> bool:
    return await served.waiting() == 0
