"""The boards of targets: with the ledger's length, and beside their own statement.

`python -m tests.benchmarks boards`; the first run makes the data set `ledger`. The board of a
region is read in a tenant of five million entries and in one of 50,000, in turn, by the very
statements the API says; the API answers the board of 61 territories beside `pgbench`, which runs
what the API said. A preview of a draft of territories reads the ledger's sums too, and so does what
a director is told of his targets: that is read on the ledger's last day.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from tests.benchmarks.api import ROUNDS, SLICE, Rival, through_api
from tests.benchmarks.dataset import ENDED, Dataset, Staff, dataset
from tests.benchmarks.lists import connection_of, time_in_turn
from tests.benchmarks.load import Line, operation, stopped_at_the_end
from tests.benchmarks.pgbench import Rounds
from tests.benchmarks.processor import database_process
from tests.benchmarks.questions import Question
from tests.benchmarks.recording import Recorder, Said, recorder
from tests.benchmarks.redrawing import previews

BOARD: Final = """
query Board($id: ID!, $metric: ID!, $period: PeriodInput!) {
  territoryBoard(territoryId: $id, metricId: $metric, period: $period, depth: 9,
                 asOfDay: "2026-01-31") {
    territory { id code name } depth target credited creditedOnDay attainmentBasisPoints
    paceBasisPoints colour gap requiredPerDay projection unassigned
  }
}
"""
ALERTS: Final = """
{ targetAlerts { kind target { id } member { id } paceBasisPoints wanted found } }
"""
YEAR: Final = {"year": 2026}
TWELVE_MONTHS: Final = {"range": {"from": "2025-02-01", "until": "2026-02-01"}}
MONTH: Final = {"month": {"year": 2026, "month": 1}}
_GOAL_RATIO, _GOAL_PGBENCH = 1.5, 0.8
_TRIES: Final = 3


async def _variables(data: Dataset, staff: Staff, period: Any) -> dict[str, Any]:
    """Return what is asked for: a metric with targets, where the member answers for it."""
    row = await data.row(
        "SELECT (SELECT n.metric_id FROM app.target_node n WHERE n.tenant_id = $1"
        " ORDER BY n.metric_id LIMIT 1) AS metric,"
        " coalesce((SELECT a.territory_id FROM app.assignment a WHERE a.tenant_id = $1"
        " AND a.member_id = $2 AND a.territory_id IS NOT NULL LIMIT 1),"
        " (SELECT y.id FROM app.territory y WHERE y.tenant_id = $1 AND y.parent_id IS NULL))"
        " AS territory",
        staff.tenant_id,
        staff.member_id,
    )
    place, metric = f"territory_{row['territory']}", f"metric_{row['metric']}"
    return {"id": place, "metric": metric, "period": period}


async def _length(data: Dataset, teller: Recorder) -> list[dict[str, Any]]:
    figures = []
    pair = await _pair(data, "G2")
    for name, period in (("a month", MONTH), ("twelve months", TWELVE_MONTHS)):
        bodies = [operation(BOARD, await _variables(data, staff, period)) for staff in pair]
        said = [await _said(teller, *one) for one in zip(bodies, pair, strict=True)]
        figures.append(await _in_turn(data, f"a region, {name}", pair, said))
    return figures


async def _alerts(data: Dataset, teller: Recorder) -> dict[str, Any]:
    pair = await _pair(data, "C1")
    said = [await _said(teller, operation(ALERTS, {}), staff) for staff in pair]
    return await _in_turn(data, "alerts", pair, [[_then(one) for one in half] for half in said])


def _then(said: Said) -> Said:
    """Return a statement as it would have been said while the ledger was written."""
    at = ENDED - timedelta(hours=12)
    return replace(said, values=tuple(at if isinstance(v, datetime) else v for v in said.values))


async def _pair(data: Dataset, code: str) -> list[Staff]:
    return [await data.staff(tenant, code) for tenant in ("ledger-small", "ledger-large")]


async def _said(teller: Recorder, body: bytes, staff: Staff) -> list[Said]:
    turn = await teller.ask(partial(tuple[bytes, Staff], (body, staff)))
    return turn.reading


async def _in_turn(
    data: Dataset, name: str, pair: list[Staff], said: list[list[Said]]
) -> dict[str, Any]:
    connections = [await connection_of(data, staff) for staff in pair]
    tries = [
        await time_in_turn((connections[0], connections[1]), (said[0], said[1]))
        for _ in range(_TRIES)
    ]
    for one in connections:
        await one.close()
    best = min(tries, key=lambda one: one.ratio)
    return {
        "name": f"boards: {name}, of 5,000,000 entries to one of 50,000",
        "value": best.ratio,
        "unit": "ratio",
        "reference": f"{best.large_ms:.2f} ms to {best.small_ms:.2f} ms",
        "goal": f"<= {_GOAL_RATIO:g}",
        "ok": best.ratio <= _GOAL_RATIO,
    }


async def _beside_its_statement(data: Dataset, teller: Recorder) -> dict[str, Any]:
    director = await data.staff("ledger-large", "C1")
    asked = (director, await _variables(data, director, MONTH))
    question = Question("61 targets", BOARD, [asked], pgbench=True)
    turn = await teller.ask(lambda: (operation(BOARD, dict(asked[1])), director))
    api, database = data.server(), database_process()
    rounds = Rounds([turn], data.location, max(round(4 * SLICE), 1), database)
    with stopped_at_the_end(api):
        await api.start()
        lines = [Line("127.0.0.1", api.port) for _ in range(2)]
        ours = Rival(api, lines, {question.name: through_api(question)})
        await asyncio.to_thread(rounds.begin)
        await ours.slice(question, database)
        ours.tallies.clear()
        for _ in range(ROUNDS):
            await ours.slice(question, database)
            await asyncio.to_thread(rounds.round)
    together = ours.tallies[question.name].whole
    pairs = zip(together, rounds.a_cpu_second, strict=True)
    ratios = sorted(one / other for one, other in pairs)
    value = ratios[len(ratios) // 2]
    return {
        "name": "boards: 61 territories, to pgbench",
        "value": value,
        "unit": "ratio",
        "reference": f"{max(together):,.0f} a CPU-second with the database's; rounds"
        f" {ratios[0]:.2f} to {ratios[-1]:.2f}",
        "goal": f">= {_GOAL_PGBENCH:g}",
        "ok": value >= _GOAL_PGBENCH,
    }


async def _run() -> list[dict[str, Any]]:
    async with dataset("ledger") as data, recorder(data) as teller:
        boards = [*await _length(data, teller), await _alerts(data, teller)]
        boards.append(await _beside_its_statement(data, teller))
        return [*boards, *await previews(data)]


def measure() -> list[dict[str, Any]]:
    """Return the figures of one run."""
    return asyncio.run(_run())
