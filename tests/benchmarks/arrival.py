"""Arrivals a second through the API with everything, against a bare route doing one insert."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.benchmarks.house import House, house
from tests.benchmarks.load import Line, Serving, free_port, operation, rate, stopped_at_the_end
from tests.benchmarks.memory import weigh

SECONDS = float(os.environ.get("BENCH_SECONDS", "8"))
LINES = 48
_GOAL_A_SECOND = 300
_GOAL_MB = 120
_FORKED = 2

ARRIVE = """
mutation Arrive($input: RecordArrivalInput!) {
  recordArrival(input: $input) {
    visit { id number mode receiver { id name } owner { id name } }
    replayed
    errors { code message }
  }
}
"""


def arrival(site: str, number: int) -> bytes:
    """Return the request of a visitor never seen before."""
    phone = f"+86138{number:08}"
    given = {
        "idempotencyKey": f"arrival-{number:012}",
        "siteId": site,
        "customer": {"phone": phone},
        "saidBefore": False,
    }
    return operation(ARRIVE, {"input": given})


async def _arrivals(built: House, server: Serving, numbers: Iterator[int]) -> float:
    async def once(line: Line, which: int) -> None:
        room = built.showrooms[which % len(built.showrooms)]
        status, body = await line.post("/graphql", arrival(room.site, next(numbers)), room.token)
        answer = json.loads(body)
        if status != 200 or answer["data"]["recordArrival"]["errors"]:
            raise RuntimeError(body.decode())

    lines = [Line("127.0.0.1", server.port) for _ in range(LINES)]
    await rate(lines[:8], 1.0, once)
    return await rate(lines, SECONDS, once)


async def _inserts(server: Serving) -> float:
    async def once(line: Line, _which: int) -> None:
        status, body = await line.post("/insert", b'{"note": "one"}')
        if status != 200:
            raise RuntimeError(body.decode())

    lines = [Line("127.0.0.1", server.port) for _ in range(LINES)]
    await rate(lines[:8], 1.0, once)
    return await rate(lines, SECONDS, once)


async def _shares(built: House, server: Serving, numbers: Iterator[int]) -> tuple[float, float]:
    """Return what each of several forked processes weighs: at the start, and under arrivals."""
    server.environment["BAILIWICK_PROCESSES"] = str(_FORKED)
    await server.start()
    with stopped_at_the_end(server):
        begun = weigh(server).share
        await _arrivals(built, server, numbers)
        return begun, weigh(server).share


async def _run() -> list[dict[str, Any]]:
    numbers = count(1)
    async with house(showrooms=12) as built:
        server = built.server()
        await server.start()
        with stopped_at_the_end(server):
            begun = server.memory_mb()
            arrivals = await _arrivals(built, server, numbers)
            memory = server.memory_mb()
        begun_forked, forked = await _shares(built, built.server(), numbers)
        host = built.base.location.host
        bare = Serving(["-m", "tests.benchmarks.bare"], {"BARE_HOST": host}, free_port())
        bare.environment["BARE_PORT"] = str(bare.port)
        await bare.start("/")
        try:
            inserts = await _inserts(bare)
        finally:
            bare.kill(signal.SIGTERM)
    reference = f"bare route with one insert: {inserts:,.0f} a second"
    return [
        {
            "name": "arrival: requests a second",
            "value": arrivals,
            "unit": "1/s",
            "reference": reference,
            "goal": f">= {_GOAL_A_SECOND}",
            "ok": arrivals >= _GOAL_A_SECOND,
        },
        {
            "name": "arrival: ratio to a bare insert",
            "value": arrivals / inserts,
            "unit": "ratio",
            "reference": reference,
            "goal": "reported",
            "ok": True,
        },
        {
            "name": "arrival: memory of the API process",
            "value": memory,
            "unit": "MB",
            "reference": f"{begun:.0f} at the start; {LINES} clients, {SECONDS:.0f} s",
            "goal": f"<= {_GOAL_MB}",
            "ok": memory <= _GOAL_MB,
        },
        {
            "name": f"arrival: share of the memory of each of {_FORKED} forked processes",
            "value": forked,
            "unit": "MB",
            "reference": f"{begun_forked:.0f} at the start; the same load",
            "goal": "reported",
            "ok": True,
        },
    ]


def measure() -> list[dict[str, Any]]:
    """Return the figures of one run."""
    return asyncio.run(_run())
