"""Fifty desks at one door: every visitor decided once, in one order, and no fault of the server."""

import pytest

from tests.benchmarks.house import house
from tests.crash.desk import Desk, nothing_lost_nothing_doubled

ARRIVALS = 1000
CLIENTS = 50


@pytest.mark.long
async def test_a_thousand_arrivals_from_fifty_clients_use_a_thousand_turns() -> None:
    async with house(showrooms=1) as built:
        server = built.server()
        await server.start()
        desk = Desk(built.showrooms[0], server, ARRIVALS, CLIENTS)
        try:
            await desk.all_served()
        finally:
            server.kill()
        await nothing_lost_nothing_doubled(built, desk, ARRIVALS)
        tenant = built.showrooms[0].tenant
        loads = await tenant.rows(
            "SELECT count(*) AS n FROM app.visit WHERE tenant_id = $1 GROUP BY receiver_id"
        )

    counts = [row["n"] for row in loads]
    assert len(counts) == len(built.showrooms[0].reps)
    assert max(counts) - min(counts) <= 1
