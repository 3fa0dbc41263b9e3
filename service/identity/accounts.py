"""Accounts: people made known to sign-in, their passwords, and the tenants they may enter.

Runs under the sign-in role, like sign-in itself; who may ask for it is decided by the caller.
"""

from typing import Any
from uuid import UUID

import asyncpg

from service.clock import Clock, new_id
from service.errors import AlreadyTaken, InvalidInput, NotFound
from service.identity.names import LONGEST_NAME, sign_in_name
from service.identity.providers import Subject
from service.identity.sessions import end_sessions_of
from service.identity.tables import SessionEnd

_USER = ("input", "userId")


class Accounts:
    """Keeps users and memberships."""

    def __init__(self, pool: "asyncpg.Pool[Any]", clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def add_user(
        self, name: str, password_hash: str | None = None, *, operator: bool = False
    ) -> UUID:
        """Make a person known; without a password he comes by an identity provider.

        Raises:
            InvalidInput: the name is empty, too long or holds unprintable characters.
            AlreadyTaken: somebody has the name.
        """
        kept = sign_in_name(name)
        if not 1 <= len(kept) <= LONGEST_NAME or not kept.isprintable():
            expected = f"1 to {LONGEST_NAME} characters in one line"
            raise InvalidInput(field=("input", "name"), expected=expected)
        now = self._clock.now()
        user_id: UUID | None = await self._pool.fetchval(
            "INSERT INTO app.platform_user (id, name, password_hash, operator, created_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING RETURNING id",
            new_id(now),
            kept,
            password_hash,
            operator,
            now,
        )
        if user_id is None:
            raise AlreadyTaken(field=("input", "name"), value=name)
        return user_id

    async def link_provider(self, user_id: UUID, subject: Subject) -> None:
        """Let an identity provider vouch for a person.

        Raises:
            NotFound: no such person.
            AlreadyTaken: the provider's subject is another person.
        """
        try:
            found = await self._pool.fetchval(
                "UPDATE app.platform_user SET issuer = $2, subject = $3 WHERE id = $1 RETURNING id",
                user_id,
                subject.issuer,
                subject.subject,
            )
        except asyncpg.UniqueViolationError as error:
            raise AlreadyTaken(field=("input", "subject"), value=subject.subject) from error
        if found is None:
            raise NotFound(field=_USER)

    async def set_password(self, user_id: UUID, password_hash: str) -> None:
        """Replace a password; whoever is signed in with the old one is signed out.

        Raises:
            NotFound: no such person.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            found = await connection.fetchval(
                "UPDATE app.platform_user SET password_hash = $2 WHERE id = $1 RETURNING id",
                user_id,
                password_hash,
            )
            if found is None:
                raise NotFound(field=_USER)
            now = self._clock.now()
            await end_sessions_of(connection, user_id, SessionEnd.PASSWORD_CHANGED, now)

    async def admit(self, user_id: UUID, tenant_id: UUID, member_id: UUID) -> None:
        """Make a person a member of a tenant; one who left may come back as another member."""
        await self._pool.execute(
            "INSERT INTO app.platform_membership (user_id, tenant_id, member_id)"
            " VALUES ($1, $2, $3) ON CONFLICT (user_id, tenant_id)"
            " DO UPDATE SET member_id = excluded.member_id, ended_at = NULL",
            user_id,
            tenant_id,
            member_id,
        )

    async def dismiss(self, tenant_id: UUID, member_id: UUID) -> None:
        """End a membership and its sessions; a second time changes nothing."""
        now = self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            user_id = await connection.fetchval(
                "UPDATE app.platform_membership SET ended_at = $3"
                " WHERE tenant_id = $1 AND member_id = $2 AND ended_at IS NULL RETURNING user_id",
                tenant_id,
                member_id,
                now,
            )
            if user_id is not None:
                why = SessionEnd.MEMBER_LEFT
                await end_sessions_of(connection, user_id, why, now, tenant_id)
