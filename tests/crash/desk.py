"""A desk that does not give up, and the count that must come out right in the end."""

import asyncio
import json
from uuid import UUID

from tests.benchmarks.arrival import arrival
from tests.benchmarks.house import Showroom
from tests.benchmarks.load import Line, Serving

PATIENCE_SECONDS = 90.0


class Desk:
    """Clients that send each arrival with its key until it is acknowledged."""

    def __init__(self, room: Showroom, server: Serving, arrivals: int, clients: int) -> None:
        self._room = room
        self.server = server
        self._clients = clients
        self._left = iter(range(1, arrivals + 1))
        self.acknowledged: dict[int, str] = {}
        self.faults: list[str] = []
        self.replayed = 0

    async def _client(self) -> None:
        line = Line("127.0.0.1", self.server.port)
        for number in self._left:
            body = arrival(self._room.site, number)
            while number not in self.acknowledged:
                await self._try(line, number, body)
        line.close()

    async def _try(self, line: Line, number: int, body: bytes) -> None:
        try:
            status, answer = await line.post("/graphql", body, self._room.token)
        except OSError:
            await asyncio.sleep(0.05)
            return
        if status == 503:
            await asyncio.sleep(0.1)
            return
        payload = (json.loads(answer).get("data") or {}).get("recordArrival")
        if status != 200 or payload is None or not payload["visit"]:
            codes = {error["code"] for error in (payload or {}).get("errors", [])}
            if codes <= {"BUSY", "UNAVAILABLE", "IDEMPOTENCY_IN_PROGRESS"} and codes:
                await asyncio.sleep(0.05)
                return
            self.faults.append(f"{status} {answer.decode()[:300]}")
        else:
            self.replayed += payload["replayed"]
        self.acknowledged[number] = (payload or {}).get("visit", {}).get("id", "")

    async def until(self, count: int) -> None:
        """Wait until so many are acknowledged."""
        while len(self.acknowledged) < count:
            await asyncio.sleep(0.005)

    async def all_served(self) -> None:
        """Send everything."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(self._client() for _ in range(self._clients)))


async def nothing_lost_nothing_doubled(room: Showroom, desk: Desk, arrivals: int) -> None:
    """Hold every acknowledged arrival against the rows: each there once, each turn used once."""
    tenant = room.tenant
    visits = await tenant.rows("SELECT id, number FROM app.visit WHERE tenant_id = $1")
    commands = await tenant.rows(
        "SELECT count(*) AS n FROM app.command WHERE tenant_id = $1 AND name = 'record_arrival'"
    )
    turns = await tenant.rows(
        "SELECT visit_id, count(*) AS n FROM app.queue_event"
        " WHERE tenant_id = $1 AND change = 'CONSUME' GROUP BY visit_id"
    )
    assert not desk.faults, (desk.faults, desk.server.log())
    assert {UUID(text.removeprefix("visit_")) for text in desk.acknowledged.values()} == {
        row["id"] for row in visits
    }
    assert sorted(row["number"] for row in visits) == list(range(1, arrivals + 1))
    assert commands[0]["n"] == arrivals
    assert {row["n"] for row in turns} == {1}
    assert len(turns) == arrivals
