"""Simulations in a process of their own: an API that shares a process with the worker stays quick.

The worker's timer only starts that process; what the process does stands in `service.simulation`.
A tenant has one of them for his whole queue. Run as `python -m service.app.simulating TENANT_ID`.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from service.app.base import Base, opened
from service.clock import new_id
from service.settings import Settings
from service.simulation.periods.commands import SIMULATION_DUE
from service.simulation.periods.running import SILENT, Told, run_simulation
from service.telemetry import configure_logging
from service.work import Caller, Transactions, UnitOfWork
from service.worker.registry import OnDue

# How soon a simulation is looked at again: whoever ran it may have been killed.
_AGAIN: Final = SILENT + timedelta(seconds=5)
_ENDED: Final = frozenset({"DONE", "CANCELLED", "FAILED"})
# What has gone silent goes before what waits, for nothing else begins as long as it is running.
_NEXT: Final = """
SELECT q.id FROM app.rulebook_simulation q
WHERE q.tenant_id = $1 AND (
    (q.state = 'RUNNING' AND q.heartbeat_at < $2)
    OR (q.state = 'QUEUED' AND NOT EXISTS (SELECT FROM app.rulebook_simulation r
        WHERE r.tenant_id = $1 AND r.state = 'RUNNING')))
ORDER BY q.created_at, q.id LIMIT 1
"""

Emptied = Callable[[UUID], Awaitable[int]]
"""Runs a process that empties a tenant's queue, and returns the code it ended with."""

_log = structlog.get_logger(__name__)


async def _in_a_process(tenant_id: UUID) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.app.simulating", str(tenant_id)
    )
    try:
        return await process.wait()
    except asyncio.CancelledError:
        # The worker stops: the simulation is taken up again by the next one.
        process.terminate()
        await process.wait()
        raise


class Simulator:
    """Starts the processes of one worker: for each tenant one at a time."""

    def __init__(self, transactions: Transactions, emptied: Emptied = _in_a_process) -> None:
        self._transactions = transactions
        self._emptied = emptied
        self._asked: set[UUID] = set()
        self._running: dict[UUID, asyncio.Task[None]] = {}

    @property
    def timers(self) -> dict[str, OnDue]:
        """The timer that starts simulations, and looks after them until they have ended."""
        return {SIMULATION_DUE: self._on_simulation_due}

    async def _on_simulation_due(self, work: UnitOfWork, simulation_id: UUID) -> None:
        state = await work.fetch_value(
            "SELECT state FROM app.rulebook_simulation WHERE tenant_id = $1 AND id = $2",
            work.tenant_id,
            simulation_id,
        )
        if state is None or state in _ENDED:
            return
        work.schedule(SIMULATION_DUE, simulation_id, work.now + _AGAIN)
        self._asked.add(work.tenant_id)
        if work.tenant_id not in self._running:
            # Outside this transaction: should it be undone, there is nothing to be found.
            task = asyncio.ensure_future(self._look_after(work.tenant_id))
            self._running[work.tenant_id] = task

    async def _look_after(self, tenant_id: UUID) -> None:
        """Start a process as long as something came up that the last one may not have seen."""
        try:
            while tenant_id in self._asked:
                self._asked.discard(tenant_id)
                if await _next(self._transactions, tenant_id) is None:
                    continue
                code = await self._emptied(tenant_id)
                if code:
                    # Whatever ails it may ail the next: the timers look again, not at once.
                    _log.error("simulation.process_ended", code=code, tenant=str(tenant_id))
                    return
        except Exception:  # noqa: BLE001 - whatever it was, the timers look again
            _log.exception("simulation.not_started", tenant=str(tenant_id))
        finally:
            del self._running[tenant_id]


async def _next(transactions: Transactions, tenant_id: UUID) -> UUID | None:
    """Return the simulation of a tenant that is to be run now; None where none is."""
    async with transactions.sight(Caller(tenant_id, None, f"simulation-{new_id()}")) as sight:
        found: UUID | None = await sight.fetch_value(_NEXT, tenant_id, sight.now - SILENT)
    return found


async def run_queue(transactions: Transactions, tenant_id: UUID) -> None:
    """Run whichever simulation of a tenant is to be run, until there is none."""
    tried: set[UUID] = set()
    while True:
        found = await _next(transactions, tenant_id)
        if found is None or found in tried:
            return
        tried.add(found)
        await run_simulation(transactions, tenant_id, found)


async def run_first(base: Base, tenant_id: UUID, simulation_id: UUID, told: Told | None) -> str:
    """Run a simulation, and then whichever of the tenant waits; return the first one's state."""
    state = await run_simulation(base.transactions, tenant_id, simulation_id, told)
    await run_queue(base.transactions, tenant_id)
    return state


async def _main(tenant_id: UUID) -> None:
    settings = Settings.from_environment()
    configure_logging(settings.log_level)
    async with opened(settings) as base:
        await run_queue(base.transactions, tenant_id)


if __name__ == "__main__":
    asyncio.run(_main(UUID(sys.argv[1])))
