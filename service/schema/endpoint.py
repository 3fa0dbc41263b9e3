"""`/graphql` over HTTP: media types, status codes, limits, and errors that tell nothing of ours."""

import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any, Final

import asyncpg
import orjson
import strawberry
from graphql import GraphQLSchema, OperationType
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from service.clock import monotonic_seconds, new_id
from service.errors import NotSignedIn, Refusal, Unavailable
from service.identity.tokens import Claims
from service.languages import wanted_locale
from service.schema.bodies import Asked, check_address, read_body
from service.schema.context import RequestContext
from service.schema.costs import MOST_POINTS
from service.schema.description import description_route
from service.schema.documents import Document, Documents, Faults, Operation
from service.schema.execution import Executed, Execution, VariablesRefused
from service.schema.faults import document_fault
from service.schema.graphiql import graphiql_routes, page_for_browser
from service.schema.hanging_up import ClientGone, WhileAwaited
from service.schema.observation import Finished, Observer
from service.schema.pricing import check_cost
from service.schema.refusals import (
    BadRequest,
    Internal,
    MethodNotAllowed,
    NotAcceptable,
)
from service.schema.showing import Refused, Showing
from service.schema.status import (
    NOBODY_WAITS,
    OK,
    MediaType,
    ends_request,
    headers_of,
    negotiated,
    status_of,
)
from service.work import CONNECTION_LOST, Transactions

_log = logging.getLogger(__name__)
_TRACE: Final = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_METHODS: Final = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

Authenticate = Callable[[str], Awaitable[Claims | None]]


class Endpoint:
    """Answers GraphQL requests for one cluster.

    The identity pool is only for what operators do to tenants; without it they can do nothing.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        transactions: Transactions,
        authenticate: Authenticate,
        *,
        identity_pool: "asyncpg.Pool[Any] | None" = None,
        graphiql: bool = True,
        observer: Observer | None = None,
    ) -> None:
        self._schema: GraphQLSchema = schema._schema  # noqa: SLF001 - it has no public name
        self._documents = Documents(self._schema)
        self._execution = Execution(self._schema)
        self._transactions = transactions
        self._authenticate = authenticate
        self._identity_pool = identity_pool
        self._graphiql = graphiql
        self._observer = observer

    def routes(self) -> list[BaseRoute]:
        """Return the endpoint, the schema's text and, where it is shown, the in-browser client."""
        own: list[BaseRoute] = [
            Route("/graphql", self.handle, methods=_METHODS),
            description_route(),
        ]
        return [*own, *graphiql_routes()] if self._graphiql else own

    async def handle(self, request: Request) -> Response:
        """Answer one HTTP request."""
        if self._graphiql and request.method == "GET":
            shown = page_for_browser(request)
            if shown is not None:
                return shown
        locale = wanted_locale(request.headers.get("accept-language"))
        answer = _Answer(self._schema, _request_id(request), locale)
        if self._observer is None:
            return await self._guarded(request, answer)
        begun_at = monotonic_seconds()
        begun = self._observer.began(answer.request_id, request.headers.get("traceparent"))
        response = await self._guarded(request, answer)
        seconds = monotonic_seconds() - begun_at
        self._observer.finished(begun, answer.finished(response, seconds))
        return response

    async def _guarded(self, request: Request, answer: "_Answer") -> Response:
        try:
            return await self._answer(request, answer)
        except Refused as faults:
            return answer.without_data(faults.code, faults.errors)
        except ClientGone:
            return answer.unheard()
        except Refusal as refusal:
            return answer.without_data(refusal.code, [answer.shown(refusal)])
        except CONNECTION_LOST:
            return answer.without_data(Unavailable.code, [answer.shown(Unavailable())])
        except Exception:  # noqa: BLE001 - the outermost place: whatever it is, it is masked
            _log.exception("request %s failed", answer.request_id)
            return answer.without_data(Internal.code, [answer.shown(Internal())])

    async def _answer(self, request: Request, answer: "_Answer") -> Response:
        check_address(request)
        media = negotiated(request.headers.get("accept"))
        if media is None:
            raise NotAcceptable
        answer.media = media
        if request.method == "GET" and "query" in request.query_params:
            raise BadRequest(fault="QUERY_BY_GET")
        if request.method != "POST":
            raise MethodNotAllowed
        claims = await self._claims(request)
        asked = await read_body(request)
        document = self._document(asked, answer)
        answer.operation = operation = document.asked(asked.operation_name)
        answer.cost = operation.price.of(asked.variables)
        check_cost(answer.cost, operation.price, asked.variables, MOST_POINTS)
        context = RequestContext(
            self._transactions,
            claims,
            answer.request_id,
            wanted_locale=answer.locale,
            asked=document.names,
            identity_pool=self._identity_pool,
        )
        waiting = WhileAwaited(request) if operation.kind is OperationType.QUERY else nullcontext()
        async with context, waiting:
            try:
                result = await self._execution.answer(document, asked, context)
            except VariablesRefused as faults:
                raise answer.faults(faults.found) from faults
        answer.locale = context.locale
        answer.statements = context.statement_count
        return _response(result, answer)

    async def _claims(self, request: Request) -> Claims:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claims = await self._authenticate(token.strip()) if scheme.lower() == "bearer" else None
        if claims is None:
            raise NotSignedIn
        return claims

    def _document(self, asked: Asked, answer: "_Answer") -> Document:
        try:
            return self._documents.read(asked.document)
        except Faults as faults:
            found = [(document_fault(error, self._schema), error) for error in faults.errors]
            raise answer.faults(found) from faults


class _Answer(Showing):
    """The answer in the making: what it shows, and its media type."""

    media = MediaType.JSON
    operation: Operation | None = None
    cost = 0
    statements = 0
    code: str | None = None

    def without_data(self, code: str, errors: list[dict[str, Any]]) -> Response:
        """Answer a request that was no question, or could not be answered at all."""
        self.code = code
        body = b'{"errors":%s%s}' % (orjson.dumps(errors), self.extensions())
        return self.sent(body, status_of(code, self.media))

    def unheard(self) -> Response:
        """Answer nobody; only who watches is told."""
        self.code = "CLIENT_GONE"
        return Response(status_code=NOBODY_WAITS)

    def extensions(self, data: bytes | None = None) -> bytes:
        """Write what the answer says of its cost, once that is known."""
        if self.operation is None:
            return b""
        actual = self.operation.price.spent(self.cost, data)
        return b',"extensions":{"cost":{"requested":%d,"actual":%d,"limit":%d}}' % (
            self.cost,
            actual,
            MOST_POINTS,
        )

    def finished(self, response: Response, seconds: float) -> Finished:
        """Tell what became of the request."""
        operation = self.operation
        return Finished(
            request_id=self.request_id,
            status=response.status_code,
            seconds=seconds,
            code=self.code,
            operation_name=operation.name if operation else None,
            operation_type=operation.kind.value if operation else None,
            plan="fallback" if operation else None,
            cost=self.cost,
            statements=self.statements,
            answer_bytes=len(response.body),
        )

    def sent(self, body: bytes, status: int) -> Response:
        """Send an answer that is written already."""
        headers = {
            "Content-Type": f"{self.media.value}; charset=utf-8",
            "Content-Language": self.language,
            "Cache-Control": "no-store",
            "Vary": "Authorization, Accept, Accept-Language, Accept-Encoding",
            "X-Request-Id": self.request_id,
            **headers_of(status),
        }
        return Response(body, status, headers)


def _response(result: Executed, answer: _Answer) -> Response:
    errors = [answer.executed(error) for error in result.errors or ()]
    empty = result.data is None
    writes = answer.operation is not None and answer.operation.kind is OperationType.MUTATION
    # What a mutation has written before a later field failed must reach its caller.
    if empty or not writes:
        for error in errors:
            code = error["extensions"]["code"]
            if ends_request(code, empty=empty):
                return answer.without_data(code, [error])
    if errors:
        answer.code = errors[0]["extensions"]["code"]
    parts = [b'"errors":' + orjson.dumps(errors)] if errors else []
    body = b",".join([*parts, b'"data":' + (result.data or b"null")])
    return answer.sent(b"{%s%s}" % (body, answer.extensions(result.data)), OK)


def _request_id(request: Request) -> str:
    match = _TRACE.fullmatch(request.headers.get("traceparent", ""))
    return match[1] if match else new_id().hex
