"""Failed sign-ins, counted by name, by address and by both: a growing delay, never a lock.

Ten failures in fifteen minutes are free, then the wait doubles up to a minute. A stranger who
keeps failing with somebody's name, or from somewhere else, does not hold up the person himself:
where he has signed in before, only the failures with his name from that very place count.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from service.clock import new_id
from service.identity.errors import TooManySignIns

_FREE_FAILURES = 10
COUNTED = timedelta(minutes=15)
_LONGEST_WAIT_SECONDS = 60
_DOUBLINGS = 6
# Whoever has one IPv6 address has the rest of its network too.
_ONE_HOLDER_BITS = 64


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: the hashes under which it counts; no name or address is kept."""

    name_key: bytes
    address_key: bytes
    place_key: bytes

    @classmethod
    def of(cls, name: str, address: str) -> "Attempt":
        """Describe an attempt under a name from an address."""
        holder = _holder(address)
        return cls(_key("name", name), _key("address", holder), _key("place", name, holder))


async def refuse_if_hasty(
    pool: "asyncpg.Pool[Any]", attempt: Attempt, user_id: UUID | None, now: datetime
) -> None:
    """Refuse an attempt that comes before its wait is over; such a one is not counted.

    Raises:
        TooManySignIns: with the seconds left.
    """
    rows = await pool.fetch(
        "SELECT key_hash, count(*) AS failures, max(at) AS last, EXISTS ("
        " SELECT FROM app.platform_session WHERE user_id = $3 AND place_hash = $4) AS at_home"
        " FROM app.platform_sign_in_failure WHERE key_hash = ANY($1::bytea[]) AND at > $2"
        " GROUP BY key_hash",
        [attempt.name_key, attempt.address_key, attempt.place_key],
        now - COUNTED,
        user_id,
        attempt.place_key,
    )
    waits = [_wait_over(row) for row in _that_count(rows, attempt)]
    left = max((until - now for until in waits), default=timedelta())
    if left > timedelta():
        raise TooManySignIns(seconds=-(-left // timedelta(seconds=1)))


async def count_failure(pool: "asyncpg.Pool[Any]", attempt: Attempt, now: datetime) -> None:
    """Count a failed attempt under all its keys."""
    await pool.executemany(
        "INSERT INTO app.platform_sign_in_failure (id, key_hash, at) VALUES ($1, $2, $3)",
        [
            (new_id(now), key, now)
            for key in (attempt.name_key, attempt.address_key, attempt.place_key)
        ],
    )


async def forget_failures(pool: "asyncpg.Pool[Any]", attempt: Attempt, now: datetime) -> None:
    """Clear a name after its owner signed in, and what is too old to count for anybody.

    The address keeps its count: an own account must not buy a guesser ten more guesses.
    """
    await pool.execute(
        "DELETE FROM app.platform_sign_in_failure WHERE key_hash = ANY($1::bytea[]) OR at <= $2",
        [attempt.name_key, attempt.place_key],
        now - COUNTED,
    )


def _that_count(rows: Sequence[Any], attempt: Attempt) -> Sequence[Any]:
    at_home = any(row["at_home"] for row in rows)
    if at_home:
        return [row for row in rows if row["key_hash"] == attempt.place_key]
    return [row for row in rows if row["key_hash"] != attempt.place_key]


def _wait_over(row: Any) -> datetime:  # noqa: ANN401 - a row
    over = row["failures"] - _FREE_FAILURES
    last: datetime = row["last"]
    if over < 0:
        return last
    seconds = min(2 ** min(over, _DOUBLINGS), _LONGEST_WAIT_SECONDS)
    return last + timedelta(seconds=seconds)


def _holder(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _ONE_HOLDER_BITS), strict=False))


def _key(*values: str) -> bytes:
    return hashlib.sha256("\0".join(values).encode()).digest()
