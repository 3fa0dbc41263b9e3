"""A tenant's queue of simulations: one process empties it, whatever became of the one before."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from builders.tenants import TenantHandle, a_tenant

from service.app.simulating import Simulator, run_queue
from service.clock import ManualClock
from service.simulation.periods.commands import (
    SIMULATION_DUE,
    StartSimulation,
    start_simulation,
)
from service.simulation.periods.running import SILENT
from service.work import Transactions, UnitOfWork

LONG_AGO = date(2026, 2, 1)
KILLED = -9


class Queue:
    """A tenant's queue, a worker that looks after it, and what stands for its processes."""

    def __init__(self, tenant: TenantHandle) -> None:
        self.tenant = tenant
        self.begun = 0
        self.ended: asyncio.Queue[int] = asyncio.Queue()
        self.process: Callable[[], Awaitable[int]] = self.emptied
        self._timers = Simulator(tenant.transactions, self._in_a_process).timers

    async def _in_a_process(self, _tenant_id: UUID) -> int:
        self.begun += 1
        code = await self.process()
        self.ended.put_nowait(code)
        return code

    async def next_end(self) -> int:
        """Wait for the next process that ends; for ever is told too."""
        async with asyncio.timeout(60):
            return await self.ended.get()

    async def emptied(self) -> int:
        """Do what a process does that nothing happens to."""
        await run_queue(self.tenant.transactions, self.tenant.id)
        return 0

    async def waiting(self, count: int) -> list[UUID]:
        """Put simulations in the queue; return the first of it first."""
        version_id = self.tenant.made.rulebook_version_id
        order = StartSimulation("STATELESS", LONG_AGO, LONG_AGO, version_id=version_id)
        return sorted([await self.tenant.do(start_simulation, order) for _ in range(count)])

    async def due(self, *simulation_ids: UUID) -> None:
        """Fire their timers."""

        async def step(work: UnitOfWork) -> None:
            for one in simulation_ids:
                await self._timers[SIMULATION_DUE](work, one)

        await self.tenant.transactions.internally(self.tenant.id, "fire_timers", step)

    async def states(self) -> list[str]:
        """Return where they are, the first of the queue first."""
        async with self.tenant.transactions.sight(self.tenant.caller()) as sight:
            rows = await sight.fetch(
                "SELECT state FROM app.rulebook_simulation WHERE tenant_id = $1"
                " ORDER BY created_at, id",
                self.tenant.id,
            )
        return [row["state"] for row in rows]


@pytest.fixture
async def queue(transactions: Transactions) -> Queue:
    return Queue(await a_tenant(transactions))


async def test_one_process_empties_the_queue_and_another_has_what_came_as_it_ended(
    queue: Queue,
) -> None:
    async def emptied_before_another_comes() -> int:
        await queue.emptied()
        queue.process = queue.emptied
        await queue.due(*await queue.waiting(1))
        return 0

    queue.process = emptied_before_another_comes
    await queue.due(*await queue.waiting(3))
    first, second = await queue.next_end(), await queue.next_end()

    assert (first, second, queue.begun) == (0, 0, 2)
    assert await queue.states() == ["DONE"] * 4


async def test_what_a_process_left_half_done_is_taken_up_by_whichever_timer_comes_next(
    queue: Queue, clock: ManualClock
) -> None:
    async def killed_half_way() -> int:
        queue.process = queue.emptied
        await queue.tenant.transactions.internally(queue.tenant.id, "claim", begun_on_the_first)
        return KILLED

    async def begun_on_the_first(work: UnitOfWork) -> None:
        work.write(
            "rulebook_simulation",
            "UPDATE app.rulebook_simulation SET state = 'RUNNING', attempts = 1,"
            " heartbeat_at = {}::timestamptz WHERE tenant_id = {}::uuid AND id = {}::uuid",
            work.now,
            work.tenant_id,
            ids[0],
            expected=1,
        )

    queue.process = killed_half_way
    ids = await queue.waiting(3)
    await queue.due(*ids)
    killed = await queue.next_end()
    await queue.due(ids[1])
    left = await queue.states()
    clock.advance(SILENT + timedelta(hours=1))
    await queue.due(ids[2])
    then = await queue.next_end()

    assert (killed, left) == (KILLED, ["RUNNING", "QUEUED", "QUEUED"])
    assert (then, queue.begun) == (0, 2)
    assert await queue.states() == ["DONE"] * 3
