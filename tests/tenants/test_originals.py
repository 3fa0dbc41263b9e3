"""A tenant that is copied for a test is what the product makes."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import asyncpg
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.database.connections import Location, connected
from service.work import Transactions
from tests.builders.originals import originals

_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE a.attname = 'tenant_id' AND c.relnamespace = 'app'::regnamespace
   AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""
_KEYS = """
SELECT conrelid::regclass::text AS at, confrelid::regclass::text AS to,
       (SELECT array_agg(attname::text ORDER BY n) FROM unnest(conkey) WITH ORDINALITY k(num, n)
          JOIN pg_attribute ON attrelid = conrelid AND attnum = num) AS columns,
       (SELECT array_agg(attname::text ORDER BY n) FROM unnest(confkey) WITH ORDINALITY k(num, n)
          JOIN pg_attribute ON attrelid = confrelid AND attnum = num) AS others
  FROM pg_constraint
 WHERE contype = 'f' AND connamespace = 'app'::regnamespace AND conparentid = 0
"""
# Everybody's own.
_OWN = {"tenant": ("code",), "audit_event": ("request_id",)}


async def _rows(
    superuser: "asyncpg.Connection[Any]", tenant: TenantHandle
) -> dict[str, Counter[str]]:
    """Return how often each row is there, by table; of ids, whether there is one."""
    found = {}
    for (table,) in await superuser.fetch(_TABLES):
        records = await superuser.fetch(
            f"SELECT * FROM app.{table} WHERE tenant_id = $1", tenant.id
        )
        own = (*_OWN.get(table, ()), "transaction")
        found[table] = Counter(
            str({name: _plain(value) for name, value in row.items() if name not in own})
            for row in records
        )
    return found


def _plain(value: object) -> object:
    return "an id" if isinstance(value, asyncpg.pgproto.pgproto.UUID) else value


async def test_a_copy_has_the_rows_of_one_that_was_made_at_its_instant(
    transactions: Transactions, clock: ManualClock, location: Location
) -> None:
    await a_tenant(transactions)
    clock.set(datetime(2026, 7, 9, 17, 30, tzinfo=UTC))
    copied = await a_tenant(transactions)
    kept = originals.pop(transactions._pool)
    try:
        made = await a_tenant(transactions)
    finally:
        originals[transactions._pool] = kept
    async with connected(location, "postgres") as superuser:
        assert await _rows(superuser, copied) == await _rows(superuser, made)


async def test_what_a_copy_refers_to_is_its_own(
    transactions: Transactions, location: Location
) -> None:
    await a_tenant(transactions)
    copied = await a_tenant(transactions)
    written = originals[transactions._pool].written
    async with connected(location, "postgres") as superuser:
        for key in await superuser.fetch(_KEYS):
            if key["at"].removeprefix("app.") not in written:
                continue
            pairs = list(zip(key["columns"], key["others"], strict=True))
            told = " AND ".join(f"a.{here} IS NOT NULL" for here, _ in pairs)
            same = " AND ".join(f"b.{there} = a.{here}" for here, there in pairs)
            lost = await superuser.fetchval(
                f"SELECT count(*) FROM {key['at']} a WHERE a.tenant_id = $1 AND {told}"
                f" AND NOT EXISTS (SELECT FROM {key['to']} b WHERE {same})",
                copied.id,
            )
            assert lost == 0, key
    assert copied.admin_id in {
        row["id"] for row in await copied.rows("SELECT id FROM app.member WHERE tenant_id = $1")
    }
