"""The API on the trade's data set, against what its statements cost without it.

Several answer the same questions in turn, half a second each, several times over, so that
whatever else the machine does falls on all of them alike; a ratio is the median of the ratios of
the rounds:

- the API, a process of its own, over HTTP, with token, document, limits and rights;
- (a) a starlette route written by hand for the one question, over asyncpg: it checks token and
  body, sets the tenant and has the statements carried out that the API sent; beside it, without a
  goal, one that does not even check;
- (e) for a command, whose (a) has no goal: the same route, which has the command decide what it
  sends instead of repeating what was decided, since that is what a command is for; beside it,
  without a goal, the same on the product's own pool (`replaying`, `deciding`);
- (b) `pgbench` of the statements that read what was asked for;
- (c) naive resolvers: strawberry's defaults and one awaited query for each relation.

What is compared is requests per second of the API process's own processor time; against `pgbench`
it is requests per second of the processor time of API and database together, since `pgbench`
has no process between the client and the database.

`BENCH_QUESTIONS` names those to be asked, all when left out. `BENCH_ROUNDS` (15) and `BENCH_SLICE`
(half a second, three times that for a slow question) make it longer; `BENCH_REQUESTS` (4,000; the
full run takes 100,000) is how many requests with 1,000 different documents the memory is read
after; 0 leaves that out.
"""

import asyncio
import os
import pickle
import statistics
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.benchmarks import memory, pgbench
from tests.benchmarks.dataset import Dataset, dataset
from tests.benchmarks.load import Line, Serving, free_port, rate, stopped_at_the_end
from tests.benchmarks.processor import database_process, tree_seconds
from tests.benchmarks.questions import Question, questions
from tests.benchmarks.recording import Recorder, Turn, recorder

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "15"))
SLICE = float(os.environ.get("BENCH_SLICE", "0.5"))
_ASKED = [one for one in os.environ.get("BENCH_QUESTIONS", "").split(",") if one]
LINES = 16
_PGBENCH_EVERY = 3
"""Rounds: it has to run longer each time, since to begin costs it much."""
_ALONE, _IN_A_ROW = 300, 20
"""A single client's requests. One after the other, as one client asks: taken singly in turns, each
would find the processor's caches full of another process."""
_ACCEPTED_SECONDS = 0.02
_MOST_A_SECOND = 1_500
"""Commands that one of the routes that repeat them might send; there are two of them."""
_GOAL_BARE, _GOAL_PGBENCH, _GOAL_NAIVE = 1.0, 0.8, 30.0
_GOAL_MS = 1.0

Once = Callable[[Line, int], Awaitable[None]]


@dataclass(slots=True)
class Tally:
    """What each round came to.

    Attributes:
        seconds: of the clock, all rounds together.
        requests: answered, all rounds together.
        own: requests per second of the process's own processor time, by round.
        whole: the same of process and database together.
        alone: seconds that a single client waited, each time.
    """

    seconds: float = 0
    requests: float = 0
    own: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)

    def add(self, requests: float, seconds: float, cpu: tuple[float, float]) -> None:
        """Add a round; processor time is the process's own, and the database's."""
        self.requests += requests
        self.seconds += seconds
        self.own.append(requests / max(cpu[0], 1e-9))
        self.whole.append(requests / max(sum(cpu), 1e-9))

    @property
    def a_cpu_second(self) -> float:
        """Return requests per second of the process's own processor time, as usual."""
        return statistics.median(self.own)

    @property
    def a_cpu_second_of_all(self) -> float:
        """Return requests per second of processor time of process and database, as usual."""
        return statistics.median(self.whole)

    @property
    def median_ms(self) -> float:
        """Return the usual time of an answer to a single client, in milliseconds."""
        return statistics.median(self.alone) * 1e3 if self.alone else 0.0


@dataclass(slots=True)
class Rival:
    """One of those that answer: its process, its connections, how it is asked."""

    server: Serving
    lines: list[Line]
    asked: dict[str, Once]
    tallies: dict[str, Tally] = field(default_factory=dict)

    async def fresh(self) -> None:
        """Connect anew: servers close connections that were idle for a few seconds.

        What that costs is not an answer's: in half a second there may be but two on each.
        """
        for line in self.lines:
            line.close()
        for line in self.lines:
            await line.open()
        await asyncio.sleep(_ACCEPTED_SECONDS)

    async def slice(self, question: Question, database: int) -> None:
        """Load it for a moment and write down what that cost."""
        assert self.server.process is not None
        pid = self.server.process.pid
        name, seconds = question.name, SLICE * question.slices
        tally = self.tallies.setdefault(name, Tally())
        await self.fresh()
        before = tree_seconds(pid), tree_seconds(database)
        started = perf_counter()
        each = await rate(self.lines, seconds, self.asked[name])
        requests = each * (perf_counter() - started)
        cpu = tree_seconds(pid) - before[0], tree_seconds(database) - before[1]
        tally.add(requests, perf_counter() - started, cpu)

    async def alone(self, name: str, which: int) -> None:
        """Ask once, with nobody else asking."""
        started = perf_counter()
        await self.asked[name](self.lines[0], which)
        self.tallies.setdefault(name, Tally()).alone.append(perf_counter() - started)


def through_api(question: Question) -> Once:
    """Return what asks the API a question."""

    async def once(line: Line, which: int) -> None:
        body, staff = question.request(which)
        status, answer = await line.post("/graphql", body, staff.token)
        if status != 200 or not question.answered(answer):
            raise RuntimeError(f"{question.name}: {status} {answer[:2000].decode()}")

    return once


def _through(path: str, body: bytes, token: str = "") -> Once:
    async def once(line: Line, _which: int) -> None:
        status, answer = await line.post(path, body, token)
        if status != 200 or b'"errors"' in answer[:400]:
            raise RuntimeError(f"{path}: {status} {answer[:2000].decode()}")

    return once


def _by_hand(question: Question) -> Once:
    body, staff = question.request(0)
    return _through(f"/by-hand{question.path}", body, staff.token)


def _deciding(question: Question, path: str) -> Once:
    async def once(line: Line, which: int) -> None:
        body, staff = question.request(which)
        status, answer = await line.post(f"{path}{question.path}", body, staff.token)
        if status != 200:
            raise RuntimeError(f"{path}{question.path}: {status} {answer[:2000].decode()}")

    return once


def _simply(question: Question) -> Once:
    body, staff = question.request(0)
    return _through("/graphql", body, f"{staff.tenant_id}/{staff.member_id}")


def _rival(server: Serving, asked: dict[str, Once]) -> Rival:
    return Rival(server, [Line("127.0.0.1", server.port) for _ in range(LINES)], asked)


async def _recorded(teller: Recorder, question: Question) -> list[Turn]:
    """Record a question's turns; a command's are multiplied with fresh keys."""
    turns = [await teller.ask(request) for request in question.to_record()]
    wanted = 2 * round(_MOST_A_SECOND * (ROUNDS * SLICE + 1)) // len(turns)
    copied = [question.copies(turn, wanted) for turn in turns]
    return [one for each in zip(*copied, strict=True) for one in each]


def _bare_server(data: Dataset, folder: str, plan: dict[str, list[Turn]]) -> Serving:
    file = Path(folder, "replay.pickle")
    plain = {
        path.strip("/"): [
            (turn.tenant_id, [(one.text, one.values) for one in turn.said]) for turn in turns
        ]
        for path, turns in plan.items()
    }
    file.write_bytes(pickle.dumps(plain))
    port = free_port()
    environment = {
        "REPLAY_PLAN": str(file),
        "REPLAY_HOST": data.location.host,
        "REPLAY_DATABASE": data.location.database,
        "REPLAY_PORT": str(port),
    }
    return Serving(["-m", "tests.benchmarks.replaying"], environment, port)


def _naive_server(data: Dataset) -> Serving:
    port = free_port()
    environment = {
        "NAIVE_HOST": data.location.host,
        "NAIVE_DATABASE": data.location.database,
        "NAIVE_PORT": str(port),
    }
    return Serving(["-m", "tests.benchmarks.naive"], environment, port)


async def _compare(
    data: Dataset, asked: Sequence[Question], plan: dict[str, list[Turn]]
) -> list[dict[str, Any]]:
    database = database_process()
    figures: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bailiwick-replay-") as folder:
        api, bare = data.server(), _bare_server(data, folder, plan)
        naive = _naive_server(data)
        with stopped_at_the_end(api, bare, naive):
            await asyncio.gather(api.start(), bare.start(), naive.start())
            ours = _rival(api, {one.name: through_api(one) for one in asked})
            theirs = _rival(bare, {one.name: _by_hand(one) for one in asked})
            least = _rival(
                bare, {one.name: _through(f"/nothing{one.path}", b"{}") for one in asked}
            )
            deciding = [
                _rival(bare, {one.name: _deciding(one, path) for one in asked if one.writes})
                for path in ("/deciding", "/lean")
            ]
            simple = _rival(
                naive,
                {one.name: _simply(one) for one in asked if one.naive},
            )
            # It takes a second of the processor's time for an answer, and has nobody's patience.
            simple.lines = simple.lines[:4]
            for question in asked:
                rivals = [ours, theirs, least]
                rivals += [simple] if question.naive else []
                rivals += deciding if question.writes else []
                try:
                    alone = await _pgbench(data, question, plan, database)
                    await _rounds(question, rivals, alone, database)
                except RuntimeError as error:
                    figures.append(_failed(question, error))
                    continue
                tallies = [rival.tallies[question.name] for rival in rivals]
                figures += _figures(question, tallies, alone)
    return figures


async def _rounds(
    question: Question, rivals: Sequence[Rival], alone: pgbench.Rounds | None, database: int
) -> None:
    """Let the rivals take turns, then those whose time counts answer a single client."""
    for rival in rivals:
        await rival.fresh()
        await rate(rival.lines[:4], 0.3, rival.asked[question.name])
    for number in range(ROUNDS):
        if question.between is not None:
            await question.between()
        for rival in rivals:
            await rival.slice(question, database)
        if alone is not None and number % _PGBENCH_EVERY == 0:
            await asyncio.to_thread(alone.round)
    await _alone(question, rivals)


async def _alone(question: Question, rivals: Sequence[Rival]) -> None:
    if question.between is not None:
        await question.between()
    # The bare route; of a command, the one that decides as well.
    compared = [*rivals[:2], *(rivals[3:4] if question.writes else [])]
    for rival in compared:
        await rival.fresh()
    for first in range(0, _ALONE, _IN_A_ROW):
        for rival in compared:
            for which in range(first, first + _IN_A_ROW):
                await rival.alone(question.name, which % LINES)


def _failed(question: Question, error: RuntimeError) -> dict[str, Any]:
    """Return the figure of a question that somebody did not answer: the others still count."""
    return {
        "name": f"api: {question.name}",
        "value": "not answered",
        "unit": "",
        "reference": str(error)[:200],
        "goal": "an answer",
        "ok": False,
    }


async def _pgbench(
    data: Dataset, question: Question, plan: dict[str, list[Turn]], database: int
) -> pgbench.Rounds | None:
    if not question.pgbench:
        return None
    seconds = max(round(4 * SLICE), 1)
    rounds = pgbench.Rounds(plan[question.path], data.location, seconds, database)
    await asyncio.to_thread(rounds.begin)
    return rounds


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the usual ratio of two that took turns: each round is compared within itself."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def _figures(
    question: Question, tallies: list[Tally], alone: pgbench.Rounds | None
) -> list[dict[str, Any]]:
    ours, theirs, least, *others = tallies
    name = f"api: {question.name}"
    shown = f"{ours.a_cpu_second:,.0f} a CPU-second, {ours.requests / ours.seconds:,.0f} a second"
    bare = f"{theirs.a_cpu_second:,.0f}"
    figures = [
        _figure(
            f"{name}, to a bare route",
            _ratio(ours.own, theirs.own),
            f"{shown}; bare {bare}; {_spread(ours.own, theirs.own)}",
            _GOAL_BARE if question.writes is None else None,
        ),
        _figure(
            f"{name}, to a route that checks nothing",
            _ratio(ours.own, least.own),
            f"{least.a_cpu_second:,.0f} a CPU-second",
            None,
        ),
    ]
    if alone is not None:
        together = ours.whole[::_PGBENCH_EVERY]
        figures.append(
            _figure(
                f"{name}, to pgbench",
                _ratio(together, alone.a_cpu_second),
                f"{ours.a_cpu_second_of_all:,.0f} a CPU-second with the database's; pgbench"
                f" {statistics.median(alone.a_cpu_second):,.0f};"
                f" {_spread(together, alone.a_cpu_second)}",
                _GOAL_PGBENCH,
            )
        )
    named = (
        [("naive resolvers", _GOAL_NAIVE)]
        if question.writes is None
        else [("a bare route that decides", _GOAL_BARE), ("one on the product's own pool", None)]
    )
    for other, (called, goal) in zip(others, named, strict=False):
        shown = f"{other.a_cpu_second:,.1f} a CPU-second; {_spread(ours.own, other.own)}"
        figures.append(_figure(f"{name}, to {called}", _ratio(ours.own, other.own), shown, goal))
    figures.append(_slower(f"{name}, one client's p50 beyond the bare route's", ours, theirs))
    if question.writes is not None:
        beyond = _slower(f"{name}, one client's p50 beyond the deciding route's", ours, others[0])
        figures.append({**beyond, "goal": "reported", "ok": True})
    return figures


def _slower(name: str, ours: Tally, theirs: Tally) -> dict[str, Any]:
    slower = ours.median_ms - theirs.median_ms
    return {
        "name": name,
        "value": slower,
        "unit": "ms",
        "reference": f"{ours.median_ms:.2f} ms, the other {theirs.median_ms:.2f} ms",
        "goal": f"<= {_GOAL_MS:g}",
        "ok": slower <= _GOAL_MS,
    }


def _spread(ours: Sequence[float], theirs: Sequence[float]) -> str:
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return f"rounds {min(ratios):.2f} to {max(ratios):.2f}"


def _figure(name: str, value: float, reference: str, goal: float | None) -> dict[str, Any]:
    return {
        "name": name,
        "value": value,
        "unit": "ratio",
        "reference": reference,
        "goal": "reported" if goal is None else f">= {goal:g}",
        "ok": goal is None or value >= goal,
    }


async def _run() -> list[dict[str, Any]]:
    async with dataset("trade") as data:
        asked = [one for one in await questions(data) if one.name in _ASKED or not _ASKED]
        async with recorder(data) as teller:
            plan = {question.path: await _recorded(teller, question) for question in asked}
        return await _compare(data, asked, plan) + await memory.measured(data, asked)


def measure() -> list[dict[str, Any]]:
    """Return the figures of one run."""
    return asyncio.run(_run())
