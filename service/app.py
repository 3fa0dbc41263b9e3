"""The composition root: the only place that builds database, pools, commands and routes."""

import asyncio
import os
import random  # noqa: TID251 - seeded in `chance_of`, and handed in from here
import secrets
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
from starlette.applications import Starlette
from starlette.types import ASGIApp

from service.clock import Clock, SystemClock, new_id
from service.database.bootstrap import prepare_server
from service.database.connections import (
    DatabaseUnfit,
    Location,
    Reviver,
    connected,
    open_pool,
    require_fit,
)
from service.database.migrations.run import migrate, newest_revision, revision_of
from service.database.security import APPLICATION, IDENTITY, RELAY
from service.embedded.home import default_home
from service.embedded.lease import Lease, acquire
from service.identity.accounts import Accounts
from service.identity.providers import Provider
from service.identity.purging import purge
from service.identity.sign_in import SignIns
from service.identity.tokens import Tokens
from service.organisation.actors import Callers
from service.policies.access import operator
from service.provisioning.commands import CreateTenant, create_tenant
from service.provisioning.copying import Founding, Provisioned, provision
from service.provisioning.templates import Template, load_template
from service.schema.definition import build_schema
from service.schema.endpoint import Endpoint
from service.settings import Settings
from service.simulation.demo.loading import DemoLoan
from service.simulation.founding import look_up_tenant
from service.simulation.lending import FoundTenant, Loan, MakeTenant, Reactions, WantedTenant
from service.tenants.directory import TenantDirectory
from service.web.authentication import Authentication
from service.web.health import health_routes
from service.work import NOBODY, Transactions, UnitOfWork
from service.worker.chores import Chore
from service.worker.loop import Worker
from service.worker.registry import EVENTS, TIMERS, heard_with
from service.worker.restoring import restored

_SMALL_POOL = 2

# Whoever has a shell on this machine is an operator; the audit says "the product".
OPERATOR = operator(NOBODY)


class StartRefused(Exception):
    """The product cannot start as it is set; the message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Base:
    """The database and what stands directly on it."""

    location: Location
    lease: Lease | None
    transactions: Transactions
    application_pool: "asyncpg.Pool[Any]"
    identity_pool: "asyncpg.Pool[Any]"
    relay_pool: "asyncpg.Pool[Any]"
    clock: Clock


def home_of(settings: Settings) -> Path:
    """Return the folder of the embedded database and of our own keys."""
    return settings.home or default_home(dict(os.environ))  # noqa: TID251 - HOME and XDG_STATE_HOME are the system's


def locate_database(
    settings: Settings, *, throw_away: bool = False
) -> tuple[Location, Lease | None]:
    """Return where the database is; starts the embedded server when no other is named.

    Blocks for up to a second or so.
    """
    if settings.database_url is not None:
        return Location.from_url(settings.database_url.get_secret_value()), None
    lease = acquire(home_of(settings), account=settings.server_account, throw_away=throw_away)
    return Location(str(lease.socket_folder), settings.database), lease


async def make_ready(location: Location, *, ours: bool) -> None:
    """Bring the database to the revision of this code, or say what to run.

    Args:
        location: the database.
        ours: it is the embedded one, which we prepare and migrate ourselves.

    Raises:
        DatabaseUnfit: another revision, and the database is the operator's.
    """
    if ours:
        await prepare_server(location)
        await migrate(location)
        return
    try:
        revision = await revision_of(location)
    except (OSError, asyncpg.PostgresError) as error:
        raise DatabaseUnfit(f"The database cannot be used: {error}.") from error
    if revision != newest_revision():
        raise DatabaseUnfit(
            f"The database is at revision {revision or 'none'}, this code needs"
            f" {newest_revision()}; run `bailiwick migrate`."
        )


@asynccontextmanager
async def opened(
    settings: Settings, clock: Clock | None = None, *, throw_away: bool = False
) -> AsyncIterator[Base]:
    """Open the database for a while: server, revision, role, pools.

    Args:
        settings: the operator's.
        clock: another than the machine's.
        throw_away: the embedded server's data need not survive.

    Raises:
        DatabaseUnfit, EmbeddedServerError: in a sentence for the operator; nothing was changed.
    """
    location, lease = await asyncio.to_thread(locate_database, settings, throw_away=throw_away)
    async with AsyncExitStack() as stack:
        if lease is not None:
            stack.callback(lease.stop_if_last)
        await make_ready(location, ours=lease is not None)
        async with connected(location, APPLICATION) as connection:
            await require_fit(connection, APPLICATION)
        revive = _reviver(lease) if lease is not None else None
        pools = [
            await stack.enter_async_context(await open_pool(location, role, size, revive))
            for role, size in (
                (APPLICATION, settings.pool_size),
                (IDENTITY, _SMALL_POOL),
                (RELAY, _SMALL_POOL),
            )
        ]
        application, identity, relay = pools
        used = clock or SystemClock()
        transactions = Transactions(application, used, Callers(TenantDirectory(identity)))
        yield Base(location, lease, transactions, application, identity, relay, used)


def _reviver(lease: Lease) -> Reviver:
    async def revive() -> str:
        await asyncio.to_thread(lease.renew)
        return str(lease.socket_folder)

    return revive


def token_key(settings: Settings) -> str:
    """Return the secret that signs tokens; made once and kept in the home folder."""
    if settings.token_key is not None:
        return settings.token_key.get_secret_value()
    if settings.database_url is not None:
        raise StartRefused("BAILIWICK_TOKEN_KEY must be set when the database is not embedded.")
    kept = home_of(settings) / "token.key"
    if not kept.exists():
        made = kept.with_suffix(f".{os.getpid()}")
        made.touch(stat.S_IRUSR | stat.S_IWUSR)
        made.write_text(secrets.token_urlsafe(48), "ascii")
        # The first of two that start at once wins; both then read the same key.
        try:
            os.link(made, kept)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return kept.read_text("ascii").strip()


def web_app(settings: Settings, base: Base) -> ASGIApp:
    """Build the routes on an open base."""
    life = timedelta(seconds=settings.access_token_seconds)
    tokens = Tokens(token_key(settings), settings.issuer, life, base.clock)
    sign_ins = SignIns(base.identity_pool, tokens, base.clock, settings.refresh_token_days)
    provider = None
    if settings.oidc_issuer is not None and settings.oidc_audience is not None:
        provider = Provider(
            settings.oidc_issuer, settings.oidc_audience, base.clock, settings.oidc_jwks_url
        )
    authentication = Authentication(
        sign_ins, tokens, provider, password_allowed=settings.password_sign_in
    )
    routes = [
        *authentication.routes(),
        *health_routes(base.application_pool, newest_revision()),
        *Endpoint(
            build_schema(),
            base.transactions,
            authentication.claims,
            identity_pool=base.identity_pool,
            graphiql=settings.graphiql,
        ).routes(),
    ]
    return Starlette(routes=routes)


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


def worker(base: Base) -> Worker:
    """Build the loop that fires timers and hands events to reactions."""
    accounts = Accounts(base.identity_pool, base.clock)
    return Worker(
        base.relay_pool,
        lambda _tenant: base.transactions,
        base.clock,
        events=heard_with(accounts),
        chores=[Chore("identity.purge", partial(purge, base.identity_pool))],
    )
