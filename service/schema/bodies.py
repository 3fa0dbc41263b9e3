"""From the bytes of a request to the operation it asks for."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import orjson
from starlette.requests import ClientDisconnect, Request

from service.schema.refusals import (
    AddressTooLong,
    BadRequest,
    BatchingOff,
    BodySlow,
    BodyTooLarge,
    UnsupportedMediaType,
)

MOST_BYTES: Final = 1024 * 1024
MOST_DEPTH: Final = 32
MOST_ADDRESS_BYTES: Final = 8 * 1024
_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """The operation a request asks for."""

    document: str
    operation_name: str | None
    variables: dict[str, Any]


async def read_body(request: Request) -> Asked:
    """Read and check a request's body.

    Raises:
        UnsupportedMediaType: it is not JSON in UTF-8.
        BodyTooLarge: it is over the limit; the rest is not read.
        BatchingOff: it is a list.
        BodySlow: it did not arrive in time.
        BadRequest: it is no GraphQL request.
    """
    _check_type(request.headers.get("content-type", ""))
    try:
        async with asyncio.timeout(_SECONDS):
            raw = await _bytes_of(request)
    except ClientDisconnect as error:
        # Nobody is there to read the answer; it is no fault of ours either.
        raise BadRequest(fault="BODY_NOT_JSON") from error
    except TimeoutError as error:
        raise BodySlow(seconds=_SECONDS) from error
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(fault="BODY_NOT_JSON") from error
    return asked_of(body)


def asked_of(body: object) -> Asked:
    """Return the operation that a JSON value asks for.

    Raises:
        BatchingOff: it is a list.
        BadRequest: it is no GraphQL request.
    """
    if isinstance(body, list):
        raise BatchingOff
    if not isinstance(body, dict):
        raise BadRequest(fault="BODY_NOT_JSON")
    if _depth(body) > MOST_DEPTH:
        raise BadRequest(fault="BODY_DEEP")
    return _asked(body)


def check_address(request: Request) -> None:
    """Refuse a long address.

    Raises:
        AddressTooLong: path and query together are over the limit.
    """
    path = request.scope.get("raw_path") or request.url.path.encode()
    if len(path) + len(request.scope["query_string"]) > MOST_ADDRESS_BYTES:
        raise AddressTooLong(at_most=MOST_ADDRESS_BYTES)


def _check_type(header: str) -> None:
    name, *parameters = (part.strip().lower() for part in header.split(";"))
    charsets = {p[8:].strip('"') for p in parameters if p.startswith("charset=")}
    if name != "application/json" or charsets - {"utf-8", "utf8"}:
        raise UnsupportedMediaType


async def _bytes_of(request: Request) -> bytes:
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > MOST_BYTES:
        raise BodyTooLarge(at_most=MOST_BYTES)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise BodyTooLarge(at_most=MOST_BYTES)
    return bytes(body)


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
    if not isinstance(document, str) or not document.strip():
        raise BadRequest(fault="QUERY_MISSING")
    if name is not None and not isinstance(name, str):
        raise BadRequest(fault="OPERATION_NAME_NOT_TEXT")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest(fault="VARIABLES_NOT_OBJECT")
    if not isinstance(body.get("extensions", {}), dict | None):
        raise BadRequest(fault="EXTENSIONS_NOT_OBJECT")
    return Asked(document, name or None, variables or {})
