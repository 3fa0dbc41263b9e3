"""How far behind the product is, as operators read it."""

from datetime import timedelta
from typing import Any

import asyncpg
from builders.api import a_key
from builders.tenants import a_tenant

from service.clock import ManualClock
from service.work import Transactions, UnitOfWork
from service.worker import backlog
from service.worker.backlog import Backlog


def figures() -> tuple[float, float]:
    return backlog.TIMERS.values[()], backlog.TIMERS_SECONDS.values[()]


async def test_a_timer_that_nobody_fired_is_overdue_for_as_long_as_it_is_due(
    transactions: Transactions, relay: "asyncpg.Pool[Any]", clock: ManualClock
) -> None:
    tenant = await a_tenant(transactions)
    # Before anything that another test may have left due.
    due = clock.now() - timedelta(days=9000)

    async def schedule(work: UnitOfWork) -> None:
        work.schedule("nobody_hears_of_it", tenant.id, due)

    await Backlog(relay, clock).look()
    before = figures()[0]
    await transactions.internally(tenant.id, a_key(), schedule)
    await Backlog(relay, clock).look()

    assert figures() == (before + 1, timedelta(days=9000).total_seconds())


async def test_events_and_the_horizon_are_told(
    relay: "asyncpg.Pool[Any]", clock: ManualClock
) -> None:
    await Backlog(relay, clock).look()

    assert backlog.READ.values[()] == 1
    for gauge in (backlog.EVENTS, backlog.EVENTS_SECONDS, backlog.HORIZON):
        assert gauge.values[()] >= 0


async def test_without_a_database_the_figures_say_that_they_are_old(
    relay: "asyncpg.Pool[Any]", clock: ManualClock
) -> None:
    class Away:
        async def fetchrow(self, *_: object, **__: object) -> None:
            raise ConnectionRefusedError

    await Backlog(relay, clock).look()
    kept = figures()
    await Backlog(Away(), clock).look()

    assert backlog.READ.values[()] == 0
    assert figures() == kept
