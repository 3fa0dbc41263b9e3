"""What works in the background, which no process that only answers requests loads."""

from functools import partial

from service.app.base import Base
from service.app.observing import tracer_of
from service.app.simulating import Simulator
from service.app.watching import metrics_served
from service.delivery.purging import purge as purge_outbox
from service.identity.accounts import Accounts
from service.identity.purging import purge
from service.settings import Settings
from service.worker.chores import Chore
from service.worker.ledgers import ledger_parts
from service.worker.loop import Worker
from service.worker.recurring import recurring_obligations, watched_targets
from service.worker.registry import TIMERS, heard_with
from service.worker.sealing import journal_seals


def worker(base: Base, settings: Settings | None = None) -> Worker:
    """Build the loop that fires timers and hands events to reactions."""
    accounts = Accounts(base.identity_pool, base.clock)
    return Worker(
        base.relay_pool,
        lambda _tenant: base.transactions,
        base.clock,
        timers={**TIMERS, **Simulator(base.transactions).timers},
        events=heard_with(accounts),
        chores=[
            Chore("identity.purge", partial(purge, base.identity_pool)),
            Chore("outbox.purge", partial(purge_outbox, base.relay_pool)),
            recurring_obligations(base.relay_pool, lambda _tenant: base.transactions),
            watched_targets(base.relay_pool, lambda _tenant: base.transactions),
            ledger_parts(base.relay_pool, base.location),
            journal_seals(base.relay_pool, lambda _tenant: base.transactions),
        ],
        tracer=tracer_of(settings, "worker") if settings else None,
    )


async def work_forever(settings: Settings, base: Base) -> None:
    """Do what is due, until cancelled; beside it the worker's own metrics are served."""
    async with metrics_served(settings, base, "worker"):
        await worker(base, settings).run_forever()
