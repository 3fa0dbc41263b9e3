"""Passwords: Argon2id (OWASP: 19 MiB, two passes, one lane), in a thread, a few at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from service.errors import Busy, FieldPath, InvalidInput

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_AT_ONCE = 2
_LEAST, _MOST = 12, 200
# Each turn costs some 40 ms of a core: who comes behind more than these would wait for seconds.
_MOST_WAITING = 100


def check_form(password: str, field: FieldPath) -> None:
    """Refuse a new password of the wrong length, wherever it comes from.

    Raises:
        InvalidInput: it has fewer than 12 or more than 200 characters.
    """
    if not _LEAST <= len(password) <= _MOST:
        raise InvalidInput(field=field, expected="CHARACTERS", least=_LEAST, most=_MOST)


class Passwords:
    """Hashes and checks passwords without stopping the event loop."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one of the few places where a password may be looked at.

        Raises:
            Busy: too many wait already.
        """
        if self._waiting >= _MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

    async def hashed(self, password: str, salt: bytes | None = None) -> str:
        """Return the hash to store; its salt is chance where none is given."""
        async with self.turn():
            return await asyncio.to_thread(hashed_now, password, salt)

    async def fits(self, password: str, password_hash: str | None) -> bool:
        """Tell, inside a `turn`, whether a password fits; a null hash takes as long, never does."""
        return await asyncio.to_thread(_fits, password, password_hash)


def hashed_now(password: str, salt: bytes | None = None) -> str:
    """Hash where no event loop runs: demo data, the command line."""
    return _hasher().hash(password, salt=salt)


@cache
def _hasher() -> "PasswordHasher":
    """Make it when the first password comes: where others sign people in none ever does."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - two megabytes

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys_hash() -> str:
    """Hash of no password: an unknown name costs the same time as a known one."""
    return hashed_now("a name that nobody has")


def _fits(password: str, password_hash: str | None) -> bool:
    from argon2.exceptions import (  # noqa: PLC0415 - as above
        InvalidHashError,
        VerificationError,
    )

    # Made for whoever comes first, known or not.
    nobodys = _nobodys_hash()
    try:
        return _hasher().verify(password_hash or nobodys, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
