"""How to reach a database as one of its roles; the embedded one or any other PostgreSQL 18."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit
from weakref import WeakSet

import asyncpg
import orjson

from service.database.pool import ANSWER_SECONDS, TenantPool
from service.database.prepared import Pipelining, Telling, departure, misbehaviour
from service.database.silence import Connect, Silence
from service.settings import DATABASE_URL

POSTGRESQL_MAJOR = 18
_log = logging.getLogger(__name__)


class DatabaseUnfit(Exception):
    """The database cannot be used as it is; the message is one sentence for the operator."""


class DatabaseSilent(DatabaseUnfit):
    """No server answers there: it may be starting still, or away for a while."""


_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_WORDS = ", ".join(_SSL_MODES)
_SIGNS = "PORT is a number up to 65535, and / ? # @ % in the password are %2F %3F %23 %40 %25"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a database is. The role is chosen by whoever connects.

    Attributes:
        host: a host name, or the folder of a Unix socket.
        password: of every role of ours; None where the socket's peer check vouches for us.
    """

    host: str
    database: str
    port: int = 5432
    password: str | None = None
    ssl: str | None = None

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        named: str = "BAILIWICK_DATABASE_URL",
        form: str = DATABASE_URL,
        role: bool = False,
    ) -> "Location":
        """Read `postgresql://[role][:password]@host[:port]/database[?sslmode=…]`.

        Args:
            url: what the operator wrote; nothing of it is ever repeated to him, for a secret is
                in it, and where it is cut wrongly nobody knows which part that is.
            named: what he calls it.
            form: how he is told to write it.
            role: whether it names a role; one that would count for nothing is refused.

        Raises:
            DatabaseUnfit: the URL is not of that form.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or 5432
        except ValueError:
            raise DatabaseUnfit(f"{named} must read {form}; {_SIGNS}.") from None
        database = parts.path.strip("/")
        known = parts.scheme in {"postgresql", "postgres"}
        if not known or not database or set(database) & set("/@") or parts.fragment:
            raise DatabaseUnfit(f"{named} must read {form}; {_SIGNS}.")
        if parts.username and not role:
            raise DatabaseUnfit(f"{named} names no role, for each part of ours has one: {form}.")
        options = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
        if options.get("sslmode", _SSL_MODES[0]) not in _SSL_MODES:
            raise DatabaseUnfit(f"The sslmode of {named} is one of {_WORDS}.")
        return cls(
            host=unquote(options.get("host", parts.hostname or "localhost")),
            database=unquote(database),
            port=port,
            password=unquote(parts.password) if parts.password else None,
            ssl=options.get("sslmode"),
        )

    def arguments(self, role: str, database: str | None = None) -> dict[str, Any]:
        """Return the arguments of `asyncpg.connect` for a role."""
        return {
            "host": self.host,
            "port": self.port,
            "user": role,
            "password": self.password,
            "database": database or self.database,
            "ssl": self.ssl,
        }

    def sqlalchemy_url(self, role: str) -> str:
        """Return the URL SQLAlchemy takes, for migrations."""
        login = quote(role) + (f":{quote(self.password, safe='')}" if self.password else "")
        options = {"host": self.host} if self.host.startswith("/") else {}
        if self.ssl:
            options["ssl"] = self.ssl
        place = "" if self.host.startswith("/") else f"{self.host}:{self.port}"
        query = f"?{urlencode(options)}" if options else ""
        return f"postgresql+asyncpg://{login}@{place}/{self.database}{query}"


def _decode(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    return orjson.loads(text)


def _encode(value: object) -> str:
    return orjson.dumps(value, default=str).decode()


async def prepare_connection(connection: "asyncpg.Connection[Any]") -> None:
    """Teach a new connection to read and write JSON."""
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=_encode, decoder=_decode, format="text"
        )


Reviver = Callable[[], Awaitable[str]]
"""Makes sure that the server runs, and returns the host to connect to."""

_CONNECT_SECONDS = 3.0
_ANSWER_SECONDS_BEHIND = 60.0
# What is in no tenant and waited for is a row or two; a lock is waited for two seconds.
_SHORT_ANSWER_SECONDS = 3.0
# A statement that is called off ends at once, unless its process stands still.
_CALLED_OFF_SECONDS = 0.5
# How much longer a read's answer is waited for than the server works on it.
_SERVERS_OWN_SECONDS = 2.0
# Each is a plan in the memory of the server's process, and two kilobytes of ours.
_KEPT_STATEMENTS = 128
_PREPARING: dict[str, Any] = {
    "timeout": _CONNECT_SECONDS,
    # asyncpg forgets a statement after five minutes, and never keeps a long one, if not told.
    "max_cached_statement_lifetime": 0,
    "max_cacheable_statement_size": 0,
    # Compiling a plan takes longer than carrying out any statement of ours.
    "server_settings": {"application_name": "bailiwick", "jit": "off"},
}


def _connecting(
    location: Location,
    role: str,
    answer_seconds: float,
    revive: Reviver | None,
    *,
    statement_seconds: int | None = None,
    kind: "type[asyncpg.Connection[Any]]" = Telling,
    kept_statements: int = _KEPT_STATEMENTS,
) -> Connect:
    """Return what makes a connection of a role; every statement on it is prepared once and kept."""

    async def connect() -> "asyncpg.Connection[Any]":
        arguments = location.arguments(role) | _PREPARING | {"command_timeout": answer_seconds}
        arguments |= {"connection_class": kind, "statement_cache_size": kept_statements}
        if statement_seconds is not None:
            limit = {"statement_timeout": f"{statement_seconds}s"}
            arguments["server_settings"] = _PREPARING["server_settings"] | limit
        try:
            connection = await asyncpg.connect(**arguments)
        except TimeoutError:
            # It is there and says nothing: it cannot be started, and would not answer the next.
            raise
        except (OSError, asyncpg.CannotConnectNowError):
            if revive is None:
                raise
            arguments["host"] = await revive()
            connection = await asyncpg.connect(**arguments)
        try:
            await prepare_connection(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection

    return connect


async def open_tenant_pool(
    location: Location,
    role: str,
    size: int,
    revive: Reviver | None = None,
    *,
    read_seconds: int | None = None,
    pipelining: bool = True,
    kept_statements: int = _KEPT_STATEMENTS,
) -> TenantPool:
    """Open a pool for tenants' readers and commands.

    Args:
        location: the database.
        role: the role of every connection.
        size: connections at the most.
        revive: asked when a connection cannot be made; the embedded server may have been killed.
        read_seconds: how long a reader's statement may take; the role's limit when left out.
            Commands and jobs say their own (`service.database.openings.Pace`).
        pipelining: send what opens a transaction on the trip of its first statement. Where the
            driver is not as it was tried, one line of the log says so and it is not done.
        kept_statements: how many a connection keeps prepared, those used last.

    Raises:
        DatabaseAway: not even one connection can be made.
    """
    waited = ANSWER_SECONDS if read_seconds is None else read_seconds + _SERVERS_OWN_SECONDS
    answer_seconds = max(ANSWER_SECONDS, waited)

    def pool_of(kind: "type[asyncpg.Connection[Any]]") -> TenantPool:
        connect = _connecting(
            location,
            role,
            answer_seconds,
            revive,
            statement_seconds=read_seconds,
            kind=kind,
            kept_statements=kept_statements,
        )
        return TenantPool(connect, size, read_seconds=waited)

    if pipelining:
        reason = departure()
        if reason is None:
            pool = pool_of(Pipelining)
            first = await pool.take()
            reason = await misbehaviour(first.connection)
            pool.give_back(first)
            if reason is None:
                return pool
            await pool.close()
        _log.warning("statements are not pipelined, each opening is a trip of its own: %s", reason)
    pool = pool_of(Telling)
    pool.give_back(await pool.take())
    return pool


class _PatientPool(asyncpg.Pool):  # type: ignore[misc]  # the driver declares no types here
    """A pool of which a connection is waited for, and given back, for so long and no longer.

    A server that stands still answers neither a statement nor that it is called off: asyncpg's own
    waits for both without end, and so would everybody behind.

    Attributes:
        patience: how long, in seconds.
        silence: tells that the server answers nobody; what was made is ended then.
        made: its connections.
    """

    patience: float | None = None
    silence: Silence | None = None
    made: "WeakSet[asyncpg.Connection[Any]]"

    def acquire(self, *, timeout: float | None = None) -> Any:  # noqa: ANN401 - asyncpg's context
        """Lend a connection; raises TimeoutError when none is free in time, or DatabaseSilent."""
        if self.silence is not None:
            self.silence.check()
            self.silence.watch()
        return super().acquire(timeout=self.patience if timeout is None else timeout)

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ANN401, ASYNC109 - asyncpg's
        """Take a connection back; raises TimeoutError when a statement of it cannot be called off.

        Its process stands still then, though the server may answer others: it is ended, and who
        asked is told.
        """
        soon = timeout is None and self.patience is not None
        await super().release(connection, timeout=_CALLED_OFF_SECONDS if soon else timeout)

    def waits(self) -> bool:
        """Tell whether any connection is lent."""
        return bool(self.get_size() > self.get_idle_size())

    def end_overdue(self, now: float) -> None:
        """End nothing: each statement has its own timer."""

    def end_waits(self) -> None:
        """End all connections; the pool makes others when it is asked."""
        for connection in tuple(self.made):
            connection.terminate()


async def open_pool(
    location: Location,
    role: str,
    size: int,
    revive: Reviver | None = None,
    *,
    patience_seconds: float | None = None,
    silence: Silence | None = None,
) -> "asyncpg.Pool[Any]":
    """Open a pool for what is in no tenant: sign-in, the relay.

    `reset` is a no-op: nothing of ours outlives its transaction there, so the round trip that
    would clear the session clears nothing.

    Args:
        location: the database.
        role: the role of every connection.
        size: connections at the most.
        revive: asked when a connection cannot be made.
        patience_seconds: how long a connection is waited for where people wait; a statement of
            theirs has three seconds then. Without end, and a minute, when left out.
        silence: of the tenants' pool on the same server; nobody waits for a silent one then.
    """
    made: WeakSet[asyncpg.Connection[Any]] = WeakSet()

    async def no_reset(_connection: object) -> None:
        return None

    behind = patience_seconds is None
    answer_seconds = _ANSWER_SECONDS_BEHIND if behind else _SHORT_ANSWER_SECONDS
    connect = _connecting(location, role, answer_seconds, revive)

    async def connected_as(*_: object, **__: object) -> "asyncpg.Connection[Any]":
        connection = await connect()
        made.add(connection)
        return connection

    pool = _PatientPool(
        connect=connected_as,
        min_size=1,
        max_size=size,
        max_queries=50_000,
        reset=no_reset,
        max_inactive_connection_lifetime=600,
        loop=None,
        connection_class=asyncpg.Connection,
        record_class=asyncpg.Record,
    )
    pool.patience, pool.made = patience_seconds, made
    opened = await pool
    if silence is not None:
        pool.silence = silence
        silence.attend(pool)
    return opened


@asynccontextmanager
async def connected(
    location: Location, role: str, database: str | None = None
) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Open one connection for a while."""
    connection = await asyncpg.connect(**location.arguments(role, database))
    try:
        await prepare_connection(connection)
        yield connection
    finally:
        await connection.close()


def require_version(connection: "asyncpg.Connection[Any]") -> None:
    """Refuse a server that is too old.

    Raises:
        DatabaseUnfit: says which it is.
    """
    version = connection.get_server_version().major
    if version < POSTGRESQL_MAJOR:
        raise DatabaseUnfit(f"PostgreSQL {POSTGRESQL_MAJOR} is needed; this server is {version}.")


async def require_fit(connection: "asyncpg.Connection[Any]", role: str) -> None:
    """Refuse a server that is too old, or a role that row security would not hold.

    Raises:
        DatabaseUnfit: says which, and what to do.
    """
    require_version(connection)
    row = await connection.fetchrow(
        "SELECT rolsuper OR rolbypassrls AS above,"
        " EXISTS (SELECT FROM pg_class WHERE relowner = r.oid) AS owns"
        " FROM pg_roles r WHERE rolname = $1",
        role,
    )
    if row is None or row["above"] or row["owns"]:
        raise DatabaseUnfit(f"The role {role} must exist, own nothing and obey row security.")
