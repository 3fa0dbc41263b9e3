"""What nobody can ask the outbox for any more; the worker removes it once a day."""

from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

# Streams are replayed for a day; whoever sends events on by himself is given a week.
KEPT: Final = timedelta(days=8)
_AT_ONCE: Final = 2000

_TENANTS: Final = """
WITH RECURSIVE tenants AS (
    (SELECT tenant_id FROM app.outbox ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT o.tenant_id FROM app.outbox o WHERE o.tenant_id > t.tenant_id
            ORDER BY o.tenant_id LIMIT 1)
    FROM tenants t WHERE t.tenant_id IS NOT NULL
)
SELECT tenant_id FROM tenants WHERE tenant_id IS NOT NULL
"""
# In the order of the index, oldest first: what goes is found at its beginning.
_PUBLISHED: Final = """
DELETE FROM app.outbox o USING (
    SELECT x.id FROM app.outbox x WHERE x.tenant_id = $1 AND x.published_at < $2
    ORDER BY x.transaction, x.position LIMIT $3
) old
WHERE o.tenant_id = $1 AND o.id = old.id
"""
_SILENT: Final = "DELETE FROM app.outbox_listener WHERE tenant_id = $1 AND expires_at < $2"


async def purge(relay: "asyncpg.Pool[Any]", now: datetime) -> int:
    """Remove events that were published long ago, and listeners that are gone; return how many.

    What is not published yet stays, however old it is.
    """
    total = 0
    for row in await relay.fetch(_TENANTS):
        tenant_id = row["tenant_id"]
        total += _count(await relay.execute(_SILENT, tenant_id, now))
        while True:
            gone = _count(await relay.execute(_PUBLISHED, tenant_id, now - KEPT, _AT_ONCE))
            total += gone
            # A few at a time: no command waits behind a week of rows.
            if gone < _AT_ONCE:
                break
    return total


def _count(status: str) -> int:
    return int(status.rsplit(" ", 1)[-1])
