"""Members: who works here, where they belong, and that they leave."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from service.calendar import day_of
from service.database.session import Row
from service.errors import LOCALES, InvalidInput, Refusal
from service.organisation import facts
from service.organisation.access import judge, one_at_a_time
from service.organisation.commands.api_keys import refuse_by_key
from service.organisation.commands.logins import LoginAsked, refuse_unknown_provider, shown
from service.organisation.errors import LastDayInvalid
from service.organisation.events import MemberJoined, MemberLeft
from service.organisation.moving import keep_former_place
from service.organisation.tables import Member, MemberState
from service.policies.access import Record
from service.tenants.texts import line_faults, refuse_faults
from service.work import UnitOfWork

MEMBER = ("input", "memberId")
_LONGEST_CODE = 64


@dataclass(frozen=True, slots=True)
class CreateMember:
    """Enter a person: he holds nothing until he is assigned a role.

    Attributes:
        staff_code: the company's own number for him; equal claims are ordered by it.
        org_unit_id, territory_id: where he belongs.
        login: how he will sign in; None for who does not, or not yet. Whoever carries the
            order out opens the door (`memberships.open_door`).
    """

    name: str
    staff_code: str
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    locale: str | None = None
    hired_on: date | None = None
    login: LoginAsked | None = None


async def create_member(work: UnitOfWork, order: CreateMember) -> UUID:
    """Enter a member and return his id.

    Raises:
        Forbidden, NotFound (unit, territory), AlreadyTaken (staff code), Refusals (form),
        NotByApiKey, ProviderUnknown (with a sign-in).
    """
    if order.login is not None:
        refuse_by_key(work)
    place = Record(org_unit_id=order.org_unit_id, territory_id=order.territory_id)
    work.authorise("member.create", place)
    refuse_faults(_faults(order.name, order.staff_code, order.locale))
    await facts.refuse_taken_staff_code(work, order.staff_code.strip())
    await facts.refuse_missing_place(work, order.org_unit_id, order.territory_id)
    refuse_unknown_provider(work, order.login)
    member = Member(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        staff_code=order.staff_code.strip(),
        name=order.name.strip(),
        locale=order.locale,
        org_unit_id=order.org_unit_id,
        territory_id=order.territory_id,
        hired_on=order.hired_on,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(member)
    work.emit(MemberJoined(member.id))
    work.concerns("member", member.id, staff_code=member.staff_code, **shown(order.login))
    return member.id


@dataclass(frozen=True, slots=True)
class EditMember:
    """Correct a member's particulars; what is None stays.

    Attributes:
        moved: he belongs to `org_unit_id` and `territory_id` from now on, None meaning nowhere.
    """

    member_id: UUID
    expected_version: int
    name: str | None = None
    staff_code: str | None = None
    locale: str | None = None
    moved: bool = False
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None


async def edit_member(work: UnitOfWork, order: EditMember) -> UUID:
    """Change a member; locks his row.

    Raises:
        Forbidden (here, or at the new place), NotFound, MemberHasLeft, VersionConflict,
        AlreadyTaken (staff code), Refusals (form).
    """
    row = await facts.member(work, order.member_id, MEMBER)
    work.authorise("member.edit", facts.member_record(row))
    facts.refuse_other_version(row, order.expected_version)
    refuse_faults(_faults(order.name, order.staff_code, order.locale))
    staff_code = order.staff_code.strip() if order.staff_code is not None else None
    await facts.refuse_taken_staff_code(work, staff_code, but=row["id"])
    changes: dict[str, Any] = {
        name: value.strip()
        for name, value in (
            ("name", order.name),
            ("staff_code", order.staff_code),
            ("locale", order.locale),
        )
        if value is not None
    }
    if order.moved:
        place = Record(org_unit_id=order.org_unit_id, territory_id=order.territory_id)
        work.authorise("member.create", place)
        await facts.refuse_missing_place(work, order.org_unit_id, order.territory_id)
        keep_former_place(work, row["id"])
        changes |= {"org_unit_id": order.org_unit_id, "territory_id": order.territory_id}
    work.change(Member, row["id"], changes)
    work.concerns("member", row["id"], **changes)
    return order.member_id


@dataclass(frozen=True, slots=True)
class LeaveMember:
    """A member leaves the company; `left_on` None means today."""

    member_id: UUID
    expected_version: int
    left_on: date | None = None


async def leave_member(work: UnitOfWork, order: LeaveMember) -> UUID:
    """End a member's offices and delegations with his membership; locks the tenant, then him.

    From his next request on he is refused; his records stay his.

    Raises:
        Forbidden, NotFound, MemberHasLeft, VersionConflict, LastDayInvalid (to come, or before he
        came), WouldLockOut: nobody could administer the company any more.
    """
    await one_at_a_time(work)
    row = await facts.member(work, order.member_id, MEMBER)
    work.authorise("member.leave", facts.member_record(row))
    facts.refuse_other_version(row, order.expected_version)
    today = work.today
    left_on = order.left_on or today
    _refuse_odd_last_day(work, row, left_on, today)
    # As a move is kept: boards of earlier days do not know yet that he has left.
    keep_former_place(work, row["id"])
    work.change(Member, row["id"], {"state": MemberState.LEFT.value, "left_on": left_on})
    work.write(
        "assignment",
        # One that has not begun ends where it would begin: an empty span.
        "UPDATE app.assignment SET valid_until = greatest({}::timestamptz, valid_from),"
        " version = version + 1 WHERE tenant_id = {}::uuid AND member_id = {}::uuid"
        " AND (valid_until IS NULL OR valid_until > {}::timestamptz)",
        work.now,
        work.tenant_id,
        row["id"],
        work.now,
    )
    work.write(
        "delegation",
        "UPDATE app.delegation SET ended_at = {}::timestamptz, version = version + 1"
        " WHERE tenant_id = {}::uuid AND (from_member_id = {}::uuid OR to_member_id = {}::uuid)"
        " AND ended_at IS NULL AND valid_until > {}::timestamptz",
        work.now,
        work.tenant_id,
        row["id"],
        row["id"],
        work.now,
    )
    await judge(work)
    work.emit(MemberLeft(row["id"]))
    work.concerns("member", row["id"], left_on=left_on)
    return order.member_id


def _refuse_odd_last_day(work: UnitOfWork, row: Row, left_on: date, today: date) -> None:
    # Who was entered ahead of his first day may never come; until then he leaves from his entry on.
    hired: date | None = row["hired_on"]
    entered = day_of(row["created_at"], work.tenant.zone)
    first = min(hired if hired is not None and hired <= today else entered, today)
    if not first <= left_on <= today:
        raise LastDayInvalid(
            field=("input", "leftOn"), first=first.isoformat(), today=today.isoformat()
        )


def _faults(name: str | None, staff_code: str | None, locale: str | None) -> Iterator[Refusal]:
    if name is not None:
        yield from line_faults(name, ("input", "name"))
    if staff_code is not None:
        yield from line_faults(staff_code, ("input", "staffCode"), _LONGEST_CODE)
    if locale is not None and locale not in LOCALES:
        yield InvalidInput(field=("input", "locale"), expected="ONE_OF", choices=LOCALES)
