"""API keys as they are sent: their written form, and whom one opens the door for.

`bw_live_<id>_<secret>`: the id is the tenant's and the key's, so that a key is looked for behind
its own tenant's wall; the secret is 32 random bytes, of which SHA-256 is kept (no slow hash: nobody
guesses 256 bits).
"""

import hashlib
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.clock import monotonic_seconds
from service.errors import NotSignedIn, Refusal
from service.identifiers import identifier
from service.identity.tokens import Claims
from service.work import Transactions, UnitOfWork

PREFIX: Final = "bw_live_"
_WRITTEN: Final = re.compile(r"bw_live_([0-9a-f]{32})([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
_FRESH_SECONDS: Final = 2.0
_MOST_KEPT: Final = 10_000
# Over $1 tenant, $2 key, $3 hash, $4 now.
_ASK: Final = """
SELECT true AS here, k.member_id, k.expires_at, k.address_ranges, k.trusted_documents_only,
    k.last_used_on IS DISTINCT FROM ($4::timestamptz AT TIME ZONE t.time_zone)::date AS new_day
FROM app.tenant t
LEFT JOIN app.api_key k ON k.tenant_id = $1::uuid AND k.id = $2::uuid
    AND k.secret_hash = $3::text AND k.revoked_at IS NULL
WHERE t.tenant_id = $1::uuid
"""
_USED: Final = """
UPDATE app.api_key SET last_used_on = ({}::timestamptz AT TIME ZONE (
    SELECT t.time_zone FROM app.tenant t WHERE t.tenant_id = {}::uuid))::date
WHERE tenant_id = {}::uuid AND id = {}::uuid
"""


def new_secret() -> str:
    """Make a key's secret: 32 random bytes."""
    return secrets.token_urlsafe(32)


def secret_hash(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def written(tenant_id: UUID, key_id: UUID, secret: str) -> str:
    """Write a key as its owner sends it."""
    return f"{PREFIX}{tenant_id.hex}{key_id.hex}_{secret}"


@dataclass(frozen=True, slots=True)
class _Found:
    """What a key was when it was looked at.

    Attributes:
        claims: whom it asks as; None where it is worth nothing.
        expires_at: when it ends by itself.
        fresh_until: when it is looked at again, by the stopwatch.
    """

    claims: Claims | None
    expires_at: datetime | None
    fresh_until: float


class ApiKeys:
    """Tells whom a key asks as. What was found is kept for two seconds.

    So a busy program costs a statement in two seconds, and a key that was revoked opens nothing in
    any process two seconds later; one that has expired, from that very instant.
    """

    def __init__(
        self, transactions: Transactions, stopwatch: Callable[[], float] = monotonic_seconds
    ) -> None:
        self._transactions = transactions
        self._stopwatch = stopwatch
        self._kept: OrderedDict[bytes, _Found] = OrderedDict()

    async def claims(self, bearer: str) -> Claims | None:
        """Return whom a key asks as; None where it is unknown, wrong, revoked or over.

        Raises:
            Refusal: Busy, Unavailable.
        """
        parts = _WRITTEN.fullmatch(bearer)
        if parts is None:
            return None
        # Kept by its hash: memory holds no secret that a request did not just bring.
        name = hashlib.sha256(bearer.encode()).digest()
        found = self._kept.get(name)
        if found is None or self._stopwatch() >= found.fresh_until:
            tenant_id, key_id = identifier(parts[1]), identifier(parts[2])
            found = await self._looked_up(tenant_id, key_id, secret_hash(parts[3]))
            self._kept[name] = found
            self._kept.move_to_end(name)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        now = self._transactions.clock.now()
        over = found.expires_at is not None and found.expires_at <= now
        return None if over else found.claims

    async def _looked_up(self, tenant_id: UUID, key_id: UUID, hashed: str) -> _Found:
        now = self._transactions.clock.now()
        fresh_until = self._stopwatch() + _FRESH_SECONDS
        nothing = _Found(None, None, fresh_until)
        try:
            row = await self._transactions.readings.read(
                tenant_id, _ASK, [tenant_id, key_id, hashed, now]
            )
        except NotSignedIn:
            return nothing
        if row["member_id"] is None:
            return nothing
        if row["new_day"] and now < row["expires_at"]:
            await self._note_use(tenant_id, key_id)
        claims = Claims(
            key_id,
            tenant_id,
            row["member_id"],
            operator=False,
            session_id=None,
            api_key_id=key_id,
            address_ranges=tuple(row["address_ranges"]),
            trusted_documents_only=row["trusted_documents_only"],
        )
        return _Found(claims, row["expires_at"], fresh_until)

    async def _note_use(self, tenant_id: UUID, key_id: UUID) -> None:
        """Write down the first use of a day; that it cannot be written keeps nobody out."""

        async def step(work: UnitOfWork) -> None:
            work.write("api_key", _USED, work.now, tenant_id, tenant_id, key_id, expected=1)
            work.concerns("api_key", key_id)

        with suppress(Refusal):
            await self._transactions.internally(tenant_id, "note_api_key_use", step)
