"""A route that does for an arrival what the bare one does, and decides as well.

The bare route repeats what was decided; this one has the product's own command decide it anew,
with everything it writes down: the key, the caller as he stands, the duties, the rulebook, the
audit line and the events. What the product has of its own below that it does without: the unit of
work asks asyncpg by its public calls, on a connection of asyncpg's pool, as the bare route does.

What it leaves to the API: a GraphQL document with its variables, limits and cost, the caller's
rights to see what is answered, languages, media types, and figures of each request.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from starlette.requests import Request
from starlette.responses import Response

from service.clock import Clock, new_id
from service.database.openings import Pace, opening
from service.database.pool import TenantPool
from service.database.session import Row
from service.organisation.actors import Callers
from service.reception.commands import RecordArrival, record_arrival
from service.work import Caller, Transactions, UnitOfWork

_JSON = "application/json"
_ARRIVED = """
SELECT json_build_object('id', v.id, 'number', v.number, 'mode', v.mode,
    'receiver', (SELECT json_build_object('id', m.id, 'name', m.name) FROM app.member m
                 WHERE m.tenant_id = $1 AND m.id = v.receiver_id),
    'owner', (SELECT json_build_object('id', m.id, 'name', m.name) FROM app.member m
              WHERE m.tenant_id = $1 AND m.id = v.owner_id))::text AS visit
FROM app.visit v WHERE v.tenant_id = $1 AND v.id = $2
"""


class _PlainUnit(UnitOfWork):
    """A unit of work whose statements take the driver's public way."""

    async def _rows(self, text: str, arguments: Sequence[object]) -> Sequence[Row]:
        rows: Sequence[Row] = await self._connection.fetch(text, *arguments)
        return rows


class OnPlainPool(Transactions):
    """The product's commands in transactions on a pool of asyncpg's."""

    def __init__(
        self, own: TenantPool, clock: Clock, callers: Callers, plain: "asyncpg.Pool[Any]"
    ) -> None:
        super().__init__(own, clock, callers)
        self._plain = plain

    @asynccontextmanager
    async def _begun(self, caller: Caller, now: Any, pace: Pace) -> AsyncIterator[UnitOfWork]:
        async with self._plain.acquire() as connection:
            await connection.execute("; ".join(opening(caller.tenant_id, pace)))
            unit = _PlainUnit(
                connection, caller, now, clock=self.clock, installation=self.installation
            )
            try:
                yield unit
            except BaseException:
                await connection.execute("ROLLBACK")
                raise
            await connection.execute("; ".join(unit.closing))


async def plainly(request: Request) -> Response:
    """Check what any endpoint must, carry an arrival out and answer with its visit."""
    return await _arrive(request, request.app.state.transactions)


async def leanly(request: Request) -> Response:
    """Do the same on the product's own pool, by its own way to the driver."""
    return await _arrive(request, request.app.state.lean_transactions)


async def _arrive(request: Request, transactions: Transactions) -> Response:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    claims = request.app.state.tokens.verify(token) if scheme == "Bearer" else None
    if claims is None or claims.tenant_id is None:
        return Response(b"{}", 401, media_type=_JSON)
    sent = orjson.loads(await request.body())["variables"]["input"]
    caller = Caller(claims.tenant_id, claims.member_id, f"benchmark-{new_id()}")
    order = RecordArrival(
        site_id=UUID(sent["siteId"].removeprefix("site_")),
        phones=(sent["customer"]["phone"],),
        said_before=sent["saidBefore"],
    )
    done = await transactions.carry_out(
        caller, sent["idempotencyKey"], order, record_arrival, _answered
    )
    return Response(done.answer, media_type=_JSON)


async def _answered(work: UnitOfWork, visit_id: UUID) -> Any:
    return await work.fetch_value(_ARRIVED, work.tenant_id, visit_id)
