"""Access tokens: JWT of RFC 9068, signed with one allowed algorithm, checked whole (RFC 8725).

One algorithm and one header make a signed token three lines of the standard library; a JOSE
library would bring a tenth of the API process's memory for it. Providers' tokens are checked by one
(`service.identity.providers`), and the tests compare these with it.
"""

import binascii
import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import orjson

from service.clock import Clock, new_id
from service.identifiers import identifier
from service.identity.addresses import comes_from

AUDIENCE = "bailiwick"
_MOST_KEPT = 2_000


def _encoded(content: bytes) -> bytes:
    return urlsafe_b64encode(content).rstrip(b"=")


# Ours is the only header there is: another algorithm or type is another text (RFC 8725, 3.1).
_HEADER: Final = _encoded(b'{"typ":"at+jwt","alg":"HS256"}')
_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good access token says.

    Attributes:
        user_id: the person.
        tenant_id, member_id: the one tenant the token is for; null for operators.
        operator: may administer tenants, and read none of them.
        session_id: the sign-in the token belongs to; null for a provider's own token.
        api_key_id: the key that was sent in a token's place; null for a person.
        address_ranges: where a key's requests may come from; from everywhere when empty.
        trusted_documents_only: a key's documents are answered by their hash alone.
    """

    user_id: UUID
    tenant_id: UUID | None
    member_id: UUID | None
    operator: bool
    session_id: UUID | None
    api_key_id: UUID | None = None
    address_ranges: tuple[str, ...] = ()
    trusted_documents_only: bool = False

    def may_come_from(self, address: str) -> bool:
        """Tell whether a request from an address may ask so."""
        return not self.address_ranges or comes_from(self.address_ranges, address)


class Tokens:
    """Issues and checks the product's own access tokens."""

    def __init__(self, key: str, issuer: str, life: timedelta, clock: Clock) -> None:
        self._key = hashlib.sha256(key.encode()).digest()
        self._issuer = issuer
        self.life = life
        self._clock = clock
        # Whoever works sends the same token again and again; only its end is asked each time.
        self._good: dict[str, tuple[Claims, datetime]] = {}

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
        signed = _HEADER + b"." + _encoded(orjson.dumps(body))
        return (signed + b"." + self._signature(signed)).decode()

    def successor_of(self, refresh_token: str) -> str:
        """Return the refresh token that follows another: the same, whenever it is asked for.

        So whoever sends one again because its answer was lost is given what he was given, and no
        second line of tokens begins. Without our key nobody can tell what follows.
        """
        content = b"refresh token after " + refresh_token.encode()
        return _encoded(hmac.digest(self._key, content, "sha256")).decode()

    def verify(self, token: str) -> Claims | None:
        """Return a token's claims, or None when anything about it is wrong or it has ended."""
        known = self._good.get(token)
        if known is None:
            known = self._checked(token)
            if known is None:
                return None
            if len(self._good) >= _MOST_KEPT:
                self._good.clear()
            self._good[token] = known
        claims, ends = known
        return claims if self._clock.now() < ends else None

    def _checked(self, token: str) -> tuple[Claims, datetime] | None:
        """Return a well signed token's claims, and when it ends or ended."""
        parts = token.encode("utf-8", "replace").split(b".")
        if len(parts) != _PARTS or parts[0] != _HEADER:
            return None
        signed = _HEADER + b"." + parts[1]
        if not hmac.compare_digest(self._signature(signed), parts[2]):
            return None
        try:
            body = orjson.loads(urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4)))
            good = body["iss"] == self._issuer and body["aud"] == AUDIENCE
            return (_claims(body), datetime.fromtimestamp(body["exp"], UTC)) if good else None
        except (binascii.Error, KeyError, ValueError, TypeError, OverflowError, OSError):
            return None

    def _signature(self, signed: bytes) -> bytes:
        return _encoded(hmac.digest(self._key, signed, "sha256"))


def _claims(body: dict[str, object]) -> Claims:
    def named(name: str) -> UUID | None:
        return identifier(str(body[name])) if body.get(name) else None

    return Claims(
        user_id=identifier(str(body["sub"])),
        tenant_id=named("tid"),
        member_id=named("mid"),
        operator=body.get("opr") is True,
        session_id=named("sid"),
    )


def new_refresh_token() -> str:
    """Make an opaque refresh token: 32 random bytes."""
    return secrets.token_urlsafe(32)


def refresh_token_hash(token: str) -> bytes:
    """Return what is kept of a refresh token."""
    return hashlib.sha256(token.encode()).digest()
