"""`python -m tests.benchmarks.soak 720 [on|off]`: a server among accidents, counted afterwards.

Clients record arrivals and calls, each with its key until it is acknowledged, and read; some hang
up at any moment and come again. Meanwhile connections of the server to its database are ended and
statements called off, at random, and tables are held so that statements run out of their time.
Afterwards the database is counted: each key carried out once, nothing lost, doubled or with another
tenant, no connection left in a transaction. The second word is `BAILIWICK_PIPELINING`.
"""

import asyncio
import contextlib
import json
import random
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

import asyncpg

from service.database.connections import connected
from tests.benchmarks.arrival import ARRIVE
from tests.benchmarks.house import House, Showroom, house
from tests.benchmarks.load import Line, Serving, operation

SHOWROOMS: Final = 6
_CONNECTIONS: Final = 5
_READ_SECONDS: Final = 1
_WRITERS, _READERS, _LEAVERS = 8, 8, 6
# Each asks about so often: the machine is not what is tried, but every moment of a statement.
_THINKING_SECONDS: Final = 0.05
_ACCIDENT_SECONDS: Final = 0.3
_HELD_SECONDS: Final = 2.5
_FIELDS: Final = {"arrival": "recordArrival", "call": "recordCall"}
_ROWS: Final = {"arrival": "visit", "call": "callRecord"}
_TABLES: Final = {"arrival": "visit", "call": "call_record"}
_TRANSIENT: Final = {"BUSY", "UNAVAILABLE", "TIMED_OUT", "OVERLOADED", "IDEMPOTENCY_IN_PROGRESS"}
_CALL: Final = """
mutation Call($input: RecordCallInput!) {
  recordCall(input: $input) { callRecord { id } replayed errors { code message } }
}
"""
_READ: Final = """
{ viewer { member { id } } visits(first: 5) { nodes { id number } }
  callRecords(first: 5) { nodes { id } } }
"""
_OURS: Final = "usename = 'bailiwick_app' AND application_name = 'bailiwick'"


@dataclass(slots=True)
class Command:
    """One command with its key, as whoever sends it knows it.

    Attributes:
        row: the id it was acknowledged with, first.
    """

    kind: str
    number: int
    room: Showroom
    row: str | None = None

    @property
    def key(self) -> str:
        """Return its idempotency key."""
        return f"soak-{self.kind}-{self.number:09}"

    def body(self) -> bytes:
        """Return the request."""
        phone = f"+86138{self.number:08}"
        given: dict[str, Any] = {"idempotencyKey": self.key, "siteId": self.room.site}
        if self.kind == "call":
            return operation(_CALL, {"input": given | {"phone": phone, "need": self.key}})
        return operation(
            ARRIVE, {"input": given | {"customer": {"phone": phone}, "saidBefore": False}}
        )


@dataclass(slots=True)
class Soak:
    """What was done, and what came of it."""

    rooms: list[Showroom]
    port: int
    chance: random.Random
    ends: float
    commands: list[Command] = field(default_factory=list)
    read: dict[str, set[str]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    number: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing new is begun any more."""
        return perf_counter() > self.ends

    def command(self) -> Command:
        """Return the next command, of any kind for any tenant."""
        self.number += 1
        kind = "call" if self.chance.random() < 0.3 else "arrival"
        one = Command(kind, self.number, self.chance.choice(self.rooms))
        self.commands.append(one)
        return one

    async def think(self) -> None:
        """Wait as somebody at a desk would, if he were quick."""
        await asyncio.sleep(self.chance.uniform(0, 2 * _THINKING_SECONDS))

    async def asked(self, line: Line, room: Showroom, body: bytes) -> dict[str, Any] | None:
        """Return an answer's data; None where it has to be asked again."""
        try:
            status, answer = await line.post("/graphql", body, room.token)
        except OSError:
            self.seen["lines lost"] += 1
            return None
        told = json.loads(answer)
        codes = {error["extensions"]["code"] for error in told.get("errors", ())}
        self.seen.update(f"answered {code}" for code in codes)
        if codes - _TRANSIENT:
            self.faults.append(f"{status} {answer[:300]!r}")
        data = told.get("data")
        return data if isinstance(data, dict) and not codes else None

    async def tell(self, line: Line, command: Command) -> None:
        """Send a command until it is acknowledged; each acknowledgement has to be the same."""
        while True:
            data = await self.asked(line, command.room, command.body())
            payload = None if data is None else data[_FIELDS[command.kind]]
            codes = {error["code"] for error in (payload or {}).get("errors", ())}
            if payload is not None and not codes:
                break
            self.seen.update(f"refused {code}" for code in codes)
            if codes - _TRANSIENT:
                self.faults.append(f"{command.key}: {codes}")
                return
            await asyncio.sleep(0.05)
        row = payload[_ROWS[command.kind]]["id"]
        self.seen["replayed" if payload["replayed"] else f"{command.kind}s"] += 1
        if command.row not in {None, row}:
            self.faults.append(f"{command.key} was answered with two rows")
        command.row = row


async def _writes(soak: Soak) -> None:
    """Record, and one time in ten twice at once, over two lines."""
    lines = Line("127.0.0.1", soak.port), Line("127.0.0.1", soak.port)
    while not soak.over:
        command = soak.command()
        twice = soak.chance.random() < 0.1
        await asyncio.gather(*(soak.tell(line, command) for line in lines[: 1 + twice]))
        await soak.think()


async def _reads(soak: Soak) -> None:
    """Read, each time for another tenant, and note whose rows those should be."""
    line = Line("127.0.0.1", soak.port)
    while not soak.over:
        room = soak.chance.choice(soak.rooms)
        data = await soak.asked(line, room, operation(_READ, {}))
        if data is not None:
            soak.seen["reads"] += 1
            for rows in (data["visits"]["nodes"], data["callRecords"]["nodes"]):
                soak.read.setdefault(str(room.tenant.id), set()).update(row["id"] for row in rows)
        await soak.think()


async def _leaves(soak: Soak) -> None:
    """Hang up at any moment of a read or of a command, and come again for the command."""
    while not soak.over:
        command = soak.command() if soak.chance.random() < 0.5 else None
        room = soak.chance.choice(soak.rooms) if command is None else command.room
        body = operation(_READ, {}) if command is None else command.body()
        line = Line("127.0.0.1", soak.port)
        asking = asyncio.ensure_future(line.post("/graphql", body, room.token))
        await asyncio.wait([asking], timeout=soak.chance.expovariate(1 / 0.008))
        soak.seen["hung up"] += not asking.done()
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await asking
        line.close()
        if command is not None:
            await soak.tell(line, command)
            line.close()
        await soak.think()


async def _accidents(soak: Soak, admin: "asyncpg.Connection[Any]") -> None:
    """End connections, and call statements off, mostly where one runs."""
    while not soak.over:
        await asyncio.sleep(soak.chance.expovariate(1 / _ACCIDENT_SECONDS))
        what = soak.chance.choice(["pg_terminate_backend", *["pg_cancel_backend"] * 4])
        order = "state = 'active' DESC, random()" if soak.chance.random() < 0.7 else "random()"
        done = await admin.fetchval(
            f"SELECT {what}(pid) FROM pg_stat_activity WHERE {_OURS} ORDER BY {order} LIMIT 1"
        )
        soak.seen[what] += bool(done)


async def _holding(soak: Soak, admin: "asyncpg.Connection[Any]") -> None:
    """Hold a table so long that whoever wants it runs out of his time."""
    while not soak.over:
        await asyncio.sleep(soak.chance.uniform(4, 10))
        table = soak.chance.choice(["visit", "call_record", "command", "rotation_queue"])
        with contextlib.suppress(asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError):
            async with admin.transaction():
                await admin.execute("SET LOCAL lock_timeout = '1s'")
                await admin.execute(f"LOCK TABLE app.{table} IN ACCESS EXCLUSIVE MODE")
                await asyncio.sleep(_HELD_SECONDS)
            soak.seen["tables held"] += 1


async def _weighs(soak: Soak, server: Serving, weights: list[float]) -> None:
    while not soak.over:
        weights.append(server.memory_mb())
        await asyncio.sleep(max(1.0, min(30.0, (soak.ends - perf_counter()) / 3)))


async def _counted(soak: Soak, admin: "asyncpg.Connection[Any]") -> None:
    """Hold what was acknowledged against the rows."""
    tenants = [room.tenant.id for room in soak.rooms]
    for kind, table in _TABLES.items():
        sent = {one.key: one for one in soak.commands if one.kind == kind}
        found = await admin.fetch(
            "SELECT tenant_id, idempotency_key AS key FROM app.command"
            " WHERE idempotency_key LIKE $1",
            f"soak-{kind}-%",
        )
        rows = await admin.fetch(
            f"SELECT tenant_id, id FROM app.{table} WHERE tenant_id = ANY($1)", tenants
        )
        theirs = {str(row["id"]): row["tenant_id"] for row in rows}
        told = {(one.row or "").rpartition("_")[2]: one.room.tenant.id for one in sent.values()}
        soak.seen[f"rows of {table}"] = len(rows)
        if sorted(row["key"] for row in found) != sorted(sent):
            soak.faults.append(f"keys of {kind}: {len(sent)} sent, {len(found)} carried out")
        if any(sent[row["key"]].room.tenant.id != row["tenant_id"] for row in found):
            soak.faults.append(f"a key of {kind} stands with another tenant")
        if told != theirs or len(rows) != len(sent):
            soak.faults.append(
                f"{table}: {len(sent)} acknowledged, {len(rows)} there,"
                f" {len(told.items() ^ theirs.items())} differ"
            )
        for tenant, ids in soak.read.items():
            mine = {row for row in ids if row.rpartition("_")[2] in theirs}
            if any(str(theirs[row.rpartition("_")[2]]) != tenant for row in mine):
                soak.faults.append(f"rows of {table} were read by another tenant")
            soak.seen[f"rows of {table} read"] += len(mine)
    numbers = await admin.fetch(
        "SELECT tenant_id, count(*) AS n, count(DISTINCT number) AS d, max(number) AS most"
        " FROM app.visit WHERE tenant_id = ANY($1) GROUP BY 1",
        tenants,
    )
    if any(not row["n"] == row["d"] == row["most"] for row in numbers):
        soak.faults.append("visits are numbered with a gap or twice")
    turns = await admin.fetch(
        "SELECT visit_id FROM app.queue_event WHERE tenant_id = ANY($1) AND change = 'CONSUME'"
        " GROUP BY visit_id HAVING count(*) > 1",
        tenants,
    )
    soak.faults += [f"visit {row['visit_id']} used two turns" for row in turns]


async def _at_rest(soak: Soak, admin: "asyncpg.Connection[Any]") -> None:
    """Look at the connections once nobody asks any more."""
    await asyncio.sleep(1)
    states = await admin.fetch(
        f"SELECT state, count(*) AS n FROM pg_stat_activity WHERE {_OURS} GROUP BY 1"
    )
    for row in states:
        soak.seen[f"connections {row['state']}"] = row["n"]
        if row["state"] != "idle":
            soak.faults.append(f"{row['n']} connections are {row['state']}")
    if sum(row["n"] for row in states) > _CONNECTIONS:
        soak.faults.append("more connections than the pool has")


async def _again(soak: Soak) -> None:
    """Send a thousand of the keys once more: the same row, and nothing new."""
    line = Line("127.0.0.1", soak.port)
    before = soak.seen["arrivals"], soak.seen["calls"]
    for command in soak.chance.sample(soak.commands, min(1000, len(soak.commands))):
        await soak.tell(line, command)
    if (soak.seen["arrivals"], soak.seen["calls"]) != before:
        soak.faults.append("a key that had been acknowledged was carried out anew")


async def soaked(built: House, seconds: float, pipelining: str = "on") -> tuple[Soak, list[float]]:
    """Run the server among accidents for so long and count; return what was seen and its memory."""
    server = built.server()
    server.environment |= {
        "BAILIWICK_PIPELINING": pipelining,
        "BAILIWICK_POOL_SIZE": str(_CONNECTIONS),
        "BAILIWICK_READ_SECONDS": str(_READ_SECONDS),
    }
    await server.start(seconds=300)
    weights: list[float] = []
    location = built.base.location
    soak = Soak(built.showrooms, server.port, random.Random(7), perf_counter() + seconds)  # noqa: S311 - no secret
    clients: list[Callable[[Soak], Awaitable[None]]] = [
        *[_writes] * _WRITERS,
        *[_reads] * _READERS,
        *[_leaves] * _LEAVERS,
    ]
    try:
        async with connected(location, "postgres") as one, connected(location, "postgres") as two:
            await asyncio.gather(
                *(client(soak) for client in clients),
                _accidents(soak, one),
                _holding(soak, two),
                _weighs(soak, server, weights),
            )
            await _again(soak)
            await _at_rest(soak, one)
            await _counted(soak, one)
            weights.append(server.memory_mb())
        if "not pipelined" in server.log():
            soak.faults.append("the server went the other way")
    finally:
        server.kill(signal.SIGTERM)
    return soak, weights


async def _run(seconds: float, pipelining: str) -> int:
    async with house(SHOWROOMS) as built:
        soak, weights = await soaked(built, seconds, pipelining)
    verdict = soak.faults or ["nothing lost, nothing doubled, nothing with another tenant"]
    lines = [
        f"{seconds:.0f} s, pipelining {pipelining}, {len(soak.commands)} keys",
        *(f"  {what}: {count}" for what, count in sorted(soak.seen.items())),
        f"  memory, MB: {' '.join(f'{weight:.0f}' for weight in weights)}",
        *verdict,
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(soak.faults))


if __name__ == "__main__":
    _given = dict(enumerate(sys.argv))
    sys.exit(asyncio.run(_run(float(_given.get(1, "720")), _given.get(2, "on"))))
