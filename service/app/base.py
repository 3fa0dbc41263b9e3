"""The database, and what stands directly on it."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from service.clock import Clock, SystemClock
from service.database.bootstrap import prepare_server
from service.database.connections import (
    DatabaseUnfit,
    Location,
    Reviver,
    connected,
    open_pool,
    open_tenant_pool,
    require_fit,
)
from service.database.migrations.run import migrate, newest_revision, refuse_newer, revision_of
from service.database.pool import TenantPool
from service.database.security import APPLICATION, IDENTITY, RELAY
from service.embedded.errors import EmbeddedServerError
from service.embedded.home import default_home
from service.embedded.lease import Lease, acquire
from service.organisation.actors import Callers
from service.policies.access import PycasbinInstalled, operator, refuse_pycasbin
from service.settings import Settings
from service.tenants.directory import TenantDirectory
from service.work import NOBODY, Transactions

_SMALL_POOL = 2
# One connection reads what streams tell, the others are the worker's and who reads back.
_RELAY_POOL = 4

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
    application_pool: TenantPool
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


@contextmanager
def told_when_out_of_reach() -> Iterator[None]:
    """Say in one sentence that a server does not answer, or does not let us in.

    Raises:
        DatabaseUnfit: for the operator.
    """
    try:
        yield
    except (OSError, asyncpg.PostgresError) as error:
        raise DatabaseUnfit(f"The database cannot be used: {error}.") from error


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
        await refuse_newer(location)
        await migrate(location)
        return
    with told_when_out_of_reach():
        revision = await revision_of(location)
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
    try:
        refuse_pycasbin()
    except PycasbinInstalled as error:
        raise StartRefused(str(error)) from error
    location, lease = await asyncio.to_thread(locate_database, settings, throw_away=throw_away)
    async with AsyncExitStack() as stack:
        if lease is not None:
            stack.callback(lease.stop_if_last)
        await make_ready(location, ours=lease is not None)
        async with connected(location, APPLICATION) as connection:
            await require_fit(connection, APPLICATION)
        revive = _reviver(lease) if lease is not None else None
        application = await stack.enter_async_context(
            await open_tenant_pool(
                location,
                APPLICATION,
                settings.pool_size,
                revive,
                read_seconds=settings.read_seconds,
            )
        )
        identity, relay = [
            await stack.enter_async_context(await open_pool(location, role, size, revive))
            for role, size in ((IDENTITY, _SMALL_POOL), (RELAY, _RELAY_POOL))
        ]
        used = clock or SystemClock()
        transactions = Transactions(application, used, Callers(TenantDirectory(identity)))
        yield Base(location, lease, transactions, application, identity, relay, used)


def _reviver(lease: Lease) -> Reviver:
    async def revive() -> str:
        try:
            await asyncio.to_thread(lease.renew)
        except EmbeddedServerError as error:
            raise ConnectionError(str(error)) from error
        return str(lease.socket_folder)

    return revive
