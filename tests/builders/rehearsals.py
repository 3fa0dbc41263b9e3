"""What the composition root lends to simulations, put together for tests."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from service.clock import Clock, new_id
from service.organisation.actors import Callers
from service.provisioning.copying import Founding, Provisioned, provision
from service.provisioning.templates import load_template
from service.simulation.lending import FoundTenant, Loan, Reactions, WantedTenant
from service.work import Transactions, UnitOfWork
from service.worker.registry import EVENTS, TIMERS
from service.worker.restoring import restored


async def _make_tenant(transactions: Transactions, wanted: WantedTenant) -> FoundTenant:
    founding = Founding(wanted.code, wanted.name, wanted.admin_name, beginning=wanted.beginning)

    async def step(work: UnitOfWork) -> Provisioned:
        return provision(work, load_template(wanted.industry), founding)

    made = await transactions.internally(new_id(), "make_tenant", step)
    return FoundTenant(
        tenant_id=made.tenant_id,
        admin_id=made.admin_id,
        beginning=wanted.beginning,
        units=made.units,
        territories=made.territories,
        sites=made.sites,
        roles=made.roles,
    )


async def hear(work: UnitOfWork, kind: str, body: Mapping[str, Any]) -> None:
    """Let everybody react who hears an event."""
    hearing = EVENTS[kind]
    event = restored(hearing.event, body)
    for react in hearing.reactions:
        await react(work, event)


REACTIONS = Reactions(TIMERS, EVENTS.keys(), hear)


def a_loan(pool: "asyncpg.Pool[Any]") -> Loan:
    """Lend everything a rehearsal needs, on a database of the tests'."""
    callers = Callers()

    def transactions(clock: Clock) -> Transactions:
        return Transactions(pool, clock, callers)

    return Loan(transactions, _make_tenant, REACTIONS)
