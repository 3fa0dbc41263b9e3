"""Simulations in a process of their own: an API that shares a process with the worker stays quick.

The worker's timer only starts that process; what the process does stands in `service.simulation`.
Run as `python -m service.app.simulating TENANT_ID SIMULATION_ID`.
"""

import asyncio
import sys
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from service.app.base import Base, opened
from service.clock import new_id
from service.rulebooks.tables import SimulationState
from service.settings import Settings
from service.simulation.periods.commands import SIMULATION_DUE
from service.simulation.periods.running import SILENT, Told, run_simulation
from service.telemetry import configure_logging
from service.work import Caller, UnitOfWork
from service.worker.registry import OnDue

# How soon a simulation is looked at again: whoever ran it may have been killed.
_AGAIN: Final = SILENT + timedelta(seconds=5)
_ENDED: Final = frozenset({"DONE", "CANCELLED", "FAILED"})

_log = structlog.get_logger(__name__)


def simulator() -> dict[str, OnDue]:
    """Return the timer that starts simulations, and looks after them until they have ended."""
    running: set[asyncio.Task[None]] = set()

    async def on_simulation_due(work: UnitOfWork, simulation_id: UUID) -> None:
        row = await work.fetch_one(
            "SELECT state, heartbeat_at FROM app.rulebook_simulation"
            " WHERE tenant_id = $1 AND id = $2",
            work.tenant_id,
            simulation_id,
        )
        if row is None or row["state"] in _ENDED:
            return
        work.schedule(SIMULATION_DUE, simulation_id, work.now + _AGAIN)
        beating = row["heartbeat_at"] is not None and row["heartbeat_at"] > work.now - SILENT
        if row["state"] == SimulationState.QUEUED or not beating:
            # Outside this transaction: should it be undone, the process finds what it may do.
            task = asyncio.ensure_future(_in_a_process(work.tenant_id, simulation_id))
            running.add(task)
            task.add_done_callback(running.discard)

    return {SIMULATION_DUE: on_simulation_due}


async def _in_a_process(tenant_id: UUID, simulation_id: UUID) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.app.simulating", str(tenant_id), str(simulation_id)
    )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        # The worker stops: the simulation is taken up again by the next one.
        process.terminate()
        await process.wait()
        raise
    if code:
        _log.error("simulation.process_ended", code=code, simulation=str(simulation_id))


async def run_queue(base: Base, tenant_id: UUID, simulation_id: UUID, told: Told | None) -> str:
    """Run a simulation, and then whichever of the tenant waits; return the first one's state."""
    state = await run_simulation(base.transactions, tenant_id, simulation_id, told)
    while True:
        async with base.transactions.sight(
            Caller(tenant_id, None, f"simulation-{new_id()}")
        ) as sight:
            waiting: UUID | None = await sight.fetch_value(
                "SELECT q.id FROM app.rulebook_simulation q"
                " WHERE q.tenant_id = $1 AND q.state = 'QUEUED'"
                " AND NOT EXISTS (SELECT FROM app.rulebook_simulation r"
                "   WHERE r.tenant_id = $1 AND r.state = 'RUNNING')"
                " ORDER BY q.created_at, q.id LIMIT 1",
                tenant_id,
            )
        if waiting is None or waiting == simulation_id:
            return state
        await run_simulation(base.transactions, tenant_id, waiting)


async def _main(tenant_id: UUID, simulation_id: UUID) -> None:
    settings = Settings.from_environment()
    configure_logging(settings.log_level)
    async with opened(settings) as base:
        await run_queue(base, tenant_id, simulation_id, None)


if __name__ == "__main__":
    asyncio.run(_main(UUID(sys.argv[1]), UUID(sys.argv[2])))
