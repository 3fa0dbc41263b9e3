"""What the migrations build is what the tables say, to the last grant."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from catalogue_snapshot import differences, snapshot
from source_tree import declare_tables
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from service.clock import SystemClock
from service.database import migrations
from service.database.bootstrap import prepare_server
from service.database.connections import Location, connected
from service.database.credit_sums import (
    CREDIT_FUNCTIONS,
    CREDIT_LATE_FUNCTIONS,
    CREDIT_LATE_TRIGGERS,
    CREDIT_LINE_FUNCTIONS,
    CREDIT_LINE_TRIGGERS,
    CREDIT_MONTH_FUNCTIONS,
    CREDIT_MONTH_TRIGGERS,
    CREDIT_PARTY_FUNCTIONS,
    CREDIT_PARTY_TRIGGERS,
    CREDIT_TRIGGERS,
)
from service.database.migrations.run import migrate, newest_revision, revision_of
from service.database.partitions import default_part, month_part, months_ahead
from service.database.searching import SEARCH_FUNCTIONS
from service.database.security import (
    OWNER,
    PLATFORM_GRANTS,
    REFUSE_CHANGE,
    STREAM_GRANTS,
    wall,
    wall_of,
)
from service.database.tables import METADATA, MonthlyLedger, tenant_tables
from service.database.target_guards import TARGET_FUNCTIONS, TARGET_TRIGGERS

# Alembic's own table: the declared tables know nothing of it, but a grant names it.
VERSION_TABLE = "CREATE TABLE app.alembic_version (version_num varchar(32) PRIMARY KEY)"


def parts_of(ledger: str) -> list[str]:
    """Return the statements that make a monthly ledger's parts, as a migration makes them."""
    made = [month_part(ledger, month) for month in months_ahead(SystemClock().now())]
    return [*default_part(ledger), *(statement for part in made for statement in part)]


async def build_from_tables(location: Location) -> None:
    """Make every declared table with its walls, without a migration."""
    await prepare_server(location)
    engine = create_async_engine(location.sqlalchemy_url("postgres"), poolclass=NullPool)
    walls = [statement for table in tenant_tables() for statement in wall_of(table)]
    parts = [
        statement
        for table in tenant_tables()
        if issubclass(table, MonthlyLedger)
        for statement in parts_of(str(table.__tablename__))
    ]
    async with engine.begin() as connection:
        await connection.exec_driver_sql(f"SET ROLE {OWNER}")
        await connection.exec_driver_sql(VERSION_TABLE)
        of_credits = (
            *CREDIT_FUNCTIONS,
            *CREDIT_MONTH_FUNCTIONS,
            *CREDIT_LATE_FUNCTIONS,
            *CREDIT_PARTY_FUNCTIONS,
            *CREDIT_LINE_FUNCTIONS,
        )
        for function in (REFUSE_CHANGE, *SEARCH_FUNCTIONS, *TARGET_FUNCTIONS, *of_credits):
            await connection.exec_driver_sql(function)
        await connection.run_sync(METADATA.create_all)
        grants = [*PLATFORM_GRANTS, *STREAM_GRANTS]
        for statement in [
            *walls,
            *wall("tenant"),
            *grants,
            *parts,
            *TARGET_TRIGGERS,
            *CREDIT_TRIGGERS,
            *CREDIT_MONTH_TRIGGERS,
            *CREDIT_LATE_TRIGGERS,
            *CREDIT_PARTY_TRIGGERS,
            *CREDIT_LINE_TRIGGERS,
        ]:
            await connection.exec_driver_sql(statement)
    await engine.dispose()


@pytest.fixture(scope="module")
async def declared(server: Location, worker_id: str) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A database made from the tables as declared."""
    declare_tables()
    location = replace(server, database=f"bailiwick_declared_{worker_id}")
    await build_from_tables(location)
    async with connected(location, "postgres") as connection:
        yield connection


@pytest.fixture
async def migrated(location: Location) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """The database as the migrations made it."""
    async with connected(location, "postgres") as connection:
        yield connection


async def test_migrations_equal_tables(
    migrated: "asyncpg.Connection[Any]", declared: "asyncpg.Connection[Any]"
) -> None:
    assert differences(await snapshot(migrated), await snapshot(declared)) == {}


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE app.assignment DROP CONSTRAINT assignment_lasts_check",
        "ALTER TABLE app.assignment ALTER COLUMN valid_until SET NOT NULL",
        "ALTER TABLE app.assignment ALTER COLUMN id DROP DEFAULT",
        "ALTER TABLE app.party ALTER COLUMN full_name TYPE varchar(200)",
        "ALTER TABLE app.member ADD COLUMN nickname text",
        "ALTER TABLE app.member DROP CONSTRAINT member_staff_code_key",
        "ALTER TABLE app.member DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE app.member NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE app.member OWNER TO bailiwick_app",
        "ALTER POLICY tenant_isolation ON app.member USING (true)",
        "DROP POLICY tenant_isolation ON app.member",
        "DROP INDEX app.assignment_role_id_ix",
        "GRANT DELETE ON app.member TO bailiwick_app",
        "GRANT UPDATE (name) ON app.global_tenant_directory TO bailiwick_app",
        "REVOKE SELECT ON app.member FROM bailiwick_transfer",
        "ALTER TABLE app.audit_event DISABLE TRIGGER audit_event_append_only",
        "CREATE OR REPLACE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NEW; END'",
        "CREATE TYPE app.mood AS ENUM ('good')",
        "DROP TABLE app.audit_event_default",
        "ALTER TABLE app.queue_event DETACH PARTITION app.queue_event_default",
        "CREATE TABLE app.note (tenant_id uuid)",
    ],
)
async def test_the_comparison_sees(
    migrated: "asyncpg.Connection[Any]", declared: "asyncpg.Connection[Any]", change: str
) -> None:
    before = await snapshot(migrated)
    transaction = declared.transaction()
    await transaction.start()
    try:
        await declared.execute(change)
        assert differences(before, await snapshot(declared)) != {}
    finally:
        await transaction.rollback()


# What writes rows without letting row security stand aside, and why that is right.
WITHIN_THE_WALLS = {
    "0001_tenants.py": "a row of no tenant",
    "0032_sides_of_decisions.py": "it wrote nothing; 0034 does it again",
}


def test_a_migration_that_fills_tables_sees_their_rows() -> None:
    """Forced row security holds the owner too: what he copies is nothing, without an error."""
    blind = [
        path.name
        for path in sorted((Path(migrations.__file__).parent / "versions").glob("0*.py"))
        for text in [path.read_text("utf-8")]
        if re.search(r"INSERT INTO|UPDATE (app|\{SCHEMA\})\.", text)
        and "NO FORCE ROW LEVEL SECURITY" not in text
        and "set_config('app.tenant_id'" not in text
    ]

    assert blind == sorted(WITHIN_THE_WALLS)


async def test_migrating_again_changes_nothing(location: Location) -> None:
    async with connected(location, "postgres") as connection:
        before = await snapshot(connection)
        await migrate(location)
        assert differences(before, await snapshot(connection)) == {}

    assert await revision_of(location) == newest_revision()
