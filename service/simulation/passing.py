"""Time passes in one tenant: what the worker would do, all that is due in one transaction.

The worker serves every tenant and takes each piece alone, so that a broken one stops no other. A
simulation has one tenant and a clock of its own, and a fault of a reaction is a fault of the story.
"""

from datetime import datetime
from uuid import UUID

from service.simulation.lending import Reactions
from service.work import Caller, Transactions, UnitOfWork

_EVENTS = """
WITH stamped AS (
    UPDATE app.outbox SET published_at = $2
    WHERE tenant_id = $1 AND published_at IS NULL AND at <= $2
    RETURNING kind, body, position
) SELECT kind, body FROM stamped WHERE kind = ANY($3::text[]) ORDER BY position
"""
_TIMERS = """
WITH fired AS (
    UPDATE app.timer SET fired_at = $2 WHERE tenant_id = $1 AND fired_at IS NULL AND due_at <= $2
    RETURNING kind, subject_id, due_at, id
) SELECT kind, subject_id FROM fired ORDER BY due_at, id
"""


async def next_due(transactions: Transactions, tenant_id: UUID, until: datetime) -> datetime | None:
    """Return when the tenant's next timer is due, if that is not after an instant."""
    async with transactions.sight(Caller(tenant_id, None, "simulation")) as sight:
        due: datetime | None = await sight.fetch_value(
            "SELECT min(due_at) FROM app.timer"
            " WHERE tenant_id = $1 AND fired_at IS NULL AND due_at <= $2",
            tenant_id,
            until,
        )
    return due


async def pass_to(transactions: Transactions, tenant_id: UUID, reactions: Reactions) -> None:
    """Bring a tenant to the clock: events are heard, due timers fire, until all is quiet."""

    async def step(work: UnitOfWork) -> int:
        # Events first: who has followed up meanwhile is not told that he is late.
        events = await work.fetch(_EVENTS, tenant_id, work.now, list(reactions.heard))
        for event in events:
            await reactions.hear(work, event["kind"], event["body"])
        timers = await work.fetch(_TIMERS, tenant_id, work.now)
        for timer in timers:
            await reactions.timers[timer["kind"]](work, timer["subject_id"])
        return len(events) + len(timers)

    while await transactions.internally(tenant_id, "let_time_pass", step):
        pass
