"""The API on a real socket of this machine, and clients that speak its two stream protocols."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import asyncpg
import httpx
import orjson
import uvicorn
from builders.api import SCHEMA, Api, Desk
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from service.app.serving import SOCKETS
from service.delivery.hub import Hub
from service.delivery.places import Cursor
from service.identity.tokens import Claims
from service.schema.endpoint import Endpoint
from service.schema.subscriptions.gate import Gate

PROTOCOL = "graphql-transport-ws"
WAIT_SECONDS = 10.0

QUEUE = """
subscription Queue($site: ID!, $after: EventCursor) {
  receptionQueueChanged(siteId: $site, after: $after) {
    cursor at changes queue { places { standing member { name } } }
  }
}
"""
VISITS = """
subscription Visits($site: ID, $visit: ID, $after: EventCursor) {
  visitChanged(siteId: $site, visitId: $visit, after: $after) {
    cursor changes visit { id number state receiver { name } maskedPhones phones }
  }
}
"""
TASKS = """
subscription Tasks($member: ID, $after: EventCursor) {
  taskChanged(memberId: $member, after: $after) {
    cursor changes task { title state member { name } }
  }
}
"""
DECISIONS = """
subscription Decisions($kind: DecisionKind, $subject: ID, $after: EventCursor) {
  decisionMade(kind: $kind, subjectId: $subject, after: $after) {
    cursor decision { kind rule why receiver { name } }
  }
}
"""


async def cursor(desk: Desk, name: str = "Clerk") -> str:
    """Return the cursor behind everything so far: what happens next is not missed.

    A cursor waits for older transactions of the whole cluster, which other tests keep open.
    """
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            found: str = (await desk.ask(name, "{ eventCursor }"))["eventCursor"]
            (latest,) = await desk.showroom.tenant.rows(
                "SELECT coalesce(max(o.transaction::text::bigint), 0) AS transaction"
                " FROM app.outbox o WHERE o.tenant_id = $1"
            )
            known = Cursor.read(found)
            if known is not None and known.place.transaction >= latest["transaction"]:
                return found


async def until(holds: Callable[[], bool]) -> None:
    """Let everybody else go on until something holds."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not holds():
            await asyncio.sleep(0)


@dataclass(slots=True)
class Served:
    """A running server.

    Attributes:
        gate: its streams.
        hub: what they are fed by.
    """

    address: str
    gate: Gate
    hub: Hub
    api: Api
    ended: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def socket(self, token: str | None = None, **init: Any) -> AsyncIterator["Client"]:
        """Open a socket; with a token it is let in too."""
        async with connect(f"ws://{self.address}/graphql", subprotocols=[PROTOCOL]) as opened:
            client = Client(opened)
            if token is not None:
                await client.say(type="connection_init", payload={"token": token, **init})
                assert (await client.hear())["type"] == "connection_ack"
            yield client

    @asynccontextmanager
    async def stream(
        self, token: str, document: str, **variables: Any
    ) -> AsyncIterator["EventReader"]:
        """Open a stream of server-sent events."""
        async with (
            httpx.AsyncClient(base_url=f"http://{self.address}", timeout=WAIT_SECONDS) as client,
            client.stream(
                "POST",
                "/graphql",
                json={"query": document, "variables": variables},
                headers={"Authorization": f"Bearer {token}", "Accept": "text/event-stream"},
            ) as response,
        ):
            yield EventReader(response)


@dataclass(slots=True)
class Client:
    """What a client of `graphql-transport-ws` says and hears."""

    connection: ClientConnection
    names: Any = field(default_factory=count)

    async def say(self, **message: Any) -> None:
        await self.connection.send(orjson.dumps(message).decode())

    async def hear(self) -> Any:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                message = orjson.loads(await self.connection.recv())
                if message["type"] != "ping":
                    return message
                await self.say(type="pong")

    async def follow(self, document: str, **variables: Any) -> str:
        name = f"operation-{next(self.names)}"
        payload = {"query": document, "variables": variables}
        await self.say(id=name, type="subscribe", payload=payload)
        return name

    async def event(self) -> Any:
        """Return the data of the next event."""
        message = await self.hear()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    async def over(self) -> int | None:
        """Wait until the line is at its end; returns the code, 1006 where none came through."""
        async with asyncio.timeout(WAIT_SECONDS):
            with suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        return self.connection.close_code

    async def closed(self) -> tuple[int, str]:
        """Wait until the server closes; returns code and reason."""
        await self.over()
        received = self.connection.protocol.close_rcvd
        assert received is not None
        return received.code, received.reason


@dataclass(slots=True)
class EventReader:
    """What a client of server-sent events hears."""

    response: httpx.Response
    _lines: Any = None

    async def hear(self) -> tuple[str, Any] | None:
        """Return the next event's name and data; None at the end of the stream."""
        if self._lines is None:
            self._lines = self.response.aiter_lines()
        name, data = "message", ""
        async for line in self._lines:
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                data = line[5:].strip()
            elif not line and (name != "message" or data):
                return name, orjson.loads(data) if data else None
        return None

    async def event(self) -> Any:
        """Return the data of the next event."""
        heard = await self.hear()
        assert heard is not None
        assert heard[0] == "next", heard
        assert "errors" not in heard[1], heard
        return heard[1]["data"]


@asynccontextmanager
async def served(
    api: Api,
    relay: "asyncpg.Pool[Any]",
    origins: tuple[str, ...] = (),
    *,
    planning: bool = True,
    buffer_bytes: int | None = None,
) -> AsyncIterator[Served]:
    """Serve the API on a free port; the system holds so much for a reader who does not read."""
    ended: set[str] = set()

    async def authenticate(token: str) -> Claims | None:
        return None if token in ended else api.people.get(token)

    hub = Hub(relay, api.transactions.clock)
    endpoint = Endpoint(
        SCHEMA, api.transactions, authenticate, hub=hub, origins=origins, planning=planning
    )
    app = Starlette(routes=endpoint.routes())
    listener = socket.create_server(("127.0.0.1", 0))
    if buffer_bytes is not None:
        # Whatever is accepted has the listener's.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)
    host, port = listener.getsockname()
    config = uvicorn.Config(app, log_config=None, lifespan="off", **SOCKETS)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    assert endpoint.streams is not None
    try:
        yield Served(f"{host}:{port}", endpoint.streams, hub, api, ended)
    finally:
        await endpoint.streams.close()
        await server.shutdown(sockets=[listener])
        listener.close()
