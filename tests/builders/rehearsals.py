"""What the composition root lends to simulations, put together for tests."""

import random
from collections.abc import Mapping
from typing import Any

import asyncpg

from service.clock import Clock
from service.organisation.actors import Callers
from service.policies.access import operator
from service.provisioning.commands import CreateTenant, create_tenant
from service.provisioning.copying import Founding
from service.simulation.demo.loading import DemoLoan
from service.simulation.founding import look_up_tenant
from service.simulation.lending import FoundTenant, Loan, Reactions, WantedTenant
from service.work import NOBODY, Transactions, UnitOfWork
from service.worker.registry import EVENTS, TIMERS
from service.worker.restoring import restored
from tests.builders.originals import provisioned


async def _make_tenant(transactions: Transactions, wanted: WantedTenant) -> FoundTenant:
    founding = Founding(wanted.code, wanted.name, wanted.admin_name, beginning=wanted.beginning)
    made = await provisioned(transactions, wanted.industry, founding)
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


def a_chance(seed: object) -> random.Random:
    """Return a chance that is the same for the same seed."""
    return random.Random(str(seed))  # noqa: S311 - it tells stories, it keeps no secret


def a_demo_loan(
    pool: "asyncpg.Pool[Any]", identity_pool: "asyncpg.Pool[Any]", clock: Clock
) -> DemoLoan:
    """Lend everything the demo needs; tenants are made as an operator makes them."""
    loan = a_loan(pool)

    async def make_tenant(transactions: Transactions, wanted: WantedTenant) -> FoundTenant:
        order = CreateTenant(
            code=wanted.code,
            name=wanted.name,
            industry=wanted.industry,
            admin_name=wanted.admin_name,
            admin_login=wanted.admin_login or wanted.code,
            admin_password_hash=wanted.admin_password_hash,
            beginning=wanted.beginning,
        )
        made = await create_tenant(transactions, identity_pool, order, operator(NOBODY))
        return await look_up_tenant(transactions, made.tenant_id, made.admin_member_id)

    return DemoLoan(
        Loan(loan.transactions, make_tenant, loan.reactions), identity_pool, clock, a_chance
    )
