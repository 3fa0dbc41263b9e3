"""A thousand open subscriptions on one process: their weight, and how fast changes reach them."""

import asyncio
import json
import os
import signal
from contextlib import AsyncExitStack
from itertools import count
from time import perf_counter
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.benchmarks.arrival import arrival
from tests.benchmarks.house import House, Showroom, house, token_for
from tests.benchmarks.load import Line, Serving

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
SHOWROOMS = 10
REPS = 20
SOCKETS_OF_EACH = 5
FOLLOWERS = SHOWROOMS * REPS * SOCKETS_OF_EACH
NUMBERS = count(1)
_GOAL_MB = 200

QUEUE = """
subscription Queue($site: ID!) {
  receptionQueueChanged(siteId: $site) {
    cursor at changes
    queue { day places { position standing turnCount member { id name } } }
  }
}
"""


class _Heard:
    """What reached the followers."""

    def __init__(self) -> None:
        self.count = 0
        self.last = 0.0

    async def listen(self, connection: ClientConnection) -> None:
        async for message in connection:
            if '"next"' in message[:40]:
                self.count += 1
                self.last = perf_counter()
            elif '"ping"' in message:
                await connection.send('{"type":"pong"}')


async def _follower(server: Serving, room: Showroom, token: str) -> ClientConnection:
    opened = await connect(
        f"ws://127.0.0.1:{server.port}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        compression=None,
        ping_interval=None,
    )
    await opened.send(json.dumps({"type": "connection_init", "payload": {"token": token}}))
    await opened.recv()
    payload = {"query": QUEUE, "variables": {"site": room.site}}
    await opened.send(json.dumps({"id": "queue", "type": "subscribe", "payload": payload}))
    return opened


async def _arrivals(built: House, server: Serving, seconds: float) -> int:
    """Let visitors arrive one after another, in all showrooms by turns; returns how many."""
    line, arrived, ends = Line("127.0.0.1", server.port), 0, perf_counter() + seconds
    while perf_counter() < ends:
        number = next(NUMBERS)
        room = built.showrooms[number % SHOWROOMS]
        arrived += 1
        status, body = await line.post("/graphql", arrival(room.site, number), room.token)
        if status != 200 or json.loads(body)["data"]["recordArrival"]["errors"]:
            raise RuntimeError(body.decode())
    line.close()
    return arrived


async def _measured(built: House, server: Serving) -> list[dict[str, Any]]:
    alone = server.memory_mb()
    heard = _Heard()
    async with AsyncExitStack() as stack:
        listening = await stack.enter_async_context(asyncio.TaskGroup())
        sockets = []
        for room in built.showrooms:
            for rep in room.reps:
                token = token_for(room.tenant.id, rep)
                sockets += [await _follower(server, room, token) for _ in range(SOCKETS_OF_EACH)]
        for one in sockets:
            listening.create_task(heard.listen(one))
        # One of each showroom's followers hears of the first visitor: all are in by then.
        await _arrivals(built, server, 1.0)
        await _quiet(heard)
        open_mb = server.memory_mb()
        before, cpu, started = heard.count, server.cpu_seconds(), perf_counter()
        arrivals = await _arrivals(built, server, SECONDS)
        await _quiet(heard)
        seconds, delivered = heard.last - started, heard.count - before
        used = server.cpu_seconds() - cpu
        for one in sockets:
            await one.close()
    return _figures(alone, open_mb, arrivals, delivered, seconds, used)


def _figures(  # noqa: PLR0917 - one measurement
    alone: float, open_mb: float, arrivals: int, delivered: int, seconds: float, used: float
) -> list[dict[str, Any]]:
    every = FOLLOWERS // SHOWROOMS
    return [
        {
            "name": "streams: memory with 1,000 subscriptions",
            "value": open_mb,
            "unit": "MB",
            "reference": f"{alone:,.0f} MB before; one socket each, {REPS * SHOWROOMS} members",
            "goal": f"<= {_GOAL_MB}",
            "ok": open_mb <= _GOAL_MB,
        },
        {
            "name": "streams: events delivered a second",
            "value": delivered / seconds,
            "unit": "1/s",
            "reference": f"{arrivals} arrivals in {SECONDS:.0f} s; {used:,.1f} s of CPU",
            "goal": "reported",
            "ok": True,
        },
        {
            "name": "streams: events delivered of those due",
            "value": delivered / (arrivals * every),
            "unit": "share",
            "reference": f"{every} followers in each of {SHOWROOMS} showrooms",
            "goal": ">= 1",
            "ok": delivered >= arrivals * every,
        },
    ]


async def _quiet(heard: _Heard) -> None:
    """Wait until nobody has heard anything for a while."""
    known = -1
    while known != heard.count:
        known = heard.count
        await asyncio.sleep(3.0)


async def _run() -> list[dict[str, Any]]:
    async with house(showrooms=SHOWROOMS, reps=REPS) as built:
        server = built.server()
        await server.start()
        try:
            return await _measured(built, server)
        finally:
            server.kill(signal.SIGTERM)


def measure() -> list[dict[str, Any]]:
    """Return the figures of one run."""
    return asyncio.run(_run())
