"""Ledgers kept by month: the parts are made ahead, and what fell beside them is put right.

A line whose month has no part goes into the ledger's `_default` part: nothing is lost or refused,
but such a part grows without bound and cannot be set aside by month, so that a line in it is an
alarm. `keep_parts` makes the missing months and moves the lines there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import asyncpg

from service.database.connections import Location, connected
from service.database.security import MIGRATION, OWNER, RELAY, wall_of_partition
from service.database.tables import SCHEMA

MONTHS_AHEAD = 3
# Names the one lock that keeps migrations, and whoever makes parts, from each other.
DEFINITION_LOCK = 7_310_418

_LEDGERS = """
SELECT c.relname FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
WHERE c.relnamespace = $1::regnamespace AND p.partstrat = 'r' ORDER BY c.relname
"""
_PARTS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = $1::regclass
"""


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Lines of a ledger that no month has a part for; instants are the first's and the last's."""

    ledger: str
    lines: int
    first_at: datetime
    last_at: datetime


def first_of_month(instant: datetime) -> date:
    """Return the first day of an instant's month, in UTC as the parts are cut."""
    return instant.astimezone(UTC).date().replace(day=1)


def next_month(first: date) -> date:
    """Return the first day of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def months(since: date, until: date) -> list[date]:
    """Return the first days of the months from one to another, both included."""
    found = [since]
    while found[-1] < until:
        found.append(next_month(found[-1]))
    return found


def months_ahead(now: datetime, since: datetime | None = None) -> list[date]:
    """Return the months that must have a part: this one, three more, and those since an instant."""
    this = first_of_month(now)
    last = this
    for _ in range(MONTHS_AHEAD):
        last = next_month(last)
    return months(min(this, first_of_month(since)) if since else this, last)


def month_part(ledger: str, month: date) -> list[str]:
    """Return the statements that make a ledger's part for a month.

    Attached, not created in place: that would lock out everybody who writes.
    """
    name = _part_name(ledger, month)
    bounds = f"FROM ('{month}T00:00:00Z') TO ('{next_month(month)}T00:00:00Z')"
    return [*_part(ledger, name), _attach(ledger, name, f"FOR VALUES {bounds}")]


def default_part(ledger: str) -> list[str]:
    """Return the statements that make a ledger's part for lines that no month has a part for.

    The relay may count them and sees whose and when they are; of their contents it sees nothing.
    """
    name = f"{ledger}_default"
    return [
        *_part(ledger, name),
        f"GRANT SELECT (tenant_id, at) ON {SCHEMA}.{name} TO {RELAY}",
        _attach(ledger, name, "DEFAULT"),
    ]


def _part_name(ledger: str, month: date) -> str:
    return f"{ledger}_{month:%Y_%m}"


def _part(ledger: str, name: str) -> list[str]:
    made = f"CREATE TABLE {SCHEMA}.{name} (LIKE {SCHEMA}.{ledger} INCLUDING ALL)"
    return [made, *wall_of_partition(name)]


def _attach(ledger: str, name: str, bounds: str) -> str:
    return f"ALTER TABLE {SCHEMA}.{ledger} ATTACH PARTITION {SCHEMA}.{name} {bounds}"


async def misplaced(relay: "asyncpg.Pool[Any]") -> list[Misplaced]:
    """Count what lies in the `_default` part of each ledger; an empty answer is the only good one.

    Args:
        relay: a pool under `bailiwick_relay`, which may count there.
    """
    found = []
    for ledger in await relay.fetch(_LEDGERS, SCHEMA):
        name = ledger["relname"]
        row = await relay.fetchrow(
            f"SELECT count(*) AS lines, min(at) AS first_at, max(at) AS last_at"
            f" FROM {SCHEMA}.{name}_default"
        )
        if row is not None and row["lines"]:
            found.append(Misplaced(name, **row))
    return found


async def keep_parts(location: Location, now: datetime, since: datetime | None = None) -> int:
    """Make the parts that are missing and move what fell beside them; return how many were made.

    A second time changes nothing. Each ledger is done in a transaction of its own.

    Args:
        location: the database; our migration role signs in there.
        now: this month and the three after it get a part.
        since: so do those from this instant on.
    """
    made = 0
    async with connected(location, MIGRATION) as connection:
        await connection.execute(f"SET lock_timeout = '3s'; SET ROLE {OWNER}")
        for row in await connection.fetch(_LEDGERS, SCHEMA):
            async with connection.transaction():
                await connection.execute(f"SELECT pg_advisory_xact_lock({DEFINITION_LOCK})")
                made += await _keep(connection, row["relname"], months_ahead(now, since))
    return made


async def _keep(connection: "asyncpg.Connection[Any]", ledger: str, wanted: Sequence[date]) -> int:
    default = f"{SCHEMA}.{ledger}_default"
    # An empty part has no page. To count as the owner would count nothing: row security holds him.
    if await connection.fetchval("SELECT pg_relation_size($1::regclass)", default):
        return await _rehouse(connection, ledger, wanted)
    return await _make(connection, ledger, wanted)


async def _make(connection: "asyncpg.Connection[Any]", ledger: str, wanted: Iterable[date]) -> int:
    rows = await connection.fetch(_PARTS, f"{SCHEMA}.{ledger}")
    there = {row["relname"] for row in rows}
    missing = [month for month in wanted if _part_name(ledger, month) not in there]
    for month in missing:
        for statement in month_part(ledger, month):
            await connection.execute(statement)
    return len(missing)


async def _rehouse(
    connection: "asyncpg.Connection[Any]", ledger: str, wanted: Sequence[date]
) -> int:
    """Empty the `_default` part: a month cannot be made while lines of it lie there."""
    parent, default = f"{SCHEMA}.{ledger}", f"{SCHEMA}.{ledger}_default"
    await connection.execute(f"ALTER TABLE {parent} DETACH PARTITION {default}")
    # Seen by nobody else before the commit; the walls are whole again then.
    for table in (parent, default):
        await connection.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    rows = await connection.fetch(
        f"SELECT DISTINCT date_trunc('month', at AT TIME ZONE 'UTC')::date AS month FROM {default}"
    )
    made = await _make(connection, ledger, sorted({*wanted, *(row["month"] for row in rows)}))
    await connection.execute(f"INSERT INTO {parent} SELECT * FROM {default}")
    await connection.execute(f"DROP TABLE {default}")
    for statement in default_part(ledger):
        await connection.execute(statement)
    await connection.execute(f"ALTER TABLE {parent} FORCE ROW LEVEL SECURITY")
    return made
