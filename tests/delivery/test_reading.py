"""The outbox is read in an order that nothing can come before any more."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from builders.tenants import TenantHandle

from service.clock import ManualClock, new_id
from service.database.connections import Location, connected
from service.delivery.places import Cursor, Place, before
from service.delivery.purging import KEPT, purge
from service.delivery.reading import MOST_ROWS, Page, horizon, read_after
from service.delivery.topics import TASK, Topic, changes_of

INSERT = """
INSERT INTO app.outbox (tenant_id, id, at, kind, subject_id, body, published_at)
SELECT $1, uuidv7(), $2, 'TaskAssigned', $3::uuid, jsonb_build_object('task_id', $3::uuid), $4
FROM generate_series(1, $5)
"""


async def write(
    connection: Any, tenant: TenantHandle, at: Any, *, count: int = 1, published: Any = None
) -> UUID:
    await connection.execute("SELECT set_config('app.tenant_id', $1, false)", str(tenant.id))
    subject = new_id()
    await connection.execute(INSERT, tenant.id, at, subject, published, count)
    return subject


async def read_at_last(
    relay: "asyncpg.Pool[Any]",
    after: Mapping[UUID, Place],
    topics: Sequence[Topic] | None = None,
) -> dict[UUID, Page]:
    """Read as soon as nothing is held back: tests beside this one have transactions here too."""
    async with asyncio.timeout(30):
        while True:
            pages = await read_after(relay, after, topics)
            if not any(page.held for page in pages.values()):
                return pages


async def test_who_commits_later_but_began_earlier_is_waited_for(
    location: Location, relay: "asyncpg.Pool[Any]", tenant: TenantHandle, clock: ManualClock
) -> None:
    async with (
        connected(location, "bailiwick_app") as early,
        connected(location, "bailiwick_app") as late,
    ):
        here = await horizon(relay)
        slow = early.transaction()
        await slow.start()
        first = await write(early, tenant, clock.now())
        second = await write(late, tenant, clock.now())

        waiting = (await read_after(relay, {tenant.id: here}))[tenant.id]
        assert (list(waiting.rows), waiting.held) == ([], True)

        await slow.commit()
        page = (await read_at_last(relay, {tenant.id: waiting.place}))[tenant.id]
        assert [row["body"]["task_id"] for row in page.rows] == [str(first), str(second)]

    after = (await read_after(relay, {tenant.id: page.place}))[tenant.id]
    assert list(after.rows) == []


async def test_one_statement_reads_for_all_tenants(
    location: Location, relay: "asyncpg.Pool[Any]", tenant: TenantHandle, clock: ManualClock
) -> None:
    nobody = new_id()
    here = await horizon(relay)
    async with connected(location, "bailiwick_app") as connection:
        await write(connection, tenant, clock.now())

    pages = await read_at_last(relay, {tenant.id: here, nobody: here})
    assert {owner: len(page.rows) for owner, page in pages.items()} == {tenant.id: 1, nobody: 0}


async def test_a_long_transaction_is_read_in_pages_without_a_gap(
    location: Location, relay: "asyncpg.Pool[Any]", tenant: TenantHandle, clock: ManualClock
) -> None:
    here = await horizon(relay)
    async with connected(location, "bailiwick_app") as connection:
        await write(connection, tenant, clock.now(), count=MOST_ROWS + 7)

    first = (await read_at_last(relay, {tenant.id: here}, [TASK]))[tenant.id]
    second = (await read_at_last(relay, {tenant.id: first.place}, [TASK]))[tenant.id]

    assert (len(first.rows), first.more) == (MOST_ROWS, True)
    assert (len(second.rows), second.more) == (7, False)
    positions = [row["position"] for row in [*first.rows, *second.rows]]
    assert positions == sorted(set(positions))
    # All that one transaction did to a record is one change of it.
    assert len(changes_of(first.rows)) == 1


async def test_old_events_go_once_they_are_published(
    location: Location, relay: "asyncpg.Pool[Any]", tenant: TenantHandle, clock: ManualClock
) -> None:
    now = clock.now()
    here = await horizon(relay)
    long_ago, lately = now - KEPT - timedelta(days=1), now - KEPT + timedelta(hours=1)
    async with connected(location, "bailiwick_app") as connection:
        await write(connection, tenant, long_ago, count=3, published=long_ago)
        unpublished = await write(connection, tenant, long_ago)
        recent = await write(connection, tenant, lately, published=lately)

    assert await purge(relay, now) >= 3

    left = (await read_at_last(relay, {tenant.id: here}))[tenant.id].rows
    assert {row["body"]["task_id"] for row in left} == {str(unpublished), str(recent)}


def test_a_cursor_is_read_as_it_was_written(clock: ManualClock) -> None:
    one = Cursor(Place(2**40, 2**50), clock.now(), b"8 bytes.", b"rights..")

    assert Cursor.read(one.written()) == one
    for wrong in ("", "x", "=", one.written()[:-2], "B" + one.written()[1:], "é" * 56):
        assert Cursor.read(wrong) is None
    # The database numbers transactions and positions within 63 bits.
    for forged in (Place(2**40, 2**63), Place(2**63, 2**50)):
        assert Cursor.read(replace(one, place=forged).written()) is None
    assert before(7) < Place(7, 0) < Place(7, 1) < before(8)
