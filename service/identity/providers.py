"""Bearer tokens of the tenants' identity provider (OpenID Connect), checked against its keys."""

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service.clock import Clock, monotonic_seconds
from service.identity.subjects import Subject

# Asymmetric only: with a shared secret the provider's clients could sign for each other.
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]
_KEYS_LAST_SECONDS = 600.0
_PAUSE_SECONDS = 10.0
_TIMEOUT_SECONDS = 5.0
_LONGEST_ANSWER = 256 * 1024
# The provider's clock may be a little ahead of ours; behind it may not be: expired is expired.
_AHEAD_SECONDS = 30


class Provider:
    """One identity provider: its issuer, our audience, its keys as last fetched.

    Keys are fetched every ten minutes, and for a key id not seen before at most every ten
    seconds: the provider can rotate, and a stranger cannot make us hammer it.
    """

    def __init__(
        self,
        issuer: str,
        audience: str,
        clock: Clock,
        jwks_url: str | None = None,
        *,
        stopwatch: Callable[[], float] = monotonic_seconds,
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._jwks_url = jwks_url
        self._stopwatch = stopwatch
        self._keys: KeySet | None = None
        self._fetched = float("-inf")
        self._fetching = asyncio.Lock()

    async def verify(self, token: str) -> Subject | None:
        """Return whom a token speaks of, or None when it is not one of this provider's."""
        key_id = _key_id(token)
        if key_id is _UNFIT:
            return None
        keys = await self._keys_with(key_id)
        return self._checked(token, keys) if keys is not None else None

    def _checked(self, token: str, keys: KeySet) -> Subject | None:
        try:
            claims = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, KeyError):
            return None
        now = self._clock.now().timestamp()
        subject = claims.get("sub")
        audience = claims.get("aud")
        good = (
            claims.get("iss") == self._issuer
            and self._audience in (audience if isinstance(audience, list) else [audience])
            and now < _instant(claims, "exp", -math.inf)
            and now >= _instant(claims, "nbf", -math.inf, missing=0) - _AHEAD_SECONDS
        )
        if not good or not isinstance(subject, str) or not subject or "\0" in subject:
            return None
        return Subject(self._issuer, subject)

    async def _keys_with(self, key_id: object) -> KeySet | None:
        if self._due(key_id):
            async with self._fetching:
                # Whoever waited here finds what the first one fetched.
                if self._due(key_id):
                    await self._fetch()
        return self._keys

    def _due(self, key_id: object) -> bool:
        age = self._stopwatch() - self._fetched
        known = self._keys is not None and (
            key_id is None or any(key.kid == key_id for key in self._keys.keys)
        )
        return age >= (_KEYS_LAST_SECONDS if known else _PAUSE_SECONDS)

    async def _fetch(self) -> None:
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS) as client:
                if self._jwks_url is None:
                    self._jwks_url = await self._discovered(client)
                self._keys = _usable(await _json_of(client, self._jwks_url))
        except (httpx.HTTPError, httpx.InvalidURL, JoseError, KeyError, ValueError, TypeError):
            # The provider is away or talks nonsense: the keys it gave last are still its keys.
            pass
        finally:
            self._fetched = self._stopwatch()

    async def _discovered(self, client: httpx.AsyncClient) -> str:
        place = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await _json_of(client, place)
        if found["issuer"] != self._issuer:
            raise ValueError("the discovery document belongs to another issuer")
        keys_at = str(found["jwks_uri"])
        if self._issuer.startswith("https:") and not keys_at.startswith("https:"):
            raise ValueError("the keys could be changed on their way")
        return keys_at


_UNFIT = object()


def _key_id(token: str) -> object:
    """Return the token's key id or None; `_UNFIT` spares the provider a needless question."""
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError, KeyError):
        return _UNFIT
    key_id = header.get("kid")
    if header.get("alg") not in _ALGORITHMS or not isinstance(key_id, str | None):
        return _UNFIT
    return key_id


def _instant(
    claims: Mapping[str, Any], name: str, unfit: float, missing: float | None = None
) -> float:
    value = claims.get(name, missing)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return math.inf if name == "nbf" else unfit
    return float(value)


async def _json_of(client: httpx.AsyncClient, url: str) -> Any:  # noqa: ANN401 - JSON
    answer = (await client.get(url)).raise_for_status()
    if len(answer.content) > _LONGEST_ANSWER:
        raise ValueError("the answer is too long")
    return answer.json()


def _usable(document: Any) -> KeySet:  # noqa: ANN401 - JSON
    """Return the keys we can check signatures with; RFC 7517 says to pass over the others."""
    keys = []
    for raw in document["keys"]:
        if raw.get("use", "sig") == "sig":
            try:
                keys += KeySet.import_key_set({"keys": [raw]}).keys
            except (JoseError, KeyError, ValueError, TypeError):
                continue
    return KeySet(keys)
