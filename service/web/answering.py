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


def answer_as(request: Request, members_locale: str) -> None:
    """Answer a request whose header names no language of ours in the member's own, once known."""
    request.state.members_locale = members_locale


def locale_of(request: Request) -> str:
    """Return the language of the answer, as the API chooses it."""
    wanted = wanted_locale(request.headers.get("accept-language"))
    return shown_locale(wanted, getattr(request.state, "members_locale", None))


def refused(
    request: Request,
    refusal: Refusal,
    status: int,
    more: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a refusal's code and its sentence; `more` are members of the body beside them."""
    locale = locale_of(request)
    body = {"error": refusal.code, "message": sentence(refusal, locale), **(more or {})}
    told = {"Content-Language": locale, **(headers or {})}
    if status == _NOT_SIGNED_IN:
        told["WWW-Authenticate"] = "Bearer"
    return json_answer(body, status, told)
