"""What the worker makes visible: once, late or by two at once."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.database.connections import Location, open_pool, open_tenant_pool
from service.database.security import APPLICATION
from service.organisation.actors import Callers
from service.ownership.commands import (
    FileClaim,
    RecordFollowUp,
    VoidRegister,
    file_claim,
    record_follow_up,
    void_register,
)
from service.work import Transactions, UnitOfWork
from service.worker.loop import Worker
from service.worker.registry import EVENTS, TIMERS, Hearing


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


pytestmark = pytest.mark.usefixtures("_nothing_left_over")


@dataclass
class Day:
    """A showroom with its clock and worker."""

    house: Showroom
    clock: ManualClock
    worker: Worker

    async def until(self, text: str) -> int:
        self.clock.set(shanghai(text))
        return await self.worker.run_due(self.clock.now())

    async def told(self, name: str) -> list[str]:
        rows = await self.house.rows(
            "SELECT kind FROM app.notification WHERE tenant_id = $1 AND member_id = $2"
            " ORDER BY at, kind",
            self.house.members[name],
        )
        return [row["kind"] for row in rows]

    async def tasks(self) -> list[tuple[str, str]]:
        rows = await self.house.rows("SELECT kind, state FROM app.task WHERE tenant_id = $1")
        return [(row["kind"], row["state"]) for row in rows]

    async def follow_up(self, entry_id: UUID) -> None:
        order = RecordFollowUp(entry_id, "PHONE", "Called")
        await self.house.by("An", record_follow_up, order)


@pytest.fixture
async def day(transactions: Transactions, clock: ManualClock, worker: Worker) -> Day:
    return Day(await a_showroom(transactions), clock, worker)


async def test_a_registration_owes_the_rep_a_first_follow_up_by_his_duty(day: Day) -> None:
    entry_id = await day.house.a_registration("An", await day.house.a_party())

    await day.until("03-02 10:01")

    (task,) = await day.house.rows("SELECT * FROM app.task WHERE tenant_id = $1")
    assert (task["kind"], task["state"], task["subject_id"]) == (
        "first_follow_up",
        "OPEN",
        entry_id,
    )
    assert (task["member_id"], task["due_at"]) == (day.house.members["An"], shanghai("03-06 00:00"))
    assert (await day.house.row("duty", task["duty_id"]))["code"] == "rep-duty"


async def test_the_first_follow_up_closes_its_task_and_nobody_is_late(day: Day) -> None:
    entry_id = await day.house.a_registration("An", await day.house.a_party())
    await day.until("03-05 20:00")

    await day.follow_up(entry_id)
    await day.until("03-07 00:00")

    assert await day.tasks() == [("first_follow_up", "DONE")]
    assert await day.told("An") == []


async def test_a_follow_up_heard_before_its_registration_leaves_nothing_owed(
    day: Day, relay: "asyncpg.Pool[Any]"
) -> None:
    entry_id = await day.house.a_registration("An", await day.house.a_party())
    await day.follow_up(entry_id)
    late = (
        "UPDATE app.outbox SET published_at = $2"
        " WHERE tenant_id = $1 AND kind = 'CustomerRegistered'"
    )
    await relay.execute(late, day.house.tenant_id, day.clock.now())
    await day.until("03-02 10:01")

    await relay.execute(late, day.house.tenant_id, None)
    await day.until("03-02 10:02")

    assert await day.tasks() == [("first_follow_up", "DONE")]


async def test_the_rep_is_told_of_the_overdue_follow_up_the_last_day_and_the_lapse(
    day: Day,
) -> None:
    await day.house.a_registration("An", await day.house.a_party())

    await day.until("03-05 23:59:59")
    assert await day.told("An") == []
    await day.until("03-06 00:00")
    assert await day.told("An") == ["first_follow_up_overdue"]
    await day.until("03-09 00:00")
    assert await day.told("An") == ["first_follow_up_overdue", "tracking_ending"]
    await day.until("03-10 00:00")

    told = ["first_follow_up_overdue", "tracking_ending", "tracking_lapsed"]
    assert await day.told("An") == told
    assert await day.until("03-20 00:00") == 0


async def test_a_worker_that_was_off_for_weeks_tells_what_is_still_true(day: Day) -> None:
    await day.house.a_registration("An", await day.house.a_party())

    await day.until("03-30 09:00")

    # The last day has long passed: it is no news any more.
    assert sorted(await day.told("An")) == ["first_follow_up_overdue", "tracking_lapsed"]


async def test_a_renewed_window_lapses_at_its_new_end_alone(day: Day) -> None:
    entry_id = await day.house.a_registration("An", await day.house.a_party())
    day.clock.set(shanghai("03-05 10:00"))
    await day.follow_up(entry_id)

    await day.until("03-12 23:59:59")
    assert await day.told("An") == ["tracking_ending"]
    await day.until("03-13 00:00")

    assert await day.told("An") == ["tracking_ending", "tracking_lapsed"]


async def test_nothing_is_owed_for_a_register_found_false(day: Day) -> None:
    await day.house.a_registration("An", await day.house.a_party())
    await day.until("03-02 11:00")
    order = VoidRegister(day.house.members["An"], day.house.site_id, "Copied")
    await day.house.by("Mei", void_register, order)

    await day.until("03-20 00:00")

    assert await day.tasks() == [("first_follow_up", "CANCELLED")]
    assert await day.told("An") == ["register_voided"]


async def test_who_has_bought_is_not_owed_a_first_follow_up(day: Day) -> None:
    visit = await day.house.a_visit("An", await day.house.a_party())
    await day.house.enter(visit)
    await day.house.a_deal(visit)

    await day.until("03-05 00:00")

    assert await day.tasks() == [("first_follow_up", "CANCELLED")]


async def test_the_closing_owner_is_told_of_a_claim_and_the_holder_of_the_final_credit(
    day: Day,
) -> None:
    wang = await day.house.a_party()
    await day.house.a_registration("An", wang)
    day.clock.set(shanghai("03-05 11:00"))
    deal_id = await day.house.a_deal(await day.house.a_visit("Bo", wang))
    await day.house.by("An", file_claim, FileClaim(deal_id))

    await day.until("03-05 12:00")
    assert await day.told("Bo") == ["claim_filed"]
    await day.until("03-09 00:00")

    assert await day.told("Bo") == ["claim_filed"]
    assert "credit_final" in await day.told("An")


async def test_two_workers_at_once_finalise_a_credit_exactly_once(
    day: Day, relay: "asyncpg.Pool[Any]", location: Location
) -> None:
    for name in ("An", "Bo", "Chu"):
        await day.house.a_deal(await day.house.a_visit(name, await day.house.a_party(name)))
    day.clock.set(shanghai("03-20 09:00"))
    async with await open_tenant_pool(location, APPLICATION, 4) as second_pool:
        second = Transactions(second_pool, day.clock, Callers())
        other = Worker(relay, lambda _tenant_id: second, day.clock)

        done = await asyncio.gather(
            *(w.run_due(day.clock.now()) for w in (day.worker, other, day.worker, other))
        )
        assert await other.run_due(day.clock.now()) == 0

    entries = await day.house.rows(
        "SELECT deal_id FROM app.credit_entry WHERE tenant_id = $1 AND metric = 'DEALS'"
    )
    assert len({row["deal_id"] for row in entries}) == len(entries) == 3
    told = await day.house.rows("SELECT 1 FROM app.notification WHERE tenant_id = $1")
    assert len(told) == 3
    timers = await day.house.rows("SELECT fired_at FROM app.timer WHERE tenant_id = $1")
    assert all(timer["fired_at"] == day.clock.now() for timer in timers)
    # Three deals recorded, three timers, three credits final, and six decisions told of: each was
    # done by one of the two, once.
    assert sum(done) == 15


async def test_a_timer_fired_again_by_hand_changes_nothing(
    day: Day, relay: "asyncpg.Pool[Any]"
) -> None:
    await day.house.a_registration("An", await day.house.a_party())
    await day.house.a_deal(await day.house.a_visit("Bo", await day.house.a_party()))
    await day.until("03-20 09:00")
    before = await everything(day.house)

    for table, column in (("timer", "fired_at"), ("outbox", "published_at")):
        again = f"UPDATE app.{table} SET {column} = NULL WHERE tenant_id = $1"
        await relay.execute(again, day.house.tenant_id)
    await day.until("03-21 09:00")

    assert await everything(day.house) == before


async def everything(house: Showroom) -> dict[str, int]:
    tables = ("task", "notification", "credit_entry", "credit_share", "outbox", "decision")
    return {
        table: (await house.rows(f"SELECT count(*) FROM app.{table} WHERE tenant_id = $1"))[0][0]
        for table in tables
    }


async def test_tenants_are_served_each_in_its_own_transaction(
    day: Day, transactions: Transactions
) -> None:
    other = await a_showroom(transactions)
    for house in (day.house, other):
        await house.a_registration("An", await house.a_party())

    await day.until("03-10 00:00")

    for house in (day.house, other):
        rows = await house.rows("SELECT 1 FROM app.notification WHERE tenant_id = $1")
        assert len(rows) == 2


async def test_a_broken_reaction_is_reported_and_stops_no_other(
    day: Day, relay: "asyncpg.Pool[Any]", transactions: Transactions
) -> None:
    broken = await a_showroom(transactions)

    async def breaks(work: UnitOfWork, event: Any) -> None:
        if work.tenant_id == broken.tenant_id:
            raise RuntimeError("broken")
        for react in EVENTS["CustomerRegistered"].reactions:
            await react(work, event)

    hearing = Hearing(EVENTS["CustomerRegistered"].event, (breaks,))
    events = {**EVENTS, "CustomerRegistered": hearing}
    worker = Worker(relay, lambda _tenant_id: transactions, day.clock, events=events)
    for house in (broken, day.house):
        await house.a_registration("An", await house.a_party())

    with pytest.raises(ExceptionGroup) as failed:
        await worker.run_due(day.clock.now())

    assert [str(error) for error in failed.value.exceptions] == ["broken"]
    assert await day.tasks() == [("first_follow_up", "OPEN")]
    unpublished = "SELECT 1 FROM app.outbox WHERE tenant_id = $1 AND published_at IS NULL"
    assert len(await broken.rows(unpublished)) == 1


async def test_a_suspended_tenants_deadlines_wait(day: Day, location: Location) -> None:
    await day.house.a_registration("An", await day.house.a_party())
    async with await open_pool(location, "bailiwick_identity", 1) as directory:
        await directory.execute(
            "INSERT INTO app.global_tenant_directory"
            " (tenant_id, code, name, industry, cluster, state, tenant_state, generation,"
            " created_at) SELECT $1, $2, 'N', 'x', c.code, 'ACTIVE', 'SUSPENDED', 1, $3"
            " FROM app.global_cluster c LIMIT 1",
            day.house.tenant_id,
            f"t-{day.house.tenant_id.hex[:8]}",
            day.clock.now(),
        )
        suspended = await directory.fetchval(
            "SELECT count(*) FROM app.global_tenant_directory WHERE tenant_id = $1",
            day.house.tenant_id,
        )

    await day.until("03-20 00:00")

    assert suspended == 1
    assert await day.told("An") == []


async def test_it_runs_by_itself_and_survives_a_lost_connection(
    day: Day, location: Location
) -> None:
    await day.house.a_registration("An", await day.house.a_party())
    day.clock.set(shanghai("03-06 00:00"))
    running = asyncio.create_task(day.worker.run_forever())
    try:
        await until_true(day, ["first_follow_up_overdue"])
        async with await open_pool(location, "postgres", 1) as superuser:
            await superuser.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'bailiwick_relay' AND datname = current_database()"
            )
        day.clock.advance(timedelta(days=4))
        await until_true(day, ["first_follow_up_overdue", "tracking_lapsed"])
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def until_true(day: Day, told: list[str]) -> None:
    for _ in range(100):
        if await day.told("An") == told:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(await day.told("An"))


def test_every_reaction_has_the_name_of_what_it_hears() -> None:
    for kind, react in TIMERS.items():
        assert react.__name__.removeprefix("on_").removesuffix("_due") == kind.removesuffix("_due")
    for kind, hearing in EVENTS.items():
        assert hearing.event.__name__ == kind
        assert hearing.reactions
