"""The unit of work: one transaction of one tenant for one caller at one instant.

A command is `async def command(work, order) -> result`. `Transactions.carry_out` opens the
transaction, takes the client's key, loads the caller, locks the command's anchor, runs the
command, writes the journal, commits; and does all of it again when another transaction won.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar, get_type_hints
from uuid import UUID

import asyncpg

from service.clock import Clock, monotonic_seconds, new_id
from service.database.constraints import is_lost_race, refusal_of
from service.database.session import Row, Session, WriteMissed
from service.errors import (
    Busy,
    Forbidden,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    NotSignedIn,
    TenantSuspended,
    Unavailable,
)
from service.journal.entries import Event, digest, kind_of, plain
from service.journal.tables import AuditEvent, Decision, Outbox
from service.policies.access import Actor, CompiledTenant, Record, Verdict

_O = TypeVar("_O")
_R = TypeVar("_R")
_A = TypeVar("_A")

_ATTEMPTS = 5
_RECONNECT_SECONDS = 20.0
NOBODY = UUID(int=0)
CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    ConnectionError,
    FileNotFoundError,
)
_LOST_RACE = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, WriteMissed)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, from his token; a null member is the product itself (timers, provisioning)."""

    tenant_id: UUID
    member_id: UUID | None
    request_id: str
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class TenantFacts:
    """What a command may need to know of its tenant."""

    id: UUID
    code: str
    time_zone: str
    phone_region: str
    currency: str
    locale: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """The one row a command locks first: the database decides who of two is earlier.

    Attributes:
        table, column: where the row is found; `column` is unique within the tenant.
        attribute: the order's attribute that holds its value.
    """

    table: str
    column: str
    attribute: str


class CallerSource(Protocol):
    """Loads callers: `columns` is SQL over $1 tenant, $2 member, $3 now, giving one JSON value."""

    columns: ClassVar[str]

    async def load(self, session: Session, found: Row, caller: Caller) -> "Loaded":
        """Return the caller's actor under the tenant's compiled policy."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A caller ready to be judged."""

    actor: Actor
    policy: CompiledTenant
    tenant: TenantFacts


class Sight(Session):
    """A caller's transaction for reading: session, actor, policy, tenant, instant."""

    def __init__(
        self, connection: "asyncpg.Connection[Any]", caller: Caller, now: datetime
    ) -> None:
        super().__init__(connection, caller.tenant_id)
        self.caller = caller
        self.now = now
        self.request_id = caller.request_id
        self._loaded: Loaded | None = None

    def enter(self, loaded: Loaded) -> None:
        """Take the loaded caller; once, by whoever opens the transaction."""
        self._loaded = loaded

    @property
    def loaded(self) -> Loaded:
        """The caller as loaded."""
        if self._loaded is None:
            raise RuntimeError("the caller is not loaded yet")
        return self._loaded

    @property
    def actor(self) -> Actor:
        """Who acts, with all he holds at this instant."""
        return self.loaded.actor

    @property
    def policy(self) -> CompiledTenant:
        """The tenant's compiled duties."""
        return self.loaded.policy

    @property
    def tenant(self) -> TenantFacts:
        """The tenant's settings."""
        return self.loaded.tenant

    @property
    def by_product(self) -> bool:
        """Whether no person acts but the product: a timer, a reaction, provisioning."""
        return self.caller.member_id is None

    def new_id(self) -> UUID:
        """Make an id that carries this instant."""
        return new_id(self.now)

    def note(
        self,
        command: str,
        subject: tuple[str, UUID] | None = None,
        verdict: Verdict | None = None,
        **details: object,
    ) -> None:
        """Write an audit line with the next flush."""
        grant = verdict.grant if verdict else None
        self.add(
            AuditEvent(
                tenant_id=self.tenant_id,
                id=self.new_id(),
                at=self.now,
                actor_id=self.caller.member_id,
                on_behalf_of_id=verdict.acts_as if verdict else None,
                command=command,
                duty=grant.duty if grant else None,
                subject_type=subject[0] if subject else None,
                subject_id=subject[1] if subject else None,
                details=plain(details),
                request_id=self.request_id,
            )
        )


class UnitOfWork(Sight):
    """A command's transaction: what it may do, what it writes, what it tells the world."""

    def __init__(
        self, connection: "asyncpg.Connection[Any]", caller: Caller, now: datetime
    ) -> None:
        super().__init__(connection, caller, now)
        self.anchor: dict[str, Any] | None = None
        self.authorised = False
        self._verdict: Verdict | None = None
        self._subject: tuple[str, UUID] | None = None
        self._details: dict[str, object] = {}
        self._events: list[Event] = []

    def authorise(self, action: str, record: Record | None = None) -> Verdict:
        """Let the caller's duties decide; the verdict goes into the audit line.

        Raises:
            Forbidden: no duty allows it, or one forbids it; the sentence names the nearest miss.
        """
        self.authorised = True
        if self.by_product:
            return Verdict(allowed=True)
        verdict = self.policy.check(self.actor, action, record)
        if not verdict.allowed:
            reason = self.policy.explain(self.actor, action, record, self.actor.locale)
            raise Forbidden(action=action, reason=str(reason))
        if self._verdict is None:
            self._verdict = verdict
        return verdict

    def concerns(self, kind: str, subject_id: UUID, **details: object) -> None:
        """Name the record the command is about, and what the audit should keep of it."""
        self._subject = (kind, subject_id)
        self._details.update(details)

    def emit(self, *events: Event) -> None:
        """Tell what happened; it is published after the commit."""
        self._events += events

    def decided(self, decision: Decision) -> UUID:
        """Keep a decision with its facts; returns its id."""
        self.add(decision)
        return decision.id

    def schedule(self, kind: str, subject_id: UUID, due_at: datetime) -> None:
        """Have the worker look at a record once an instant has passed."""
        self.write(
            "timer",
            "INSERT INTO app.timer (tenant_id, id, kind, subject_id, due_at)"
            " VALUES ({}::uuid, {}::uuid, {}::text, {}::uuid, {}::timestamptz)"
            " ON CONFLICT (tenant_id, kind, subject_id, due_at) DO NOTHING",
            self.tenant_id,
            self.new_id(),
            kind,
            subject_id,
            due_at,
        )

    async def finish(self, name: str) -> None:
        """Write the journal and everything pending, in one statement."""
        self.note(name, self._subject, self._verdict, **self._details)
        for event in self._events:
            body = plain(event)
            self.add(
                Outbox(
                    tenant_id=self.tenant_id,
                    id=self.new_id(),
                    at=self.now,
                    kind=kind_of(event),
                    subject_id=event.subject_id,
                    body=body,
                )
            )
        self._events = []
        await self.flush()


Command = Callable[[UnitOfWork, _O], Awaitable[_R]]
Answer = Callable[[UnitOfWork, _R], Awaitable[_A]]


@dataclass(frozen=True, slots=True)
class Done(Generic[_R, _A]):
    """A command's outcome.

    Attributes:
        result: what the command returned, now or the first time.
        answer: what was read for the caller in the same transaction, under today's rights.
        replayed: the key had been carried out before; nothing was written now.
    """

    result: _R
    answer: _A
    replayed: bool


@dataclass(slots=True)
class _Attempt:
    """What one run of a command needs besides the order."""

    caller: Caller
    key: str
    name: str
    digest: str
    now: datetime
    command_id: UUID = field(default_factory=new_id)


_CLAIM = """
WITH claimed AS (
    INSERT INTO app.command
        (tenant_id, id, principal, idempotency_key, name, digest, received_at)
    VALUES ($1, $4, $2, $5, $6, $7, $3)
    ON CONFLICT (tenant_id, principal, idempotency_key) DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT FROM claimed) AS claimed, {caller} AS caller{anchor}
"""
# The lock waits behind the key: a repeated command waits for its first run, not for the queue.
_ANCHOR = """,
    (SELECT row_to_json(locked) FROM (
        SELECT * FROM app.{table} a
        WHERE a.tenant_id = $1 AND a.{column} = $8 AND EXISTS (SELECT FROM claimed)
        FOR NO KEY UPDATE
    ) locked) AS anchor
"""


class Transactions:
    """Opens units of work and sights on one cluster."""

    def __init__(self, pool: "asyncpg.Pool[Any]", clock: Clock, callers: CallerSource) -> None:
        self._pool = pool
        self._callers = callers
        self.clock = clock

    async def carry_out(
        self,
        caller: Caller,
        key: str,
        order: _O,
        command: Command[_O, _R],
        answer: Answer[_R, _A],
    ) -> Done[_R, _A]:
        """Run a command once for a key, however often it is asked for.

        Raises:
            Refusal: the command's own, or IdempotencyKeyReused, Busy, Unavailable.
        """
        attempt = _Attempt(
            caller=caller,
            key=key,
            name=command.__name__,
            digest=digest(command.__name__, order),
            now=self.clock.now(),
        )

        async def once() -> Done[_R, _A]:
            async with self._begun(UnitOfWork, caller, attempt.now) as work:
                return await self._run(work, attempt, order, command, answer)

        return await _again(once)

    async def internally(
        self,
        tenant_id: UUID,
        name: str,
        step: Callable[[UnitOfWork], Awaitable[_R]],
    ) -> _R:
        """Run a step of the product itself: a timer, a reaction, provisioning. It has no key."""
        caller = Caller(tenant_id, None, f"product-{new_id()}")
        now = self.clock.now()

        async def once() -> _R:
            async with self._begun(UnitOfWork, caller, now) as work:
                row = await work.fetch_one(
                    f"SELECT {self._callers.columns} AS caller", tenant_id, NOBODY, now
                )
                if row is not None and row["caller"] is not None:
                    work.enter(await self._callers.load(work, row["caller"], caller))
                result = await step(work)
                await work.finish(name)
                return result

        return await _again(once)

    @asynccontextmanager
    async def sight(self, caller: Caller) -> AsyncIterator[Sight]:
        """Open a caller's transaction for reading; audit lines noted in it are written."""
        now = self.clock.now()
        async with self._begun(Sight, caller, now) as sight:
            row = await sight.fetch_one(
                f"SELECT {self._callers.columns} AS caller",
                caller.tenant_id,
                caller.member_id or NOBODY,
                now,
            )
            sight.enter(await self._callers.load(sight, _known(row), caller))
            yield sight
            await sight.flush()

    async def _run(
        self,
        work: UnitOfWork,
        attempt: _Attempt,
        order: _O,
        command: Command[_O, _R],
        answer: Answer[_R, _A],
    ) -> Done[_R, _A]:
        row = await self._claim(work, attempt, order)
        work.enter(await self._callers.load(work, _known(row), attempt.caller))
        if not row["claimed"]:
            result = await _stored(work, attempt, command)
            return Done(result, await answer(work, result), replayed=True)
        work.anchor = row.get("anchor")
        result = await command(work, order)
        if not work.authorised:
            raise RuntimeError(f"{attempt.name} asked no duty")
        work.write(
            "command",
            "UPDATE app.command SET answer = {}::jsonb"
            " WHERE tenant_id = {}::uuid AND id = {}::uuid",
            plain(result),
            work.tenant_id,
            attempt.command_id,
            expected=1,
        )
        await work.finish(attempt.name)
        return Done(result, await answer(work, result), replayed=False)

    async def _claim(self, work: UnitOfWork, attempt: _Attempt, order: object) -> Row:
        anchor: Anchor | None = getattr(type(order), "anchor", None)
        arguments: list[object] = [
            attempt.caller.tenant_id,
            attempt.caller.member_id or NOBODY,
            attempt.now,
            attempt.command_id,
            attempt.key,
            attempt.name,
            attempt.digest,
        ]
        lock = ""
        if anchor is not None:
            lock = _ANCHOR.format(table=anchor.table, column=anchor.column)
            arguments.append(getattr(order, anchor.attribute))
        try:
            row = await work.fetch_one(
                _CLAIM.format(caller=self._callers.columns, anchor=lock), *arguments
            )
        except asyncpg.ForeignKeyViolationError as error:
            # The token names a tenant this cluster does not have.
            raise NotSignedIn from error
        return row

    @asynccontextmanager
    async def _begun(self, kind: "type[_S]", caller: Caller, now: datetime) -> "AsyncIterator[_S]":
        async with self._pool.acquire() as connection:
            # The id is a UUID object: its text cannot hold anything but hex and dashes.
            await connection.execute(
                f"BEGIN; SELECT set_config('app.tenant_id', '{caller.tenant_id}', true)"
            )
            try:
                yield kind(connection, caller, now)
                await connection.execute("COMMIT")
            except BaseException:
                await asyncio.shield(_undo(connection))
                raise


_S = TypeVar("_S", bound=Sight)


async def _undo(connection: "asyncpg.Connection[Any]") -> None:
    if not connection.is_closed():
        try:
            await connection.execute("ROLLBACK")
        except (asyncpg.PostgresError, *CONNECTION_LOST):
            connection.terminate()


def _known(row: Row | None) -> Row:
    found = row["caller"] if row is not None else None
    if found is None:
        raise NotSignedIn
    if found["tenant"]["state"] != "ACTIVE":
        raise TenantSuspended
    return found


async def _stored(work: UnitOfWork, attempt: _Attempt, command: Command[Any, _R]) -> _R:
    row = await work.fetch_one(
        "SELECT digest, answer FROM app.command"
        " WHERE tenant_id = $1 AND principal = $2 AND idempotency_key = $3",
        work.tenant_id,
        attempt.caller.member_id or NOBODY,
        attempt.key,
    )
    if row is None:
        raise IdempotencyInProgress
    if row["digest"] != attempt.digest:
        raise IdempotencyKeyReused(field=("input", "idempotencyKey"))
    result: _R = _restored(get_type_hints(command)["return"], row["answer"])
    return result


def _restored(kind: Any, value: Any) -> Any:  # noqa: ANN401 - as annotated by the command
    if kind is UUID:
        return UUID(value)
    if hasattr(kind, "__dataclass_fields__"):
        hints = get_type_hints(kind)
        return kind(**{name: _restored(hints[name], item) for name, item in value.items()})
    options = getattr(kind, "__args__", ())
    if UUID in options and isinstance(value, str):
        return UUID(value)
    if UUID in options and isinstance(value, list):
        return type(value)(UUID(item) for item in value)
    return value


async def _again(once: Callable[[], Awaitable[_R]]) -> _R:
    """Run until won: lost races a few times, a lost connection for twenty seconds (3.2)."""
    started = monotonic_seconds()
    attempt = 0
    while True:
        attempt += 1
        try:
            return await once()
        except asyncpg.IntegrityConstraintViolationError as error:
            name = error.constraint_name
            refusal = refusal_of(name, error.detail)
            if refusal is not None:
                raise refusal from error
            if not is_lost_race(name) or attempt >= _ATTEMPTS:
                raise
        except _LOST_RACE as error:
            if attempt >= _ATTEMPTS:
                raise Busy from error
        except (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError) as error:
            raise Busy from error
        except CONNECTION_LOST as error:
            if monotonic_seconds() - started > _RECONNECT_SECONDS:
                raise Unavailable from error
            await asyncio.sleep(0.2)
        await asyncio.sleep(_pause(attempt))


def _pause(attempt: int) -> float:
    """Return 10 to 160 ms, doubled each time, with jitter, so that two losers part."""
    longest: float = 0.01 * 2.0 ** min(attempt - 1, 4)
    return longest * (0.5 + os.urandom(1)[0] / 512)


async def nothing_more(_work: UnitOfWork, _result: object) -> None:
    """An answer for callers that need only the command's result."""
