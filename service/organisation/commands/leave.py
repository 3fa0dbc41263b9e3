"""Leave: the whole days on which a member is absent."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Final
from uuid import UUID

from service.errors import DayOutOfRange, InvalidInput
from service.organisation import facts
from service.organisation.errors import LeaveBegun, LeaveOver, LeaveOverlaps
from service.organisation.tables import Leave, LeaveKind
from service.work import Anchor, UnitOfWork

LEAVE: Final = ("input", "leaveId")
_LONGEST_DAYS: Final = 366
_BACK: Final = timedelta(days=366)
_AHEAD: Final = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class RecordLeave:
    """Record a member's absence, first and last day included."""

    anchor: ClassVar[Anchor] = Anchor("member", "id", "member_id")

    member_id: UUID
    kind: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class CancelLeave:
    """Take leave back that has not begun."""

    leave_id: UUID
    expected_version: int


@dataclass(frozen=True, slots=True)
class EndLeave:
    """A member comes back before his leave is over.

    Attributes:
        back_on: the first day on which he is back; None means today.
    """

    leave_id: UUID
    expected_version: int
    back_on: date | None = None


async def record_leave(work: UnitOfWork, order: RecordLeave) -> UUID:
    """Record leave and return its id; locks the member, so that two records cannot overlap.

    Nobody records his own (four eyes). Illness is recorded up to a year later, and leave planned
    up to two years ahead.

    Raises:
        Forbidden, NotFound, MemberHasLeft, LeaveOverlaps, DayOutOfRange, InvalidInput (kind, and
        more than 366 days or fewer than one).
    """
    row = await facts.member(work, order.member_id, ("input", "memberId"))
    work.authorise("leave.record", facts.member_record(row))
    _check(order, work.today)
    overlaps = await work.fetch_value(
        "SELECT EXISTS (SELECT FROM app.leave WHERE tenant_id = $1 AND member_id = $2"
        " AND first_day <= $4 AND last_day >= $3 AND cancelled_at IS NULL)",
        work.tenant_id,
        order.member_id,
        order.first_day,
        order.last_day,
    )
    if overlaps:
        raise LeaveOverlaps(field=("input", "firstDay"))
    leave = Leave(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        member_id=order.member_id,
        kind=order.kind,
        first_day=order.first_day,
        last_day=order.last_day,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(leave)
    work.concerns("leave", leave.id, member=order.member_id, first_day=order.first_day)
    return leave.id


async def cancel_leave(work: UnitOfWork, order: CancelLeave) -> UUID:
    """Take leave back whose first day is to come, and return its id; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict, LeaveBegun, LeaveOver (cancelled already).
    """
    leave = await _standing(work, order.leave_id, order.expected_version)
    if leave.first_day <= work.today:
        raise LeaveBegun(first_day=leave.first_day.isoformat(), field=LEAVE)
    _cancel(work, leave)
    return leave.id


async def end_leave(work: UnitOfWork, order: EndLeave) -> UUID:
    """Let leave that has begun end on the day before a member is back, and return its id; locks it.

    What has passed of it stays. Whoever is back on its first day was never away: it is cancelled.

    Raises:
        Forbidden, NotFound, VersionConflict, LeaveOver, DayOutOfRange.
    """
    leave = await _standing(work, order.leave_id, order.expected_version)
    today = work.today
    if leave.last_day < today:
        raise LeaveOver(field=LEAVE)
    back_on = order.back_on or today
    earliest = max(leave.first_day, today)
    if not earliest <= back_on <= leave.last_day:
        raise DayOutOfRange(
            first=earliest.isoformat(), last=leave.last_day.isoformat(), field=("input", "backOn")
        )
    if back_on == leave.first_day:
        _cancel(work, leave)
        return leave.id
    last_day = back_on - timedelta(days=1)
    work.change(Leave, leave.id, {"last_day": last_day})
    work.concerns("leave", leave.id, member=leave.member_id, last_day=last_day, was=leave.last_day)
    return leave.id


@dataclass(frozen=True, slots=True)
class _Standing:
    """Leave that was not cancelled, locked."""

    id: UUID
    member_id: UUID
    first_day: date
    last_day: date


async def _standing(work: UnitOfWork, leave_id: UUID, expected_version: int) -> _Standing:
    row = await facts.locked(work, "leave", leave_id, LEAVE)
    absent = await work.fetch_only(
        "SELECT id, org_unit_id, territory_id FROM app.member WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        row["member_id"],
    )
    work.authorise("leave.record", facts.member_record(absent))
    facts.refuse_other_version(row, expected_version)
    if row["cancelled_at"] is not None:
        raise LeaveOver(field=LEAVE)
    return _Standing(row["id"], row["member_id"], row["first_day"], row["last_day"])


def _cancel(work: UnitOfWork, leave: _Standing) -> None:
    work.change(Leave, leave.id, {"cancelled_at": work.now})
    work.concerns("leave", leave.id, member=leave.member_id, first_day=leave.first_day)


def _check(order: RecordLeave, today: date) -> None:
    if order.kind not in LeaveKind.__members__:
        raise InvalidInput(field=("input", "kind"), expected="ONE_OF", choices=tuple(LeaveKind))
    days = (order.last_day - order.first_day).days + 1
    if not 1 <= days <= _LONGEST_DAYS:
        field = ("input", "lastDay")
        raise InvalidInput(field=field, expected="DAY_SPAN", least=1, most=_LONGEST_DAYS)
    first, last = today - _BACK, today + _AHEAD
    for day, name in ((order.first_day, "firstDay"), (order.last_day, "lastDay")):
        if not first <= day <= last:
            raise DayOutOfRange(
                first=first.isoformat(), last=last.isoformat(), field=("input", name)
            )
