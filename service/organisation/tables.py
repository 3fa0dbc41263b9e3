"""Units, members, roles, duties and who holds them when."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Computed, Text, UniqueConstraint, column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from service.database.tables import (
    CODE_POINTS,
    INSTANT,
    JSON,
    TEXTS,
    Recorded,
    TenantTable,
    index,
    of_tenant,
    one_of,
    short,
    to,
)


class MemberState(StrEnum):
    """Whether a member works here."""

    ACTIVE = "ACTIVE"
    LEFT = "LEFT"


class LeaveKind(StrEnum):
    """Why a member is absent."""

    ANNUAL = "ANNUAL"
    SICK = "SICK"
    PERSONAL = "PERSONAL"
    TRAINING = "TRAINING"
    OTHER = "OTHER"


class Effect(StrEnum):
    """What a permission row does."""

    ALLOW = "allow"
    DENY = "deny"


class LeaveState(StrEnum):
    """Whether leave stands."""

    RECORDED = "RECORDED"
    CANCELLED = "CANCELLED"


class OrgUnit(Recorded, table=True):
    """A node of the company tree, valid from a day until another (exclusive)."""

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        to("org_unit", "parent_id"),
        short("org_unit", "code", 64),
        CheckConstraint("valid_until > valid_from", name="org_unit_lasts_check"),
        index("org_unit", "parent_id"),
    )

    code: str
    kind: str
    names: dict[str, str] = Field(sa_type=JSON)
    parent_id: UUID | None = None
    valid_from: date
    valid_until: date | None = None


class FormerParent(TenantTable, table=True):
    """Where a unit stood before it was moved: a board of a past day has it there."""

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("org_unit"),
        to("org_unit", "parent_id"),
        index("former_parent", "org_unit_id", "recorded_at", "id"),
    )

    org_unit_id: UUID
    parent_id: UUID | None = None
    recorded_at: datetime = Field(sa_type=INSTANT)


class Member(Recorded, table=True):
    """A person of the tenant: rep, manager, clerk, administrator.

    Attributes:
        org_unit_id, territory_id: where he belongs; whoever leads that place leads him. What he
            may do comes from his assignments alone, which may be elsewhere.
        search_form: name and staff code as a search compares them. A company has some thousand
            members at most: their whole names are looked through.
    """

    made_by_database: ClassVar[frozenset[str]] = frozenset({"search_form"})
    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "staff_code"),
        to("org_unit"),
        to("territory"),
        one_of("member", "state", MemberState),
        short("member", "name"),
        short("member", "staff_code", 64),
        index("member", "name", "id"),
        index("member", "search_form", "id"),
        index("member", "created_at", "id"),
        index("member", "org_unit_id", "created_at", "id"),
        index("member", "territory_id", "created_at", "id"),
        index("member", "state", "name", "id"),
    )

    staff_code: str
    name: str
    state: str = MemberState.ACTIVE.value
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    locale: str | None = None
    hired_on: date | None = None
    left_on: date | None = None
    search_form: str | None = Field(
        default=None,
        sa_column=Column(
            CODE_POINTS,
            Computed("app.search_form(name || ' ' || staff_code)", persisted=True),
            nullable=True,
        ),
    )


class FormerPlace(TenantTable, table=True):
    """Where a member belonged before he was moved, or left: a board of a past day has him there."""

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("member"),
        to("org_unit"),
        to("territory"),
        index("former_place", "member_id", "recorded_at", "id"),
    )

    member_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    recorded_at: datetime = Field(sa_type=INSTANT)


class Role(Recorded, table=True):
    """A named set of duties; built-in ones come from the template and may be edited."""

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        short("role", "code", 64),
    )

    code: str
    names: dict[str, str] = Field(sa_type=JSON)
    built_in: bool = False
    retired_at: datetime | None = Field(default=None, sa_type=INSTANT)


class RoleInclusion(TenantTable, table=True):
    """That a role has all duties of another."""

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("role", cascade=True),
        to("role", "included_role_id"),
        UniqueConstraint("tenant_id", "role_id", "included_role_id"),
    )

    role_id: UUID
    included_role_id: UUID


class Duty(Recorded, table=True):
    """One line of a duty sheet: responsibility, authority and obligation together.

    Attributes:
        sources: lines of published job descriptions it comes from, e.g. "14-五(四)1".
        metric: code of the metric it answers for.
        obligation: what must be done by when: kind, clock, evidence.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        short("duty", "code", 64),
    )

    code: str
    wording: dict[str, str] = Field(sa_type=JSON)
    sources: list[str] = Field(default_factory=list, sa_type=TEXTS)
    metric: str | None = None
    obligation: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    built_in: bool = False
    retired_at: datetime | None = Field(default=None, sa_type=INSTANT)


class DutyPermission(TenantTable, table=True):
    """One row of authority of a duty; a null duty means every duty (deny rows only)."""

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("duty", cascade=True),
        one_of("duty_permission", "effect", Effect),
        CheckConstraint(
            "duty_id IS NOT NULL OR effect = 'deny'", name="duty_permission_of_duty_check"
        ),
        index("duty_permission", "duty_id"),
    )

    duty_id: UUID | None = None
    object: str
    action: str
    scope: str
    limit: str | None = None
    effect: str = Effect.ALLOW.value


class RoleDuty(TenantTable, table=True):
    """That a role has a duty."""

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("role", cascade=True),
        to("duty"),
        UniqueConstraint("tenant_id", "role_id", "duty_id"),
        index("role_duty", "duty_id"),
    )

    role_id: UUID
    duty_id: UUID


class SeparatedDuties(TenantTable, table=True):
    """Two duties that no role may hold together."""

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("duty", "duty_id"),
        to("duty", "other_duty_id"),
        UniqueConstraint("tenant_id", "duty_id", "other_duty_id"),
    )

    duty_id: UUID
    other_duty_id: UUID
    reason: dict[str, str] = Field(sa_type=JSON)


class Assignment(Recorded, table=True):
    """That a member holds a role at a unit and a territory, from an instant until another.

    One that ended before it began has an empty span: it was never in force.
    """

    __table_args__: ClassVar[Any] = (
        to("member"),
        to("role"),
        to("org_unit"),
        to("territory"),
        CheckConstraint("valid_until >= valid_from", name="assignment_lasts_check"),
        index("assignment", "member_id", "valid_from"),
        index("assignment", "role_id"),
        index("assignment", "org_unit_id"),
        index("assignment", "created_at", "id"),
        index("assignment", "territory_id"),
    )

    member_id: UUID
    role_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    valid_from: datetime = Field(sa_type=INSTANT)
    valid_until: datetime | None = Field(default=None, sa_type=INSTANT)


class Delegation(Recorded, table=True):
    """That a member stands in for another: a window, and the commands listed."""

    __table_args__: ClassVar[Any] = (
        to("member", "from_member_id"),
        to("member", "to_member_id"),
        CheckConstraint("valid_until > valid_from", name="delegation_lasts_check"),
        CheckConstraint("from_member_id <> to_member_id", name="delegation_to_another_check"),
        index("delegation", "to_member_id", "valid_until"),
        index("delegation", "from_member_id"),
        index("delegation", "valid_until", "id"),
    )

    from_member_id: UUID
    to_member_id: UUID
    commands: list[str] = Field(sa_type=TEXTS)
    valid_from: datetime = Field(sa_type=INSTANT)
    valid_until: datetime = Field(sa_type=INSTANT)
    ended_at: datetime | None = Field(default=None, sa_type=INSTANT)


class ApiKey(Recorded, table=True):
    """That a program may ask as a member who is no person: until an instant, or until revoked.

    Attributes:
        secret_hash: SHA-256, in hexadecimal, of the secret that the program sends; the secret is
            kept nowhere.
        last_used_on: the day in the tenant's zone on which it last opened the door.
        address_ranges: networks its requests come from, `203.0.113.0/24`; everywhere when empty.
        trusted_documents_only: documents are answered by their hash alone.
    """

    fixed: ClassVar[tuple[str, ...]] = (
        *("member_id", "name", "secret_hash", "expires_at"),
        *("address_ranges", "trusted_documents_only"),
    )
    __table_args__: ClassVar[Any] = (
        to("member"),
        short("api_key", "name"),
        CheckConstraint("expires_at > created_at", name="api_key_lasts_check"),
        index("api_key", "member_id"),
        index("api_key", "created_at", "id"),
    )

    member_id: UUID
    name: str
    secret_hash: str
    expires_at: datetime = Field(sa_type=INSTANT)
    last_used_on: date | None = None
    revoked_at: datetime | None = Field(default=None, sa_type=INSTANT)
    address_ranges: list[str] = Field(
        default_factory=list, sa_type=TEXTS, sa_column_kwargs={"server_default": text("'{}'")}
    )
    trusted_documents_only: bool = Field(
        default=False, sa_column_kwargs={"server_default": text("false")}
    )


class Leave(Recorded, table=True):
    """A member's absence, by whole days of where he works, both inclusive.

    Attributes:
        cancelled_at: when it was taken back before it counted; it is kept and means nothing.
        state: a word of LeaveState, by which lists are narrowed.
    """

    made_by_database: ClassVar[frozenset[str]] = frozenset({"state"})
    fixed: ClassVar[tuple[str, ...]] = ("member_id", "first_day")
    __table_args__: ClassVar[Any] = (
        to("member"),
        one_of("leave", "kind", LeaveKind),
        CheckConstraint("last_day >= first_day", name="leave_lasts_check"),
        ExcludeConstraint(
            (column("tenant_id"), "="),
            (column("member_id"), "="),
            (text("daterange(first_day, last_day, '[]')"), "&&"),
            where=text("cancelled_at IS NULL"),
            using="gist",
            name="leave_one_at_a_time_excl",
        ),
        index("leave", "member_id", "first_day"),
        index("leave", "first_day", "id"),
        index("leave", "state", "first_day", "id"),
    )

    member_id: UUID
    kind: str
    first_day: date
    last_day: date
    cancelled_at: datetime | None = Field(default=None, sa_type=INSTANT)
    state: str | None = Field(
        default=None,
        sa_column=Column(
            Text,
            Computed(
                "CASE WHEN cancelled_at IS NULL THEN 'RECORDED' ELSE 'CANCELLED' END",
                persisted=True,
            ),
            nullable=False,
        ),
    )
