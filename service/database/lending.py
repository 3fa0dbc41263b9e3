"""A connection of a pool, lent for a while."""

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg

if TYPE_CHECKING:
    from service.database.pool import PooledConnection, TenantPool


class Lending:
    """One connection for a while; an error leaves it in doubt."""

    __slots__ = ("_held", "_pool", "_tenant_id")

    def __init__(self, pool: "TenantPool", tenant_id: UUID | None) -> None:
        self._pool = pool
        self._tenant_id = tenant_id
        self._held: PooledConnection | None = None

    async def __aenter__(self) -> "asyncpg.Connection[Any]":
        self._held = await self._pool.take(self._tenant_id)
        return self._held.connection

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        if error is None:
            self._pool.give_back(held)
        else:
            await asyncio.shield(self._pool.mend(held))
