"""Bring a database to the newest revision, or tell which revision it has.

Alembic is imported by the run alone: a server that finds its database up to date never needs it.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from service.database.connections import DatabaseUnfit, Location, connected, require_version
from service.database.partitions import DEFINITION_LOCK
from service.database.security import APPLICATION, MIGRATION, OWNER
from service.database.tables import METADATA, SCHEMA

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection

_LOCK_ATTEMPTS = 20
_LOCK_PAUSE_SECONDS = 0.5
_FOLDER = Path(__file__).parent
_REVISION = re.compile(r"(\d{4})_\w+\.py")


def _script() -> "ScriptDirectory":
    from alembic.config import Config  # noqa: PLC0415 - see the module
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see the module

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def newest_revision() -> str:
    """Return the revision this code expects: revisions are files numbered in their order."""
    files = (_REVISION.fullmatch(path.name) for path in (_FOLDER / "versions").iterdir())
    return max(found.group(1) for found in files if found)


def _upgrade(connection: "Connection", until: str) -> None:
    from alembic.config import Config  # noqa: PLC0415 - see the module
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415 - see the module
    from sqlalchemy import text  # noqa: PLC0415 - see the module

    script = _script()

    def steps(revision: str, _context: object) -> list[object]:
        return list(script._upgrade_revs(until, revision))  # noqa: SLF001 - as its own command

    connection.execute(text("SET lock_timeout = '3s'"))
    connection.execute(text(f"SET ROLE {OWNER}"))
    connection.execute(text(f"SET search_path = {SCHEMA}, public"))
    connection.commit()
    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(
            connection=connection,
            target_metadata=METADATA,
            version_table_schema=SCHEMA,
            transaction_per_migration=True,
        )
        with environment.begin_transaction():
            environment.run_migrations()
    connection.commit()


async def migrate(location: Location, until: str = "heads") -> None:
    """Run every migration the database lacks, up to a revision; a second run changes nothing.

    Raises:
        DatabaseUnfit: newer code has migrated the database; there is no way back but a backup.
    """
    revision = await revision_of(location)
    if revision == newest_revision():
        return
    refuse_newer(revision)
    from sqlalchemy import text  # noqa: PLC0415 - see the module
    from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - see the module
    from sqlalchemy.pool import NullPool  # noqa: PLC0415 - see the module

    logging.getLogger("alembic").setLevel(logging.WARNING)
    engine = create_async_engine(location.sqlalchemy_url(MIGRATION), poolclass=NullPool)
    taken = text(f"SELECT pg_try_advisory_lock({DEFINITION_LOCK})")

    async def once() -> None:
        async with engine.connect() as connection:
            # However long another one migrates: whoever waits holds nothing, no snapshot either.
            while not await connection.scalar(taken):
                await connection.commit()
                await asyncio.sleep(_LOCK_PAUSE_SECONDS)
            await connection.commit()
            await connection.run_sync(_upgrade, until)

    try:
        await _patiently(once)
    finally:
        await engine.dispose()


async def _patiently(once: Callable[[], Awaitable[None]]) -> None:
    """Run the migrations, again when a lock was not to be had: others work while we wait.

    Each migration is a transaction of its own, so what is done stays done.
    """
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - see the module

    for _ in range(_LOCK_ATTEMPTS):
        try:
            return await once()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != asyncpg.LockNotAvailableError.sqlstate:
                raise
        await asyncio.sleep(_LOCK_PAUSE_SECONDS)
    return await once()


def refuse_newer(revision: str | None) -> None:
    """Refuse a database that newer code has migrated.

    Raises:
        DatabaseUnfit: says which revision it has.
    """
    if revision is not None and revision > newest_revision():
        raise DatabaseUnfit(
            f"The database is at revision {revision}, newer than this code ({newest_revision()});"
            " install the newer release."
        )


async def revision_of(location: Location) -> str | None:
    """Return the database's revision, or None when it has none that we may know of yet."""
    async with connected(location, APPLICATION) as connection:
        require_version(connection)
        try:
            revision: str | None = await connection.fetchval(
                f"SELECT version_num FROM {SCHEMA}.alembic_version"
            )
        except (asyncpg.UndefinedTableError, asyncpg.InsufficientPrivilegeError):
            # The second: the schema is made and its rights are not yet given, by a first migration.
            return None
    return revision
