"""Which tenants answer trusted documents only; asked before a document's text is even read.

Each process keeps what it has read for ten seconds: the setting is no wall between tenants, and
whoever sets it is told so.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import UUID

from service.clock import monotonic_seconds
from service.database.pool import TenantPool
from service.database.session import WrongPlace
from service.work.retries import again_once

_FRESH_SECONDS: Final = timedelta(seconds=10).total_seconds()
_MOST_KEPT: Final = 10_000
_ASK: Final = (
    "SELECT true AS here, trusted_documents_only AS only FROM app.tenant WHERE tenant_id = $1"
)


class Restrictions:
    """A process's copy of who answers trusted documents only."""

    def __init__(
        self, pool: TenantPool, stopwatch: Callable[[], float] = monotonic_seconds
    ) -> None:
        self._pool = pool
        self._stopwatch = stopwatch
        self._kept: OrderedDict[UUID, tuple[bool, float]] = OrderedDict()

    async def trusted_only(self, tenant_id: UUID) -> bool:
        """Tell whether a tenant refuses a document's text; one that is not here refuses none.

        Such a tenant's members are refused for what they are, as soon as anything is read.

        Raises:
            Busy, Unavailable: the database has no time for it, or is away.
        """
        known = self._kept.get(tenant_id)
        if known is not None and self._stopwatch() < known[1]:
            return known[0]
        only = await again_once(lambda: self._read(tenant_id), _nothing_to_look_up)
        if only is None:
            return False
        self._kept[tenant_id] = only, self._stopwatch() + _FRESH_SECONDS
        self._kept.move_to_end(tenant_id)
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return only

    async def _read(self, tenant_id: UUID) -> bool | None:
        try:
            return bool((await self._pool.read_here(tenant_id, _ASK, tenant_id))["only"])
        except WrongPlace:
            return None


async def _nothing_to_look_up() -> None:
    """Ask no directory: who is not here is not asked for a second time."""
