"""`/auth`: tokens by password, by refresh token, by an identity provider's token; signing out.

Plain HTTP and not GraphQL: aliases would try a thousand passwords in one document. Nothing under
`/auth` is cached or compressed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

import asyncpg
import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from service.errors import Busy, NotFound, Refusal, TenantSuspended, Unavailable, phrase
from service.identity.errors import (
    PasswordSignInOff,
    RefreshTokenReused,
    SignInFailed,
    TooManySignIns,
)
from service.identity.sign_in import Choice, SeveralTenants, SignedIn, SignIns
from service.identity.tokens import Claims, Tokens
from service.organisation.api_keys import PREFIX, ApiKeys
from service.schema.refusals import MethodNotAllowed
from service.web.answering import json_answer, refused
from service.work import CONNECTION_LOST

_LONGEST_BODY = 16 * 1024
_BODY_SECONDS = 30
_TIMED_OUT = 408
_RETRY_SECONDS = 2
_TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - RFC 8693's name of a grant
_STATUS = {
    SignInFailed: 401,
    RefreshTokenReused: 401,
    TenantSuspended: 403,
    PasswordSignInOff: 403,
    TooManySignIns: 429,
    Busy: 503,
    Unavailable: 503,
}


# Two sign-outs of the same person at once, say.
_CROSSED = (
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)

if TYPE_CHECKING:
    from service.identity.providers import Provider


@dataclass(eq=False, kw_only=True)
class AuthRequestInvalid(Refusal):
    """The request's body is not the JSON object this address takes."""

    code: ClassVar[str] = "AUTH_REQUEST_INVALID"

    fault: Literal["BODY_NOT_JSON", "BODY_SLOW", "FIELD_MISSING", "FIELD_WRONG", "GRANT_UNKNOWN"]
    name: str = ""

    def worded(self, locale: str) -> dict[str, str]:
        """Return what is wrong in a person's words."""
        return {"fault": phrase(self.fault, locale, {"name": self.name})}


_ADDRESSES: Final = frozenset({"/auth/token", "/auth/sign-out"})
_OTHER_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_NOT_FOUND: Final = 404
_NOT_ALLOWED: Final = 405


class Authentication:
    """Who a request comes from, and the routes where tokens are had."""

    def __init__(
        self,
        sign_ins: SignIns,
        tokens: Tokens,
        provider: "Provider | None",
        *,
        password_allowed: bool,
        api_keys: ApiKeys | None = None,
    ) -> None:
        self._sign_ins = sign_ins
        self._tokens = tokens
        self._provider = provider
        self._password_allowed = password_allowed
        self._api_keys = api_keys

    def routes(self) -> list[Route]:
        """Return the routes to mount."""
        return [
            Route("/auth/token", self._token, methods=["POST"]),
            Route("/auth/sign-out", self._sign_out, methods=["POST"]),
            Route("/auth/{rest:path}", _nowhere, methods=_OTHER_METHODS),
        ]

    async def claims(self, bearer: str) -> Claims | None:
        """Return the claims of a bearer token: ours, an API key, or the identity provider's.

        A token of ours is worth nothing from two seconds after its session ended, however long
        its own life would still be.
        """
        if self._api_keys is not None and bearer.startswith(PREFIX):
            return await self._api_keys.claims(bearer)
        claims = self._tokens.verify(bearer)
        if claims is not None:
            ended = claims.session_id and await self._sign_ins.ended.has(claims.session_id)
            return None if ended else claims
        if self._provider is None:
            return None
        subject = await self._provider.verify(bearer)
        if subject is None:
            return None
        try:
            return await self._sign_ins.claims_of(subject)
        except SignInFailed:
            return None

    async def _token(self, request: Request) -> Response:
        return await _answered(request, self._grant)

    async def _sign_out(self, request: Request) -> Response:
        async def leave(body: dict[str, Any], _address: str) -> Response:
            everywhere = body.get("everywhere", False)
            if not isinstance(everywhere, bool):
                raise AuthRequestInvalid(fault="FIELD_WRONG", name="everywhere")
            token = _text(body, "refresh_token")
            await self._sign_ins.sign_out(token, everywhere=everywhere)
            return json_answer({"signed_out": True})

        return await _answered(request, leave)

    async def _grant(self, body: dict[str, Any], address: str) -> Response:
        kind = _text(body, "grant_type")
        tenant = body.get("tenant")
        if tenant is not None and not isinstance(tenant, str):
            raise AuthRequestInvalid(fault="FIELD_WRONG", name="tenant")
        if kind == "password":
            if not self._password_allowed:
                raise PasswordSignInOff
            signed_in = await self._sign_ins.by_password(
                _text(body, "username"), _text(body, "password"), address, tenant
            )
        elif kind == "refresh_token":
            signed_in = await self._sign_ins.refresh(_text(body, "refresh_token"), tenant)
        elif kind == _TOKEN_EXCHANGE and self._provider is not None:
            subject = await self._provider.verify(_text(body, "subject_token"))
            if subject is None:
                raise SignInFailed
            signed_in = await self._sign_ins.by_provider(subject, tenant)
        else:
            raise AuthRequestInvalid(fault="GRANT_UNKNOWN", name="grant_type")
        return json_answer(_shown(signed_in))


async def _nowhere(request: Request) -> Response:
    """Refuse what is no address of sign-in, or no way to ask there: not to be kept either."""
    if request.url.path in _ADDRESSES:
        refusal = MethodNotAllowed(allowed="POST")
        return refused(request, refusal, _NOT_ALLOWED, headers={"Allow": "POST"})
    return refused(request, NotFound(), _NOT_FOUND)


async def _answered(
    request: Request, step: Callable[[dict[str, Any], str], Awaitable[Response]]
) -> Response:
    address = request.client.host if request.client else ""
    try:
        return await step(await _body(request), address)
    except SeveralTenants as several:
        choices = [_tenant(choice) for choice in several.choices]
        return _refused(request, several.refusal, 409, {"tenants": choices})
    except AuthRequestInvalid as refusal:
        more: dict[str, object] = {"field": refusal.name} if refusal.name else {}
        status = _TIMED_OUT if refusal.fault == "BODY_SLOW" else 400
        return _refused(request, refusal, status, more)
    except Refusal as refusal:
        return _refused(request, refusal, _STATUS.get(type(refusal), 400), {})
    except _CROSSED:
        return _refused(request, Busy(), _STATUS[Busy], {})
    except CONNECTION_LOST:
        return _refused(request, Unavailable(), _STATUS[Unavailable], {})


async def _body(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise AuthRequestInvalid(fault="BODY_NOT_JSON")
    raw = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > _LONGEST_BODY:
                    raise AuthRequestInvalid(fault="BODY_NOT_JSON")
    except ClientDisconnect as error:
        # Nobody is there to read the answer; it is no fault of ours either.
        raise AuthRequestInvalid(fault="BODY_NOT_JSON") from error
    except TimeoutError as error:
        raise AuthRequestInvalid(fault="BODY_SLOW") from error
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise AuthRequestInvalid(fault="BODY_NOT_JSON") from error
    if not isinstance(body, dict):
        raise AuthRequestInvalid(fault="BODY_NOT_JSON")
    return body


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None or value == "":
        raise AuthRequestInvalid(fault="FIELD_MISSING", name=name)
    if not isinstance(value, str) or "\0" in value:
        raise AuthRequestInvalid(fault="FIELD_WRONG", name=name)
    return value


def _shown(signed_in: SignedIn) -> dict[str, object]:
    return {
        "access_token": signed_in.access_token,
        "token_type": "Bearer",
        "expires_in": signed_in.expires_in_seconds,
        "refresh_token": signed_in.refresh_token,
        "tenant": _tenant(signed_in.tenant) if signed_in.tenant else None,
    }


def _tenant(choice: Choice) -> dict[str, str]:
    return {"code": choice.code, "name": choice.name}


def _refused(request: Request, refusal: Refusal, status: int, more: dict[str, object]) -> Response:
    headers = {}
    if status == _TIMED_OUT:
        headers["Connection"] = "close"
    if isinstance(refusal, TooManySignIns):
        headers["Retry-After"] = str(refusal.seconds)
    elif status == _STATUS[Unavailable]:
        headers["Retry-After"] = str(_RETRY_SECONDS)
    return refused(request, refusal, status, more, headers)
