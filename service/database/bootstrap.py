"""What an empty server needs once: roles, the database, the schema. Run by its superuser."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg

from service.database.connections import Location, connected, require_version
from service.database.security import APPLICATION, IDENTITY, MIGRATION, OWNER, RELAY, TRANSFER
from service.database.tables import SCHEMA

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
        return cls(Location.from_url(url), unquote(urlsplit(url).username or "postgres"))


async def _create_role(connection: "asyncpg.Connection[Any]", role: str, options: str) -> None:
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(f"CREATE ROLE {role} {options}")


async def prepare_server(
    location: Location, superuser: "Superuser | None" = None, password: str | None = None
) -> None:
    """Create our roles and the database where they are missing; change nothing that exists.

    Args:
        location: the database to prepare.
        superuser: who may create roles and databases; `postgres` of the same place by default.
        password: given to each of our login roles; None where the socket vouches for them.
    """
    admin = superuser or Superuser(location, "postgres")
    async with connected(admin.location, admin.role, "postgres") as connection:
        require_version(connection)
        await _create_role(connection, OWNER, "NOLOGIN")
        for role, bypass in LOGINS.items():
            await _create_role(connection, role, f"LOGIN NOSUPERUSER NOINHERIT {bypass}")
            if password is not None:
                quoted = await connection.fetchval("SELECT quote_literal($1::text)", password)
                await connection.execute(f"ALTER ROLE {role} PASSWORD {quoted}")
        await connection.execute(f"GRANT {OWNER} TO {MIGRATION} WITH SET TRUE, INHERIT FALSE")
        for role, limits in LIMITS.items():
            for setting, value in limits.items():
                await connection.execute(f"ALTER ROLE {role} SET {setting} = '{value}'")
        for role in (APPLICATION, RELAY, IDENTITY, TRANSFER):
            await connection.execute(f"ALTER ROLE {role} SET search_path = {SCHEMA}")
        exists = "SELECT 1 FROM pg_database WHERE datname = $1"
        if not await connection.fetchval(exists, location.database):
            name = await connection.fetchval("SELECT quote_ident($1)", location.database)
            await connection.execute(f"CREATE DATABASE {name}")
    async with connected(admin.location, admin.role, location.database) as connection:
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA} AUTHORIZATION {OWNER}")
        # Operator classes for exclusion constraints over ids and ranges; no function of ours.
        await connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public")
        await connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        everybody = f"{APPLICATION}, {RELAY}, {IDENTITY}, {TRANSFER}"
        await connection.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {everybody}")
