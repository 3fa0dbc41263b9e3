"""The one table of media types and status codes; a released specification is a change here."""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final

from service.errors import Refusal
from service.schema.refusals import (
    AddressTooLong,
    BadRequest,
    BatchingOff,
    BodySlow,
    BodyTooLarge,
    CostLimit,
    DocumentInvalid,
    DocumentLimit,
    DocumentUnknown,
    Internal,
    MethodNotAllowed,
    NotAcceptable,
    Overloaded,
    RateLimited,
    TimedOut,
    TrustedDocumentsOnly,
    UnsupportedMediaType,
    VariablesInvalid,
)


class MediaType(StrEnum):
    """What an answer may be written as."""

    GRAPHQL = "application/graphql-response+json"
    JSON = "application/json"


OK: Final = 200
# Of no standard and never read: the client has hung up. Logs of proxies use the same number.
NOBODY_WAITS: Final = 499
_LONGEST_KEPT: Final = 200
# Clients of plain JSON throw away the body of any other status than 200.
_FAULTS_OF_THE_DOCUMENT: Final = {
    CostLimit.code,
    DocumentInvalid.code,
    DocumentLimit.code,
    DocumentUnknown.code,
    VariablesInvalid.code,
}
_STATUS: Final = {
    BadRequest.code: 400,
    BatchingOff.code: 400,
    "UNAUTHENTICATED": 401,
    "TENANT_SUSPENDED": 403,
    "FORBIDDEN": 403,
    TrustedDocumentsOnly.code: 403,
    MethodNotAllowed.code: 405,
    NotAcceptable.code: 406,
    BodySlow.code: 408,
    BodyTooLarge.code: 413,
    AddressTooLong.code: 414,
    UnsupportedMediaType.code: 415,
    RateLimited.code: 429,
    "TOO_MANY_STREAMS": 429,
    Internal.code: 500,
    Overloaded.code: 503,
    TimedOut.code: 503,
    "BUSY": 503,
    "UNAVAILABLE": 503,
}
# Nobody asks, or nobody can answer: true of every field of the operation alike.
_OF_THE_WHOLE: Final = {
    "UNAUTHENTICATED",
    "TENANT_SUSPENDED",
    "BUSY",
    "UNAVAILABLE",
    TimedOut.code,
}


# What was sent is at fault, and had to be looked at to find that out.
_ASKERS: Final = _FAULTS_OF_THE_DOCUMENT | {
    BadRequest.code,
    BatchingOff.code,
    BodyTooLarge.code,
    MethodNotAllowed.code,
    NotAcceptable.code,
    TrustedDocumentsOnly.code,
    UnsupportedMediaType.code,
}


def is_askers_fault(code: str) -> bool:
    """Tell whether a request is refused for what was sent."""
    return code in _ASKERS


def status_of(code: str, media: MediaType) -> int:
    """Return the status of a refusal that comes without data."""
    if code in _FAULTS_OF_THE_DOCUMENT:
        return OK if media is MediaType.JSON else 400
    return _STATUS.get(code, 400)


def ends_request(code: str, *, empty: bool) -> bool:
    """Tell whether a refusal inside a resolver makes the whole answer one without data.

    Args:
        code: the refusal's.
        empty: whether nothing was answered anyway.
    """
    return code in _OF_THE_WHOLE or (empty and _STATUS.get(code, OK) not in {OK, 400})


def headers_of(status: int, refusal: Refusal | None) -> list[tuple[bytes, bytes]]:
    """Return the header fields that belong to a status."""
    match status:
        case 401:
            return [(b"www-authenticate", b'Bearer error="invalid_token"')]
        case 405 if isinstance(refusal, MethodNotAllowed):
            return [(b"allow", refusal.allowed.encode())]
        case 408:
            return [(b"connection", b"close")]
        case 429 if isinstance(refusal, RateLimited):
            return [(b"retry-after", b"%d" % refusal.seconds)]
        case 503:
            return [(b"retry-after", b"1")]
        case _:
            return []


@lru_cache(256)
def _negotiated_often(accept: bytes) -> MediaType | None:
    return negotiated(accept.decode("latin-1"))


def media_for(accept: bytes) -> MediaType | None:
    """Choose the answer's media type as `negotiated` does; what clients send often is kept."""
    if len(accept) > _LONGEST_KEPT:
        return negotiated(accept.decode("latin-1"))
    return _negotiated_often(accept)


def negotiated(accept: str | None) -> MediaType | None:
    """Choose the answer's media type by the header's weights; None when neither will do.

    `*/*`, `application/*` and no header mean plain JSON, which every client reads.
    """
    if not accept or not accept.strip():
        return MediaType.JSON
    weights: dict[MediaType, float] = {}
    wild = 0.0
    for name, weight in _listed(accept):
        if name in {"*/*", "application/*"}:
            wild = max(wild, weight)
        elif name in set(MediaType):
            weights[MediaType(name)] = weight
    if MediaType.JSON not in weights:
        weights[MediaType.JSON] = wild
    best = max(weights, key=lambda media: (weights[media], media is MediaType.GRAPHQL))
    return best if weights[best] > 0 else None


def _listed(accept: str) -> Iterable[tuple[str, float]]:
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if "charset" in "".join(parameters) and "utf-8" not in "".join(parameters):
            continue
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        try:
            yield name, float(weight)
        except ValueError:
            continue
