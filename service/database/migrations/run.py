"""Bring a database to the newest revision, or tell which revision it has."""

import asyncio
from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from service.database.connections import Location
from service.database.security import MIGRATION, OWNER
from service.database.tables import METADATA, SCHEMA

# Any constant will do: it names the one lock that keeps two migrations apart.
_LOCK = 7_310_418


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def newest_revision() -> str:
    """Return the revision this code expects."""
    head = _script().get_current_head()
    if head is None:
        raise RuntimeError("there are no migrations")
    return head


def _upgrade(connection: Connection) -> None:
    script = _script()

    def steps(revision: str, _context: MigrationContext) -> list[object]:
        return list(script._upgrade_revs("heads", revision))  # noqa: SLF001 - alembic's own command does it so

    connection.execute(text("SET lock_timeout = '3s'"))
    connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
    connection.execute(text(f"SET ROLE {OWNER}"))
    connection.execute(text(f"SET search_path = {SCHEMA}, public"))
    connection.commit()
    config = Config()
    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(
            connection=connection,
            target_metadata=METADATA,
            version_table_schema=SCHEMA,
            transaction_per_migration=True,
        )
        with environment.begin_transaction():
            environment.run_migrations()
    connection.commit()


async def migrate(location: Location) -> None:
    """Run every migration the database lacks; a second run changes nothing."""
    engine = create_async_engine(location.sqlalchemy_url(MIGRATION), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def revision_of(location: Location) -> str | None:
    """Return the database's revision, or None when it has none."""
    engine = create_async_engine(location.sqlalchemy_url(MIGRATION), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f"SET ROLE {OWNER}"))
            found = await connection.execute(
                text("SELECT to_regclass(:name)"), {"name": f"{SCHEMA}.alembic_version"}
            )
            if found.scalar() is None:
                return None
            rows = await connection.execute(
                text(f"SELECT version_num FROM {SCHEMA}.alembic_version")
            )
            value: str | None = rows.scalar()
            return value
    finally:
        await engine.dispose()


def migrate_now(location: Location) -> None:
    """Run `migrate` where no event loop runs yet."""
    asyncio.run(migrate(location))
