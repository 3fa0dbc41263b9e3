"""What a replay of a tenant's whole past decides otherwise than the commands did."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from service.simulation.periods.fidelity import as_it_was, differences, past
from service.work import Caller, Transactions


async def differs(
    transactions: Transactions, tenant_id: UUID, *, may_be_empty: bool = False
) -> list[Any]:
    """Return the differences of everything there is by the clock; none where all is well.

    Args:
        transactions: the database, and the clock.
        tenant_id: whose past.
        may_be_empty: perhaps nothing has happened; nothing could differ then.

    Raises:
        AssertionError: nothing has happened.
    """
    # What happens in a test is often of one instant, which is no past yet.
    until = transactions.clock.now() + timedelta(seconds=1)
    async with transactions.sight(Caller(tenant_id, None, "replay")) as sight:
        known, then = await past(sight, until)
    assert may_be_empty or len(known.history)
    replay = as_it_was(known, then)
    replay.run()
    return list(differences(known, replay))
