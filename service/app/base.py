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
from service.database.bootstrap import Superuser, prepare_database, preparing
from service.database.connections import (
    DatabaseSilent,
    DatabaseUnfit,
    Location,
    Reviver,
    connected,
    open_pool,
    open_tenant_pool,
    require_fit,
)
from service.database.migrations.run import newest_revision, refuse_newer, revision_of
from service.database.pool import PATIENCE_SECONDS, TenantPool
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
    settings: Settings, *, making: bool, throw_away: bool = False
) -> tuple[Location, Lease | None]:
    """Return where the database is; starts the embedded server when no other is named.

    Blocks for up to a second or so.

    Raises:
        EmbeddedServerError: there is none to be had, or none yet and `making` is off.
    """
    if settings.database_url is not None:
        return Location.from_url(settings.database_url.get_secret_value()), None
    lease = acquire(
        home_of(settings),
        account=settings.server_account,
        throw_away=throw_away,
        making=making,
    )
    return Location(str(lease.socket_folder), settings.database), lease


@contextmanager
def told_when_out_of_reach() -> Iterator[None]:
    """Say in one sentence that a server does not answer, or does not let us in.

    Raises:
        DatabaseUnfit: for the operator; `DatabaseSilent` where it may answer by itself later.
    """
    try:
        yield
    except (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
        raise DatabaseSilent(f"The database cannot be used: {error}.") from error
    except asyncpg.PostgresError as error:
        raise DatabaseUnfit(f"The database cannot be used: {error}.") from error


async def make_ready(location: Location, *, ours: bool, making: bool) -> None:
    """Bring the database to the revision of this code, or say what to run.

    Args:
        location: the database.
        ours: it is the embedded one, which can be prepared and migrated without being asked.
        making: do so.

    Raises:
        DatabaseUnfit: another revision, and it is not to be changed.
    """
    if ours and making:
        await prepare_database(location)
        return
    revision = await _revision_of_ours(location) if ours else await _revision_of_theirs(location)
    refuse_newer(revision)
    if revision != newest_revision():
        raise DatabaseUnfit(
            f"The database is at revision {revision or 'none'}, this code needs"
            f" {newest_revision()}; run `bailiwick migrate`."
        )


async def _revision_of_theirs(location: Location) -> str | None:
    with told_when_out_of_reach():
        return await revision_of(location)


async def _revision_of_ours(location: Location) -> str | None:
    """Return the embedded database's revision; whoever is just preparing it is waited for."""
    found = await _revision_if_any(location)
    if found != newest_revision():
        async with preparing(Superuser(location, "postgres")):
            found = await _revision_if_any(location)
    return found


async def _revision_if_any(location: Location) -> str | None:
    try:
        return await revision_of(location)
    except (asyncpg.InvalidCatalogNameError, asyncpg.InvalidAuthorizationSpecificationError):
        # The server is there, our database or our roles are not.
        return None


@asynccontextmanager
async def opened(
    settings: Settings,
    clock: Clock | None = None,
    *,
    making: bool = False,
    throw_away: bool = False,
) -> AsyncIterator[Base]:
    """Open the database for a while: server, revision, role, pools.

    Args:
        settings: the operator's.
        clock: another than the machine's.
        making: make the embedded database where there is none, and migrate it; whoever only reads
            or repairs finds one, or a mistyped folder would become a new and empty house.
        throw_away: the embedded server's data need not survive; it is made, of course.

    Raises:
        DatabaseUnfit, EmbeddedServerError: in a sentence for the operator; nothing was changed.
    """
    try:
        refuse_pycasbin()
    except PycasbinInstalled as error:
        raise StartRefused(str(error)) from error
    making = making or throw_away
    location, lease = await asyncio.to_thread(
        locate_database, settings, making=making, throw_away=throw_away
    )
    async with AsyncExitStack() as stack:
        if lease is not None:
            stack.callback(lease.stop_if_last)
        await make_ready(location, ours=lease is not None, making=making)
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
                pipelining=settings.pipelining,
            )
        )
        identity, relay = [
            await stack.enter_async_context(
                await open_pool(
                    location, role, size, revive, patience_seconds=patience, silence=silence
                )
            )
            for role, size, patience, silence in (
                (IDENTITY, _SMALL_POOL, PATIENCE_SECONDS, application.silence),
                # Nobody waits for the relay, and it finds its place again.
                (RELAY, _RELAY_POOL, None, None),
            )
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
