"""Reads the outbox in its final order: for all tenants of a process at once, or back for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg

from service.delivery.places import Place, before
from service.delivery.topics import KINDS, Row, Topic

MOST_ROWS: Final = 500

# Rows of transactions that others may still come before are shown too, so that the reader knows
# to look again soon; they are not taken.
_AFTER: Final = f"""
SELECT w.tenant_id, h.horizon, o.transaction, o.position, o.kind, o.at, o.body
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon) h
CROSS JOIN unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS w(tenant_id, transaction, position)
LEFT JOIN LATERAL (
    SELECT x.transaction, x.position, x.kind, x.at, x.body FROM app.outbox x
    WHERE x.tenant_id = w.tenant_id AND (x.transaction, x.position) > (w.transaction, w.position)
      AND x.kind = ANY($4::text[])
    ORDER BY x.transaction, x.position LIMIT {MOST_ROWS}
) o ON TRUE
ORDER BY w.tenant_id, o.transaction, o.position
"""
# A copy of the data folder has another system identifier, a restore another timeline, a copy of
# the database another number.
DATABASE: Final = """
SELECT s.system_identifier || '/' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)
    || '/' || d.oid AS database
FROM pg_control_system() s, pg_database d WHERE d.datname = current_database()
"""
HORIZON: Final = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"

Connection = Any  # asyncpg's connection, or its pool's proxy of one


@dataclass(frozen=True, slots=True)
class Page:
    """What happened in one tenant after a place.

    Attributes:
        rows: in final order.
        place: where the reader stands now.
        more: there is more to read at once.
        held: something is waiting for a transaction that still runs.
    """

    rows: Sequence[Row]
    place: Place
    more: bool
    held: bool


async def read_after(
    connection: Connection, places: Mapping[UUID, Place], topics: Sequence[Topic] | None = None
) -> dict[UUID, Page]:
    """Return a page for each tenant, in one statement.

    Args:
        connection: under the relay's role.
        places: where each tenant's reader stands.
        topics: what is of interest; everything that can be followed when left out.
    """
    kinds = KINDS if topics is None else sorted({kind for one in topics for kind in one.words})
    rows = await connection.fetch(
        _AFTER,
        list(places),
        [place.transaction for place in places.values()],
        [place.position for place in places.values()],
        kinds,
    )
    grouped: dict[UUID, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["tenant_id"], []).append(row)
    return {tenant: _page(found) for tenant, found in grouped.items()}


def _page(found: Sequence[Row]) -> Page:
    horizon: int = found[0]["horizon"]
    written = [row for row in found if row["transaction"] is not None]
    final = [row for row in written if row["transaction"] < horizon]
    more = len(final) == MOST_ROWS
    if more:
        last = final[-1]
        place = Place(last["transaction"], last["position"])
    else:
        place = before(horizon)
    return Page(final, place, more, len(final) < len(written))


async def horizon(connection: Connection) -> Place:
    """Return the place of who has seen all that is final now."""
    return before(await connection.fetchval(HORIZON))


async def database_of(connection: "asyncpg.Connection[Any]") -> str:
    """Return what tells this life of the database from a restored one."""
    found: str = await connection.fetchval(DATABASE)
    return found
