"""Bearer tokens of the tenants' identity provider (OpenID Connect), checked against its keys."""

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.clock import Clock, monotonic_seconds

# Asymmetric only: with a shared secret the provider's clients could sign for each other.
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]
_KEYS_LAST_SECONDS = 600.0
_LEAST_SECONDS_BETWEEN_FETCHES = 10.0
_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a provider says somebody is."""

    issuer: str
    subject: str


class Provider:
    """One identity provider: its issuer, our audience, its keys as last fetched."""

    def __init__(
        self, issuer: str, audience: str, clock: Clock, jwks_url: str | None = None
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._jwks_url = jwks_url
        self._keys: KeySet | None = None
        self._fetched = float("-inf")
        self._fetching = asyncio.Lock()

    async def verify(self, token: str) -> Subject | None:
        """Return whom a token speaks of, or None when it is not one of this provider's.

        An unknown key id makes the keys be fetched again, at most every ten seconds, so that the
        provider can rotate and a stranger cannot make us hammer it.
        """
        for least_age in (_KEYS_LAST_SECONDS, _LEAST_SECONDS_BETWEEN_FETCHES):
            keys = await self._current_keys(least_age)
            if keys is None:
                return None
            subject = self._checked(token, keys)
            if subject is not None:
                return subject
        return None

    def _checked(self, token: str, keys: KeySet) -> Subject | None:
        try:
            claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
            now = self._clock.now().timestamp()
            audience = claims["aud"]
            good = (
                claims["iss"] == self._issuer
                and self._audience in (audience if isinstance(audience, list) else [audience])
                and now < float(claims["exp"])
                and now >= float(claims.get("nbf", 0))
            )
            return Subject(self._issuer, str(claims["sub"])) if good else None
        except (JoseError, KeyError, ValueError, TypeError):
            return None

    async def _current_keys(self, least_age: float) -> KeySet | None:
        async with self._fetching:
            if self._keys is not None and monotonic_seconds() - self._fetched < least_age:
                return self._keys
            try:
                self._keys = KeySet.import_key_set(await self._fetch())
                self._fetched = monotonic_seconds()
            except (httpx.HTTPError, JoseError, KeyError, ValueError):
                # The provider is away: yesterday's keys are still its keys.
                self._fetched = monotonic_seconds()
            return self._keys

    async def _fetch(self) -> Any:  # noqa: ANN401 - JSON
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
            url = self._jwks_url
            if url is None:
                place = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
                found = (await client.get(place)).raise_for_status().json()
                url = self._jwks_url = str(found["jwks_uri"])
            return (await client.get(url)).raise_for_status().json()
