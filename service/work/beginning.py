"""A command's transaction: on a connection of the pool, committed unless an error leaves it."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any
from uuid import UUID

from service.clock import monotonic_seconds
from service.database.openings import COMMAND, Pace, opening
from service.database.pool import PooledConnection, TenantPool
from service.database.prepared import UNTIMED, Pipelining, rows_of
from service.work.units import UnitOfWork


class Begun:
    """A unit of work's transaction, which begins on the trip of its first statement.

    A class and no generator: the event loop keeps a list of those, for each command.
    """

    __slots__ = ("_held", "_made_on", "_pace", "_pool", "_tenant_id", "_unit")

    _held: PooledConnection
    _unit: UnitOfWork

    def __init__(
        self, pool: TenantPool, tenant_id: UUID, pace: Pace, made_on: Callable[[Any], UnitOfWork]
    ) -> None:
        """Take whose it is, and how long it may take.

        Args:
            pool: lends the connection.
            tenant_id: the tenant.
            pace: how long it may take.
            made_on: makes the unit of work on a connection.
        """
        self._pool, self._tenant_id, self._pace, self._made_on = pool, tenant_id, pace, made_on

    async def __aenter__(self) -> UnitOfWork:
        held = self._held = await self._pool.take(self._tenant_id)
        unit = self._unit = self._made_on(held.connection)
        unit.opening = opening(self._tenant_id, self._pace)
        if self._pace is COMMAND:
            unit.watched = held
            self._pool.watch()
        else:
            unit.patience = self._pace.answer
        return unit

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        undone = False
        try:
            async with self._unit.beside:
                try:
                    await self._end(error)
                except BaseException:
                    undone = True
                    await asyncio.shield(self._pool.mend(self._held))
                    raise
        finally:
            if not undone:
                self._pool.give_back(self._held)

    async def _end(self, error: BaseException | None) -> None:
        """Commit what was begun, unless an error undoes it."""
        if error is not None:
            raise error
        held, unit = self._held, self._unit
        if unit.opening:
            # Nothing was asked in it.
            return
        if unit.watched is None:
            await held.connection.execute("; ".join(unit.closing))
            return
        held.asked_at = monotonic_seconds()
        try:
            if type(held.connection) is Pipelining:
                # Asked as a statement it needs no timer, which costs as much as to send it.
                *before, last = unit.closing
                await rows_of(held.connection, last, (), UNTIMED, tuple(before))
            else:
                await held.connection.execute("; ".join(unit.closing))
        finally:
            held.asked_at = None
