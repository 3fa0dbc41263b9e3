"""What an empty server needs once: roles, the database, the schema. Run by its superuser.

One process at a time does it, whoever else comes waits: two would each find a role missing, and one
would fail to make it. What stands as it should is left alone.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg

from service.database.connections import Location, connected, require_version
from service.database.migrations.run import migrate
from service.database.security import APPLICATION, IDENTITY, MIGRATION, OWNER, RELAY, TRANSFER
from service.database.tables import SCHEMA

_log = logging.getLogger(__name__)

# Names the one lock of a server, in its maintenance database, under which anything is prepared.
PREPARATION_LOCK = 7_310_419
_MAINTENANCE = "postgres"
ADMIN_URL = "postgresql://ROLE:PASSWORD@HOST:PORT/postgres"

# How long a statement, the wait for a lock, an idle transaction and a whole one may last for each
# role (database page 2.5). Whoever serves people gives up early; whoever works behind them later;
# a migration may take its time once it has its locks, but must not make others wait for them.
INTERACTIVE = {
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "transaction_timeout": "15s",
}
LIMITS = {
    APPLICATION: INTERACTIVE,
    IDENTITY: INTERACTIVE,
    RELAY: {**INTERACTIVE, "statement_timeout": "30s", "transaction_timeout": "45s"},
    TRANSFER: {"lock_timeout": "2s", "idle_in_transaction_session_timeout": "60s"},
    MIGRATION: {"lock_timeout": "3s", "idle_in_transaction_session_timeout": "60s"},
}
LOGINS = {
    APPLICATION: "NOBYPASSRLS",
    IDENTITY: "NOBYPASSRLS",
    RELAY: "BYPASSRLS",
    TRANSFER: "BYPASSRLS",
    MIGRATION: "NOBYPASSRLS",
}


@dataclass(frozen=True, slots=True)
class Superuser:
    """A login that may create roles and databases, and where."""

    location: Location
    role: str

    @classmethod
    def from_url(cls, url: str) -> "Superuser":
        """Read the URL of a superuser."""
        location = Location.from_url(url, named="--admin-url", form=ADMIN_URL, role=True)
        return cls(location, unquote(urlsplit(url).username or "postgres"))


@asynccontextmanager
async def preparing(admin: Superuser) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Be the only one who prepares anything on a server, until the block or the process ends.

    Yields the superuser's connection to the maintenance database, which is there before ours is.
    """
    async with connected(admin.location, admin.role, _MAINTENANCE) as connection:
        require_version(connection)
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", PREPARATION_LOCK):
            _log.info("another process prepares the database, this one waits for it")
            await connection.execute("SET statement_timeout = 0; SET lock_timeout = 0")
            await connection.execute("SELECT pg_advisory_lock($1)", PREPARATION_LOCK)
        yield connection


async def prepare_server(
    location: Location, superuser: "Superuser | None" = None, password: str | None = None
) -> None:
    """Create our roles and the database where they are missing; leave alone what is right.

    Args:
        location: the database to prepare.
        superuser: who may create roles and databases; `postgres` of the same place by default.
        password: given to each of our login roles; None where the socket vouches for them.
    """
    admin = superuser or Superuser(location, "postgres")
    async with preparing(admin) as connection:
        await _prepare(connection, admin, location, password)


async def prepare_database(
    location: Location, superuser: "Superuser | None" = None, password: str | None = None
) -> None:
    """Prepare the server and bring the database to the newest revision, under the one lock.

    Args:
        location: as of `prepare_server`.
        superuser: as of `prepare_server`.
        password: as of `prepare_server`.

    Raises:
        DatabaseUnfit: newer code has migrated the database.
    """
    admin = superuser or Superuser(location, "postgres")
    async with preparing(admin) as connection:
        await _prepare(connection, admin, location, password)
        await migrate(location)


async def _prepare(
    connection: "asyncpg.Connection[Any]",
    admin: Superuser,
    location: Location,
    password: str | None,
) -> None:
    await _prepare_roles(connection)
    if password is not None:
        quoted = await connection.fetchval("SELECT quote_literal($1::text)", password)
        for role in LOGINS:
            await connection.execute(f"ALTER ROLE {role} PASSWORD {quoted}")
    exists = "SELECT 1 FROM pg_database WHERE datname = $1"
    if not await connection.fetchval(exists, location.database):
        name = await connection.fetchval("SELECT quote_ident($1)", location.database)
        await connection.execute(f"CREATE DATABASE {name}")
    async with connected(admin.location, admin.role, location.database) as inside:
        await _prepare_schema(inside)


async def _prepare_roles(connection: "asyncpg.Connection[Any]") -> None:
    rows = await connection.fetch(
        "SELECT rolname, coalesce(rolconfig, '{}') AS settings FROM pg_roles"
        " WHERE rolname = ANY($1)",
        [OWNER, *LOGINS],
    )
    there = {row["rolname"]: set(row["settings"]) for row in rows}
    if OWNER not in there:
        await connection.execute(f"CREATE ROLE {OWNER} NOLOGIN")
    for role, bypass in LOGINS.items():
        if role not in there:
            await connection.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOINHERIT {bypass}")
        for setting, value in _settings(role).items():
            if f"{setting}={value}" not in there.get(role, ()):
                await connection.execute(f"ALTER ROLE {role} SET {setting} = '{value}'")
    if not await connection.fetchval(_MAY_BECOME_OWNER, OWNER, MIGRATION):
        await connection.execute(f"GRANT {OWNER} TO {MIGRATION} WITH SET TRUE, INHERIT FALSE")


def _settings(role: str) -> dict[str, str]:
    return LIMITS[role] if role == MIGRATION else {**LIMITS[role], "search_path": SCHEMA}


async def _prepare_schema(inside: "asyncpg.Connection[Any]") -> None:
    found = await inside.fetchrow(_INSIDE, SCHEMA)
    assert found is not None  # noqa: S101 - a row of EXISTS is always there
    if not found["schema"]:
        await inside.execute(f"CREATE SCHEMA {SCHEMA} AUTHORIZATION {OWNER}")
    if not found["extension"]:
        # Operator classes for exclusion constraints over ids and ranges; no function of ours.
        await inside.execute("CREATE EXTENSION btree_gist SCHEMA public")
    if found["open"]:
        await inside.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for row in await inside.fetch(_SHUT_OUT, [APPLICATION, RELAY, IDENTITY, TRANSFER], SCHEMA):
        await inside.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {row['role']}")


_MAY_BECOME_OWNER = """
SELECT 1 FROM pg_auth_members
WHERE roleid = $1::regrole AND member = $2::regrole AND set_option AND NOT inherit_option
"""
_INSIDE = """
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS schema,
  EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gist') AS extension,
  has_schema_privilege('public', 'public', 'USAGE')
    OR has_schema_privilege('public', 'public', 'CREATE') AS open
"""
_SHUT_OUT = (
    "SELECT role FROM unnest($1::text[]) role WHERE NOT has_schema_privilege(role, $2, 'USAGE')"
)
