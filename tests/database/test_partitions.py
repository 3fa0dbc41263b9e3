"""Ledgers by month: made ahead, moved along, and nothing lost that had no month."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from isolation.walls import breaches

from service.database.bootstrap import prepare_server
from service.database.connections import Location, connected, open_pool
from service.database.migrations.run import migrate
from service.database.partitions import (
    first_of_month,
    keep_parts,
    misplaced,
    months_ahead,
    next_month,
)
from service.database.security import APPLICATION, RELAY

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
# The last instant of a month, the first of the next, a leap day, the turn of a year.
INSTANTS = [
    datetime(2024, 2, 29, 23, 59, 59, 999000, tzinfo=UTC),
    datetime(2024, 3, 1, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 59, 59, 999000, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC),
    NOW,
]
TENANT = (
    "INSERT INTO app.tenant (tenant_id, code, name, industry, state, generation, access_version,"
    " time_zone, phone_region, currency, locale, settings, created_at, version)"
    " VALUES ($1, $2, 'x', 'property-developer', 'ACTIVE', 1, 1, 'Asia/Shanghai', 'CN',"
    " 'CNY', 'zh-Hans', '{}', $3, 1)"
)
LINE = (
    "INSERT INTO app.audit_event (tenant_id, id, at, command, details, request_id)"
    " VALUES ($1, $2, $3, 'record_arrival', '{}', 'r')"
)
LINES = "SELECT tenant_id, id, at, command, details, request_id FROM app.audit_event ORDER BY id"


@pytest.fixture
async def unmade(server: Location, worker_id: str) -> AsyncIterator[Location]:
    """The place of a database of the test's own."""
    location = replace(server, database=f"bailiwick_parts_{worker_id}")
    async with connected(location, "postgres", "postgres") as connection:
        await connection.execute(f"DROP DATABASE IF EXISTS {location.database} WITH (FORCE)")
    yield location
    async with connected(location, "postgres", "postgres") as connection:
        await connection.execute(f"DROP DATABASE {location.database} WITH (FORCE)")


@pytest.fixture
async def apart(unmade: Location, server: Location) -> Location:
    """A database of the test's own, as it is once it is migrated: its tables are made over."""
    async with connected(unmade, "postgres", "postgres") as connection:
        await connection.execute(
            f"CREATE DATABASE {unmade.database} TEMPLATE {server.database} STRATEGY file_copy"
        )
    return unmade


@pytest.fixture
async def superuser(apart: Location) -> AsyncIterator["asyncpg.Connection[Any]"]:
    async with connected(apart, "postgres") as connection:
        yield connection


async def two_tenants_lines(connection: "asyncpg.Connection[Any]") -> None:
    """Write a line of each of two tenants at every instant."""
    for _ in range(2):
        tenant_id = uuid4()
        await connection.execute(TENANT, tenant_id, f"t-{tenant_id}", NOW)
        for at in INSTANTS:
            await connection.execute(LINE, tenant_id, uuid4(), at)


async def parts(connection: "asyncpg.Connection[Any]", ledger: str) -> dict[str, int]:
    """Return how many lines lie in each part."""
    rows = await connection.fetch(
        f"SELECT tableoid::regclass::text AS part, count(*) AS lines FROM app.{ledger} GROUP BY 1"
    )
    return {row["part"].removeprefix("app."): row["lines"] for row in rows}


async def test_lines_written_before_the_ledgers_were_cut_move_into_their_months(
    unmade: Location,
) -> None:
    await prepare_server(unmade)
    await migrate(unmade, until="0011")
    async with connected(unmade, "postgres") as superuser:
        await two_tenants_lines(superuser)
        before = await superuser.fetch(LINES)

        await migrate(unmade)

        assert await superuser.fetch(LINES) == before
        assert await parts(superuser, "audit_event") == {
            "audit_event_2024_02": 2,
            "audit_event_2024_03": 2,
            "audit_event_2025_12": 2,
            "audit_event_2026_01": 2,
            "audit_event_2026_11": 2,
        }
        assert await breaches(superuser) == []


async def test_what_had_no_month_is_an_alarm_and_then_put_right(
    apart: Location, superuser: "asyncpg.Connection[Any]"
) -> None:
    await two_tenants_lines(superuser)
    before = await superuser.fetch(LINES)
    async with await open_pool(apart, RELAY, 1) as relay:
        alarm = await misplaced(relay)
        made = await keep_parts(apart, NOW)
        again = await keep_parts(apart, NOW)
        after = await misplaced(relay)

    assert [(found.ledger, found.first_at) for found in alarm] == [("audit_event", INSTANTS[0])]
    assert alarm[0].lines in {8, 10}, "those of this month may have had a part"
    assert made >= 4
    assert again == 0
    assert after == []
    assert await superuser.fetch(LINES) == before
    assert "audit_event_default" not in await parts(superuser, "audit_event")
    assert await breaches(superuser) == []


async def test_months_are_there_three_ahead_whenever_one_looks(
    apart: Location, superuser: "asyncpg.Connection[Any]"
) -> None:
    tenant_id = uuid4()
    await superuser.execute(TENANT, tenant_id, "ahead", NOW)
    for days in (0, 400):
        day = NOW + timedelta(days=days)
        await keep_parts(apart, day)
        for ahead in (0, 31, 62, 90):
            await superuser.execute(LINE, tenant_id, uuid4(), day + timedelta(days=ahead))

    assert "audit_event_default" not in await parts(superuser, "audit_event")


async def test_two_who_make_the_same_months_at_once_make_them_once(apart: Location) -> None:
    far = NOW + timedelta(days=36_500)

    made = await asyncio.gather(*(keep_parts(apart, far) for _ in range(3)))

    # Each ledger is a transaction of its own: of two ledgers either may come first at one.
    assert sum(made) == 8
    assert await keep_parts(apart, far) == 0


async def test_the_application_writes_through_the_ledger_alone(
    apart: Location, superuser: "asyncpg.Connection[Any]"
) -> None:
    await keep_parts(apart, NOW)
    tenant_id = uuid4()
    await superuser.execute(TENANT, tenant_id, "walled", NOW)
    async with connected(apart, APPLICATION) as connection:
        await connection.execute("SELECT set_config('app.tenant_id', $1, false)", str(tenant_id))
        await connection.execute(LINE, tenant_id, uuid4(), NOW)
        for refused in (
            LINE.replace("app.audit_event", "app.audit_event_2026_11"),
            LINE.replace("app.audit_event", "app.audit_event_default"),
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(refused, tenant_id, uuid4(), NOW)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("SELECT 1 FROM app.audit_event_2026_11")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(LINE, uuid4(), uuid4(), NOW)


async def test_a_range_of_instants_touches_its_months_alone(
    apart: Location, superuser: "asyncpg.Connection[Any]"
) -> None:
    await keep_parts(apart, NOW, since=INSTANTS[2])

    plan = await superuser.fetch(
        "EXPLAIN SELECT id FROM app.audit_event WHERE tenant_id = $1 AND at >= $2 AND at < $3",
        UUID(int=1),
        datetime(2025, 12, 5, tzinfo=UTC),
        datetime(2025, 12, 9, tzinfo=UTC),
    )

    text = "\n".join(row[0] for row in plan)
    assert "audit_event_2025_12" in text
    assert "audit_event_2026" not in text


@given(st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_each_instant_has_its_month_and_the_three_after_it(instant: datetime) -> None:
    first = first_of_month(instant)

    ahead = months_ahead(instant)

    assert (first.year, first.month) == (instant.year, instant.month)
    assert first <= instant.date() < next_month(first)
    assert len(ahead) == 4
    assert all(next_month(one) == other for one, other in pairwise(ahead))
