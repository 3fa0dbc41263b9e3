"""What a GraphQL request carries: who asks, in which language, and his one reading transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from types import SimpleNamespace, TracebackType
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
import strawberry

from service.errors import Forbidden, NotSignedIn
from service.identity.tokens import Claims
from service.languages import shown_locale
from service.policies.access import Record, operator, platform_table
from service.schema.planner.commanded import Command
from service.schema.planner.fallback import Reader
from service.schema.planner.noting import Request
from service.schema.planner.payloads import Showing
from service.schema.planner.prepared import Ready
from service.work import Caller, Known, Sight, Transactions

_R = TypeVar("_R")

# What any member may do inside a tenant, and no operator.
_INSIDE = "member.view"


class RequestContext:
    """One request's context. Its sight is opened at the first read and closed at the end.

    Attributes:
        claims: what the token says.
        asked: every field name of the document.
        identity_pool: where operators' commands keep the directory of tenants.
        refusals: codes of the commands that were refused.
        plan: `sql` or `fallback`; None before the operation was looked at.
        unplanned: why it was not planned, a word of `planner.unplannable`.
        showing: what the planned command that is being carried out is to show.
        unplanned_at: the field or type that was not.
        ready: the statement that answers it, where that was looked up before.
    """

    plan: str | None = None
    unplanned: str | None = None
    unplanned_at = ""
    showing: Showing | None = None

    def __init__(
        self,
        transactions: Transactions,
        claims: Claims,
        request_id: str,
        *,
        wanted_locale: str | None = None,
        asked: frozenset[str] | None = None,
        identity_pool: "asyncpg.Pool[Any] | None" = None,
        ready: Ready | None = None,
    ) -> None:
        self.transactions = transactions
        self.claims = claims
        self.request_id = request_id
        self.asked = asked
        self.identity_pool = identity_pool
        self.ready = ready
        self._wanted_locale = wanted_locale
        self._members_locale: str | None = None
        self._caller: Caller | None = None
        # Made at the first read field by field: a planned operation needs neither.
        self._opening: asyncio.Lock | None = None
        self._stack: AsyncExitStack | None = None
        self._reader: Reader | None = None
        self._statements = 0
        self.refusals: list[str] = []

    @property
    def caller(self) -> Caller:
        """Who asks, as a member of one tenant.

        Raises:
            NotSignedIn: the token is for no tenant.
            Forbidden: it is a platform operator's, who reads none of a tenant's data; signing in
                again would change nothing.
        """
        if self._caller is None:
            claims = self.claims
            if claims.tenant_id is None or claims.member_id is None:
                if claims.operator:
                    raise self._not_the_operators()
                raise NotSignedIn
            self._caller = Caller(
                claims.tenant_id,
                claims.member_id,
                self.request_id,
                self._wanted_locale,
                claims.api_key_id,
            )
        return self._caller

    def _not_the_operators(self) -> Forbidden:
        who = operator(self.claims.user_id, self.locale)
        found = platform_table().explain(who, _INSIDE, Record(), self.locale)
        return Forbidden(action=_INSIDE, reason=found.sentence)

    @property
    def operator_id(self) -> UUID | None:
        """The platform operator who asks, if one does."""
        return self.claims.user_id if self.claims.operator else None

    @property
    def language_known(self) -> bool:
        """Whether it was asked for, or the caller was looked at, who has one of his own."""
        return self._wanted_locale is not None or self._members_locale is not None

    @property
    def locale(self) -> str:
        """The language of the answer: the request's, else the member's, the tenant's, English."""
        return shown_locale(self._wanted_locale, self._members_locale)

    @property
    def statement_count(self) -> int:
        """Statements sent for this request so far, beyond transaction control."""
        return self._statements + (self._reader.sight.statement_count if self._reader else 0)

    @property
    def request(self) -> Request:
        """What the audit says of the request, where a planned read is written down."""
        return Request(self.request_id, self.claims.api_key_id)

    @property
    def here(self) -> str:
        """The column that confirms the caller in every planned statement."""
        return self.transactions.readings.here

    @property
    def now(self) -> datetime:
        """The instant of a planned reading."""
        return self.transactions.clock.now()

    async def known(self, now: datetime) -> Known:
        """Return the caller as he is known from earlier requests, or load him."""
        caller, readings = self.caller, self.transactions.readings
        known = readings.known(caller, now)
        if known is not None:
            await readings.confirm(known)
            return known
        async with self.transactions.sight(caller) as sight:
            known = await readings.keep(caller, sight, sight.loaded, sight.now)
            self._statements += sight.statement_count
            return known

    async def take(self, known: Known) -> None:
        """Read as a caller who is known already."""
        await self.transactions.readings.confirm(known)
        self._members_locale = known.loaded.actor.locale

    def changed(self) -> None:
        """Forget the caller as he was known."""
        self.transactions.readings.forget(self.caller)

    def locale_of(self, known: Known) -> str:
        """Return the language of the answer to a known caller."""
        self._members_locale = known.loaded.actor.locale
        return self.locale

    async def read(self, text: str, values: list[object]) -> tuple[str | None, bytes]:
        """Run a planned statement; returns what it says of the caller, and its data."""
        self._statements += 1
        row = await self.transactions.readings.read(self.caller.tenant_id, text, values)
        return row["here"], row["data"]

    def locale_in(self, sight: Sight) -> str:
        """Return the language of the answer in a transaction of the caller's."""
        self.learn(sight)
        return self.locale

    def resolve(self, command: Command, arguments: Mapping[str, Any]) -> Awaitable[Any]:
        """Carry a planned command out and return its payload."""
        return command.carry_out(SimpleNamespace(context=self), arguments["input"])

    async def within(self, step: Callable[[Sight], Awaitable[_R]]) -> _R:
        """Read besides, in a sight of the caller's own."""
        async with self.transactions.sight(self.caller) as sight:
            found = await step(sight)
        self._statements += sight.statement_count
        return found

    def learn(self, sight: Sight) -> None:
        """Take the caller's language from his settings, for what the header leaves open."""
        self._members_locale = sight.actor.locale

    def count(self, statements: int) -> None:
        """Add a command's statements."""
        self._statements += statements

    def reader_of(self, sight: Sight) -> Reader:
        """Read inside another transaction of the caller: a command's answer."""
        self.learn(sight)
        return Reader(sight, self.locale, self.asked)

    def read_in(self, sight: Sight) -> None:
        """Read in a sight that somebody else has opened, and will close."""
        self._reader = self.reader_of(sight)

    async def reader(self) -> Reader:
        """Return the operation's reader; its transaction is opened at the first call."""
        if self._opening is None:
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._reader is None:
                self._stack = AsyncExitStack()
                sight = await self._stack.enter_async_context(self.transactions.sight(self.caller))
                self._reader = self.reader_of(sight)
            return self._reader

    async def rest(self) -> None:
        """Give the reading transaction back: before a command, so that none waits for two."""
        if self._reader is not None:
            await self._reader.end()
            self._statements += self._reader.sight.statement_count
            self._reader = None
        if self._stack is not None:
            await self._stack.aclose()

    async def __aenter__(self) -> "RequestContext":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._reader is not None:
                await self._reader.end()
        finally:
            if self._stack is not None:
                await self._stack.__aexit__(kind, error, trace)


Info: TypeAlias = strawberry.Info[RequestContext, None]
