"""Who asks for a file: the same bearer token opens it that opens the API."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request

from service.clock import new_id
from service.errors import NotSignedIn
from service.identity.tokens import Claims
from service.languages import wanted_locale
from service.work import Caller

Authenticate: TypeAlias = Callable[[str], Awaitable[Claims | None]]


async def caller_of(
    request: Request, authenticate: Authenticate, purpose: str
) -> tuple[Claims, Caller]:
    """Return what the request's bearer token says of a member of a tenant, and who so asks.

    Raises:
        NotSignedIn: no token, one that is worth nothing, or an operator's: those read none of a
            tenant's data.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    claims = await authenticate(bearer) if bearer else None
    address = request.client.host if request.client else ""
    if claims is None or not claims.may_come_from(address):
        raise NotSignedIn
    if claims.tenant_id is None or claims.member_id is None:
        raise NotSignedIn
    caller = Caller(
        claims.tenant_id,
        claims.member_id,
        f"{purpose}-{new_id()}",
        wanted_locale(request.headers.get("accept-language")),
        claims.api_key_id,
    )
    return claims, caller
