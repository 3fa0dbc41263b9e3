"""What an API process weighs once it has seen many documents many times.

Measured alone, and with two processes forked from one that has loaded everything, as they are
served in earnest: what they share is then counted once, a process's part of it being its
proportional share (PSS).
"""

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.dataset import Dataset
from tests.benchmarks.load import Line, Serving, operation, stopped_at_the_end
from tests.benchmarks.questions import Question

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "4000"))
DOCUMENTS = 1_000
LINES = 16
_GOAL_MB = 80.0
_FORKED = 2
_STARTS_IN_SECONDS = 300.0
# What a machine with much other work says now and then: come again (graphql.md's status table).
_COME_AGAIN = {503, 504}
_MOST_AGAIN = 60
_TOLD_EVERY = 10_000


@dataclass(frozen=True, slots=True)
class Weight:
    """What the processes weigh, each, in MB (10^6 bytes): resident, and its share of it."""

    resident: float
    share: float


def weigh(server: Serving) -> Weight:
    """Weigh those processes of a server that answer."""
    assert server.process is not None
    first = server.process.pid
    forked = Path(f"/proc/{first}/task/{first}/children").read_text("ascii").split()
    ours = [one for one in forked if _is_python(one)] or [str(first)]
    told = [Path(f"/proc/{one}/smaps_rollup").read_text("ascii") for one in ours]
    return Weight(*(sum(_of(word, one) for one in told) / len(told) for word in ("Rss", "Pss")))


def _is_python(pid: str) -> bool:
    return b"python" in Path(f"/proc/{pid}/cmdline").read_bytes()


def _of(word: str, told: str) -> float:
    found = re.search(rf"^{word}:\s+(\d+) kB", told, re.MULTILINE)
    assert found is not None
    return int(found[1]) * 1024 / 1e6


async def measured(data: Dataset, asked: Sequence[Question]) -> list[dict[str, Any]]:
    """Return the figures: alone, and forked."""
    if not REQUESTS:
        return []
    reading = [question for question in asked if not question.writes]
    return [
        await _one(data.server(), reading, "one process", _GOAL_MB),
        await _one(
            data.server(BAILIWICK_PROCESSES=str(_FORKED)), reading, f"each of {_FORKED}", _GOAL_MB
        ),
    ]


async def _one(
    server: Serving, reading: Sequence[Question], name: str, goal: float
) -> dict[str, Any]:
    with stopped_at_the_end(server):
        await server.start(seconds=_STARTS_IN_SECONDS)
        begun = weigh(server)
        # Every document once; what the process then weighs it has every reason to weigh.
        again = await _load(server, reading, range(DOCUMENTS))
        warm = weigh(server)
        again += await _load(server, reading, range(DOCUMENTS, REQUESTS))
        ended = weigh(server)
    return {
        "name": f"api: memory of {name} after {REQUESTS:,} requests, {DOCUMENTS:,} documents",
        "value": ended.share,
        "unit": "MB",
        "reference": (
            f"resident {ended.resident:.0f}; share at the start {begun.share:.0f}, after each"
            f" document once {warm.share:.0f}; {again} asked again"
        ),
        "goal": f"<= {goal:g}",
        "ok": ended.share <= goal,
    }


async def _load(server: Serving, reading: Sequence[Question], numbers: range) -> int:
    """Ask so many questions; returns how many were put off and asked again."""
    lines = [Line("127.0.0.1", server.port) for _ in range(LINES)]
    again = 0

    async def some(which: int) -> None:
        nonlocal again
        for number in numbers[which::LINES]:
            again += await _ask(lines[which], reading[number % len(reading)], number, which)
            if number % _TOLD_EVERY == 0 and number:
                sys.stderr.write(f"{number:,} of {REQUESTS:,}: {weigh(server).share:.1f} MB\n")

    await asyncio.gather(*(some(which) for which in range(LINES)))
    for line in lines:
        line.close()
    return again


async def _ask(line: Line, question: Question, number: int, which: int) -> int:
    """Ask until there is an answer; returns how often it was put off.

    Raises:
        RuntimeError: it is refused, or put off for a minute.
    """
    _, staff = question.request(which)
    query = question.document(number % DOCUMENTS)
    body = operation(query, dict(question.variables(which)))
    told = b""
    for times in range(_MOST_AGAIN):
        try:
            status, told = await line.post("/graphql", body, staff.token)
        except ConnectionError as error:
            status, told = 503, str(error).encode()
        if status == 200 and not told.startswith(b'{"errors"'):
            return times
        if status not in _COME_AGAIN:
            break
        await asyncio.sleep(1)
    raise RuntimeError(told.decode())
