"""`/graphql` over HTTP: media types, status codes, limits, and errors that tell nothing of ours."""

import logging
import os
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import asyncpg
import strawberry
from graphql import GraphQLSchema, OperationType
from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from service.clock import monotonic_seconds
from service.delivery.hub import Hub
from service.errors import NotSignedIn, Refusal
from service.identity.tokens import Claims
from service.languages import locale_of_field
from service.schema.admission import Admission, Restricted
from service.schema.answers import Answer, Sent, Written
from service.schema.bodies import (
    MOST_ADDRESS_BYTES,
    MOST_BULK_BYTES,
    MOST_BYTES,
    Asked,
    Headers,
    Receive,
    asked_by_address,
    id_in_address,
    read_body,
)
from service.schema.context import RequestContext
from service.schema.deprecations import NOTHING, count_uses
from service.schema.description import description_route
from service.schema.documents import Document, Documents, Faults, Operation
from service.schema.execution import Execution, VariablesRefused
from service.schema.faults import document_fault
from service.schema.graphiql import graphiql_routes, page_for_browser
from service.schema.hanging_up import ClientGone, WhileAwaited
from service.schema.observation import Observer
from service.schema.planner.planner import Planner
from service.schema.rates import Budget, Rates
from service.schema.refusals import (
    AddressTooLong,
    Internal,
    MethodNotAllowed,
    NotAcceptable,
)
from service.schema.showing import Refused, refusal_for
from service.schema.status import MediaType, is_askers_fault, media_for
from service.schema.subscriptions.event_stream import MEDIA as STREAM
from service.schema.subscriptions.event_stream import EventStream, accepts_stream
from service.schema.subscriptions.gate import Gate
from service.schema.subscriptions.operations import Followed, Operations
from service.schema.subscriptions.watching import Watch
from service.schema.trusted import Registered
from service.schema.usual import Usual
from service.telemetry.tracing import step
from service.web.whole import WHOLE
from service.work import CONNECTION_LOST, Transactions

if TYPE_CHECKING:
    from service.schema.exporting import Boards

_log = logging.getLogger(__name__)
_TRACE: Final = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_NO_TRACE: Final = "0" * 32
_NO_EXTENSIONS: Final[Mapping[str, Any]] = {}
_METHODS: Final = "GET, HEAD, OPTIONS, POST"

Authenticate: TypeAlias = Callable[[str], Awaitable[Claims | None]]
Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class _Admitted(NamedTuple):
    """An operation that may run: what, whose, and at whose cost."""

    asked: Asked
    document: Document
    operation: Operation
    claims: Claims
    budget: Budget


class Endpoint:
    """Answers GraphQL requests for one cluster; an ASGI application for the path `/graphql`.

    Attributes:
        admission: what operations must pass before they run; streams ask the same one.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        transactions: Transactions,
        authenticate: Authenticate,
        *,
        identity_pool: "asyncpg.Pool[Any] | None" = None,
        graphiql: bool = True,
        hub: Hub | None = None,
        origins: Collection[str] = (),
        observer: Observer | None = None,
        trusted: Mapping[str, Registered] | None = None,
        rates: Rates | None = None,
        restricted: Restricted | None = None,
        planning: bool = True,
    ) -> None:
        """Take what answers need.

        Args:
            schema: the one schema of all tenants.
            transactions: the cluster's.
            authenticate: returns what a bearer token says, None where it is worth nothing.
            identity_pool: only for what operators do to tenants; without it they can do nothing.
            graphiql: whether the in-browser client is shown.
            hub: what subscriptions are fed by; without it there are none.
            origins: whose pages may open a WebSocket besides our own.
            observer: is told of each request.
            trusted: documents that clients may name by their hash.
            rates: how much callers may ask; the usual amounts when left out.
            restricted: tells whether a tenant answers trusted documents only.
            planning: whether queries are answered by one statement where that is possible.
        """
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001 - it has no public name
        documents = Documents(self._schema, trusted)
        self.admission = Admission(self._schema, documents, rates, restricted)
        self._execution = Execution(self._schema, planning=planning)
        for document in documents.trusted.values():
            if isinstance(document, Document):
                for operation in document.operations:
                    self._execution.planner.beforehand((operation.syntax, operation.position))
        self._usual = Usual(self.admission, self._execution.planner, transactions)
        self._transactions = transactions
        self._authenticate = authenticate
        self._identity_pool = identity_pool
        self._graphiql = graphiql
        self._observer = observer
        self.streams: Gate | None = None
        if hub is not None:
            operations = Operations(
                self._schema,
                self.admission,
                self._execution,
                Followed(transactions, hub, identity_pool),
            )
            self.streams = Gate(operations, Watch(transactions, authenticate), hub, origins)

    @property
    def planner(self) -> Planner:
        """What plans its queries."""
        return self._execution.planner

    def boards(self) -> "Boards":
        """Return what reads its boards as tables, within the same budgets."""
        from service.schema.exporting import Boards  # noqa: PLC0415 - few ever ask for a file

        return Boards(self._schema, self.admission, self._execution, self._transactions)

    def routes(self) -> list[BaseRoute]:
        """Return the endpoint, the schema's text and, where it is shown, the in-browser client."""
        own: list[BaseRoute] = [Route("/graphql", self), description_route()]
        if self.streams is not None:
            own.append(self.streams.route())
        return [*own, *graphiql_routes()] if self._graphiql else own

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        headers = _headers(scope)
        traceparent = headers.get(b"traceparent")
        request_id = _request_id(traceparent)
        if self._graphiql and scope["method"] == "GET":
            page = page_for_browser(Request(scope))
            if page is not None:
                page.headers["X-Request-Id"] = request_id
                await page(scope, receive, send)
                return
        answer = Answer(
            self._schema,
            request_id,
            locale_of_field(headers.get(b"accept-language", b"")),
            headers.get(b"accept-encoding", b""),
        )
        answer.exchange = scope.get("extensions", _NO_EXTENSIONS).get(WHOLE)
        if self._observer is None:
            sent = await self._guarded(scope, headers, receive, answer)
        else:
            begun_at = monotonic_seconds()
            told = traceparent.decode("latin-1") if traceparent else None
            begun = self._observer.began(answer.request_id, told)
            sent = await self._guarded(scope, headers, receive, answer)
            seconds = monotonic_seconds() - begun_at
            opened = (
                Sent(sent.status, [], b"", sent.length) if isinstance(sent, EventStream) else sent
            )
            self._observer.finished(begun, answer.finished(opened, seconds))
        document = answer.document
        if document is not None and document.deprecated is not NOTHING and answer.asked is not None:
            count_uses(document.deprecated, document.id, answer.asked.variables)
        if isinstance(sent, EventStream):
            await sent(receive, send)
            return
        exchange = answer.exchange
        if exchange is not None:
            if isinstance(sent, Written):
                if exchange.send_lines(sent.lines, sent.line_count, sent.body):
                    return
            elif exchange.send(sent.status, sent.fields, sent.body):
                return
        await send({"type": "http.response.start", "status": sent.status, "headers": sent.fields})
        await send({"type": "http.response.body", "body": sent.body})

    async def _guarded(
        self, scope: Scope, headers: Headers, receive: Receive, answer: Answer
    ) -> Sent | Written | EventStream:
        try:
            return await self._answer(scope, headers, receive, answer)
        except Refused as faults:
            self._let_pay(answer, faults.code)
            return answer.without_data(faults.code, faults.errors)
        except ClientGone:
            return answer.unheard()
        except Exception as error:  # noqa: BLE001 - the outermost place: whatever it is, it is masked
            known = refusal_for(error)
            if known is None:
                _log.exception("request %s failed", answer.request_id)
            self._learn_language(answer)
            if known is not None:
                self._let_pay(answer, known.code)
            return answer.refused(known or Internal())

    def _let_pay(self, answer: Answer, code: str) -> None:
        """Charge for what was looked at and refused, or it could be sent without end."""
        if answer.budget is not None and is_askers_fault(code):
            answer.actual = self.admission.look(answer.budget, answer.actual)

    async def _answer(
        self, scope: Scope, headers: Headers, receive: Receive, answer: Answer
    ) -> Sent | Written | EventStream:
        _check_address(scope)
        accept = headers.get(b"accept", b"")
        streams = self.streams if accepts_stream(accept) else None
        media = media_for(accept)
        if media is None and streams is None:
            raise NotAcceptable
        answer.media = media or MediaType.JSON
        _check_method(scope, headers, answer)
        if scope["method"] == "OPTIONS":
            return answer.allowed(_METHODS.encode())
        query = scope["query_string"]
        asked = asked_by_address(query) if answer.by_get else None
        answer.claims = claims = await self._claims(scope, headers)
        budget = self.admission.budget(claims)
        answer.rates, answer.budget = self.admission.rates, budget
        if asked is None:
            most = self._most_bytes(query) if query else MOST_BYTES
            asked = await read_body(headers, receive, most, answer.exchange)
        answer.asked = asked
        unread = media is None
        if streams is not None and await self._follows(asked, claims, unread=unread):
            return await streams.event_stream(_bearer(headers), claims, asked, answer)
        if unread:
            raise NotAcceptable
        if not answer.by_get:
            waiting = WhileAwaited(receive, answer.exchange)
            usual = await self._usual.answer((claims, budget), asked, answer, waiting)
            if usual is not None:
                return usual
        with step("plan"):
            admitted = await self._admitted(asked, claims, budget, answer)
        return await self._run(admitted, receive, answer)

    async def _admitted(
        self, asked: Asked, claims: Claims, budget: Budget, answer: Answer
    ) -> "_Admitted":
        try:
            document = answer.document or await self.admission.document(asked, claims)
        except Faults as faults:
            found = [(document_fault(error, self._schema), error) for error in faults.errors]
            await self._ask_language(answer)
            raise answer.faults(found) from faults
        except Refusal:
            # It asks too much, or is not known: told in the caller's language like any other fault.
            await self._ask_language(answer)
            raise
        operation = document.asked(asked.operation_name)
        if answer.by_get and operation.kind is not OperationType.QUERY:
            raise MethodNotAllowed(allowed="POST")
        if operation.kind is OperationType.SUBSCRIPTION:
            raise NotAcceptable(types=STREAM)
        answer.document, answer.operation = document, operation
        answer.cost = operation.price.of(asked.variables)
        self.admission.charge(operation, asked, answer.cost, budget)
        answer.actual = answer.cost
        return _Admitted(asked, document, operation, claims, budget)

    async def _run(self, admitted: "_Admitted", receive: Receive, answer: Answer) -> Sent | Written:
        document, budget = admitted.document, admitted.budget
        context = RequestContext(
            self._transactions,
            admitted.claims,
            answer.request_id,
            wanted_locale=answer.locale,
            asked=document.names,
            identity_pool=self._identity_pool,
            ready=answer.ready,
        )
        # A command that has begun is carried out, whether or not anybody is there to hear of it.
        reads = admitted.operation.kind is OperationType.QUERY
        waiting = WhileAwaited(receive, answer.exchange) if reads else nullcontext()
        if not budget.entered():
            await budget.enter()
        try:
            async with context:
                with waiting:
                    result = await self._execution.answer(document, admitted.asked, context)
        except VariablesRefused as faults:
            answer.pay()
            await self._ask_language(answer)
            raise answer.faults(faults.found) from faults
        finally:
            budget.leave()
            answer.statements = context.statement_count
            answer.refusals = tuple(context.refusals)
        if result.errors and not context.language_known:
            # What was asked was refused before anybody was looked at.
            await self._ask_language(answer)
        else:
            answer.locale = context.locale
        answer.plan = context.plan
        if context.unplanned is not None:
            answer.unplanned = f"{context.unplanned} {context.unplanned_at}".rstrip()
        return answer.answered(result)

    def _learn_language(self, answer: Answer) -> None:
        """Word what is refused in the caller's language where it is known without a look."""
        claims = answer.claims
        if answer.locale is None and claims is not None and claims.member_id and claims.tenant_id:
            answer.learn(self._transactions.readings.locale_of(claims.tenant_id, claims.member_id))

    async def _ask_language(self, answer: Answer) -> None:
        """Word faults in the caller's language, also where he asks for the first time.

        Who cannot be loaded now is told in English what was wrong, not that.
        """
        self._learn_language(answer)
        claims = answer.claims
        if answer.locale is None and claims is not None and claims.member_id:
            context = RequestContext(self._transactions, claims, answer.request_id)
            with suppress(Refusal, *CONNECTION_LOST, asyncpg.QueryCanceledError):
                answer.locale = context.locale_of(await context.known(context.now))

    async def _follows(self, asked: Asked, claims: Claims, *, unread: bool) -> bool:
        """Tell whether a subscription is asked for; `unread` stands for what cannot be read."""
        try:
            document = await self.admission.document(asked, claims)
            operation = document.asked(asked.operation_name)
        except (Faults, Refusal):
            return unread
        return operation.kind is OperationType.SUBSCRIPTION

    def _most_bytes(self, query: bytes) -> int:
        """Return how long a body may be: longer for bulk, whose document the address names.

        So it is known before the body is read that this caller may send so much.
        """
        name = id_in_address(query)
        if name is None:
            return MOST_BYTES
        try:
            document = self.admission.documents.named(name)
        except (Faults, Refusal):
            return MOST_BYTES
        return MOST_BULK_BYTES if document.bulk else MOST_BYTES

    async def _claims(self, scope: Scope, headers: Headers) -> Claims:
        token = _bearer(headers)
        claims = await self._authenticate(token) if token else None
        if claims is None or not claims.may_come_from(_address(scope)):
            raise NotSignedIn
        return claims


def _headers(scope: Scope) -> Headers:
    """Return the header fields by name; one that is sent in several lines is a list."""
    pairs = scope["headers"]
    fields = dict(pairs)
    if len(fields) != len(pairs):
        for name in (b"accept", b"accept-language", b"accept-encoding", b"if-none-match"):
            fields[name] = b", ".join(value for own, value in pairs if own == name)
    return fields


def _address(scope: Scope) -> str:
    """Return the address a request comes from; a trusted proxy has told it, if one is before us."""
    client = scope.get("client")
    return client[0] if client else ""


def _bearer(headers: Headers) -> str:
    """Return the bearer token; empty where there is none."""
    scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""


def _check_method(scope: Scope, headers: Headers, answer: Answer) -> None:
    method = scope["method"]
    answer.by_get = method in {"GET", "HEAD"}
    answer.known_tags = headers.get(b"if-none-match", b"")
    if not answer.by_get and method not in {"POST", "OPTIONS"}:
        raise MethodNotAllowed(allowed=_METHODS)


def _check_address(scope: Scope) -> None:
    path = scope.get("raw_path") or scope["path"].encode()
    if len(path) + len(scope["query_string"]) > MOST_ADDRESS_BYTES:
        raise AddressTooLong(at_most=MOST_ADDRESS_BYTES)


def _request_id(traceparent: bytes | None) -> str:
    match = _TRACE.fullmatch(traceparent.decode("latin-1")) if traceparent else None
    # A trace id is chance alone: its reader may shorten it to any part (W3C Trace Context).
    return match[1] if match and match[1] != _NO_TRACE else os.urandom(16).hex()
