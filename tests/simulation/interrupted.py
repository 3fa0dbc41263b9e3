"""Runs a simulation in a process of its own and stands still in the middle, to be killed there.

Started as `python -m tests.simulation.interrupted` with host, port, database, tenant, simulation
and instant; says `half` once half of the events are through.
"""

import asyncio
import sys
import threading
from datetime import datetime
from uuid import UUID

from service.clock import ManualClock
from service.database.connections import Location, open_tenant_pool
from service.database.security import APPLICATION
from service.organisation.actors import Callers
from service.simulation.periods.running import run_simulation
from service.work import Transactions


def stand_still_at_half(done: int, total: int) -> None:
    """Let the first half pass, and then nothing more."""
    if 2 * done > total:
        sys.stdout.write("half\n")
        sys.stdout.flush()
        threading.Event().wait()


async def run(where: Location, tenant_id: UUID, simulation_id: UUID, at: datetime) -> None:
    """Run the simulation as a worker would."""
    async with await open_tenant_pool(where, APPLICATION, 2) as pool:
        transactions = Transactions(pool, ManualClock(at), Callers())
        await run_simulation(transactions, tenant_id, simulation_id, stand_still_at_half)


if __name__ == "__main__":
    host, port, database, tenant, simulation, instant = sys.argv[1:]
    where = Location(host, database, int(port))
    asyncio.run(run(where, UUID(tenant), UUID(simulation), datetime.fromisoformat(instant)))
