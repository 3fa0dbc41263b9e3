"""What the demo and rehearsals borrow from the features they may not import."""

import asyncio
import random  # noqa: TID251 - seeded in `chance_of`, and handed in from here
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from service.app.base import OPERATOR, Base, opened
from service.clock import Clock, new_id
from service.database.partitions import keep_parts
from service.organisation.actors import Callers
from service.provisioning.commands import CreateTenant, create_tenant
from service.provisioning.copying import Founding, Provisioned, provision
from service.provisioning.templates import Template, load_template
from service.settings import Settings
from service.simulation.demo.bar import Bar
from service.simulation.demo.founding import Login
from service.simulation.demo.loading import DemoLoan, load_demo
from service.simulation.founding import look_up_tenant
from service.simulation.lending import FoundTenant, Loan, MakeTenant, Reactions, WantedTenant
from service.work import Transactions, UnitOfWork
from service.worker.registry import EVENTS, TIMERS
from service.worker.restoring import restored

# No demo company has lived longer.
_DEMO_PAST = timedelta(days=120)


def simulations_loan(base: Base, make_tenant: MakeTenant) -> Loan:
    """Return what a simulation borrows from the features it may not import."""
    callers = Callers()

    def transactions(clock: Clock) -> Transactions:
        return Transactions(base.application_pool, clock, callers)

    return Loan(transactions, make_tenant, Reactions(TIMERS, EVENTS.keys(), _hear))


def demo_loan(base: Base) -> DemoLoan:
    """Return what loading the demo borrows; its tenants are made as an operator makes them."""

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
        made = await create_tenant(transactions, base.identity_pool, order, OPERATOR)
        return await look_up_tenant(transactions, made.tenant_id, made.admin_member_id)

    loan = simulations_loan(base, make_tenant)
    return DemoLoan(loan, base.identity_pool, base.clock, chance_of)


@asynccontextmanager
async def rehearsal_loan(settings: Settings) -> AsyncIterator[Loan]:
    """Lend a rehearsal a database that is thrown away afterwards."""
    folder = Path(tempfile.gettempdir()) / f"bailiwick-rehearsal-{new_id()}"
    try:
        apart = settings.model_copy(update={"home": folder, "database_url": None})
        async with opened(apart, throw_away=True) as base:
            yield simulations_loan(base, _make_for_rehearsal)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _make_for_rehearsal(transactions: Transactions, wanted: WantedTenant) -> FoundTenant:
    founding = Founding(wanted.code, wanted.name, wanted.admin_name, beginning=wanted.beginning)
    tenant_id = new_id()
    made = await transactions.internally(
        tenant_id,
        "make_tenant",
        lambda work: _provisioned(work, load_template(wanted.industry), founding),
    )
    return await look_up_tenant(transactions, tenant_id, made.admin_id)


async def _provisioned(work: UnitOfWork, template: Template, founding: Founding) -> Provisioned:
    return provision(work, template, founding)


async def _hear(work: UnitOfWork, kind: str, body: Mapping[str, Any]) -> None:
    hearing = EVENTS[kind]
    event = restored(hearing.event, body)
    for react in hearing.reactions:
        await react(work, event)


def chance_of(seed: object) -> random.Random:
    """Return a chance that is the same for the same seed; it tells stories and keeps no secret."""
    return random.Random(str(seed))  # noqa: S311 - seeded, and handed in from here


async def load_demo_tenants(base: Base, console: Console, scale: int = 1) -> list[Login]:
    """Load the demo tenants that are missing, with a bar, and return who can sign in."""
    now = base.clock.now()
    # Their past is written today: its months must be there like those to come.
    await keep_parts(base.location, now, since=now - _DEMO_PAST)
    with Bar(console, "Demo tenants") as bar:
        return await load_demo(demo_loan(base), scale=scale, progress=bar)
