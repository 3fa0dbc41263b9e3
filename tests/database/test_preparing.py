"""A server is prepared by one process at a time, and what stands as it should is left alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from service.app.base import make_ready
from service.database.bootstrap import Superuser, prepare_server, preparing
from service.database.connections import DatabaseUnfit, Location, connected
from service.database.security import RELAY

# Whichever row of these is written anew has another id of its writer.
WRITTEN = """
SELECT 'role ' || rolname AS what, a.xmin::text AS by FROM pg_authid a
WHERE rolname LIKE 'bailiwick%'
UNION ALL SELECT 'settings ' || setrole::regrole::text, xmin::text FROM pg_db_role_setting
UNION ALL SELECT 'member ' || member::regrole::text, xmin::text FROM pg_auth_members
UNION ALL SELECT 'schema ' || nspname, xmin::text FROM pg_namespace WHERE nspname = 'app'
"""


@pytest.fixture
async def fresh(server: Location, worker_id: str) -> AsyncIterator[Location]:
    """The name of a database that is not there yet; the roles are the run's."""
    location = replace(server, database=f"bailiwick_prepared_{worker_id}")
    gone = f"DROP DATABASE IF EXISTS {location.database} WITH (FORCE)"
    async with connected(location, "postgres", "postgres") as connection:
        await connection.execute(gone)
    yield location
    async with connected(location, "postgres", "postgres") as connection:
        await connection.execute(gone)


async def written(location: Location) -> list[Any]:
    async with connected(location, "postgres") as connection:
        return sorted(tuple(row) for row in await connection.fetch(WRITTEN))


async def test_several_that_prepare_one_server_at_once_all_find_it_prepared(
    fresh: Location,
) -> None:
    async with connected(fresh, "postgres", "postgres") as connection:
        await connection.execute(f"ALTER ROLE {RELAY} RESET ALL")

    await asyncio.gather(*(prepare_server(fresh) for _ in range(6)))
    before = await written(fresh)
    await prepare_server(fresh)

    assert await written(fresh) == before
    async with connected(fresh, RELAY) as connection:
        assert await connection.fetchval("SHOW statement_timeout") == "30s"
        assert await connection.fetchval("SHOW search_path") == "app"


async def test_what_was_altered_by_hand_is_put_right_again(fresh: Location) -> None:
    await prepare_server(fresh)
    async with connected(fresh, "postgres") as connection:
        await connection.execute(f"REVOKE USAGE ON SCHEMA app FROM {RELAY}")
        await connection.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        await connection.execute("DROP EXTENSION btree_gist")

    await prepare_server(fresh)

    async with connected(fresh, RELAY) as connection:
        told = await connection.fetchrow(
            "SELECT has_schema_privilege('app', 'USAGE') AS ours,"
            " has_schema_privilege('public', 'CREATE') AS others,"
            " EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gist') AS extension"
        )
    assert tuple(told) == (True, False, True)


async def test_who_does_not_prepare_waits_for_whoever_does_and_then_says_what_to_run(
    fresh: Location,
) -> None:
    async with preparing(Superuser(fresh, "postgres")):
        looking = asyncio.ensure_future(make_ready(fresh, ours=True, making=False))
        async with connected(fresh, "postgres", "postgres") as connection:
            while not looking.done() and not await connection.fetchval(WAITING):
                await asyncio.sleep(0)
        assert not looking.done()

    with pytest.raises(DatabaseUnfit, match=r"revision none.* run `bailiwick migrate`"):
        await looking
    async with connected(fresh, "postgres", "postgres") as connection:
        there = "SELECT count(*) FROM pg_database WHERE datname = $1"
        assert await connection.fetchval(there, fresh.database) == 0


WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def test_a_schema_whose_rights_are_not_yet_given_has_no_revision(fresh: Location) -> None:
    await prepare_server(fresh)
    async with connected(fresh, "postgres") as connection:
        await connection.execute("CREATE TABLE app.alembic_version (version_num text)")

    with pytest.raises(DatabaseUnfit, match="revision none"):
        await make_ready(fresh, ours=False, making=False)


async def test_a_revision_of_newer_code_is_said_to_be_newer(fresh: Location) -> None:
    await prepare_server(fresh)
    async with connected(fresh, "postgres") as connection:
        await connection.execute(
            "CREATE TABLE app.alembic_version AS SELECT '9999' AS version_num;"
            "GRANT SELECT ON app.alembic_version TO bailiwick_app"
        )

    for making in (False, True):
        with pytest.raises(DatabaseUnfit, match="newer than this code"):
            await make_ready(fresh, ours=True, making=making)
