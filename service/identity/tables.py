"""Users, their memberships and their sessions; visible to the sign-in role alone."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from service.database.tables import INSTANT, SCHEMA, Table, one_of, short


class SessionEnd(StrEnum):
    """Why a session ended before its time."""

    SIGNED_OUT = "SIGNED_OUT"
    TOKEN_REUSED = "TOKEN_REUSED"  # noqa: S105 - a reason, no secret
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105 - a reason, no secret
    MEMBER_LEFT = "MEMBER_LEFT"


class PlatformUser(Table, table=True):
    """A person who can sign in, by password or by an identity provider's subject.

    Attributes:
        name: what he types to sign in; None for whom only a provider knows.
    """

    __table_args__: ClassVar[Any] = (
        UniqueConstraint("name"),
        UniqueConstraint("issuer", "subject"),
        short("platform_user", "name"),
        CheckConstraint(
            "(issuer IS NULL) = (subject IS NULL)", name="platform_user_provider_check"
        ),
        CheckConstraint(
            "password_hash IS NULL OR name IS NOT NULL", name="platform_user_password_check"
        ),
    )

    id: UUID = Field(primary_key=True)
    name: str | None = None
    password_hash: str | None = None
    issuer: str | None = None
    subject: str | None = None
    operator: bool = False
    created_at: datetime = Field(sa_type=INSTANT)


class PlatformMembership(Table, table=True):
    """That a user is a member of a tenant; a person in two tenants has two."""

    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["user_id"], [f"{SCHEMA}.platform_user.id"], ondelete="CASCADE"),
        UniqueConstraint("tenant_id", "member_id"),
    )

    user_id: UUID = Field(primary_key=True)
    tenant_id: UUID = Field(primary_key=True)
    member_id: UUID
    ended_at: datetime | None = Field(default=None, sa_type=INSTANT)


class PlatformSession(Table, table=True):
    """A family of refresh tokens: one sign-in on one device.

    Attributes:
        place_hash: of name and address: where the person is known, strangers cannot delay him.
    """

    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["user_id"], [f"{SCHEMA}.platform_user.id"], ondelete="CASCADE"),
        one_of("platform_session", "end_reason", SessionEnd),
        CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name="platform_session_end_check"
        ),
        Index("platform_session_user_id_place_hash_ix", "user_id", "place_hash"),
        Index(
            "platform_session_ended_at_ix",
            "ended_at",
            postgresql_where=text("ended_at IS NOT NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    user_id: UUID
    tenant_id: UUID | None = None
    member_id: UUID | None = None
    place_hash: bytes | None = None
    started_at: datetime = Field(sa_type=INSTANT)
    expires_at: datetime = Field(sa_type=INSTANT)
    ended_at: datetime | None = Field(default=None, sa_type=INSTANT)
    end_reason: str | None = None


class PlatformRefreshToken(Table, table=True):
    """One refresh token, hashed; used once."""

    __table_args__: ClassVar[Any] = (
        ForeignKeyConstraint(["session_id"], [f"{SCHEMA}.platform_session.id"], ondelete="CASCADE"),
        Index("platform_refresh_token_session_id_ix", "session_id"),
    )

    token_hash: bytes = Field(primary_key=True)
    session_id: UUID
    issued_at: datetime = Field(sa_type=INSTANT)
    used_at: datetime | None = Field(default=None, sa_type=INSTANT)


class PlatformSignInFailure(Table, table=True):
    """A failed sign-in, counted per name and per address for the growing delay."""

    __table_args__: ClassVar[Any] = (
        Index("platform_sign_in_failure_key_hash_at_ix", "key_hash", "at"),
        Index("platform_sign_in_failure_at_ix", "at"),
    )

    id: UUID = Field(primary_key=True)
    key_hash: bytes
    at: datetime = Field(sa_type=INSTANT)
