"""A simulation over a past period: started, told of, kept, called off, taken over."""

import asyncio
import signal
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from builders.rehearsals import a_chance, a_demo_loan
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.database.connections import Location, open_pool
from service.database.security import IDENTITY
from service.errors import Busy, Forbidden, InvalidInput, NotFound
from service.rulebooks.commands import CreateDraft, EditDraft, create_draft, edit_draft
from service.rulebooks.simulated import simulated as known_as_simulated
from service.simulation.demo.companies import HUATING
from service.simulation.demo.loading import load_demo
from service.simulation.errors import SimulationEndedAlready, SimulationsWaiting
from service.simulation.periods.commands import (
    CancelSimulation,
    StartSimulation,
    cancel_simulation,
    start_simulation,
)
from service.simulation.periods.running import SILENT, run_simulation
from service.simulation.periods.showing import findings
from service.work import Caller, Transactions, UnitOfWork, nothing_more

NOON = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)
FIRST, LAST = date(2026, 5, 21), date(2026, 6, 2)
LONG_AGO = date(2026, 2, 1)


class Past:
    """A demo company with three weeks behind it."""

    def __init__(self, transactions: Transactions, tenant_id: UUID, admin_id: UUID) -> None:
        self.transactions = transactions
        self.tenant_id = tenant_id
        self.caller = Caller(tenant_id, admin_id, "test")
        self._keys = 0

    async def do(self, command: Any, order: Any) -> Any:
        self._keys += 1
        key = f"simulation-test-{self._keys:04}"
        done = await self.transactions.carry_out(self.caller, key, order, command, nothing_more)
        return done.result

    async def rows(self, sql: str, *arguments: object) -> list[Any]:
        async with self.transactions.sight(self.caller) as sight:
            return list(await sight.fetch(sql, self.tenant_id, *arguments))

    async def draft(self, **parameters: Any) -> UUID:
        """Begin a draft of what is in force, with some parameters changed."""
        (row,) = await self.rows("SELECT id FROM app.rulebook_version WHERE tenant_id = $1")
        draft_id: UUID = await self.do(create_draft, CreateDraft("草稿", version_id=row["id"]))
        if parameters:
            changed = {name.replace("__", "."): value for name, value in parameters.items()}
            await self.do(edit_draft, EditDraft(draft_id, 1, parameters=changed))
        return draft_id


@pytest.fixture(scope="module")
async def past(pool, location):
    async with await open_pool(location, IDENTITY, 2) as identity_pool:
        loan = a_demo_loan(pool, identity_pool, ManualClock(NOON))
        lent = replace(loan, chance=lambda name: a_chance(name.rsplit(".", 1)[-1]))
        await load_demo(lent, companies=[replace(HUATING, code="simulated", days=13)])
        tenant_id = await identity_pool.fetchval(
            "SELECT tenant_id FROM app.global_tenant_directory WHERE code = $1", "simulated"
        )
    transactions = lent.loan.transactions(lent.clock)
    async with transactions.sight(Caller(tenant_id, None, "test")) as sight:
        admin_id = await sight.fetch_value(
            "SELECT id FROM app.member WHERE tenant_id = $1 ORDER BY created_at, id LIMIT 1",
            tenant_id,
        )
    return Past(transactions, tenant_id, admin_id)


async def simulated(past: Past, kind: str, **parameters: object) -> Any:
    draft_id = await past.draft(**parameters)
    order = StartSimulation(kind, FIRST, LAST, draft_id=draft_id)
    simulation_id = await past.do(start_simulation, order)
    told: list[tuple[int, int]] = []
    state = await run_simulation(
        past.transactions, past.tenant_id, simulation_id, lambda *one: told.append(one)
    )
    assert state == "DONE"
    assert told[-1][0] == told[-1][1] > 0
    (row,) = await past.rows(
        "SELECT * FROM app.rulebook_simulation WHERE tenant_id = $1 AND id = $2", simulation_id
    )
    return row


async def test_the_text_in_force_changes_nothing_and_another_shows_whom_it_would_have_hit(
    past: Past,
) -> None:
    same = await simulated(past, "STATEFUL")
    other = await simulated(past, "STATEFUL", rotation__order="FEWEST_NEW", tracking__days=1)

    assert same["summary"]["visits"] > 50
    assert same["summary"]["not_reproduced"] == 0
    assert same["summary"]["cases"] == 0
    assert same["summary"]["before"] == same["summary"]["after"]
    found = other["summary"]
    assert found["receiver_changed"] > 2
    (draft,) = await past.rows(
        "SELECT text_hash FROM app.rulebook_draft WHERE tenant_id = $1 AND id = $2",
        other["rulebook_draft_id"],
    )
    async with past.transactions.sight(past.caller) as sight:
        assert await known_as_simulated(sight, draft["text_hash"])
    cases = await past.rows(
        "SELECT * FROM app.simulation_case WHERE tenant_id = $1 AND rulebook_simulation_id = $2"
        " ORDER BY position",
        other["id"],
    )
    assert len(cases) == found["cases"]
    assert sum(case["receiver_changed"] for case in cases) == found["receiver_changed"]
    assert [case["happened_at"] for case in cases] == sorted(c["happened_at"] for c in cases)
    tallies = await past.rows(
        "SELECT tally_of, sum(visits_before) AS visits, sum(receiver_changed) AS changed,"
        " sum(turns_before) AS before, sum(turns_after) AS after,"
        " sum(credit_before) AS credit, sum(credit_changed) AS credited"
        " FROM app.simulation_tally WHERE tenant_id = $1 AND rulebook_simulation_id = $2"
        " GROUP BY tally_of",
        other["id"],
    )
    sums = {row["tally_of"]: row for row in tallies}
    assert sums["SITE"]["visits"] == sums["RULE"]["visits"] == found["visits"]
    assert sums["SITE"]["changed"] == found["receiver_changed"]
    assert sums["MEMBER"]["before"] == sums["SITE"]["before"] > 0
    assert sums["MEMBER"]["credit"] == sums["SITE"]["credit"] == sums["RULE"]["credit"] > 0
    assert sums["SITE"]["credited"] == sums["RULE"]["credited"] == found["credit_changed"] > 0
    assert sum(case["credit_changed"] for case in cases) == found["credit_changed"]


async def test_both_kinds_look_at_the_same_visits_and_at_each_deal_once(past: Past) -> None:
    slow, quick = [(await simulated(past, kind))["summary"] for kind in ("STATEFUL", "STATELESS")]
    (signed,) = await past.rows(
        "SELECT count(*) AS deals FROM app.deal WHERE tenant_id = $1"
        " AND (signed_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN $2 AND $3",
        FIRST,
        LAST,
    )
    (asked,) = await past.rows(
        "SELECT count(*) AS credits FROM app.decision WHERE tenant_id = $1 AND kind = 'CREDIT'"
    )

    assert quick["deals"] == slow["deals"] == signed["deals"]
    assert asked["credits"] > signed["deals"]
    assert quick["visits"] == slow["visits"]
    assert None not in {slow["not_reproduced"], *slow["before"].values(), *slow["after"].values()}
    assert quick["not_reproduced"] is None
    assert {*quick["before"].values(), *quick["after"].values()} == {None}
    assert quick["cases"] == slow["cases"] == 0


async def test_stored_facts_name_the_deal_and_whose_it_was_and_would_be(past: Past) -> None:
    quick = await simulated(past, "STATELESS", claim__split_owner=60, obligatory__credit_split=60)

    cases = await past.rows(
        "SELECT c.*, d.signed_at, d.closer_id FROM app.simulation_case c"
        " JOIN app.deal d ON d.tenant_id = $1 AND d.id = c.deal_id"
        " WHERE c.tenant_id = $1 AND c.rulebook_simulation_id = $2 AND c.credit_changed",
        quick["id"],
    )
    assert len(cases) == quick["summary"]["credit_changed"] > 0
    for case in cases:
        assert case["happened_at"] == case["signed_at"]
        assert case["receiver_before_id"] == case["closer_id"]
        for side in (case["credit_before"], case["credit_after"]):
            assert sum(share["basis_points"] for share in side) == 10_000
        assert case["credit_before"] != case["credit_after"]
    sums = await past.rows(
        "SELECT tally_of, sum(credit_before) AS before, sum(credit_after) AS after"
        " FROM app.simulation_tally WHERE tenant_id = $1 AND rulebook_simulation_id = $2"
        " GROUP BY tally_of",
        quick["id"],
    )
    assert len({(row["before"], row["after"]) for row in sums}) == 1
    assert sums[0]["before"] > 0
    await workbook_names_people_and_sites_and_tells_their_own_hours(past, quick["id"])


async def workbook_names_people_and_sites_and_tells_their_own_hours(
    past: Past, simulation_id: UUID
) -> None:
    async with past.transactions.sight(past.caller) as sight:
        found = await findings(sight, simulation_id, "zh-Hans")
    kept = await past.rows(
        "SELECT c.happened_at AT TIME ZONE s.time_zone AS local, s.names ->> 'zh-Hans' AS name,"
        " s.code,"
        " (SELECT array_agg(m.name) FROM app.member m WHERE m.tenant_id = $1) AS members"
        " FROM app.simulation_case c JOIN app.site s ON s.tenant_id = $1 AND s.id = c.site_id"
        " WHERE c.tenant_id = $1 AND c.rulebook_simulation_id = $2 ORDER BY c.position",
        simulation_id,
    )
    for told, case in zip(found.cases, kept, strict=True):
        assert told["site"] == case["name"] != case["code"]
        assert told["happened_at"] == f"{case['local']:%Y-%m-%d %H:%M}"
        for share in (*told["credit_before"], *told["credit_after"]):
            assert (share["name"] in case["members"]) == (share["holder"] == "MEMBER")


async def test_stored_facts_alone_understate_what_events_show(past: Past) -> None:
    quick = await simulated(past, "STATELESS", tracking__days=1)
    whole = await simulated(past, "STATEFUL", tracking__days=1)

    # The registrations were live when the facts were stored: no fact says how long ago.
    assert quick["summary"]["receiver_changed"] < whole["summary"]["receiver_changed"]
    assert quick["summary"]["visits"] == whole["summary"]["visits"]


async def test_one_runs_at_a_time_and_a_silent_one_is_taken_over(past: Past) -> None:
    draft_id = await past.draft(tracking__days=3)
    order = StartSimulation("STATEFUL", FIRST, FIRST, draft_id=draft_id)
    first, second = [await past.do(start_simulation, order) for _ in range(2)]
    clock = past.transactions.clock

    async def silent_since(work: UnitOfWork, ago: timedelta) -> None:
        work.write(
            "rulebook_simulation",
            "UPDATE app.rulebook_simulation SET state = 'RUNNING', attempts = 1,"
            " heartbeat_at = {}::timestamptz WHERE tenant_id = {}::uuid AND id = {}::uuid",
            clock.now() - ago,
            work.tenant_id,
            first,
            expected=1,
        )

    async def beat(ago: timedelta) -> None:
        await past.transactions.internally(
            past.tenant_id, "beat", lambda work: silent_since(work, ago)
        )

    await beat(timedelta(seconds=1))
    states = [
        await run_simulation(past.transactions, past.tenant_id, one) for one in (first, second)
    ]
    await beat(timedelta(minutes=2))
    taken_over = await run_simulation(past.transactions, past.tenant_id, first)
    then = await run_simulation(past.transactions, past.tenant_id, second)

    assert states == ["RUNNING", "QUEUED"]
    assert (taken_over, then) == ("DONE", "DONE")


async def test_one_whose_process_is_killed_half_way_ends_as_if_it_had_not_been(
    past: Past, location: Location
) -> None:
    order = StartSimulation("STATEFUL", FIRST, LAST, draft_id=await past.draft(tracking__days=1))
    killed, whole = [await past.do(start_simulation, order) for _ in range(2)]
    clock = past.transactions.clock
    where = (location.host, str(location.port), location.database)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.simulation.interrupted", *where),
        *(str(past.tenant_id), str(killed), clock.now().isoformat()),
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    try:
        assert await child.stdout.readline() == b"half\n"
    finally:
        child.kill()
    assert await child.wait() == -signal.SIGKILL
    shown_half_way = await shown(past, killed)

    too_early = await run_simulation(past.transactions, past.tenant_id, killed)
    clock.advance(SILENT + timedelta(seconds=1))
    states = [
        await run_simulation(past.transactions, past.tenant_id, one) for one in (killed, whole)
    ]

    assert shown_half_way == ([None], [], [])
    assert too_early == "RUNNING"
    assert states == ["DONE", "DONE"]
    (_,), cases, tallies = await shown(past, killed)
    assert cases
    assert tallies
    assert await shown(past, killed) == await shown(past, whole)


async def shown(past: Past, simulation_id: UUID) -> tuple[list[Any], list[Any], list[Any]]:
    """Return everything a simulation has to show: its totals, cases and sums."""
    totals = await past.rows(
        "SELECT summary FROM app.rulebook_simulation WHERE tenant_id = $1 AND id = $2",
        simulation_id,
    )
    found = [
        await past.rows(
            "SELECT to_jsonb(t) - 'id' - 'rulebook_simulation_id' AS row"
            f" FROM app.{table} t WHERE t.tenant_id = $1 AND t.rulebook_simulation_id = $2"
            " ORDER BY t.position",
            simulation_id,
        )
        for table in ("simulation_case", "simulation_tally")
    ]
    cases, tallies = ([row["row"] for row in rows] for rows in found)
    return [row["summary"] for row in totals], cases, tallies


async def test_one_that_is_called_off_keeps_nothing(past: Past) -> None:
    draft_id = await past.draft(tracking__days=4)
    order = StartSimulation("STATEFUL", FIRST, LAST, draft_id=draft_id)
    waiting, running = [await past.do(start_simulation, order) for _ in range(2)]
    await past.do(cancel_simulation, CancelSimulation(waiting))
    called = False

    def told(_done: int, _total: int) -> None:
        nonlocal called
        if not called:
            called = True
            tasks.append(
                asyncio.ensure_future(past.do(cancel_simulation, CancelSimulation(running)))
            )

    tasks: list[asyncio.Future[Any]] = []
    states = [
        await run_simulation(past.transactions, past.tenant_id, waiting),
        await run_simulation(past.transactions, past.tenant_id, running, told),
    ]
    await asyncio.gather(*tasks, return_exceptions=True)

    assert states[0] == "CANCELLED"
    assert states[1] in {"CANCELLED", "DONE"}
    with pytest.raises(SimulationEndedAlready):
        await past.do(cancel_simulation, CancelSimulation(waiting))


async def test_one_that_is_called_off_after_its_last_event_keeps_nothing_either(
    transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = await a_tenant(transactions)
    version_id = tenant.made.rulebook_version_id
    order = StartSimulation("STATEFUL", LONG_AGO, LONG_AGO, version_id=version_id)
    simulation_id = await tenant.do(start_simulation, order)
    internally = transactions.internally

    async def called_off_before_the_end(tenant_id: UUID, purpose: str, step: Any) -> Any:
        if purpose == "end_simulation":
            await tenant.do(cancel_simulation, CancelSimulation(simulation_id))
        return await internally(tenant_id, purpose, step)

    monkeypatch.setattr(transactions, "internally", called_off_before_the_end)
    state = await run_simulation(transactions, tenant.id, simulation_id)
    async with transactions.sight(tenant.caller()) as sight:
        summary = await sight.fetch_value(
            "SELECT summary FROM app.rulebook_simulation WHERE tenant_id = $1 AND id = $2",
            tenant.id,
            simulation_id,
        )

    assert (state, summary) == ("CANCELLED", None)


async def test_the_last_day_is_over_at_every_site_that_is_looked_at(
    transactions: Transactions, clock: ManualClock
) -> None:
    tenant = await a_tenant(transactions)
    version_id = tenant.made.rulebook_version_id
    asked = StartSimulation("STATELESS", LONG_AGO, date(2026, 3, 2), version_id=version_id)

    async def started_at(instant: datetime, order: StartSimulation) -> UUID:
        clock.set(instant)
        return await tenant.do(start_simulation, order)

    # Monday ends in Shanghai, eight hours before it does in Greenwich.
    midnight = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    for order in (asked, replace(asked, site_ids=(tenant.site_id,))):
        with pytest.raises(InvalidInput) as refused:
            await tenant.do(start_simulation, order)
        assert refused.value.field == ("input", "lastDay")
    with pytest.raises(InvalidInput):
        await started_at(midnight - timedelta(seconds=1), asked)
    assert await started_at(midnight, asked)


async def test_the_queue_is_bounded_and_nothing_of_others_is_simulated(
    transactions: Transactions,
) -> None:
    tenant = await a_tenant(transactions)
    other = await a_tenant(transactions)
    version_id = tenant.made.rulebook_version_id
    order = StartSimulation("STATELESS", LONG_AGO, LONG_AGO, version_id=version_id)
    rep = await tenant.member("安志远")

    with pytest.raises(Forbidden):
        await tenant.do(start_simulation, order, by=rep)
    with pytest.raises(NotFound):
        await other.do(start_simulation, order)
    with pytest.raises(NotFound):
        await tenant.do(start_simulation, replace(order, site_ids=(other.site_id,)))
    with pytest.raises(InvalidInput):
        await tenant.do(start_simulation, replace(order, last_day=LONG_AGO - timedelta(days=1)))
    at_once = (tenant.do(start_simulation, order) for _ in range(8))
    started = await asyncio.gather(*at_once, return_exceptions=True)
    ids = [one for one in started if isinstance(one, UUID)]
    refused = [one for one in started if isinstance(one, SimulationsWaiting)]
    assert (len(ids), len(refused)) == (5, 3)
    await _cancelled_by_a_stranger(other, ids[0])


async def test_who_counts_the_queue_is_waited_for(transactions: Transactions) -> None:
    tenant = await a_tenant(transactions)
    version_id = tenant.made.rulebook_version_id
    order = StartSimulation("STATELESS", LONG_AGO, LONG_AGO, version_id=version_id)

    async def impatient(work: UnitOfWork) -> None:
        await work.fetch("SELECT set_config('lock_timeout', '1ms', TRUE)")
        await start_simulation(work, order)

    async def counted(work: UnitOfWork) -> UUID:
        found = await start_simulation(work, order)
        with pytest.raises(Busy):
            await transactions.internally(tenant.id, "impatient", impatient)
        return found

    assert await transactions.internally(tenant.id, "counted", counted)


async def _cancelled_by_a_stranger(other: TenantHandle, simulation_id: UUID) -> None:
    with pytest.raises(NotFound):
        await other.do(cancel_simulation, CancelSimulation(simulation_id))
