"""Accounts: people made known to sign-in, their passwords, and the tenants they may enter.

The one place that writes users and memberships. Runs under the sign-in role, like sign-in itself;
who may ask for it is decided by the caller.

A name is one person's on the whole platform. So what a tenant's administrator does here reaches
no further than his tenant: a person who is known elsewhere, was known elsewhere or operates the
platform is not his to name, to give a password or to link. Else the first company to type a name
would hold the key to every company that types it later. Operators alone admit a known person.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from uuid import UUID

import asyncpg

from service.clock import Clock, new_id
from service.errors import AlreadyTaken, FieldPath, InvalidInput, NotFound
from service.identity.errors import SignInNameTaken, SignInNotYours
from service.identity.names import LONGEST_NAME, sign_in_name
from service.identity.sessions import Connection, end_sessions_of
from service.identity.subjects import Subject
from service.identity.tables import SessionEnd

_USER = ("input", "userId")
_LOGIN = ("input", "login")
_NAME = (*_LOGIN, "name")
_STAFF_CODE = ("input", "staffCode")
_PROVIDER = (*_LOGIN, "provider")
_SUBJECT = (*_PROVIDER, "subject")
# As long as OpenID Connect lets a subject be.
_LONGEST_WORD = 255

# A person is a tenant's own who is and was in no other, and does not operate the platform.
_OWN = """
SELECT u.id, m.ended_at IS NULL AS inside FROM app.platform_user u
JOIN app.platform_membership m ON m.user_id = u.id AND m.tenant_id = $2
WHERE u.id = $1 AND NOT u.operator AND NOT EXISTS (
    SELECT FROM app.platform_membership e WHERE e.user_id = u.id AND e.tenant_id <> $2)
"""


@dataclass(frozen=True, slots=True)
class Membership:
    """What somebody enters a tenant as."""

    tenant_id: UUID
    member_id: UUID


@dataclass(frozen=True, slots=True)
class Login:
    """How somebody is to sign in; what is None is left as it is.

    Attributes:
        name: as written; kept by `sign_in_name`.
        password_hash: Argon2id.
        subject: whom an identity provider vouches for.
    """

    name: str | None
    password_hash: str | None = field(default=None, repr=False)
    subject: Subject | None = None

    def issuer_and_subject(self) -> tuple[str | None, str | None]:
        """Return the provider's two words, or two nulls.

        Raises:
            InvalidInput: one of them is not of its form.
        """
        if self.subject is None:
            return None, None
        for word in (self.subject.issuer, self.subject.subject):
            if not 1 <= len(word) <= _LONGEST_WORD or not word.isprintable():
                raise InvalidInput(field=_PROVIDER, expected="LINE", least=1, most=_LONGEST_WORD)
        return self.subject.issuer, self.subject.subject


class Accounts:
    """Keeps users and memberships."""

    def __init__(self, pool: "asyncpg.Pool[Any]", clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    @asynccontextmanager
    async def begun(self, connection: Connection | None = None) -> AsyncIterator[Connection]:
        """Open a transaction, or go on in the one given."""
        if connection is not None:
            yield connection
            return
        async with self._pool.acquire() as own, own.transaction():
            yield own

    async def add_user(
        self, name: str, password_hash: str | None = None, *, operator: bool = False
    ) -> UUID:
        """Make a person known; without a password he comes by an identity provider.

        Raises:
            InvalidInput: the name is empty, too long or holds unprintable characters.
            SignInNameTaken: somebody has the name.
        """
        where = ("input", "name")
        kept = _checked_name(name, where)
        user_id = await self._insert(self._pool, kept, Login(name, password_hash), operator)
        if user_id is None:
            raise SignInNameTaken(field=where, name=name)
        return user_id

    async def add_named(
        self, name: str, password_hash: str | None, connection: Connection, where: FieldPath
    ) -> UUID:
        """Make an operator's named person known, in a transaction of his.

        Raises:
            InvalidInput: the name is not of its form.
            SignInNameTaken: somebody has the name, whose password this is not.
        """
        kept = _checked_name(name, where)
        user_id = await self._insert(connection, kept, Login(name, password_hash))
        if user_id is None:
            raise SignInNameTaken(field=where, name=kept)
        return user_id

    async def known_or_added(
        self, name: str, password_hash: str | None, connection: Connection | None = None
    ) -> UUID:
        """Return an operator's named person; one who is known already keeps his password.

        Raises:
            InvalidInput: the name is not of its form.
        """
        kept = _checked_name(name, _LOGIN)
        async with self.begun(connection) as inside:
            user_id = await self._insert(inside, kept, Login(name, password_hash))
            return user_id or await _named(inside, kept)

    async def person_named(self, name: str) -> UUID:
        """Return who signs in by a name, however it is typed.

        Raises:
            NotFound: nobody.
        """
        return await _named(self._pool, sign_in_name(name))

    async def link_provider(self, user_id: UUID, subject: Subject) -> None:
        """Let an identity provider vouch for a person, whoever he is; for operators.

        His sessions end, as with a new password.

        Raises:
            NotFound: no such person.
            SignInNameTaken: the provider's subject is another person.
        """
        async with self.begun() as connection:
            await self._change(connection, user_id, Login(None, subject=subject))

    async def set_password(self, user_id: UUID, password_hash: str) -> None:
        """Replace a password, whosever; whoever is signed in with the old one is signed out.

        Raises:
            NotFound: no such person.
        """
        async with self.begun() as connection:
            await self._change(connection, user_id, Login(None, password_hash))

    async def admit(
        self,
        user_id: UUID,
        tenant_id: UUID,
        member_id: UUID,
        connection: Connection | None = None,
        *,
        staff_code: str = "",
    ) -> None:
        """Make a person a member of a tenant; one who left may come back as another member.

        The same twice is once.

        Args:
            user_id: the person.
            tenant_id: the tenant.
            member_id: the member he is there.
            connection: a transaction that is under way.
            staff_code: what the member is called in a refusal.

        Raises:
            AlreadyTaken: he is another member of this tenant, or another person is this member.
        """
        async with self.begun(connection) as inside:
            taken = await _in_the_way(inside, user_id, Membership(tenant_id, member_id))
            if taken is _Taken.PERSON:
                name = await inside.fetchval(
                    "SELECT name FROM app.platform_user WHERE id = $1", user_id
                )
                raise AlreadyTaken(field=_LOGIN, value=name or "")
            if taken is _Taken.MEMBER:
                raise AlreadyTaken(field=_STAFF_CODE, value=staff_code)

    async def has_entered(self, membership: Membership, connection: Connection) -> bool:
        """Tell whether a membership was ever written for a member, ended or not."""
        return bool(
            await connection.fetchval(
                "SELECT EXISTS (SELECT FROM app.platform_membership"
                " WHERE tenant_id = $1 AND member_id = $2)",
                membership.tenant_id,
                membership.member_id,
            )
        )

    async def let_in(self, membership: Membership, login: Login, connection: Connection) -> None:
        """Give a member a sign-in, for his tenant's administrator.

        A name that is free becomes a new person. One that was this tenant's alone and has left
        comes back with the sign-in now given. For whom a provider vouches needs no name.

        Raises:
            InvalidInput: no name for a password, or nothing to sign in with.
            SignInNameTaken: the name, or the provider's subject, is somebody's.
        """
        nameless = login.name is None and login.password_hash is None and login.subject is not None
        kept = None if nameless else _checked_name(login.name or "", _NAME)
        if login.password_hash is None and login.subject is None:
            raise InvalidInput(field=_LOGIN, expected="WAY_TO_SIGN_IN")
        user_id = await self._insert(connection, kept, login)
        if user_id is None:
            user_id = await self._returning(connection, kept, membership, login)
            await self._change(connection, user_id, login)
        if await _in_the_way(connection, user_id, membership):
            raise _taken(login, kept)

    async def change_login(self, membership: Membership, login: Login) -> None:
        """Change how a member signs in, for his tenant's administrator; the first time gives it.

        Raises:
            InvalidInput, SignInNameTaken: as `let_in`.
            SignInNotYours: the person is known elsewhere, or operates the platform.
        """
        async with self.begun() as connection:
            # A lock that a further membership waits for: nobody is admitted elsewhere meanwhile.
            user_id = await connection.fetchval(
                "SELECT u.id FROM app.platform_membership m"
                " JOIN app.platform_user u ON u.id = m.user_id"
                " WHERE m.tenant_id = $1 AND m.member_id = $2 AND m.ended_at IS NULL"
                " FOR UPDATE OF u",
                membership.tenant_id,
                membership.member_id,
            )
            if user_id is None:
                await self.let_in(membership, login, connection)
                return
            if await connection.fetchrow(_OWN, user_id, membership.tenant_id) is None:
                raise SignInNotYours(field=("input", "memberId"))
            await self._change(connection, user_id, login)

    async def dismiss(self, tenant_id: UUID, member_id: UUID) -> None:
        """End a membership and its sessions; a second time changes nothing."""
        now = self._clock.now()
        async with self.begun() as connection:
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

    async def _insert(
        self, connection: Connection, kept: str | None, login: Login, operator: bool = False
    ) -> UUID | None:
        now = self._clock.now()
        user_id: UUID | None = await connection.fetchval(
            # No target: the name or the provider's subject may be the one that is taken.
            "INSERT INTO app.platform_user"
            " (id, name, password_hash, issuer, subject, operator, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id",
            new_id(now),
            kept,
            login.password_hash,
            *login.issuer_and_subject(),
            operator,
            now,
        )
        return user_id

    async def _returning(
        self, connection: Connection, kept: str | None, membership: Membership, login: Login
    ) -> UUID:
        """Return the person of a taken name, or subject, if he is the tenant's own and not inside.

        With a name a subject that is somebody's is refused, whoever he is.
        """
        user_id: UUID | None = await connection.fetchval(
            "SELECT id FROM app.platform_user WHERE CASE WHEN $1::text IS NULL"
            " THEN issuer = $2 AND subject = $3 ELSE name = $1 END FOR UPDATE",
            kept,
            *login.issuer_and_subject(),
        )
        if user_id is None and login.subject is not None:
            raise SignInNameTaken(field=_SUBJECT, name=login.subject.subject)
        own = await connection.fetchrow(_OWN, user_id, membership.tenant_id)
        if user_id is None or own is None or own["inside"]:
            raise _taken(login, kept)
        return user_id

    async def _change(self, connection: Connection, user_id: UUID, login: Login) -> None:
        name = None if login.name is None else _checked_name(login.name, _NAME)
        issuer, subject = login.issuer_and_subject()
        try:
            found = await connection.fetchval(
                "UPDATE app.platform_user SET name = coalesce($2, name),"
                " password_hash = coalesce($3, password_hash),"
                " issuer = coalesce($4, issuer), subject = coalesce($5, subject)"
                " WHERE id = $1 RETURNING id",
                user_id,
                name,
                login.password_hash,
                issuer,
                subject,
            )
        except asyncpg.UniqueViolationError as error:
            if "subject" in (error.constraint_name or ""):
                raise SignInNameTaken(field=_SUBJECT, name=subject or "") from error
            raise SignInNameTaken(field=_NAME, name=name or "") from error
        except asyncpg.CheckViolationError as error:
            # A password, and no name that it could be typed with.
            raise InvalidInput(field=_NAME, expected="LINE", least=1, most=LONGEST_NAME) from error
        if found is None:
            raise NotFound(field=_USER)
        if login.password_hash is not None or login.subject is not None:
            why = SessionEnd.PASSWORD_CHANGED
            await end_sessions_of(connection, user_id, why, self._clock.now())


def _checked_name(written: str, where: FieldPath) -> str:
    kept = sign_in_name(written)
    if not 1 <= len(kept) <= LONGEST_NAME or not kept.isprintable():
        raise InvalidInput(field=where, expected="LINE", least=1, most=LONGEST_NAME)
    return kept


async def _named(connection: Connection, kept: str) -> UUID:
    user_id: UUID | None = await connection.fetchval(
        "SELECT id FROM app.platform_user WHERE name = $1", kept
    )
    if user_id is None:
        raise NotFound(field=_LOGIN)
    return user_id


def _taken(login: Login, kept: str | None) -> SignInNameTaken:
    if kept is None and login.subject is not None:
        return SignInNameTaken(field=_SUBJECT, name=login.subject.subject)
    return SignInNameTaken(field=_NAME, name=kept or "")


class _Taken(Enum):
    """Who is in the way of a membership: the person, as another member, or who is this one."""

    PERSON = 1
    MEMBER = 2


async def _in_the_way(
    connection: Connection, user_id: UUID, membership: Membership
) -> _Taken | None:
    """Write a membership; return who is inside with another already, if that is so."""
    try:
        admitted = await connection.fetchval(
            "INSERT INTO app.platform_membership AS m (user_id, tenant_id, member_id)"
            " VALUES ($1, $2, $3) ON CONFLICT (user_id, tenant_id)"
            " DO UPDATE SET member_id = excluded.member_id, ended_at = NULL"
            " WHERE m.ended_at IS NOT NULL OR m.member_id = excluded.member_id RETURNING true",
            user_id,
            membership.tenant_id,
            membership.member_id,
        )
    except asyncpg.UniqueViolationError:
        return _Taken.MEMBER
    return None if admitted else _Taken.PERSON
