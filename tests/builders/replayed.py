"""What a replay of a tenant's whole past decides otherwise than the commands did."""

from typing import Any
from uuid import UUID

from service.simulation.periods.fidelity import as_it_was, differences, past
from service.work import Caller, Transactions


async def differs(transactions: Transactions, tenant_id: UUID) -> list[Any]:
    """Return the differences of everything up to the clock's instant; none where all is well."""
    async with transactions.sight(Caller(tenant_id, None, "replay")) as sight:
        known, then = await past(sight, transactions.clock.now())
    replay = as_it_was(known, then)
    replay.run()
    return list(differences(known, replay))
