"""Killed in the middle: every acknowledged arrival is there once, every repeated one once.

`CRASH_ARRIVALS` sets the size; the small default runs with every test.
"""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.benchmarks.house import House, Showroom
from tests.benchmarks.load import Serving
from tests.crash.desk import Desk, nothing_lost_nothing_doubled

ARRIVALS = int(os.environ.get("CRASH_ARRIVALS", "120"))
CLIENTS = 10


@pytest.mark.long
async def test_killing_the_api_in_the_middle_loses_and_doubles_nothing(
    room: Showroom, serving: Serving
) -> None:
    desk = Desk(room, serving, ARRIVALS, CLIENTS)
    answered = asyncio.ensure_future(desk.all_served())
    for part in (1, 2):
        await desk.until(ARRIVALS * part // 3)
        serving.kill(signal.SIGKILL)
        await serving.start()
    await answered
    await nothing_lost_nothing_doubled(room, desk, ARRIVALS)


@pytest.mark.long
async def test_killing_the_database_in_the_middle_loses_and_doubles_nothing(
    built: House, room: Showroom, serving: Serving
) -> None:
    desk = Desk(room, serving, ARRIVALS, CLIENTS)
    answered = asyncio.ensure_future(desk.all_served())
    await desk.until(ARRIVALS // 2)
    os.kill(_postmaster(built.home / "cluster-18" / "postmaster.pid"), signal.SIGKILL)
    await answered
    await nothing_lost_nothing_doubled(room, desk, ARRIVALS)


def _postmaster(pid_file: Path) -> int:
    return int(pid_file.read_text("ascii").splitlines()[0])
