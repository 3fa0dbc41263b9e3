"""Opens units of work: takes the key, loads the caller, locks the anchor, commits, tries again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final, Generic, TypeVar, get_origin, get_type_hints
from uuid import UUID

import asyncpg

from service.clock import Clock, new_id
from service.database.openings import COMMAND, JOB, SNAPSHOT, STANDING_STILL, Pace
from service.database.pool import PooledConnection, TenantPool
from service.database.session import Row, WrongPlace
from service.errors import (
    IdempotencyInProgress,
    IdempotencyKeyReused,
    Refusal,
    Refusals,
    TenantSuspended,
)
from service.journal.entries import digest, plain
from service.work.beginning import Begun
from service.work.callers import NOBODY, Anchor, Caller, CallerSource
from service.work.installation import Installation
from service.work.readings import Readings
from service.work.retries import again, again_once
from service.work.units import Sight, UnitOfWork

_O = TypeVar("_O")
_R = TypeVar("_R")
_A = TypeVar("_A")

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
    entered: Callable[[UnitOfWork], None] | None
    command_id: UUID = field(default_factory=new_id)


# Where PostgreSQL says that it waited for another's row of the same key.
_AT_THE_KEY: Final = 'relation "command"'
_CLAIM = """
WITH claimed AS (
    INSERT INTO app.command
        (tenant_id, id, principal, idempotency_key, name, digest, received_at)
    VALUES ($1, $4, $2, $5, $6, $7, $3)
    ON CONFLICT (tenant_id, principal, idempotency_key) DO NOTHING RETURNING 1
)
SELECT EXISTS (SELECT FROM claimed) AS claimed, {heard} AS heard, {caller} AS caller{anchor}
"""
_HEARD = """EXISTS (
    SELECT FROM app.outbox_listener l WHERE l.tenant_id = $1::uuid AND l.expires_at > $3)"""
# The lock waits behind the key: a repeated command waits for its first run, not for the queue.
_ANCHOR = """,
    (SELECT row_to_json(locked) FROM (
        SELECT * FROM app.{table} a
        WHERE a.tenant_id = $1 AND a.{column} = $8 AND EXISTS (SELECT FROM claimed)
        FOR NO KEY UPDATE
    ) locked) AS anchor
"""


@cache
def _claim(caller: str, anchor: Anchor | None) -> str:
    lock = "" if anchor is None else _ANCHOR.format(table=anchor.table, column=anchor.column)
    return _CLAIM.format(heard=_HEARD, caller=caller, anchor=lock)


# A tenant that is not there keeps no key: the step itself says so.
_KEPT_OF_NOBODY = """
INSERT INTO app.command (tenant_id, principal, idempotency_key, id, name, digest, received_at)
SELECT $1::uuid, $2::uuid, $3::text, $4::uuid, $5::text, $6::text, $7::timestamptz
WHERE EXISTS (SELECT FROM app.tenant t WHERE t.tenant_id = $1::uuid)
ON CONFLICT (tenant_id, principal, idempotency_key) DO NOTHING RETURNING 1
"""
_ANSWER_OF_NOBODY = """
UPDATE app.command SET answer = $4::jsonb
WHERE tenant_id = $1 AND principal = $2 AND idempotency_key = $3 AND answer IS NULL RETURNING 1
"""
_ANSWERED = """
SELECT digest, answer FROM app.command
WHERE tenant_id = $1 AND principal = $2 AND idempotency_key = $3
"""


@dataclass(frozen=True, slots=True)
class KeptKey:
    """The key of somebody who is no member, and what he asks under it.

    Attributes:
        tenant_id: the tenant it concerns, which keeps it.
        principal: who asks.
        name: what he asks for.
        order: what it is to do.
    """

    tenant_id: UUID
    principal: UUID
    key: str
    name: str
    order: object

    @property
    def digest(self) -> str:
        """What tells it from another one under the same key."""
        return digest(self.name, self.order)


class Transactions:
    """Opens units of work and sights on one cluster.

    Attributes:
        installation: what the operator has set up on this server.
    """

    def __init__(self, pool: TenantPool, clock: Clock, callers: CallerSource) -> None:
        self._pool = pool
        self._callers = callers
        self.clock = clock
        self.installation = Installation()
        self.readings = Readings(pool, callers)

    async def carry_out(
        self,
        caller: Caller,
        key: str,
        order: _O,
        command: Command[_O, _R],
        answer: Answer[_R, _A],
        *,
        entered: Callable[[UnitOfWork], None] | None = None,
    ) -> Done[_R, _A]:
        """Run a command once for a key, however often it is asked for.

        An order whose class says `bulk = True` is given the time of a job.

        Args:
            caller: who asks.
            key: his idempotency key.
            order: what the command is to do.
            command: a feature's.
            answer: reads what he is answered, as the last thing before the commit.
            entered: is told once the caller is loaded, of each run.

        Raises:
            Refusal: the command's own, or IdempotencyKeyReused, Busy, Unavailable.
        """
        attempt = _Attempt(
            caller=caller,
            key=key,
            name=command.__name__,
            digest=digest(command.__name__, order),
            now=self.clock.now(),
            entered=entered,
        )

        async def once() -> Done[_R, _A]:
            pace = JOB if getattr(type(order), "bulk", False) else COMMAND
            async with self._begun(caller, attempt.now, pace) as work:
                return await self._run(work, attempt, order, command, answer)

        return await again(once, self._callers.look_again)

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
            async with self._begun(caller, now, JOB) as work:
                row = await work.fetch_one(
                    f"SELECT {_HEARD} AS heard, {self._callers.columns} AS caller",
                    tenant_id,
                    NOBODY,
                    now,
                )
                if row is not None and row["caller"] is not None:
                    work.heard = row["heard"]
                    work.enter(await self._callers.load(work, row["caller"], caller))
                result = await step(work)
                await work.finish(name)
                return result

        return await again(once, self._callers.look_again)

    async def once(
        self, kept: KeptKey, step: Callable[[], Awaitable[dict[str, Any]]]
    ) -> tuple[dict[str, Any], bool]:
        """Take a step once for the key of somebody who is no member, and return what it came to.

        The step opens transactions of its own, and taken twice is the same as taken once: where it
        was cut off, the same key takes it again.

        Args:
            kept: the key, and what it is for.
            step: returns what is kept of it, and answered to a repetition.

        Returns:
            What it came to, and whether it had been taken before.

        Raises:
            Refusal: the step's own, or IdempotencyKeyReused, Busy, Unavailable.
        """
        now = self.clock.now()
        who = kept.tenant_id, kept.principal, kept.key
        caller = Caller(kept.tenant_id, None, f"product-{new_id()}")

        async def claim() -> Row | None:
            async with self._begun(caller, now, COMMAND) as work:
                await work.fetch(_KEPT_OF_NOBODY, *who, new_id(), kept.name, kept.digest, now)
                return await work.fetch_one(_ANSWERED, *who)

        async def answered(answer: dict[str, Any]) -> None:
            async with self._begun(caller, now, COMMAND) as work:
                await work.fetch(_ANSWER_OF_NOBODY, *who, plain(answer))

        found = await again(claim, self._callers.look_again)
        if found is not None and found["digest"] != kept.digest:
            raise IdempotencyKeyReused(field=("input", "idempotencyKey"))
        if found is not None and found["answer"] is not None:
            return found["answer"], True
        made = await step()
        await again(lambda: answered(made), self._callers.look_again)
        return made, False

    @asynccontextmanager
    async def sight(self, caller: Caller) -> AsyncIterator[Sight]:
        """Open a caller's sight for reading; audit lines noted in it are written at the end.

        There is no transaction around it: each statement sees what is committed when it begins,
        as it would inside one, and the connection costs no trip for beginning and ending.

        Raises:
            Refusal: NotSignedIn, TenantSuspended, Busy, Unavailable.
        """
        held, sight = await again_once(
            lambda: self._entered(caller, self.clock.now()), self._callers.look_again
        )
        try:
            async with sight.beside:
                yield sight
                await sight.flush()
        except (Refusal, Refusals):
            await self._back(held, sight)
            raise
        except BaseException:
            await asyncio.shield(self._pool.mend(held))
            raise
        await self._back(held, sight)

    @asynccontextmanager
    async def snapshot(self, caller: Caller) -> AsyncIterator[Sight]:
        """Open a caller's sight in which all that is read, for minutes, stood at one instant.

        Whatever stands in it happened before its `now`. Nothing can be written in it.

        Raises:
            Refusal: NotSignedIn, TenantSuspended, Busy, Unavailable.
        """
        async with self.sight(caller) as sight:
            sight.opening, sight.patience = STANDING_STILL, SNAPSHOT.answer
            # A transaction sees what its first statement saw.
            await sight.fetch("SELECT")
            sight.now = self.clock.now()
            try:
                yield sight
            finally:
                if not sight.busy:
                    await sight.fetch("COMMIT")

    async def _entered(self, caller: Caller, now: datetime) -> tuple[PooledConnection, Sight]:
        held = await self._pool.take(caller.tenant_id)
        sight = Sight(held.connection, caller, now)
        try:
            await held.turn_to(caller.tenant_id)
            row = await sight.fetch_one(
                f"SELECT {self._callers.columns} AS caller",
                caller.tenant_id,
                caller.member_id or NOBODY,
                now,
            )
            sight.enter(await self._callers.load(sight, _known(row), caller))
        except BaseException:
            await asyncio.shield(self._pool.mend(held))
            raise
        return held, sight

    async def _back(self, held: PooledConnection, sight: Sight) -> None:
        if sight.busy:
            # A statement that nobody waits for any more still runs on it.
            await asyncio.shield(self._pool.mend(held))
        else:
            self._pool.give_back(held)

    @asynccontextmanager
    async def sights(
        self, tenant_id: UUID, callers: Sequence[Caller]
    ) -> AsyncIterator[list[Sight | Refusal]]:
        """Open the sights of several callers of a tenant, to be used one after the other.

        They are loaded by one statement and read on one connection. In a caller's place stands
        why he may not be here.
        """
        held, opened = await again_once(
            lambda: self._all_entered(tenant_id, callers, self.clock.now()),
            self._callers.look_again,
        )
        sights = [one for one in opened if isinstance(one, Sight)]
        try:
            yield opened
            for sight in sights:
                await sight.flush()
        except BaseException:
            await asyncio.shield(self._pool.mend(held))
            raise
        if any(sight.busy for sight in sights):
            await asyncio.shield(self._pool.mend(held))
        else:
            self._pool.give_back(held)

    async def _all_entered(
        self, tenant_id: UUID, callers: Sequence[Caller], now: datetime
    ) -> tuple[PooledConnection, list[Sight | Refusal]]:
        held = await self._pool.take(tenant_id)
        try:
            await held.turn_to(tenant_id)
            columns = self._callers.columns.replace("$2::uuid", "w.member_id")
            rows = await held.connection.fetch(
                f"SELECT {columns} AS caller FROM unnest($2::uuid[]) WITH ORDINALITY"
                " AS w(member_id, place) ORDER BY w.place",
                tenant_id,
                [caller.member_id or NOBODY for caller in callers],
                now,
            )
            opened: list[Sight | Refusal] = []
            for caller, row in zip(callers, rows, strict=True):
                sight = Sight(held.connection, caller, now)
                try:
                    sight.enter(await self._callers.load(sight, _known(row), caller))
                    opened.append(sight)
                except Refusal as refusal:
                    opened.append(refusal)
        except BaseException:
            await asyncio.shield(self._pool.mend(held))
            raise
        return held, opened

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
        if attempt.entered is not None:
            attempt.entered(work)
        if not row["claimed"]:
            result = await _stored(work, attempt, command)
            return Done(result, await answer(work, result), replayed=True)
        work.anchor = row.get("anchor")
        work.heard = row["heard"]
        if work.anchor is not None:
            work.behind_lock()
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
        if anchor is not None:
            arguments.append(getattr(order, anchor.attribute))
        try:
            row = await work.fetch_one(_claim(self._callers.columns, anchor), *arguments)
        except (asyncpg.ForeignKeyViolationError, asyncpg.InsufficientPrivilegeError) as error:
            # The tenant is not in this place, or the connection is not set to it.
            raise WrongPlace from error
        except asyncpg.LockNotAvailableError as error:
            # Waited for behind the key and not behind what the command locks: its first run.
            if _AT_THE_KEY in (getattr(error, "context", None) or ""):
                raise IdempotencyInProgress from error
            raise
        return row

    def _begun(
        self, caller: Caller, now: datetime, pace: Pace
    ) -> AbstractAsyncContextManager[UnitOfWork]:
        def made_on(connection: "asyncpg.Connection[Any]") -> UnitOfWork:
            return UnitOfWork(
                connection, caller, now, clock=self.clock, installation=self.installation
            )

        return Begun(self._pool, caller.tenant_id, pace, made_on)


def _known(row: Row | None) -> Row:
    found = row["caller"] if row is not None else None
    if found is None:
        raise WrongPlace
    if found["tenant"]["state"] != "ACTIVE":
        raise TenantSuspended
    return found


async def _stored(work: UnitOfWork, attempt: _Attempt, command: Command[Any, _R]) -> _R:
    row = await work.fetch_one(
        _ANSWERED, work.tenant_id, attempt.caller.member_id or NOBODY, attempt.key
    )
    if row is None:
        raise IdempotencyInProgress
    if row["digest"] != attempt.digest:
        raise IdempotencyKeyReused(field=("input", "idempotencyKey"))
    result: _R = restored(get_type_hints(command)["return"], row["answer"])
    return result


def restored(kind: Any, value: Any) -> Any:  # noqa: ANN401 - as annotated by the command
    """Return a command's result as it was, from what was kept of it as JSON."""
    if kind is UUID:
        return UUID(value)
    if hasattr(kind, "__dataclass_fields__"):
        hints = get_type_hints(kind)
        return kind(**{name: restored(hints[name], item) for name, item in value.items()})
    options = getattr(kind, "__args__", ())
    if isinstance(value, list):
        items = [UUID(item) for item in value] if UUID in options else value
        return tuple(items) if get_origin(kind) is tuple else items
    return UUID(value) if UUID in options and isinstance(value, str) else value


async def nothing_more(_work: UnitOfWork, _result: object) -> None:
    """An answer for callers that need only the command's result."""
