"""One statement for one read: the caller as known from before, and confirmed by the read itself.

Who reads is kept with what he holds, and every statement brings what his tenant, his membership
and his offices are at its own snapshot (`here`). Where that is not what was kept, the answer is
thrown away, the caller is loaded anew and the statement is written and run again: so no answer is
ever made from rights that had ended before it, and a warm read costs one round trip. `here` is
null where the tenant is not (database page 5.3): it is the statement's witness too.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from service.database.pool import TenantPool
from service.database.session import Row
from service.policies.access import Actor, CompiledTenant
from service.work.callers import NOBODY, Caller, CallerSource, Loaded, TenantFacts
from service.work.retries import again_once

_MOST_CALLERS: Final = 2_000


@dataclass(slots=True, eq=False)
class Known:
    """A caller as he was last seen.

    Attributes:
        found: what the database said of him.
        text: the same as the statement's own text, once one has brought it.
        beside: whatever a reader keeps for him; it goes when he is loaded anew.
    """

    caller: Caller
    loaded: Loaded
    found: Any
    text: str | None = None
    beside: dict[str, Any] = field(default_factory=dict)

    def is_still(self, here: str) -> bool:
        """Tell whether a statement found the caller as he is known."""
        if self.text is None and orjson.loads(here) == self.found:
            self.text = here
        return self.text == here


@dataclass(frozen=True, slots=True)
class Standpoint:
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
        return f"({self._callers.columns})::text AS here"

    def known(self, caller: Caller) -> Known | None:
        """Return a caller who is kept."""
        key = (caller.tenant_id, caller.member_id or NOBODY, caller.locale)
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
        return found

    def keep(self, caller: Caller, loaded: Loaded) -> Known:
        """Keep a caller as he was just loaded."""
        key = (caller.tenant_id, caller.member_id or NOBODY, caller.locale)
        known = self._known[key] = Known(caller, loaded, loaded.found)
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
        await self._callers.confirm(known.caller, known.found["tenant"]["generation"])

    async def read(self, tenant_id: UUID, text: str, values: list[object]) -> Row:
        """Run a statement of one row, outside a transaction.

        Raises:
            Refusal: NotSignedIn where the tenant is nowhere, Busy, Unavailable.
        """
        return await again_once(
            lambda: self._pool.read_here(tenant_id, text, *values), self._callers.look_again
        )
