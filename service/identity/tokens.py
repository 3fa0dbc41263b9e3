"""Access tokens: JWT of RFC 9068, signed with one allowed algorithm, checked whole (RFC 8725)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from service.clock import Clock, new_id

AUDIENCE = "bailiwick"
_ALGORITHM = "HS256"
_TYPE = "at+jwt"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good access token says.

    Attributes:
        user_id: the person.
        tenant_id, member_id: the one tenant the token is for; null for operators.
        operator: may administer tenants, and read none of them.
        session_id: the sign-in the token belongs to; null for a provider's own token.
    """

    user_id: UUID
    tenant_id: UUID | None
    member_id: UUID | None
    operator: bool
    session_id: UUID | None


class Tokens:
    """Issues and checks the product's own access tokens."""

    def __init__(self, key: str, issuer: str, life: timedelta, clock: Clock) -> None:
        self._key = OctKey.import_key(hashlib.sha256(key.encode()).digest())
        self._issuer = issuer
        self.life = life
        self._clock = clock

    def issue(self, claims: Claims) -> str:
        """Sign a token for the claims, good from now on for its life."""
        now = self._clock.now()
        body: dict[str, object] = {
            "iss": self._issuer,
            "aud": AUDIENCE,
            "sub": str(claims.user_id),
            "iat": int(now.timestamp()),
            "exp": int((now + self.life).timestamp()),
            "jti": str(new_id(now)),
            "sid": str(claims.session_id) if claims.session_id else None,
            "tid": str(claims.tenant_id) if claims.tenant_id else None,
            "mid": str(claims.member_id) if claims.member_id else None,
            "opr": claims.operator,
        }
        return jwt.encode({"alg": _ALGORITHM, "typ": _TYPE}, body, self._key)

    def verify(self, token: str) -> Claims | None:
        """Return a token's claims, or None when anything about it is wrong or it has ended."""
        try:
            decoded = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
            body = decoded.claims
            good = (
                decoded.header.get("typ") == _TYPE
                and body["iss"] == self._issuer
                and body["aud"] == AUDIENCE
                and self._clock.now().timestamp() < float(body["exp"])
            )
            return _claims(body) if good else None
        except (JoseError, KeyError, ValueError, TypeError):
            return None


def _claims(body: dict[str, object]) -> Claims:
    def identifier(name: str) -> UUID | None:
        return UUID(str(body[name])) if body.get(name) else None

    return Claims(
        user_id=UUID(str(body["sub"])),
        tenant_id=identifier("tid"),
        member_id=identifier("mid"),
        operator=body.get("opr") is True,
        session_id=identifier("sid"),
    )


def new_refresh_token() -> str:
    """Make an opaque refresh token: 32 random bytes."""
    return secrets.token_urlsafe(32)


def refresh_token_hash(token: str) -> bytes:
    """Return what is kept of a refresh token."""
    return hashlib.sha256(token.encode()).digest()
