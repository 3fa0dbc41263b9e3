"""From what a request came to, to status, header fields and bytes."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson
from graphql import GraphQLSchema, OperationType

from service.errors import Refusal
from service.identity.tokens import Claims
from service.schema.bodies import Asked
from service.schema.compression import compressed, takes_gzip
from service.schema.documents import Document, Operation
from service.schema.execution import Executed
from service.schema.observation import Finished
from service.schema.planner.prepared import Ready
from service.schema.pricing import rows_in
from service.schema.rates import Budget, Rates
from service.schema.showing import Showing
from service.schema.status import NOBODY_WAITS, OK, MediaType, ends_request, headers_of, status_of
from service.web.whole import Exchange

Fields = list[tuple[bytes, bytes]]
_END: Final = b"\r\n"

_VARY: Final = (b"vary", b"Authorization, Accept, Accept-Language, Accept-Encoding")
_NO_STORE: Final = (b"cache-control", b"no-store")
_REVALIDATED: Final = (b"cache-control", b"private, no-cache")
_KEPT_FOR_A_MINUTE: Final = (b"cache-control", b"private, max-age=60")
_GZIP: Final = (b"content-encoding", b"gzip")
_MEDIA: Final = {
    media: (b"content-type", f"{media.value}; charset=utf-8".encode()) for media in MediaType
}
# An enum works its values out each time.
_KINDS: Final = {kind: kind.value for kind in OperationType}
_LEAST_COMPRESSED: Final = 1_000
COST: Final = (
    b',"extensions":{"cost":{"requested":%d,"actual":%d,"limit":%d,"remaining":%d,'
    b'"restorePerSecond":%d}}'
)
_USUAL: Final = b'{"data":%b' + COST + b"}"
_LINES: Final = b"%b\r\nx-request-id: %b\r\nratelimit: %b"


class Sent(NamedTuple):
    """An answer, ready to be sent.

    Attributes:
        length: of its body before compression.
    """

    status: int
    fields: Fields
    body: bytes
    length: int


class Written(NamedTuple):
    """An answer of status 200, its header written as it is sent, in so many lines."""

    lines: bytes
    line_count: int
    body: bytes
    length: int
    status: int = OK

    @property
    def fields(self) -> Fields:
        """The header's fields."""
        parts = [line.partition(b": ") for line in self.lines.split(_END)]
        return [(name, value) for name, _, value in parts]


@lru_cache(32)
def _beginning(media: MediaType, language: str, policy: bytes) -> bytes:
    """Write what the header of a query's answer begins with."""
    language_field = (b"content-language", language.encode())
    fields = [_NO_STORE, _MEDIA[media], language_field, _VARY, (b"ratelimit-policy", policy)]
    return _END.join([b"%b: %b" % field for field in fields])


class Answer(Showing):
    """The answer to one request in the making."""

    # What stands here holds until something else is known: most requests set half of it.
    media = MediaType.JSON
    by_get = False
    known_tags = b""
    document: Document | None = None
    operation: Operation | None = None
    budget: Budget | None = None
    rates: Rates | None = None
    cost = 0
    actual = 0
    rows = 0
    statements = 0
    claims: Claims | None = None
    asked: Asked | None = None
    refusals: tuple[str, ...] = ()
    plan: str | None = None
    exchange: Exchange | None = None
    ready: Ready | None = None
    unplanned: str | None = None
    code: str | None = None

    def __init__(
        self, schema: GraphQLSchema, request_id: str, locale: str | None, encodings: bytes
    ) -> None:
        super().__init__(schema, request_id, locale)
        self._encodings = encodings

    def refused(self, refusal: Refusal) -> Sent:
        """Answer a request that was no question, or could not be answered at all."""
        return self.without_data(refusal.code, [self.shown(refusal)], refusal)

    def without_data(
        self, code: str, errors: Sequence[dict[str, Any]], refusal: Refusal | None = None
    ) -> Sent:
        """Answer with errors alone."""
        self.code = code
        status = status_of(code, self.media)
        body = b'{"errors":%s%s}' % (orjson.dumps(errors), self._extensions())
        return self._sent(status, body, [_NO_STORE, *headers_of(status, refusal)])

    def answered(self, result: Executed) -> Sent | Written:
        """Answer with what the operation came to."""
        data = result.data
        writes = self.operation is not None and self.operation.kind is OperationType.MUTATION
        if data is not None and not result.errors and not self.by_get:
            # A command's answer may hold a secret that is shown once: those are never compressed.
            return self.usual(data, compress=not writes)
        errors = [self.executed(error) for error in result.errors] if result.errors else []
        # What a mutation has written before a later field failed must reach its caller.
        if errors and (data is None or not writes):
            for error in errors:
                code = error["extensions"]["code"]
                if ends_request(code, empty=data is None):
                    return self.without_data(code, [error])
        self.rows = rows_in(data)
        self.pay()
        told = b""
        if errors:
            self.code = errors[0]["extensions"]["code"]
            told = b'"errors":%s,' % orjson.dumps(errors)
        body = b'{%s"data":%s%s}' % (told, data or b"null", self._extensions())
        if self.by_get and not errors:
            return self._by_get(body, data or b"")
        return self._sent(OK, body, [_NO_STORE], compress=not writes)

    def usual(self, data: bytes, *, compress: bool = True) -> Written:
        """Answer by POST, without an error, in one go."""
        budget, rates = self.budget, self.rates
        if budget is None or rates is None:
            raise RuntimeError("nothing was asked")
        self.rows = rows_in(data)
        self.pay()
        left, field = budget.told()
        body = _USUAL % (
            *(data, self.cost, self.actual, rates.allowance.request),
            *(left, budget.restored),
        )
        length = len(body)
        lines = _LINES % (
            _beginning(self.media, self.language, rates.policy),
            self.request_id.encode(),
            field,
        )
        if compress and length >= _LEAST_COMPRESSED and takes_gzip(self._encodings):
            body = compressed(body)
            lines += b"\r\ncontent-encoding: gzip"
            return Written(b"%b\r\ncontent-length: %d" % (lines, len(body)), 9, body, length)
        return Written(b"%b\r\ncontent-length: %d" % (lines, length), 8, body, length)

    def allowed(self, methods: bytes) -> Sent:
        """Answer which methods there are."""
        return Sent(204, [(b"allow", methods), self._request_field()], b"", 0)

    def unheard(self) -> Sent:
        """Answer nobody; only who watches is told."""
        self.code = "CLIENT_GONE"
        return Sent(NOBODY_WAITS, [], b"", 0)

    def finished(self, sent: "Sent | Written", seconds: float) -> Finished:
        """Tell what became of the request."""
        operation, claims = self.operation, self.claims
        return Finished(
            request_id=self.request_id,
            status=sent.status,
            seconds=seconds,
            code=self.code,
            tenant_id=claims.tenant_id if claims else None,
            member_id=claims.member_id if claims else None,
            refusals=self.refusals,
            document=self.asked.document if self.asked else None,
            document_id=self.document.id if self.document else None,
            operation_name=operation.name if operation else None,
            operation_type=_KINDS[operation.kind] if operation else None,
            plan=self.plan,
            unplanned=self.unplanned,
            cost=self.cost,
            spent=self.actual,
            rows=self.rows,
            statements=self.statements,
            answer_bytes=sent.length,
        )

    def pay(self) -> None:
        """Give back what was charged and, by the rows that were answered, not used."""
        if self.operation is not None and self.budget is not None:
            self.actual = self.operation.price.spent(
                self.cost, self.rows, self.asked.variables if self.asked else {}
            )
            self.budget.give_back(self.cost - self.actual)

    def _extensions(self) -> bytes:
        """Write what the answer says of its cost, once that is known."""
        if self.operation is None or self.budget is None or self.rates is None:
            return b""
        return COST % (
            self.cost,
            self.actual,
            self.rates.allowance.request,
            self.budget.remaining(),
            self.budget.restored,
        )

    def _by_get(self, body: bytes, data: bytes) -> Sent:
        """Answer so that the client can ask whether it has changed.

        The tag is that of the data: what is said of the caller's budget changes with each request,
        and says nothing about whether the client's copy is still good.
        """
        kept = self.operation is not None and self.operation.reference
        digest = hashlib.blake2b(data + self.language.encode(), digest_size=16).hexdigest()
        tag = f'W/"{digest}"'.encode()
        fields = [_KEPT_FOR_A_MINUTE if kept else _REVALIDATED, (b"etag", tag)]
        if names_tag(self.known_tags, tag):
            return Sent(304, [*fields, *self.told()], b"", 0)
        return self._sent(OK, body, fields, compress=True)

    def _sent(self, status: int, body: bytes, fields: Fields, *, compress: bool = False) -> Sent:
        length = len(body)
        fields += [_MEDIA[self.media], *self.told()]
        if compress and length >= _LEAST_COMPRESSED and takes_gzip(self._encodings):
            body = compressed(body)
            fields.append(_GZIP)
        fields.append((b"content-length", b"%d" % len(body)))
        return Sent(status, fields, body, length)

    def told(self) -> Fields:
        """Return what every header tells: language, request, and what may be spent."""
        found = [(b"content-language", self.language.encode()), _VARY, self._request_field()]
        if self.budget is not None and self.rates is not None:
            found += [
                (b"ratelimit-policy", self.rates.policy),
                (b"ratelimit", self.budget.header()),
            ]
        return found

    def _request_field(self) -> tuple[bytes, bytes]:
        return b"x-request-id", self.request_id.encode()


def names_tag(field: bytes, tag: bytes) -> bool:
    """Tell whether `If-None-Match` names a tag, by the weak comparison of RFC 9110."""
    if not field:
        return False
    plain = tag.removeprefix(b"W/")
    known = {one.strip().removeprefix(b"W/") for one in field.split(b",")}
    return plain in known or b"*" in known
