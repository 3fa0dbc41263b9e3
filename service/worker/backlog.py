"""How far behind the product is, read across all tenants under the relay's role, for metrics.

Read when somebody asks, and at most every few seconds: whoever scrapes twice as often learns no
more. Events are behind while nobody has published them, timers once they are due and not fired; the
horizon is what feeds wait for, the oldest transaction that is still open.
"""

from typing import Any, Final

import asyncpg

from service.clock import Clock, monotonic_seconds
from service.telemetry.metrics import Gauge

_FRESH_SECONDS: Final = 5.0
_BEHIND: Final = """
SELECT
    (SELECT count(*) FROM app.outbox o WHERE o.published_at IS NULL) AS events,
    (SELECT min(o.at) FROM app.outbox o WHERE o.published_at IS NULL) AS oldest,
    (SELECT count(*) FROM app.timer t WHERE t.fired_at IS NULL AND t.due_at <= $1) AS timers,
    (SELECT min(t.due_at) FROM app.timer t WHERE t.fired_at IS NULL AND t.due_at <= $1) AS due,
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint
        - pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon
"""

EVENTS = Gauge("events_unpublished", "Events in the outbox that no worker has published yet.")
EVENTS_SECONDS = Gauge("events_behind_seconds", "Age of the oldest unpublished event.")
TIMERS = Gauge("timers_overdue", "Timers that are due and not fired.")
TIMERS_SECONDS = Gauge("timers_overdue_seconds", "How long the oldest of them has been due.")
HORIZON = Gauge(
    "horizon_transactions",
    "Transactions between the oldest open one and the newest: what feeds wait for.",
)
READ = Gauge("backlog_read", "1 when the figures of the backlog could be read just now, else 0.")


class Backlog:
    """Looks at the database when asked."""

    def __init__(self, relay_pool: "asyncpg.Pool[Any]", clock: Clock) -> None:
        self._relay = relay_pool
        self._clock = clock
        self._fresh_until = 0.0

    async def look(self) -> None:
        """Bring the gauges up to date; where the database is away they keep what they had."""
        if monotonic_seconds() < self._fresh_until:
            return
        self._fresh_until = monotonic_seconds() + _FRESH_SECONDS
        now = self._clock.now()
        try:
            row = await self._relay.fetchrow(_BEHIND, now, timeout=_FRESH_SECONDS)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            READ.set(0)
            return
        READ.set(1)
        EVENTS.set(row["events"])
        TIMERS.set(row["timers"])
        HORIZON.set(row["horizon"])
        for gauge, since in ((EVENTS_SECONDS, row["oldest"]), (TIMERS_SECONDS, row["due"])):
            gauge.set(0 if since is None else max(0.0, (now - since).total_seconds()))
