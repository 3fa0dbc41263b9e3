"""The door of a tenant: which person signs in as which member. Under the sign-in role.

A tenant's command cannot see who signs in elsewhere, so it never touches these rows; whoever
carries it out opens or closes the door after its commit. A member who has left is refused by his
own row in any case, so a crash in between lets nobody in.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from service.clock import new_id
from service.errors import AlreadyTaken


async def admit(
    identity_pool: "asyncpg.Pool[Any]",
    member: tuple[UUID, UUID],
    login: str,
    password_hash: str | None,
    at: datetime,
) -> None:
    """Let a person sign in as a member of a tenant; the same twice is once.

    A person known already keeps his password: no tenant's administrator sets it for another.

    Args:
        identity_pool: of the sign-in role.
        member: the tenant's id and the member's.
        login: the name he signs in with.
        password_hash: for a person not known yet; None where an identity provider vouches.
        at: the instant.

    Raises:
        AlreadyTaken: the person is another member of this tenant already.
    """
    tenant_id, member_id = member
    async with identity_pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO app.platform_user (id, name, password_hash, operator, created_at)"
            " VALUES ($1, $2, $3, false, $4) ON CONFLICT (name) DO NOTHING",
            new_id(at),
            login,
            password_hash,
            at,
        )
        await connection.execute(
            "INSERT INTO app.platform_membership (user_id, tenant_id, member_id)"
            " SELECT id, $2, $3 FROM app.platform_user WHERE name = $1 ON CONFLICT DO NOTHING",
            login,
            tenant_id,
            member_id,
        )
        there = await connection.fetchval(
            "SELECT m.member_id FROM app.platform_membership m"
            " JOIN app.platform_user u ON u.id = m.user_id WHERE u.name = $1 AND m.tenant_id = $2",
            login,
            tenant_id,
        )
        if there != member_id:
            raise AlreadyTaken(field=("input", "login"), value=login)


async def dismiss(
    identity_pool: "asyncpg.Pool[Any]", tenant_id: UUID, member_id: UUID, at: datetime
) -> None:
    """Close the door behind a member who left: no sign-in, and his sessions end."""
    async with identity_pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "UPDATE app.platform_membership SET ended_at = $3"
            " WHERE tenant_id = $1 AND member_id = $2 AND ended_at IS NULL",
            tenant_id,
            member_id,
            at,
        )
        await connection.execute(
            "UPDATE app.platform_session SET ended_at = $3, end_reason = 'MEMBER_LEFT'"
            " WHERE tenant_id = $1 AND member_id = $2 AND ended_at IS NULL",
            tenant_id,
            member_id,
            at,
        )
