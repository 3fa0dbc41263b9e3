"""Sessions: a sign-in on one device, the refresh tokens it hands on, and its end.

A session is a family of refresh tokens (RFC 9700). Lock order: session, then token.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from service.clock import Clock, monotonic_seconds, new_id
from service.errors import Unavailable
from service.identity.tables import SessionEnd
from service.identity.tokens import new_refresh_token, refresh_token_hash

LEEWAY: Final = timedelta(seconds=30)
"""How long a refresh token that was used may come again, for whom the answer did not reach."""
_OLDEST_SECONDS = 2.0
# After a failed attempt nobody waits for another at once: an outage must not be a queue.
_REST_SECONDS = 0.25
Connection = Any  # asyncpg's connection, or its pool's proxy of one


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A live session, locked, found by one of its refresh tokens.

    Attributes:
        used_at: when the token was used before; null if it was not.
    """

    id: UUID
    user_id: UUID
    operator: bool
    tenant_id: UUID | None
    used_at: datetime | None

    @property
    def spent(self) -> bool:
        """Whether the token was used before."""
        return self.used_at is not None


async def start_session(
    connection: Connection,
    user_id: UUID,
    entered: tuple[UUID | None, UUID | None],
    *,
    place: bytes | None,
    now: datetime,
    days: int,
) -> tuple[UUID, str]:
    """Begin a session; returns its id and its first refresh token.

    Args:
        connection: inside a transaction.
        user_id: who.
        entered: tenant and member; nulls for an operator.
        place: hash of name and address, by which the person is known there later.
        now: when.
        days: how long the session may last, however often it is refreshed.
    """
    session_id = new_id(now)
    await connection.execute(
        "INSERT INTO app.platform_session"
        " (id, user_id, tenant_id, member_id, place_hash, started_at, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        session_id,
        user_id,
        *entered,
        place,
        now,
        now + timedelta(days=days),
    )
    token = new_refresh_token()
    await _hand_out(connection, session_id, token, now)
    return session_id, token


async def hold_session(
    connection: Connection, refresh_token: str, now: datetime
) -> HeldSession | None:
    """Find and lock the live session of a refresh token.

    The second of two that come at once waits here, and then sees the token spent.
    """
    row = await connection.fetchrow(
        "SELECT s.id, s.user_id, s.tenant_id, t.used_at, u.operator"
        " FROM app.platform_refresh_token t"
        " JOIN app.platform_session s ON s.id = t.session_id"
        " JOIN app.platform_user u ON u.id = s.user_id"
        " WHERE t.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2"
        " FOR UPDATE OF s, t",
        refresh_token_hash(refresh_token),
        now,
    )
    if row is None:
        return None
    return HeldSession(row["id"], row["user_id"], row["operator"], row["tenant_id"], row["used_at"])


async def answer_lost(
    connection: Connection, session: HeldSession, successor: str, now: datetime
) -> bool:
    """Tell whether a token comes again because nobody heard the answer (RFC 9700, 4.14.2).

    So it looks for some seconds after its use, and while nobody has used the token that was
    answered: who has it has no need to ask. The session must be held, so that of two who come at
    once the second sees what the first did.
    """
    if session.used_at is None or now - session.used_at > LEEWAY:
        return False
    unused: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM app.platform_refresh_token"
        " WHERE token_hash = $1 AND session_id = $2 AND used_at IS NULL)",
        refresh_token_hash(successor),
        session.id,
    )
    return unused


async def spend_token(
    connection: Connection, session: HeldSession, refresh_token: str, successor: str, now: datetime
) -> None:
    """Use a refresh token up and hand out the next."""
    await connection.execute(
        "UPDATE app.platform_refresh_token SET used_at = $2 WHERE token_hash = $1",
        refresh_token_hash(refresh_token),
        now,
    )
    await _hand_out(connection, session.id, successor, now)


async def move_session(
    connection: Connection, session_id: UUID, entered: tuple[UUID | None, UUID | None]
) -> None:
    """Let a session be of the entered tenant and member.

    It stays the same when the person changes companies, so that a copy of an old token still ends
    whatever came of it.
    """
    await connection.execute(
        "UPDATE app.platform_session SET tenant_id = $2, member_id = $3 WHERE id = $1",
        session_id,
        *entered,
    )


async def end_session(
    connection: Connection, session_id: UUID, why: SessionEnd, now: datetime
) -> None:
    """End one session; its refresh tokens are worth nothing from now on."""
    await connection.execute(
        "UPDATE app.platform_session SET ended_at = $2, end_reason = $3"
        " WHERE id = $1 AND ended_at IS NULL",
        session_id,
        now,
        why.value,
    )


async def end_sessions_of(
    connection: Connection,
    user_id: UUID,
    why: SessionEnd,
    now: datetime,
    tenant_id: UUID | None = None,
) -> None:
    """End every session of a person, or those in one tenant."""
    await connection.execute(
        "UPDATE app.platform_session SET ended_at = $2, end_reason = $3"
        " WHERE user_id = $1 AND ended_at IS NULL AND ($4::uuid IS NULL OR tenant_id = $4)",
        user_id,
        now,
        why.value,
        tenant_id,
    )


async def _hand_out(connection: Connection, session_id: UUID, token: str, now: datetime) -> None:
    await connection.execute(
        "INSERT INTO app.platform_refresh_token (token_hash, session_id, issued_at)"
        " VALUES ($1, $2, $3)",
        refresh_token_hash(token),
        session_id,
        now,
    )


class EndedSessions:
    """Which sessions ended while their access tokens may still be good.

    One short list a process, read every two seconds at the most, instead of one question a
    request: a sign-out takes effect everywhere within that time.
    """

    def __init__(
        self,
        pool: "asyncpg.Pool[Any]",
        clock: Clock,
        token_life: timedelta,
        *,
        stopwatch: Callable[[], float] = monotonic_seconds,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._life = token_life
        self._stopwatch = stopwatch
        self._read = self._rest_until = float("-inf")
        self._ended: frozenset[UUID] = frozenset()
        self._reading: asyncio.Task[None] | None = None

    async def has(self, session_id: UUID) -> bool:
        """Tell whether a session has ended.

        Raises:
            Unavailable: it cannot be read just now. Whoever came meanwhile is told the same: each
                asking anew would wait in turn for a database that stands still.
        """
        if self._stopwatch() - self._read >= _OLDEST_SECONDS:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read_again(), name="ended sessions")
                self._reading.add_done_callback(_heard)
            await asyncio.shield(self._reading)
        return session_id in self._ended

    async def _read_again(self) -> None:
        began = self._stopwatch()
        if began < self._rest_until:
            raise Unavailable
        try:
            rows = await self._pool.fetch(
                "SELECT id FROM app.platform_session WHERE ended_at > $1",
                self._clock.now() - self._life,
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self._rest_until = self._stopwatch() + _REST_SECONDS
            raise Unavailable from error
        self._ended = frozenset(row["id"] for row in rows)
        self._read = began


def _heard(reading: "asyncio.Task[None]") -> None:
    """Take note of a failure that nobody waited for any more."""
    if not reading.cancelled():
        reading.exception()
