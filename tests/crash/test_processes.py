"""Several API processes on one address: one that dies is replaced, and none outlives the first."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.benchmarks.house import House
from tests.benchmarks.load import Line, Serving


@pytest.fixture(scope="module")
def kept(built: House) -> Iterator[Serving]:
    serving = built.server()
    serving.environment |= {"BAILIWICK_PROCESSES": "2"}
    yield serving
    serving.kill(signal.SIGTERM)


@pytest.fixture
async def server(kept: Serving) -> Serving:
    if kept.process is None or kept.process.poll() is not None:
        # The test before has ended it.
        kept.kill()
        await kept.start()
    return kept


def children(process: int) -> set[int]:
    listed = Path(f"/proc/{process}/task/{process}/children")
    return {int(word) for word in listed.read_text("ascii").split()}


def alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/status").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        # It may end between the opening and the reading, too.
        return False
    return "\nState:\tZ" not in status


async def until(happened: object) -> None:
    async with asyncio.timeout(30):
        while not happened():  # type: ignore[operator]  # a function without arguments
            await asyncio.sleep(0.01)


async def answers(server: Serving) -> bool:
    line = Line("127.0.0.1", server.port)
    try:
        status, _ = await line.post("/graphql", b"{}")
    finally:
        line.close()
    return status == 401


def first_of(server: Serving) -> int:
    assert server.process is not None
    return server.process.pid


async def test_a_process_that_dies_is_replaced(server: Serving) -> None:
    first = first_of(server)
    await until(lambda: len(children(first)) == 2)
    victim = min(children(first))

    os.kill(victim, signal.SIGKILL)

    assert await answers(server)
    await until(lambda: len(children(first) - {victim}) == 2)
    assert await answers(server)


async def test_none_outlives_the_first_however_it_ends(server: Serving) -> None:
    first = first_of(server)
    await until(lambda: len(children(first)) == 2)
    crew = children(first)

    server.kill(signal.SIGKILL)

    await until(lambda: not any(map(alive, crew)))


async def test_a_stop_ends_all_of_them_in_order(server: Serving) -> None:
    first = first_of(server)
    await until(lambda: len(children(first)) == 2)
    crew = children(first)
    process = server.process
    assert process is not None

    process.send_signal(signal.SIGTERM)

    assert process.wait(30) == 0
    assert not any(map(alive, crew))
