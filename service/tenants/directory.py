"""Which cluster holds a tenant, and whether it may be entered (database page 4.2).

Read under the sign-in role. Each process keeps a copy for ten seconds, and goes on with it when
the directory cannot be reached: who works must not stop because nobody can be looked up.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from service.clock import monotonic_seconds
from service.tenants.tables import PlacementState, TenantState

_FRESH = timedelta(seconds=10).total_seconds()
_UNREACHABLE = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a tenant is, as the directory has it.

    Attributes:
        generation: raised with every move; the tenant's own row holds the same number, so that a
            router with an old copy is found out.
    """

    tenant_id: UUID
    code: str
    name: str
    industry: str
    cluster: str
    state: PlacementState
    tenant_state: TenantState
    generation: int
    created_at: datetime

    @property
    def open(self) -> bool:
        """Whether its members may be let in."""
        placed = self.state is PlacementState.ACTIVE
        return placed and self.tenant_state is TenantState.ACTIVE


class StaleRouting(Exception):
    """The tenant is not where the copy said, and not after a second look either."""


class TenantDirectory:
    """A process's copy of the directory."""

    def __init__(self, identity_pool: "asyncpg.Pool[Any]") -> None:
        self._pool = identity_pool
        self._by_id: Mapping[UUID, Placement] = {}
        self._by_code: Mapping[str, Placement] = {}
        self._stale_at: float | None = None
        self._refreshing = asyncio.Lock()

    async def by_code(self, code: str) -> Placement | None:
        """Return a tenant by its code, or None; a code just taken may need ten seconds."""
        await self._refresh()
        return self._by_code.get(code)

    async def by_id(self, tenant_id: UUID) -> Placement | None:
        """Return a tenant by its id; one that is not in the copy is looked up at once."""
        await self._refresh()
        if tenant_id not in self._by_id:
            await self.look_again()
        return self._by_id.get(tenant_id)

    async def all(self) -> tuple[Placement, ...]:
        """Return every tenant by code, for the platform's operators."""
        await self.look_again()
        return tuple(sorted(self._by_id.values(), key=lambda one: one.code))

    def has(self, tenant_id: UUID, generation: int) -> bool:
        """Tell whether the copy is fresh and agrees with what a cluster's tenant row says."""
        placed = self._by_id.get(tenant_id)
        return placed is not None and placed.generation == generation and self._fresh

    async def confirm(self, tenant_id: UUID, generation: int) -> Placement:
        """Check what a cluster's tenant row says against the directory, looking again once.

        Raises:
            StaleRouting: the two do not agree: this cluster's copy of the tenant is not the one.
        """
        if self.has(tenant_id, generation):
            return self._by_id[tenant_id]
        placed = await self.by_id(tenant_id)
        if placed is None or placed.generation != generation:
            await self.look_again()
            placed = self._by_id.get(tenant_id)
        if placed is None or placed.generation != generation:
            raise StaleRouting(str(tenant_id))
        return placed

    async def look_again(self) -> None:
        """Read the directory now, whatever the copy's age; keep the copy when it is down."""
        self._stale_at = None
        await self._refresh()

    @property
    def _fresh(self) -> bool:
        return self._stale_at is not None and monotonic_seconds() < self._stale_at

    async def _refresh(self) -> None:
        async with self._refreshing:
            if self._fresh:
                return
            try:
                rows = await self._pool.fetch(
                    "SELECT tenant_id, code, name, industry, cluster, state, tenant_state,"
                    " generation, created_at FROM app.global_tenant_directory"
                )
            except _UNREACHABLE:
                if not self._by_id:
                    raise
            else:
                placed = [_placement(row) for row in rows]
                self._by_id = {one.tenant_id: one for one in placed}
                self._by_code = {one.code: one for one in placed}
            # Jitter: many processes started together must not ask together for ever.
            self._stale_at = monotonic_seconds() + _FRESH * (0.8 + os.urandom(1)[0] / 640)


def _placement(row: Any) -> Placement:  # noqa: ANN401 - asyncpg's row
    return Placement(
        tenant_id=row["tenant_id"],
        code=row["code"],
        name=row["name"],
        industry=row["industry"],
        cluster=row["cluster"],
        state=PlacementState(row["state"]),
        tenant_state=TenantState(row["tenant_state"]),
        generation=row["generation"],
        created_at=row["created_at"],
    )
