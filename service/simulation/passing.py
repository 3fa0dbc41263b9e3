"""Time passes in one tenant: what the worker would do, all that is due in one transaction.

The worker serves every tenant and takes each piece alone, so that a broken one stops no other. A
simulation has one tenant and a clock of its own, and a fault of a reaction is a fault of the story.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from service.simulation.lending import Reactions
from service.work import Transactions, UnitOfWork

_EVENTS = """
WITH stamped AS (
    UPDATE app.outbox SET published_at = $2
    WHERE tenant_id = $1 AND published_at IS NULL AND at <= $2
    RETURNING kind, body, position
) SELECT kind, body FROM stamped WHERE kind = ANY($3::text[]) ORDER BY position
"""
_NEXT = """
SELECT EXISTS (SELECT FROM app.tenant WHERE tenant_id = $1) AS here, least(
    (SELECT min(due_at) FROM app.timer
     WHERE tenant_id = $1 AND fired_at IS NULL AND due_at <= $2),
    (SELECT $3::timestamptz WHERE EXISTS (
        SELECT FROM app.outbox
        WHERE tenant_id = $1 AND published_at IS NULL AND at <= $3 AND kind = ANY($4::text[])))
) AS due
"""
_TIMERS = """
WITH fired AS (
    UPDATE app.timer SET fired_at = $2 WHERE tenant_id = $1 AND fired_at IS NULL AND due_at <= $2
    RETURNING kind, subject_id, due_at, id
) SELECT kind, subject_id FROM fired ORDER BY due_at, id
"""


async def next_due(
    transactions: Transactions, tenant_id: UUID, until: datetime, heard: Collection[str] = ()
) -> datetime | None:
    """Return when there is next something to do in a tenant, if that is not after an instant.

    Args:
        transactions: whose clock says what now is.
        tenant_id: the tenant.
        until: the instant by which a timer is due.
        heard: kinds of events; where one of them waits, there is something to do now.
    """
    row = await transactions.readings.read(
        tenant_id, _NEXT, [tenant_id, until, transactions.clock.now(), list(heard)]
    )
    due: datetime | None = row["due"]
    return due


async def pass_once(transactions: Transactions, tenant_id: UUID, reactions: Reactions) -> None:
    """Let events be heard and due timers fire; what follows from that may wait afterwards."""

    async def step(work: UnitOfWork) -> None:
        # Events first: who has followed up meanwhile is not told that he is late.
        events = await work.fetch(_EVENTS, tenant_id, work.now, list(reactions.heard))
        for event in events:
            await reactions.hear(work, event["kind"], event["body"])
        timers = await work.fetch(_TIMERS, tenant_id, work.now)
        for timer in timers:
            await reactions.timers[timer["kind"]](work, timer["subject_id"])

    await transactions.internally(tenant_id, "let_time_pass", step)


async def pass_to(transactions: Transactions, tenant_id: UUID, reactions: Reactions) -> None:
    """Bring a tenant to the clock: events are heard, due timers fire, until all is quiet."""
    now = transactions.clock.now()
    while await next_due(transactions, tenant_id, now, reactions.heard) is not None:
        await pass_once(transactions, tenant_id, reactions)
