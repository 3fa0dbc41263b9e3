"""Plain answers beside GraphQL: JSON that nobody keeps, and refusals in the caller's language."""

from collections.abc import Mapping

import orjson
from starlette.requests import Request
from starlette.responses import Response

from service.errors import Refusal, sentence
from service.languages import shown_locale, wanted_locale

_NOT_SIGNED_IN = 401


def json_answer(
    body: Mapping[str, object], status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return a body as JSON that no cache keeps."""
    return Response(
        orjson.dumps(body),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        "application/json",
    )


def refused(
    request: Request,
    refusal: Refusal,
    status: int,
    more: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a refusal's code and its sentence; `more` are members of the body beside them."""
    locale = shown_locale(wanted_locale(request.headers.get("accept-language")))
    body = {"error": refusal.code, "message": sentence(refusal, locale), **(more or {})}
    told = {"Content-Language": locale, **(headers or {})}
    if status == _NOT_SIGNED_IN:
        told["WWW-Authenticate"] = "Bearer"
    return json_answer(body, status, told)
