"""Ends streams whose token or whose reader's rights have ended, within a few seconds.

Each delivery is authorised by itself; this is for streams on which nothing happens. A stream that
is ended so is closed with 4403: its client comes again, with a fresh token.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Final, NamedTuple, Protocol
from uuid import UUID

import asyncpg
import structlog

from service.clock import new_id
from service.errors import Busy, NotSignedIn, Refusal, Unavailable
from service.identity.tokens import Claims
from service.schema.subscriptions.rights import rights_of
from service.work import CONNECTION_LOST, Caller, Sight, Transactions

EVERY_SECONDS: Final = 3.0
_AT_ONCE: Final = 500
_IN_ONE_BREATH: Final = 32

_log = structlog.get_logger(__name__)

Authenticate = Callable[[str], Awaitable[Claims | None]]


class Admitted(NamedTuple):
    """Who was let in: the mark of what he may see, and his own language, if he has one."""

    rights: bytes | None
    locale: str | None


class Stream(Protocol):
    """An open stream.

    Attributes:
        token: what its reader was let in by.
        claims: what the token said.
        rights: what he might see then; None for an operator, who sees no company's records.
    """

    token: str
    claims: Claims
    rights: bytes | None

    def end(self) -> None:
        """End it: its reader must come again, with a fresh token."""

    def stop(self) -> None:
        """End it because the process stops: its reader must come again, to another."""


class Watch:
    """Watches over the open streams of a process."""

    def __init__(self, transactions: Transactions, authenticate: Authenticate) -> None:
        self._transactions = transactions
        self.authenticate = authenticate
        self._streams: set[Stream] = set()
        self._suspects: set[UUID] = set()
        self._alarm = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def admitted(self, claims: Claims) -> Admitted:
        """Return the mark of what somebody may see now, and his language.

        Raises:
            NotSignedIn, TenantSuspended: he may not be here; Busy, Unavailable.
        """
        if claims.tenant_id is None or claims.member_id is None:
            if not claims.operator:
                raise NotSignedIn
            return Admitted(None, None)
        async with self._transactions.sights(claims.tenant_id, [_caller(claims)]) as (sight,):
            if isinstance(sight, Refusal):
                raise sight
            return Admitted(rights_of(sight.loaded), sight.actor.locale)

    def add(self, stream: Stream) -> None:
        """Watch over a stream."""
        self._streams.add(stream)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="stream watch")

    def remove(self, stream: Stream) -> None:
        """Watch over it no more."""
        self._streams.discard(stream)

    def suspect(self, tenant_id: UUID) -> None:
        """Look at a tenant's streams at once: rights have changed there."""
        self._suspects.add(tenant_id)
        self._alarm.set()

    async def close(self) -> None:
        """End all streams and stop."""
        for stream in tuple(self._streams):
            stream.stop()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while self._streams:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._alarm.wait()
            suspects, self._suspects = self._suspects, set()
            self._alarm.clear()
            try:
                await self.look(suspects or None)
            except (Busy, Unavailable, asyncpg.PostgresError, *CONNECTION_LOST) as error:
                _log.warning("streams.not_watched", error=repr(error))

    async def look(self, only: Iterable[UUID] | None = None) -> None:
        """Look at all streams, or at those of some tenants."""
        tenants = None if only is None else set(only)
        groups: dict[UUID, list[Stream]] = {}
        for number, stream in enumerate(tuple(self._streams)):
            if number % _IN_ONE_BREATH == 0:
                # A thousand tokens are checked without a pause otherwise.
                await asyncio.sleep(0)
            tenant_id = stream.claims.tenant_id
            if tenants is not None and tenant_id not in tenants:
                continue
            if await self.authenticate(stream.token) is None:
                stream.end()
            elif tenant_id is not None:
                groups.setdefault(tenant_id, []).append(stream)
        for tenant_id, streams in groups.items():
            members = {stream.claims.member_id: _caller(stream.claims) for stream in streams}
            callers = list(members.values())
            for start in range(0, len(callers), _AT_ONCE):
                await self._look_at(tenant_id, callers[start : start + _AT_ONCE], streams)

    async def _look_at(self, tenant_id: UUID, callers: list[Caller], streams: list[Stream]) -> None:
        try:
            async with self._transactions.sights(tenant_id, callers) as sights:
                rights = {
                    caller.member_id: rights_of(sight.loaded) if isinstance(sight, Sight) else None
                    for caller, sight in zip(callers, sights, strict=True)
                }
        except (Busy, Unavailable):
            raise
        except Refusal:
            # The tenant is suspended, or not here any more.
            rights = {caller.member_id: None for caller in callers}
        for stream in streams:
            member_id = stream.claims.member_id
            if member_id in rights and stream.rights != rights[member_id]:
                stream.end()


def _caller(claims: Claims) -> Caller:
    if claims.tenant_id is None:
        raise NotSignedIn
    request_id = f"stream-{new_id()}"
    return Caller(claims.tenant_id, claims.member_id, request_id, api_key_id=claims.api_key_id)
