"""Fifty desks at one door: every visitor decided once, in one order, and no fault of the server."""

import pytest

from tests.benchmarks.house import Showroom
from tests.benchmarks.load import Serving
from tests.crash.desk import Desk, nothing_lost_nothing_doubled

ARRIVALS = 1000
CLIENTS = 50


@pytest.mark.long
async def test_a_thousand_arrivals_from_fifty_clients_use_a_thousand_turns(
    room: Showroom, serving: Serving
) -> None:
    desk = Desk(room, serving, ARRIVALS, CLIENTS)
    await desk.all_served()
    await nothing_lost_nothing_doubled(room, desk, ARRIVALS)
    loads = await room.tenant.rows(
        "SELECT count(*) AS n FROM app.visit WHERE tenant_id = $1 GROUP BY receiver_id"
    )

    counts = [row["n"] for row in loads]
    assert len(counts) == len(room.reps)
    assert max(counts) - min(counts) <= 1
