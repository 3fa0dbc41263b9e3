"""Passwords: Argon2id (OWASP: 19 MiB, two passes, one lane), in a thread, a few at a time."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = 2
# Of no password: an unknown name costs the same time as a known one.
_NOBODYS_HASH = _HASHER.hash("a name that nobody has")


class Passwords:
    """Hashes and checks passwords without stopping the event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hashed(self, password: str) -> str:
        """Return the hash to store."""
        async with self._turn:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Tell whether a password fits; a null hash takes as long and never does."""
        async with self._turn:
            fits = await asyncio.to_thread(_verify, password_hash or _NOBODYS_HASH, password)
        return fits and password_hash is not None


def hashed_now(password: str) -> str:
    """Hash where no event loop runs: demo data, the command line."""
    return _HASHER.hash(password)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
