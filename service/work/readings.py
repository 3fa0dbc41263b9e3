"""One statement for one read: the caller as known from before, and confirmed by the read itself.

Who reads is kept with what he holds, and every statement brings the versions of his tenant's
rights and of his membership at its own snapshot (`here`). Where they are not those that were kept,
or an office of his has begun or ended by the clock, the answer is thrown away, the caller is loaded
anew and the statement is written and run again: so no answer is ever made from rights that had
ended before it, and a warm read costs one round trip. `here` is null where the tenant is not
(database page 5.3): it is the statement's witness too.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from service.database.pool import TenantPool
from service.database.prepared import rows_of
from service.database.session import Row, Session
from service.policies.access import Actor, CompiledTenant
from service.work.callers import NOBODY, Caller, CallerSource, Loaded, TenantFacts
from service.work.retries import WORTH_A_SECOND_LOOK, once_more

_MOST_CALLERS: Final = 2_000


@dataclass(slots=True, eq=False, weakref_slot=True)
class Known:
    """A caller as he was last seen.

    Attributes:
        here: what a statement says of him as long as he is so.
        since: the instant he was seen at.
        until: the instant at which he is another by the clock alone; None for never.
        beside: whatever a reader keeps for him; it goes when he is loaded anew.
    """

    caller: Caller
    loaded: Loaded
    here: str
    since: datetime
    until: datetime | None
    beside: dict[str, Any] = field(default_factory=dict)

    def lasts(self, now: datetime) -> bool:
        """Tell whether he is the same at an instant, as far as the clock goes."""
        return self.since <= now and (self.until is None or now < self.until)


class Standpoint(NamedTuple):
    """For whom a read is written, without a transaction of his."""

    tenant_id: UUID
    now: datetime
    actor: Actor
    policy: CompiledTenant
    tenant: TenantFacts

    @classmethod
    def of(cls, known: Known, now: datetime) -> "Standpoint":
        """Return the caller's at an instant."""
        loaded = known.loaded
        return cls(known.caller.tenant_id, now, loaded.actor, loaded.policy, loaded.tenant)


class Readings:
    """Runs reads of one statement each, outside a transaction."""

    def __init__(self, pool: TenantPool, callers: CallerSource) -> None:
        self._pool = pool
        self._callers = callers
        self._known: OrderedDict[tuple[UUID, UUID, str | None], Known] = OrderedDict()

    @property
    def here(self) -> str:
        """The column every statement brings, over $1 tenant, $2 member, $3 instant."""
        return f"{self._callers.here} AS here"

    def known(self, caller: Caller, now: datetime) -> Known | None:
        """Return a caller who is kept, and lasts."""
        return self.known_as((caller.tenant_id, caller.member_id or NOBODY, caller.locale), now)

    def known_as(self, key: tuple[UUID, UUID, str | None], now: datetime) -> Known | None:
        """Return him by tenant, member and wished language, as an earlier request left him."""
        found = self._known.get(key)
        if found is None or not found.lasts(now):
            return None
        self._known.move_to_end(key)
        return found

    def locale_of(self, tenant_id: UUID, member_id: UUID) -> str | None:
        """Return a member's language as he was last seen without asking for one, if he was.

        For words alone: he may be another by now.
        """
        found = self._known.get((tenant_id, member_id, None))
        return None if found is None else found.loaded.actor.locale

    async def keep(self, caller: Caller, session: Session, loaded: Loaded, now: datetime) -> Known:
        """Keep a caller as he was just loaded for an instant; asks how long he will be so."""
        until = await self._callers.next_change(session, caller, now)
        here = self._callers.here_of(loaded.found)
        key = (caller.tenant_id, caller.member_id or NOBODY, caller.locale)
        known = self._known[key] = Known(caller, loaded, here, now, until)
        if len(self._known) > _MOST_CALLERS:
            self._known.popitem(last=False)
        return known

    def forget(self, caller: Caller) -> None:
        """Load a caller anew at his next read."""
        self._known.pop((caller.tenant_id, caller.member_id or NOBODY, caller.locale), None)

    async def confirm(self, known: Known) -> None:
        """Check that the directory still has the tenant here.

        Raises:
            NotSignedIn: it was moved away.
        """
        await self._callers.confirm(known.caller, known.loaded.found["tenant"]["generation"])

    def is_confirmed(self, known: Known) -> bool:
        """Tell whether the directory has the tenant here, as far as it need not be asked for it."""
        found = known.loaded.found["tenant"]
        return self._callers.is_confirmed(known.caller, found["generation"])

    async def read(self, tenant_id: UUID, text: str, values: list[object]) -> Row:
        """Run a statement of one row, outside a transaction.

        Some write down what they read. Where the connection breaks before the answer has come,
        the statement runs again, and both may be written down: both were read.

        Raises:
            Refusal: NotSignedIn where the tenant is nowhere, Busy, Unavailable.
        """
        try:
            return await self._pool.read_here(tenant_id, text, *values)
        except WORTH_A_SECOND_LOOK as error:
            return await once_more(
                error,
                lambda: self._pool.read_here(tenant_id, text, *values),
                self._callers.look_again,
            )

    async def rows(self, tenant_id: UUID, text: str, values: Sequence[object]) -> Sequence[Row]:
        """Return all rows of a statement, outside a transaction, whoever asks for them.

        It brings no witness: for whoever has just written in the tenant himself.
        """
        held = await self._pool.take(tenant_id)
        try:
            await held.turn_to(tenant_id)
            found: Sequence[Row] = await rows_of(held.connection, text, values, None)
        except BaseException:
            await asyncio.shield(self._pool.mend(held))
            raise
        self._pool.give_back(held)
        return found
