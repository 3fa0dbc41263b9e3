"""Finds what is due under the relay's role, and does it under the application's, tenant by tenant.

The relay only finds; each piece is claimed again inside its tenant's own transaction with SKIP
LOCKED. So two workers at once, a late one, or one that died half-way all come to the same.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from service.clock import Clock, monotonic_seconds, new_id
from service.journal.tables import Outbox
from service.telemetry.tracing import Tracer
from service.timers.tables import Timer
from service.work import CONNECTION_LOST, Transactions, UnitOfWork
from service.worker.chores import Chore, Chores
from service.worker.metrics import LOST, PASSED, PIECES, SECONDS
from service.worker.registry import EVENTS, TIMERS, Hearing, OnDue
from service.worker.restoring import restored

_POLL_SECONDS = 1.0
_MOST_PER_TENANT = 200
# How long a piece that failed is left alone, so that it does not fail every second.
_REST_SECONDS = 30.0

_log = structlog.get_logger(__name__)

# Tenants with something open, one index step each; then the first few of each, so that a tenant
# with much to do keeps nobody waiting. Tenants that are suspended or being moved wait.
_OPEN = """
WITH RECURSIVE tenants AS (
    (SELECT tenant_id FROM app.{table} WHERE {open} ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT x.tenant_id FROM app.{table} x
            WHERE x.tenant_id > t.tenant_id AND x.{open} ORDER BY x.tenant_id LIMIT 1)
    FROM tenants t WHERE t.tenant_id IS NOT NULL
)
SELECT t.tenant_id, found.id FROM tenants t
CROSS JOIN LATERAL (
    SELECT x.id FROM app.{table} x
    WHERE x.tenant_id = t.tenant_id AND x.{open} {due} AND x.id <> ALL($1::uuid[])
    ORDER BY x.{order}, x.id LIMIT {most}
) found
WHERE t.tenant_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM app.global_tenant_directory g WHERE g.tenant_id = t.tenant_id
    AND (g.state <> 'ACTIVE' OR g.tenant_state <> 'ACTIVE'))
"""
_DUE_TIMERS = _OPEN.format(
    table="timer",
    open="fired_at IS NULL",
    due="AND x.due_at <= $2",
    order="due_at",
    most=_MOST_PER_TENANT,
)
_UNPUBLISHED = _OPEN.format(
    table="outbox",
    open="published_at IS NULL",
    due="AND x.kind = ANY($2::text[])",
    order="position",
    most=_MOST_PER_TENANT,
)


# What nobody reacts to is only stamped: the feeds read it below the commit horizon.
_STAMP = """
UPDATE app.outbox o SET published_at = $1 FROM (
    SELECT x.tenant_id, x.id FROM app.outbox x
    WHERE x.published_at IS NULL AND x.kind <> ALL($2::text[])
    ORDER BY x.tenant_id, x.position LIMIT 1000 FOR UPDATE SKIP LOCKED
) unheard
WHERE o.tenant_id = unheard.tenant_id AND o.id = unheard.id
"""
_CLAIM_TIMER = """
SELECT kind, subject_id FROM app.timer
WHERE tenant_id = $1 AND id = $2 AND fired_at IS NULL AND due_at <= $3 FOR UPDATE SKIP LOCKED
"""
_CLAIM_EVENT = """
SELECT kind, body FROM app.outbox
WHERE tenant_id = $1 AND id = $2 AND published_at IS NULL FOR UPDATE SKIP LOCKED
"""


class _NotOurs(Exception):
    """Another worker has the piece, or has done it: nothing was written, nothing is."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """One timer or event to be done in its tenant."""

    tenant_id: UUID
    id: UUID


@dataclass(frozen=True, slots=True)
class _Failure:
    """A piece that could not be done, and why."""

    piece: _Piece
    error: Exception


class Worker:
    """Fires due timers and publishes events; any number of workers may run at once."""

    def __init__(
        self,
        relay_pool: "asyncpg.Pool[Any]",
        transactions_for: Callable[[UUID], Transactions],
        clock: Clock,
        *,
        timers: Mapping[str, OnDue] = TIMERS,
        events: Mapping[str, Hearing] = EVENTS,
        chores: Iterable[Chore] = (),
        tracer: Tracer | None = None,
    ) -> None:
        """Take the two ways in.

        Args:
            relay_pool: under `bailiwick_relay`, which sees every tenant's outbox and timers.
            transactions_for: the way into a tenant's own cluster, under `bailiwick_app`.
            clock: read by `run_forever` alone.
            timers: the reaction of each kind of timer.
            events: the reactions to each kind of event.
            chores: what `run_forever` does once a day besides.
            tracer: traces some of the pieces.
        """
        self._relay = relay_pool
        self._transactions_for = transactions_for
        self._clock = clock
        self._timers = timers
        self._events = events
        self._chores = Chores(chores)
        self._tracer = tracer or Tracer()

    async def run_due(self, now: datetime) -> int:
        """Do everything due at an instant and all that follows from it; return how much it was.

        Raises:
            ExceptionGroup: pieces that failed; everything else is done.
        """
        done, failures = await self._run(now, set())
        if failures:
            raise ExceptionGroup("reactions failed", [failure.error for failure in failures])
        return done

    async def run_forever(self) -> None:
        """Look every second, until cancelled; a lost database is waited for."""
        resting: dict[UUID, float] = {}
        while True:
            seconds = monotonic_seconds()
            resting = {piece: until for piece, until in resting.items() if until > seconds}
            try:
                _, failures = await self._run(self._clock.now(), set(resting))
            except (asyncpg.PostgresError, *CONNECTION_LOST, TimeoutError) as error:
                LOST.add()
                _log.warning("worker.database_lost", error=repr(error))
            else:
                PASSED.set(self._clock.now().timestamp())
                for failure in failures:
                    _log.error(
                        "worker.reaction_failed",
                        tenant=str(failure.piece.tenant_id),
                        piece=str(failure.piece.id),
                        exc_info=failure.error,
                    )
                    resting[failure.piece.id] = monotonic_seconds() + _REST_SECONDS
            await self._chores.do_due(self._clock.now())
            await asyncio.sleep(_POLL_SECONDS)

    async def _run(self, now: datetime, left_alone: set[UUID]) -> tuple[int, list[_Failure]]:
        done, failures = 0, list[_Failure]()
        while True:
            # Events first: who has followed up meanwhile is not told that he is late.
            heard = await self._open(_UNPUBLISHED, left_alone, list(self._events))
            count = await self._stamp_unheard(now)
            count += await self._each("event", heard, now, self._publish, failures)
            left_alone |= {failure.piece.id for failure in failures}
            due = await self._open(_DUE_TIMERS, left_alone, now)
            count += await self._each("timer", due, now, self._fire, failures)
            left_alone |= {failure.piece.id for failure in failures}
            if not count:
                return done, failures
            done += count

    async def _open(
        self, statement: str, left_alone: set[UUID], *arguments: object
    ) -> list[_Piece]:
        rows = await self._relay.fetch(statement, list(left_alone), *arguments)
        return [_Piece(row["tenant_id"], row["id"]) for row in rows]

    async def _stamp_unheard(self, now: datetime) -> int:
        status: str = await self._relay.execute(_STAMP, now, list(self._events))
        return int(status.rsplit(" ", 1)[-1])

    async def _each(
        self,
        work: str,
        pieces: Sequence[_Piece],
        now: datetime,
        do: Callable[[_Piece, datetime], Awaitable[None]],
        failures: list[_Failure],
    ) -> int:
        done = 0
        for piece in pieces:
            try:
                await self._watched(work, piece, do(piece, now))
                done += 1
            except _NotOurs:
                continue
            except CONNECTION_LOST:
                raise
            except Exception as error:  # noqa: BLE001 - one broken piece must not stop the others
                failures.append(_Failure(piece, error))
        return done

    async def _watched(self, work: str, piece: _Piece, doing: Awaitable[None]) -> None:
        """Do a piece, counted and perhaps traced."""
        began = monotonic_seconds()
        trace = self._tracer.begin(new_id().hex)
        outcome = "failed"
        try:
            await doing
            outcome = "done"
        except _NotOurs:
            outcome = "anothers"
            raise
        finally:
            PIECES.add(work, outcome)
            SECONDS.observe(monotonic_seconds() - began, work)
            if trace is not None:
                told = {
                    "bailiwick.piece": str(piece.id),
                    "bailiwick.tenant_id": str(piece.tenant_id),
                }
                self._tracer.end(trace, work, {**told}, failed=outcome == "failed")

    async def _fire(self, piece: _Piece, now: datetime) -> None:
        async def step(work: UnitOfWork) -> None:
            row = await work.fetch_one(_CLAIM_TIMER, work.tenant_id, piece.id, now)
            if row is None:
                raise _NotOurs
            work.change(Timer, piece.id, {"fired_at": work.now})
            await self._timers[row["kind"]](work, row["subject_id"])

        await self._transactions_for(piece.tenant_id).internally(
            piece.tenant_id, "fire_timer", step
        )

    async def _publish(self, piece: _Piece, _now: datetime) -> None:
        async def step(work: UnitOfWork) -> None:
            row = await work.fetch_one(_CLAIM_EVENT, work.tenant_id, piece.id)
            if row is None:
                raise _NotOurs
            work.change(Outbox, piece.id, {"published_at": work.now})
            hearing = self._events[row["kind"]]
            event = restored(hearing.event, row["body"])
            for react in hearing.reactions:
                await react(work, event)

        await self._transactions_for(piece.tenant_id).internally(
            piece.tenant_id, "publish_event", step
        )
