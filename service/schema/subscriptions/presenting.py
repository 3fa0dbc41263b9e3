"""Reads the records of changes for those who wait for them, each under its viewer's rights.

Who follows the same thing with the same document as the same member shares one reading. All that
wait for changes of one tenant are served together: their callers are loaded by one statement, on
one connection, and the changes of one viewer are read side by side, so that records of several
changes come by one statement too. Whoever does not see the record, or is not who he was when he
began to follow, gets nothing.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from graphql import ExecutionResult, GraphQLSchema, execute

from service.clock import monotonic_seconds
from service.delivery.following import Ended
from service.delivery.topics import Change, Interest
from service.errors import Busy, Refusal, Unavailable
from service.schema.bodies import Asked
from service.schema.documents import Document
from service.schema.execution import Execution
from service.schema.refusals import Internal
from service.schema.scalars import make_id, write_instant
from service.schema.showing import Showing
from service.schema.side_by_side import SideBySide
from service.schema.subscriptions.records import RECORD, RecordQuery, record_query
from service.schema.subscriptions.rights import rights_of
from service.schema.subscriptions.standing import Standing, StreamContext
from service.schema.subscriptions.types import SHAPES
from service.work import CONNECTION_LOST, Caller, Sight, Transactions

_AT_ONCE: Final = 256
_SIDE_BY_SIDE: Final = 2
_ASKED_AT_ONCE: Final = 4
_SHARED_SECONDS: Final = 1.0
_MOST_QUERIES: Final = 1_000
_REST_SECONDS: Final = 0.5

_log = structlog.get_logger(__name__)

Payload = bytes | None
"""`{"data": …}` of one event; None where its viewer does not see the record."""


@dataclass(frozen=True, slots=True)
class View:
    """One member following one thing with one document.

    Attributes:
        key: equal for all that may share a reading.
        context: makes the context of one reading.
        query: the record alone, where it can be asked for by a query of its own.
    """

    key: tuple[object, ...]
    caller: Caller
    document: Document
    asked: Asked
    standing: Standing
    context: Callable[[], StreamContext]
    query: RecordQuery | None

    @classmethod
    def of(
        cls,
        context: StreamContext,
        document: Document,
        asked: Asked,
        *,
        fresh: Callable[[], StreamContext],
        query: RecordQuery | None,
    ) -> "View":
        """Make the view of an operation that has begun."""
        caller, standing = context.caller, context.standing
        if standing is None:
            raise TypeError("the operation follows nothing")
        variables = orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS)
        key = (
            caller.tenant_id,
            caller.member_id,
            caller.locale,
            asked.document or asked.document_id,
            asked.operation_name,
            variables,
            standing,
        )
        return cls(key, caller, document, asked, standing, fresh, query)


@dataclass(slots=True)
class _Wish:
    """A change that somebody wants to see."""

    view: View
    change: Change
    payload: "asyncio.Future[Payload]"


@dataclass(slots=True)
class _Desk:
    """What one tenant's followers wait for."""

    wishes: list[_Wish] = field(default_factory=list)
    serving: "asyncio.Task[None] | None" = None


class Presenter:
    """Presents changes to all followers of a process."""

    def __init__(
        self, schema: GraphQLSchema, execution: Execution, transactions: Transactions
    ) -> None:
        self._schema = schema
        self._execution = execution
        self._transactions = transactions
        self._desks: dict[UUID, _Desk] = {}
        self._shared: dict[tuple[object, ...], tuple[float, asyncio.Future[Payload]]] = {}
        self._turns = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._asking = asyncio.Semaphore(_ASKED_AT_ONCE)
        self._queries: OrderedDict[tuple[object, ...], RecordQuery | None] = OrderedDict()
        self.delivered = 0

    async def present(self, view: View, changes: list[Change]) -> list[Payload]:
        """Return what a view shows of changes, in their order.

        Raises:
            Ended: the viewer is not who he was.
        """
        waiting = [self._wish(view, change) for change in changes]
        # Others wait for the same; one who leaves must not end it for them.
        return list(await asyncio.gather(*(asyncio.shield(one) for one in waiting)))

    def query_of(self, document: Document, asked: Asked, interest: Interest) -> RecordQuery | None:
        """Return the query for the records of a subscription: one for all who ask the same."""
        key = (asked.document or asked.document_id, asked.operation_name, interest.topic.name)
        if key not in self._queries:
            shape = SHAPES[interest.topic.name]
            operation = document.asked(asked.operation_name)
            self._queries[key] = record_query(document, operation, shape.field, shape.found)
            if len(self._queries) > _MOST_QUERIES:
                self._queries.popitem(last=False)
        return self._queries[key]

    def _wish(self, view: View, change: Change) -> "asyncio.Future[Payload]":
        key = (*view.key, change.topic.name, change.record_id, change.place)
        known = self._shared.get(key)
        if known is not None and monotonic_seconds() - known[0] < _SHARED_SECONDS:
            return known[1]
        payload: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        # Whoever wished for it may have left meanwhile.
        payload.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._shared[key] = (monotonic_seconds(), payload)
        tenant_id = view.caller.tenant_id
        desk = self._desks.setdefault(tenant_id, _Desk())
        desk.wishes.append(_Wish(view, change, payload))
        if desk.serving is None:
            desk.serving = asyncio.create_task(self._serve(tenant_id, desk))
        return payload

    async def _serve(self, tenant_id: UUID, desk: _Desk) -> None:
        """Serve until nobody waits; what comes meanwhile is served together, next."""
        try:
            while desk.wishes:
                wishes, desk.wishes = desk.wishes[:_AT_ONCE], desk.wishes[_AT_ONCE:]
                async with self._turns:
                    put_off = not await self._fulfil(tenant_id, wishes)
                if put_off:
                    desk.wishes[:0] = [wish for wish in wishes if not wish.payload.done()]
                    await asyncio.sleep(_REST_SECONDS)
                self._forget_old()
        finally:
            desk.serving = None
            if not desk.wishes:
                self._desks.pop(tenant_id, None)

    async def _fulfil(self, tenant_id: UUID, wishes: list[_Wish]) -> bool:
        """Read for everybody who waits; tells whether the database was there for it."""
        if not await self._ask_for_records(wishes):
            return False
        wishes = [wish for wish in wishes if not wish.payload.done()]
        return not wishes or await self._read_together(tenant_id, wishes)

    async def _ask_for_records(self, wishes: list[_Wish]) -> bool:
        """Answer by one statement for each viewer and record, where it can be planned."""
        groups: dict[tuple[object, ...], tuple[RecordQuery, list[_Wish]]] = {}
        for wish in wishes:
            query = wish.view.query
            if query is not None and query.planned:
                key = (*wish.view.key, wish.change.record_id)
                groups.setdefault(key, (query, []))[1].append(wish)
        there = await asyncio.gather(*(self._asked(*group) for group in groups.values()))
        return all(there)

    async def _asked(self, query: RecordQuery, wishes: list[_Wish]) -> bool:
        """Ask for one record for one viewer; what cannot be planned is left to be read."""
        async with self._asking:
            view, context = wishes[0].view, wishes[0].view.context()
            record_id = make_id(query.kind, wishes[0].change.record_id)
            asked = view.asked._replace(variables={**view.asked.variables, RECORD: record_id})
            try:
                async with context:
                    result = await self._execution.answer(query.document, asked, context)
                    if context.plan != "sql":
                        query.planned = False
                        return True
                    rights = rights_of((await context.known(context.now)).loaded)
            except (Busy, Unavailable, *CONNECTION_LOST) as error:
                _log.warning("delivery.put_off", error=repr(error))
                return False
            except Refusal:
                _fail(wishes, Ended())
                return True
            except Exception:  # noqa: BLE001 - whoever waits must be told, whatever it is
                _log.exception("delivery.failed", tenant=str(view.caller.tenant_id))
                _fail(wishes, Internal())
                return True
        if rights != view.standing.rights:
            _fail(wishes, Ended())
            return True
        record = query.record(result.data or b"null")
        for wish in wishes:
            if not wish.payload.done():
                wish.payload.set_result(_put_together(wish, query, record))
                self.delivered += record is not None
        return True

    async def _read_together(self, tenant_id: UUID, wishes: list[_Wish]) -> bool:
        """Read side by side, as graphql-core does it, for callers loaded by one statement."""
        groups: dict[tuple[UUID | None, str | None], list[_Wish]] = {}
        for wish in wishes:
            caller = wish.view.caller
            groups.setdefault((caller.member_id, caller.locale), []).append(wish)
        callers = [group[0].view.caller for group in groups.values()]
        try:
            async with self._transactions.sights(tenant_id, callers) as sights:
                for sight, group in zip(sights, groups.values(), strict=True):
                    await self._tried(sight, group)
        except (Busy, Unavailable, *CONNECTION_LOST) as error:
            # Nothing is lost: whoever cannot wait comes again with his last cursor.
            _log.warning("delivery.put_off", error=repr(error))
            return False
        except Refusal:
            _fail(wishes, Ended())
        except Exception:  # noqa: BLE001 - whoever waits must be told, whatever it is
            _log.exception("delivery.failed", tenant=str(tenant_id))
            _fail(wishes, Internal())
        return True

    async def _tried(self, sight: Sight | Refusal, wishes: list[_Wish]) -> None:
        """Show one viewer what he waits for; what fails for him must not fail for others."""
        try:
            await self._show(sight, wishes)
        except CONNECTION_LOST:
            raise
        except Exception:  # noqa: BLE001 - whoever waits must be told, whatever it is
            _log.exception("delivery.failed", tenant=str(wishes[0].view.caller.tenant_id))
            _fail(wishes, Internal())

    async def _show(self, sight: Sight | Refusal, wishes: list[_Wish]) -> None:
        """Show one viewer what he waits for."""
        if isinstance(sight, Refusal):
            _fail(wishes, Ended())
            return
        rights = rights_of(sight.loaded)
        _fail([wish for wish in wishes if wish.view.standing.rights != rights], Ended())
        by_view: dict[tuple[object, ...], list[_Wish]] = {}
        for wish in wishes:
            if not wish.payload.done():
                by_view.setdefault(wish.view.key, []).append(wish)
        for group in by_view.values():
            context = group[0].view.context()
            context.read_in(sight)
            shown = await asyncio.gather(
                *(self._one(context, wish) for wish in group), return_exceptions=True
            )
            for failed in shown:
                if isinstance(failed, BaseException):
                    raise failed
            for wish, payload in zip(group, shown, strict=True):
                if not wish.payload.done() and not isinstance(payload, BaseException):
                    wish.payload.set_result(payload)
                    self.delivered += payload is not None

    async def _one(self, context: StreamContext, wish: _Wish) -> Payload:
        view, shape = wish.view, SHAPES[wish.change.topic.name]
        record = await shape.read(await context.reader(), wish.change)
        if record is None:
            return None
        event = shape.made(view.standing.cursor(wish.change), wish.change, record)
        result = execute(
            self._schema,
            view.document.node,
            root_value=event,
            context_value=context,
            variable_values=view.asked.variables,
            operation_name=view.asked.operation_name,
            executor_class=SideBySide,
            hide_suggestions=True,
        )
        done = result if isinstance(result, ExecutionResult) else await result
        return self._written(context, done)

    def _written(self, context: StreamContext, done: Any) -> bytes:  # noqa: ANN401 - graphql-core's result
        answer: dict[str, object] = {"data": done.data}
        if done.errors:
            for error in done.errors:
                if isinstance(error.original_error, CONNECTION_LOST):
                    raise error.original_error
            showing = Showing(self._schema, context.request_id, context.locale)
            answer["errors"] = [showing.executed(error) for error in done.errors]
        return orjson.dumps(answer)

    def _forget_old(self) -> None:
        """Forget what was shared a while ago: it was read under the rights of then."""
        long_ago = monotonic_seconds() - _SHARED_SECONDS
        self._shared = {
            key: kept
            for key, kept in self._shared.items()
            if kept[0] > long_ago or not kept[1].done()
        }


def _put_together(wish: _Wish, query: RecordQuery, record: object) -> Payload:
    """Write one event around its record."""
    if record is None:
        return None
    change = wish.change
    own: dict[str, object] = {
        "cursor": wish.view.standing.cursor(change),
        "at": write_instant(change.at),
        "changes": change.words,
        "__typename": query.event,
        query.field: record,
    }
    event = {answered: own[name] for answered, name in query.fields}
    return orjson.dumps({"data": {query.root: event}})


def _fail(wishes: list[_Wish], why: Exception) -> None:
    for wish in wishes:
        if not wish.payload.done():
            wish.payload.set_exception(why)
