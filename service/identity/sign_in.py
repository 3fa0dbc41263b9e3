"""Sign-in: who somebody is, which tenant he enters, and the sessions that follow.

Runs under the sign-in role, which sees users, memberships, sessions and the directory, and no
tenant's table. Lock order: session, then token.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from service.clock import Clock, new_id
from service.errors import TenantSuspended
from service.identity.errors import SignInFailed, TenantToChoose, TooManySignIns
from service.identity.passwords import Passwords
from service.identity.providers import Subject
from service.identity.tokens import (
    Claims,
    Tokens,
    ends_at,
    new_refresh_token,
    refresh_token_hash,
)

_FREE_FAILURES = 10
_COUNTED = timedelta(minutes=15)
_LONGEST_WAIT_SECONDS = 60

_MEMBERSHIPS = """
SELECT m.tenant_id, m.member_id, d.code, d.name, d.tenant_state
FROM app.platform_membership m JOIN app.global_tenant_directory d USING (tenant_id)
WHERE m.user_id = $1 AND m.ended_at IS NULL AND d.tenant_state <> 'CLOSED' ORDER BY d.code
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
    refresh_token: str | None
    expires_in_seconds: int
    tenant: Choice | None


class SeveralTenants(Exception):
    """The person must choose; carries the choices he has proved he may see."""

    def __init__(self, choices: list[Choice]) -> None:
        super().__init__("several tenants")
        self.choices = choices
        self.refusal = TenantToChoose()


class SignIns:
    """Signs people in and keeps their sessions."""

    def __init__(
        self, pool: "asyncpg.Pool[Any]", tokens: Tokens, clock: Clock, refresh_days: int
    ) -> None:
        self._pool = pool
        self._tokens = tokens
        self._clock = clock
        self._days = refresh_days
        self.passwords = Passwords()

    async def by_password(
        self, name: str, password: str, address: str, tenant: str | None
    ) -> SignedIn:
        """Sign in with name and password.

        Raises:
            SignInFailed, TooManySignIns, TenantSuspended: as named.
            SeveralTenants: no tenant was named and the person has several.
        """
        now = self._clock.now()
        keys = [_key("name", name.strip().casefold()), _key("address", address)]
        await self._refuse_if_hasty(keys, now)
        row = await self._pool.fetchrow(
            "SELECT id, password_hash, operator FROM app.platform_user WHERE name = $1",
            name.strip().casefold(),
        )
        if not await self.passwords.fits(password, row["password_hash"] if row else None):
            await self._pool.executemany(
                "INSERT INTO app.platform_sign_in_failure (id, key_hash, at) VALUES ($1, $2, $3)",
                [(new_id(now), key, now) for key in keys],
            )
            raise SignInFailed
        await self._pool.execute(
            "DELETE FROM app.platform_sign_in_failure WHERE key_hash = $1 OR at < $2",
            keys[0],
            now - _COUNTED,
        )
        return await self._enter(row["id"], row["operator"], tenant)

    async def by_provider(self, subject: Subject, tenant: str | None) -> SignedIn:
        """Sign in somebody an identity provider vouches for; raises as `by_password`."""
        row = await self._user_of(subject)
        return await self._enter(row["id"], row["operator"], tenant)

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
        a copy, and nobody can tell which.

        Raises:
            SignInFailed: unknown, used, ended or expired.
        """
        now = self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(
                "SELECT s.id, s.user_id, s.tenant_id, s.member_id, t.used_at, u.operator"
                " FROM app.platform_refresh_token t"
                " JOIN app.platform_session s ON s.id = t.session_id"
                " JOIN app.platform_user u ON u.id = s.user_id"
                " WHERE t.token_hash = $1 AND s.ended_at IS NULL AND s.expires_at > $2"
                " FOR UPDATE OF s, t",
                refresh_token_hash(refresh_token),
                now,
            )
            reused = row is not None and row["used_at"] is not None
            if reused:
                await connection.execute(
                    "UPDATE app.platform_session SET ended_at = $2, end_reason = 'TOKEN_REUSED'"
                    " WHERE id = $1",
                    row["id"],
                    now,
                )
            elif row is not None:
                await connection.execute(
                    "UPDATE app.platform_refresh_token SET used_at = $2 WHERE token_hash = $1",
                    refresh_token_hash(refresh_token),
                    now,
                )
        if row is None or reused:
            raise SignInFailed
        if row["tenant_id"] is None or tenant is not None:
            return await self._enter(row["user_id"], row["operator"], tenant)
        found = await self._membership(row["user_id"], row["tenant_id"])
        return await self._continue(row["id"], row["user_id"], found, now)

    async def sign_out(self, refresh_token: str) -> None:
        """End the session of a refresh token; an unknown one is no error."""
        await self._pool.execute(
            "UPDATE app.platform_session SET ended_at = $2, end_reason = 'SIGNED_OUT'"
            " WHERE ended_at IS NULL AND id ="
            " (SELECT session_id FROM app.platform_refresh_token WHERE token_hash = $1)",
            refresh_token_hash(refresh_token),
            self._clock.now(),
        )

    async def _user_of(self, subject: Subject) -> Any:  # noqa: ANN401 - a row
        row = await self._pool.fetchrow(
            "SELECT id, operator FROM app.platform_user WHERE issuer = $1 AND subject = $2",
            subject.issuer,
            subject.subject,
        )
        if row is None:
            raise SignInFailed
        return row

    async def _enter(self, user_id: UUID, operator: bool, tenant: str | None) -> SignedIn:
        now = self._clock.now()
        found = await self._pool.fetch(_MEMBERSHIPS, user_id)
        chosen = [row for row in found if tenant is None or row["code"] == tenant]
        if operator and tenant is None and not found:
            claims = Claims(user_id, None, None, operator=True, session_id=None)
            return self._signed_in(claims, await self._start(claims, now), None)
        if not chosen:
            raise SignInFailed
        if len(chosen) > 1:
            raise SeveralTenants([Choice(row["code"], row["name"]) for row in chosen])
        row = chosen[0]
        if row["tenant_state"] != "ACTIVE":
            raise TenantSuspended
        claims = Claims(user_id, row["tenant_id"], row["member_id"], False, new_id(now))
        refresh_token = await self._start(claims, now)
        return self._signed_in(claims, refresh_token, Choice(row["code"], row["name"]))

    async def _membership(self, user_id: UUID, tenant_id: UUID) -> Any:  # noqa: ANN401 - a row
        for row in await self._pool.fetch(_MEMBERSHIPS, user_id):
            if row["tenant_id"] == tenant_id:
                if row["tenant_state"] != "ACTIVE":
                    raise TenantSuspended
                return row
        raise SignInFailed

    async def _start(self, claims: Claims, now: datetime) -> str:
        session_id = claims.session_id or new_id(now)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO app.platform_session"
                " (id, user_id, tenant_id, member_id, started_at, expires_at)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                session_id,
                claims.user_id,
                claims.tenant_id,
                claims.member_id,
                now,
                ends_at(now, self._days),
            )
            return await _give_token(connection, session_id, now)

    async def _continue(
        self,
        session_id: UUID,
        user_id: UUID,
        found: Any,  # noqa: ANN401 - a row
        now: datetime,
    ) -> SignedIn:
        async with self._pool.acquire() as connection:
            refresh_token = await _give_token(connection, session_id, now)
        claims = Claims(user_id, found["tenant_id"], found["member_id"], False, session_id)
        return self._signed_in(claims, refresh_token, Choice(found["code"], found["name"]))

    def _signed_in(self, claims: Claims, refresh_token: str, tenant: Choice | None) -> SignedIn:
        seconds = int(self._tokens.life.total_seconds())
        return SignedIn(self._tokens.issue(claims), refresh_token, seconds, tenant)

    async def _refuse_if_hasty(self, keys: list[bytes], now: datetime) -> None:
        row = await self._pool.fetchrow(
            "SELECT max(n) AS failures, max(last) AS last FROM ("
            " SELECT count(*) AS n, max(at) AS last FROM app.platform_sign_in_failure"
            " WHERE key_hash = ANY($1::bytea[]) AND at > $2 GROUP BY key_hash) counted",
            keys,
            now - _COUNTED,
        )
        over = (row["failures"] or 0) - _FREE_FAILURES
        if over < 0:
            return
        # A delay, not a lock: whoever knows the password gets in a minute later at the most.
        until = row["last"] + timedelta(seconds=min(2**over, _LONGEST_WAIT_SECONDS))
        if now < until:
            raise TooManySignIns(seconds=max(1, int((until - now).total_seconds())))


async def _give_token(connection: Any, session_id: UUID, now: datetime) -> str:  # noqa: ANN401 - asyncpg's
    token = new_refresh_token()
    await connection.execute(
        "INSERT INTO app.platform_refresh_token (token_hash, session_id, issued_at)"
        " VALUES ($1, $2, $3)",
        refresh_token_hash(token),
        session_id,
        now,
    )
    return token


def _key(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}\0{value}".encode()).digest()
