"""From the bytes of a request to the operation it asks for."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping, MutableMapping
from typing import Any, Final, NamedTuple, Self, TypeAlias
from urllib.parse import parse_qsl

import orjson

from service.schema.refusals import (
    BadRequest,
    BatchingOff,
    BodySlow,
    BodyTooLarge,
    RequestFault,
    UnsupportedMediaType,
)
from service.schema.trusted import asked_id
from service.web.whole import Exchange

MOST_BYTES: Final = 1024 * 1024
MOST_BULK_BYTES: Final = 16 * MOST_BYTES
MOST_DEPTH: Final = 32
MOST_ADDRESS_BYTES: Final = 8 * 1024
_SECONDS: Final = 30

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Headers: TypeAlias = Mapping[bytes, bytes]


class Asked(NamedTuple):
    """The operation a request asks for: its document by text or by id, or both.

    Attributes:
        document: the text; empty where only the id was sent.
        document_id: `sha256:…` of a trusted document.
    """

    document: str
    operation_name: str | None
    variables: dict[str, Any]
    document_id: str | None = None


async def read_body(
    headers: Headers, receive: Receive, most: int = MOST_BYTES, exchange: Exchange | None = None
) -> Asked:
    """Read and check a request's body.

    Args:
        headers: the request's.
        receive: brings it.
        most: bytes of it.
        exchange: has it, where all of it has come.

    Raises:
        UnsupportedMediaType: it is not JSON in UTF-8.
        BodyTooLarge: it is over the limit; the rest is not read.
        BatchingOff: it is a list.
        BodySlow: it did not arrive in time.
        BadRequest: it is no GraphQL request.
    """
    _check_type(headers.get(b"content-type", b""))
    stated = headers.get(b"content-length", b"")
    if stated.isdigit() and int(stated) > most:
        raise BodyTooLarge(at_most=most)
    raw = None if exchange is None else exchange.body()
    if raw is None:
        raw = await _all_of(receive, most)
    elif len(raw) > most:
        raise BodyTooLarge(at_most=most)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(fault="BODY_NOT_JSON") from error
    # Whatever is deeper has at least as many brackets; to count those costs next to nothing.
    shallow = raw.count(b"{") + raw.count(b"[") <= MOST_DEPTH
    return asked_of(body, shallow=shallow)


def asked_of(body: object, *, shallow: bool = False) -> Asked:
    """Return the operation that a JSON value asks for.

    Args:
        body: the value.
        shallow: it is known already that it is not deep.

    Raises:
        BatchingOff: it is a list.
        BadRequest: it is no GraphQL request.
    """
    if isinstance(body, list):
        raise BatchingOff
    if not isinstance(body, dict):
        raise BadRequest(fault="BODY_NOT_JSON")
    if not shallow and _depth(body) > MOST_DEPTH:
        raise BadRequest(fault="BODY_DEEP")
    return _asked(body)


def asked_by_address(query: bytes) -> Asked:
    """Return the operation that an address asks for: by GET a document has only its id.

    Raises:
        BadRequest: a document's text, or no id; or variables that are no JSON object.
    """
    given = _parameters(query)
    if "query" in given:
        raise BadRequest(fault="QUERY_BY_GET")
    body: dict[str, Any] = {name: given.get(name) for name in ("documentId", "operationName")}
    for name, fault in _JSON_PARAMETERS:
        if given.get(name):
            body[name] = _json(given[name], fault)
    named = body["documentId"] or body.get("extensions")
    if not named:
        raise BadRequest(fault="DOCUMENT_ID_MISSING")
    asked = asked_of(body)
    if asked.document_id is None:
        raise BadRequest(fault="DOCUMENT_ID_MISSING")
    return asked


def id_in_address(query: bytes) -> str | None:
    """Return the document's id that stands in a POST's address, where a large body needs it."""
    given = _parameters(query).get("documentId") if b"documentId" in query else None
    return asked_id(given) if given else None


_JSON_PARAMETERS: Final[tuple[tuple[str, RequestFault], ...]] = (
    ("variables", "VARIABLES_NOT_OBJECT"),
    ("extensions", "EXTENSIONS_NOT_OBJECT"),
)


def _parameters(query: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict"))
    except ValueError as error:
        raise BadRequest(fault="DOCUMENT_ID_NOT_TEXT") from error


def _json(text: str, fault: RequestFault) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(fault=fault) from error


def _check_type(header: bytes) -> None:
    if header == b"application/json":
        return
    name, *parameters = (part.strip().lower() for part in header.split(b";"))
    charsets = {p[8:].strip(b'"') for p in parameters if p.startswith(b"charset=")}
    if name != b"application/json" or charsets - {b"utf-8", b"utf8"}:
        raise UnsupportedMediaType


async def _all_of(receive: Receive, most: int) -> bytes:
    """Read a body: a short one has come with its headers, and nothing needs to be waited for."""
    first = receive().__await__()
    try:
        waited = next(first)
    except StopIteration as come:
        message: MutableMapping[str, Any] = come.value
        if message["type"] == "http.request" and not message.get("more_body", False):
            body: bytes = message.get("body", b"")
            if len(body) > most:
                raise BodyTooLarge(at_most=most) from None
            return body
        begun: Awaitable[MutableMapping[str, Any]] | None = None
    else:
        begun = _Begun(first, waited)
    try:
        async with asyncio.timeout(_SECONDS):
            if begun is not None:
                message = await begun
            return await _rest_of(message, receive, most)
    except TimeoutError as error:
        raise BodySlow(seconds=_SECONDS) from error


class _Begun:
    """An awaiting that was begun by hand, and goes on as if it had not been."""

    def __init__(self, rest: Generator[Any, Any, MutableMapping[str, Any]], waited: object) -> None:
        self._rest = rest
        self._waited: object | None = waited
        self.throw, self.close = rest.throw, rest.close

    def __await__(self) -> Self:
        return self

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> object:
        return self.send(None)

    def send(self, value: object) -> object:
        """Hand out first what was waited for at the beginning."""
        waited, self._waited = self._waited, None
        return self._rest.send(value) if waited is None else waited


async def _rest_of(message: MutableMapping[str, Any], receive: Receive, most: int) -> bytes:
    chunks: list[bytes] = []
    length = 0
    while True:
        if message["type"] == "http.disconnect":
            # Nobody is there to read the answer; it is no fault of ours either.
            raise BadRequest(fault="BODY_NOT_JSON")
        chunk = message.get("body", b"")
        length += len(chunk)
        if length > most:
            raise BodyTooLarge(at_most=most)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)
        message = await receive()


def _depth(value: object) -> int:
    deepest = 0
    waiting: list[tuple[object, int]] = [(value, 1)]
    while waiting and deepest <= MOST_DEPTH:
        one, level = waiting.pop()
        if isinstance(one, dict | list):
            deepest = max(deepest, level)
            inner = one.values() if isinstance(one, dict) else one
            waiting += [(child, level + 1) for child in inner]
    return deepest


def _asked(body: dict[str, Any]) -> Asked:
    document = body.get("query")
    name = body.get("operationName")
    variables = body.get("variables")
    document_id = body.get("documentId")
    extensions = body.get("extensions")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest(fault="EXTENSIONS_NOT_OBJECT")
    if document_id is None and extensions:
        persisted = extensions.get("persistedQuery")
        document_id = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
    if document_id is not None and not isinstance(document_id, str):
        raise BadRequest(fault="DOCUMENT_ID_NOT_TEXT")
    if document is None and document_id:
        document = ""
    elif not isinstance(document, str) or not document.strip():
        raise BadRequest(fault="QUERY_MISSING")
    if name is not None and not isinstance(name, str):
        raise BadRequest(fault="OPERATION_NAME_NOT_TEXT")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(fault="VARIABLES_NOT_OBJECT")
    wanted = asked_id(document_id) if document_id else None
    return Asked(document, name or None, variables or {}, wanted)
