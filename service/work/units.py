"""A caller's transaction: for reading (`Sight`), and for a command (`UnitOfWork`)."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import date, datetime
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from uuid import UUID

import asyncpg

from service.calendar import day_of
from service.clock import Clock, new_id
from service.database.session import Row, Session
from service.errors import Forbidden
from service.journal.entries import Event, kind_of, plain
from service.journal.events import DecisionMade
from service.journal.tables import AuditEvent, Decision, Outbox
from service.policies.access import Actor, CompiledTenant, Record, Verdict
from service.work.callers import Caller, Loaded, TenantFacts
from service.work.installation import Installation

_T = TypeVar("_T")
# The ids are the table's own default.
NOTED: Final = (
    "INSERT INTO app.audit_event (tenant_id, at, actor_id, on_behalf_of_id, command, duty,"
    " subject_type, subject_id, details, request_id)"
)
_READING: Final = (
    f"{NOTED} SELECT {{}}::uuid, {{}}::timestamptz, {{}}::uuid, {{}}::uuid, {{}}::text,"
    " {}::text, 'member', owner::uuid, {}::jsonb, {}::text"
    " FROM jsonb_array_elements_text({}::jsonb) AS read (owner)"
)


class Beside:
    """What is entered beside a transaction: most have nothing, and pay for no stack of it."""

    __slots__ = ("_stack",)

    def __init__(self) -> None:
        self._stack: AsyncExitStack | None = None

    async def enter_async_context(self, context: AbstractAsyncContextManager[_T]) -> _T:
        """Enter a context, which is left with the transaction."""
        if self._stack is None:
            self._stack = AsyncExitStack()
        return await self._stack.enter_async_context(context)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None:
        return None if self._stack is None else await self._stack.__aexit__(kind, error, trace)


class Sight(Session):
    """A caller's transaction for reading: session, actor, policy, tenant, instant.

    Attributes:
        beside: what is entered here ends with this transaction: after its commit, or with the
            error that rolled it back. A transaction under another role is committed so.
    """

    def __init__(
        self, connection: "asyncpg.Connection[Any]", caller: Caller, now: datetime
    ) -> None:
        super().__init__(connection, caller.tenant_id)
        self.caller = caller
        self.now = now
        self.request_id = caller.request_id
        self.beside = Beside()
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
    def today(self) -> date:
        """The company's day: that of its zone at this instant."""
        return day_of(self.now, self.tenant.zone)

    @property
    def by_product(self) -> bool:
        """Whether no person acts but the product: a timer, a reaction, provisioning."""
        return self.caller.member_id is None

    def new_id(self) -> UUID:
        """Make an id that carries this instant."""
        return new_id(self.now)

    def authorise(self, action: str, record: Record | None = None) -> Verdict:
        """Let the caller's duties decide.

        Raises:
            Forbidden: no duty allows it, or one forbids it; the sentence names the nearest miss.
        """
        if self.by_product:
            return Verdict(allowed=True)
        verdict = self.policy.check(self.actor, action, record)
        if not verdict.allowed:
            told = self.policy.explain(self.actor, action, record, self.actor.locale)
            raise Forbidden(action=action, reason=told.sentence)
        return verdict

    def note(
        self,
        command: str,
        subject: tuple[str, UUID] | None = None,
        verdict: Verdict | None = None,
        **details: object,
    ) -> None:
        """Write an audit line with the next flush."""
        grant = verdict.grant if verdict else None
        if self.caller.api_key_id is not None:
            details["api_key"] = self.caller.api_key_id
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

    def note_reading(
        self,
        command: str,
        owners: Collection[UUID] | Collection[str],
        verdict: Verdict,
        **details: object,
    ) -> None:
        """Write that records of other members were read: a line for each, found by his id.

        A roll-up reads those of everybody: the lines are made by the database, of one list, which
        travels as JSON because the driver looks at each entry of an array twice.
        """
        grant = verdict.grant if verdict else None
        if self.caller.api_key_id is not None:
            details["api_key"] = self.caller.api_key_id
        self.write(
            "audit_event",
            _READING,
            self.tenant_id,
            self.now,
            self.caller.member_id,
            verdict.acts_as if verdict else None,
            command,
            grant.duty if grant else None,
            plain(details),
            self.request_id,
            sorted(map(str, owners)),
            expected=len(owners),
        )


class UnitOfWork(Sight):
    """A command's transaction: what it may do, what it writes, what it tells the world.

    Attributes:
        now: when the command came; once it has waited for locks, when it had the last before
            it wrote. Who had a lock before decided earlier, so on each queue, register and deal
            the instants run in the order of the decisions.
        heard: somebody streams the tenant's events now.
        installation: what the operator has set up on this server.
    """

    def __init__(
        self,
        connection: "asyncpg.Connection[Any]",
        caller: Caller,
        now: datetime,
        *,
        clock: Clock,
        installation: Installation,
    ) -> None:
        super().__init__(connection, caller, now)
        self._clock = clock
        self.installation = installation
        self.anchor: dict[str, Any] | None = None
        self.authorised = False
        self._verdict: Verdict | None = None
        self._subject: tuple[str, UUID] | None = None
        self._details: dict[str, object] = {}
        self._events: list[Event] = []
        self._told = False
        self.heard = False

    @property
    def closing(self) -> tuple[str, ...]:
        """What ends the transaction: who streams the tenant's events is woken by it."""
        return ("NOTIFY outbox", "COMMIT") if self.heard and self._told else ("COMMIT",)

    async def lock(self, statement: str, *arguments: object) -> Sequence[Row]:
        """Return the rows of a statement that waits for their locks."""
        rows = await self.fetch(statement, *arguments)
        self.behind_lock()
        return rows

    def behind_lock(self) -> None:
        """Take the instant anew, now that a lock is had; what was written keeps the one it has."""
        if not self.wrote:
            self.now = max(self.now, self._clock.now())

    def authorise(self, action: str, record: Record | None = None) -> Verdict:
        """Let the caller's duties decide; the verdict goes into the audit line.

        Raises:
            Forbidden: no duty allows it, or one forbids it; the sentence names the nearest miss.
        """
        self.authorised = True
        verdict = super().authorise(action, record)
        if self._verdict is None and not self.by_product:
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
        """Keep a decision with its facts, and tell of it; returns its id."""
        self.add(decision)
        self.emit(
            DecisionMade(decision.id, decision.kind, decision.subject_type, decision.subject_id)
        )
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
        self._told = bool(self._events)
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
