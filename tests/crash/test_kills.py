"""Killed in the middle: every acknowledged arrival is there once, every repeated one once.

`CRASH_ARRIVALS` sets the size; the small default runs with every test.
"""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.benchmarks.house import house
from tests.crash.desk import Desk, nothing_lost_nothing_doubled

ARRIVALS = int(os.environ.get("CRASH_ARRIVALS", "120"))
CLIENTS = 10


@pytest.mark.long
async def test_killing_the_api_in_the_middle_loses_and_doubles_nothing() -> None:
    async with house(showrooms=1) as built:
        server = built.server()
        await server.start()
        desk = Desk(built.showrooms[0], server, ARRIVALS, CLIENTS)
        try:
            serving = asyncio.ensure_future(desk.all_served())
            for part in (1, 2):
                await desk.until(ARRIVALS * part // 3)
                server.kill(signal.SIGKILL)
                await server.start()
            await serving
        finally:
            server.kill(signal.SIGTERM)
        await nothing_lost_nothing_doubled(built, desk, ARRIVALS)


@pytest.mark.long
async def test_killing_the_database_in_the_middle_loses_and_doubles_nothing() -> None:
    async with house(showrooms=1) as built:
        server = built.server()
        await server.start()
        desk = Desk(built.showrooms[0], server, ARRIVALS, CLIENTS)
        try:
            serving = asyncio.ensure_future(desk.all_served())
            await desk.until(ARRIVALS // 2)
            pid_file = built.home / "cluster-18" / "postmaster.pid"
            os.kill(_postmaster(pid_file), signal.SIGKILL)
            await serving
        finally:
            server.kill(signal.SIGTERM)
        await nothing_lost_nothing_doubled(built, desk, ARRIVALS)


def _postmaster(pid_file: Path) -> int:
    return int(pid_file.read_text("ascii").splitlines()[0])
