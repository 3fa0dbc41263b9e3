"""Sign-in: who somebody is, which tenant he enters, and the sessions that follow.

Runs under the sign-in role, which sees users, memberships, sessions and the directory, and no
tenant's table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from service.clock import Clock, monotonic_seconds
from service.errors import TenantSuspended
from service.identity.attempts import Attempt, count_failure, forget_failures, refuse_if_hasty
from service.identity.errors import RefreshTokenReused, SignInFailed, TenantToChoose
from service.identity.names import sign_in_name
from service.identity.passwords import Passwords
from service.identity.sessions import (
    Connection,
    EndedSessions,
    HeldSession,
    answer_lost,
    end_session,
    end_sessions_of,
    hold_session,
    move_session,
    spend_token,
    start_session,
)
from service.identity.subjects import Subject
from service.identity.tables import SessionEnd
from service.identity.tokens import Claims, Tokens

# A tenant whose rows are still being made can be entered by nobody.
_MEMBERSHIPS = """
SELECT m.tenant_id, m.member_id, d.code, d.name, d.tenant_state
FROM app.platform_membership m JOIN app.global_tenant_directory d USING (tenant_id)
WHERE m.user_id = $1 AND m.ended_at IS NULL
  AND d.tenant_state <> 'CLOSED' AND d.state <> 'PREPARING'
ORDER BY d.code
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """A tenant a person may enter."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Tokens for one tenant, or for the platform's operator."""

    access_token: str
    refresh_token: str
    expires_in_seconds: int
    tenant: Choice | None


class SeveralTenants(Exception):
    """The person must choose; carries the choices he has proved he may see."""

    def __init__(self, choices: list[Choice]) -> None:
        super().__init__("several tenants")
        self.choices = choices
        self.refusal = TenantToChoose()


@dataclass(frozen=True, slots=True)
class _Entered:
    """Where a session stands: a membership, or nothing for an operator."""

    tenant_id: UUID | None
    member_id: UUID | None
    choice: Choice | None

    @property
    def ids(self) -> tuple[UUID | None, UUID | None]:
        """Tenant and member."""
        return self.tenant_id, self.member_id


_PLATFORM = _Entered(None, None, None)


class SignIns:
    """Signs people in and keeps their sessions."""

    def __init__(
        self,
        pool: "asyncpg.Pool[Any]",
        tokens: Tokens,
        clock: Clock,
        refresh_days: int,
        *,
        stopwatch: Callable[[], float] = monotonic_seconds,
    ) -> None:
        self._pool = pool
        self._tokens = tokens
        self._clock = clock
        self._days = refresh_days
        self.passwords = Passwords()
        self.ended = EndedSessions(pool, clock, tokens.life, stopwatch=stopwatch)

    async def by_password(
        self, name: str, password: str, address: str, tenant: str | None
    ) -> SignedIn:
        """Sign in with name and password.

        Raises:
            SignInFailed, TooManySignIns, TenantSuspended, Busy: as named.
            SeveralTenants: no tenant was named and the person has several.
        """
        kept_name = sign_in_name(name)
        attempt = Attempt.of(kept_name, address)
        # The count is read inside the turn: a thousand guesses sent at once still wait in a row.
        async with self.passwords.turn():
            now = self._clock.now()
            row = await self._pool.fetchrow(
                "SELECT id, password_hash, operator FROM app.platform_user WHERE name = $1",
                kept_name,
            )
            await refuse_if_hasty(self._pool, attempt, row["id"] if row else None, now)
            fits = await self.passwords.fits(password, row["password_hash"] if row else None)
            if not fits:
                await count_failure(self._pool, attempt, now)
                raise SignInFailed
        await forget_failures(self._pool, attempt, now)
        return await self._enter(row["id"], row["operator"], tenant, attempt.place_key)

    async def by_provider(self, subject: Subject, tenant: str | None) -> SignedIn:
        """Sign in somebody an identity provider vouches for; raises as `by_password`."""
        row = await self._user_of(subject)
        return await self._enter(row["id"], row["operator"], tenant, None)

    async def claims_of(self, subject: Subject) -> Claims:
        """Return the claims of a provider's own bearer token; the person must have one tenant.

        Raises:
            SignInFailed: unknown, or in no tenant or several.
        """
        row = await self._user_of(subject)
        found = await self._pool.fetch(_MEMBERSHIPS, row["id"])
        if len(found) != 1:
            raise SignInFailed
        return Claims(row["id"], found[0]["tenant_id"], found[0]["member_id"], False, None)

    async def refresh(self, refresh_token: str, tenant: str | None) -> SignedIn:
        """Exchange a refresh token for new tokens; the old one is used up.

        A token that was used before ends the whole session: either the person or a thief holds
        a copy, and nobody can tell which. For half a minute it may come again all the same, as
        long as nobody has used what it was exchanged for: on a bad line the answer was lost, and he
        is given the same refresh token once more. A refused exchange leaves the token as it was.

        Raises:
            RefreshTokenReused: it was used before.
            SignInFailed: unknown, ended or expired; or not of the named tenant (any more).
            TenantSuspended: as named.
        """
        now = self._clock.now()
        successor = self._tokens.successor_of(refresh_token)
        async with self._pool.acquire() as connection, connection.transaction():
            session = await hold_session(connection, refresh_token, now)
            if session is not None and (
                not session.spent or await answer_lost(connection, session, successor, now)
            ):
                entered = await self._still(connection, session, tenant)
                if not session.spent:
                    await spend_token(connection, session, refresh_token, successor, now)
                await move_session(connection, session.id, entered.ids)
                return self._signed_in(session.user_id, entered, session.id, successor)
            if session is not None:
                await end_session(connection, session.id, SessionEnd.TOKEN_REUSED, now)
        # Outside, so that the end of a copied session is kept.
        raise SignInFailed if session is None else RefreshTokenReused

    async def sign_out(self, refresh_token: str, *, everywhere: bool = False) -> None:
        """End the session of a refresh token, or all of its owner's; an unknown one is no error."""
        now = self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            session = await hold_session(connection, refresh_token, now)
            if session is None:
                return
            if everywhere:
                why = SessionEnd.SIGNED_OUT
                await end_sessions_of(connection, session.user_id, why, now)
            else:
                await end_session(connection, session.id, SessionEnd.SIGNED_OUT, now)

    async def _user_of(self, subject: Subject) -> Any:  # noqa: ANN401 - a row
        row = await self._pool.fetchrow(
            "SELECT id, operator FROM app.platform_user WHERE issuer = $1 AND subject = $2",
            subject.issuer,
            subject.subject,
        )
        if row is None:
            raise SignInFailed
        return row

    async def _enter(
        self, user_id: UUID, operator: bool, tenant: str | None, place: bytes | None
    ) -> SignedIn:
        async with self._pool.acquire() as connection, connection.transaction():
            found = await connection.fetch(_MEMBERSHIPS, user_id)
            if operator and tenant is None and not found:
                entered = _PLATFORM
            else:
                entered = _chosen(found, tenant)
            session_id, token = await start_session(
                connection,
                user_id,
                entered.ids,
                place=place,
                now=self._clock.now(),
                days=self._days,
            )
        return self._signed_in(user_id, entered, session_id, token)

    async def _still(
        self, connection: Connection, session: HeldSession, tenant: str | None
    ) -> _Entered:
        """Return where a session stands now: its rights may have ended since it began."""
        if session.tenant_id is None and tenant is None:
            if not session.operator:
                raise SignInFailed
            return _PLATFORM
        found = await connection.fetch(_MEMBERSHIPS, session.user_id)
        if tenant is None:
            found = [row for row in found if row["tenant_id"] == session.tenant_id]
        return _chosen(found, tenant)

    def _signed_in(
        self, user_id: UUID, entered: _Entered, session_id: UUID, refresh_token: str
    ) -> SignedIn:
        operator = entered.tenant_id is None
        claims = Claims(user_id, entered.tenant_id, entered.member_id, operator, session_id)
        seconds = int(self._tokens.life.total_seconds())
        return SignedIn(self._tokens.issue(claims), refresh_token, seconds, entered.choice)


def _chosen(found: list[Any], tenant: str | None) -> _Entered:
    rows = [row for row in found if tenant is None or row["code"] == tenant]
    if not rows:
        raise SignInFailed
    if len(rows) > 1:
        raise SeveralTenants([Choice(row["code"], row["name"]) for row in rows])
    (row,) = rows
    if row["tenant_state"] != "ACTIVE":
        raise TenantSuspended
    return _Entered(row["tenant_id"], row["member_id"], Choice(row["code"], row["name"]))
