"""Leave: the whole days on which a member is absent."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from service.errors import InvalidInput
from service.organisation import facts
from service.organisation.errors import LeaveOverlaps, SpanInvalid
from service.organisation.tables import Leave, LeaveKind
from service.work import Anchor, UnitOfWork

_LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class RecordLeave:
    """Record a member's absence, first and last day included."""

    anchor: ClassVar[Anchor] = Anchor("member", "id", "member_id")

    member_id: UUID
    kind: str
    first_day: date
    last_day: date


async def record_leave(work: UnitOfWork, order: RecordLeave) -> UUID:
    """Record leave and return its id; locks the member, so that two records cannot overlap.

    Nobody records his own (four eyes).

    Raises:
        Forbidden, NotFound, MemberHasLeft, SpanInvalid, LeaveOverlaps, InvalidInput (kind).
    """
    row = await facts.member(work, order.member_id, ("input", "memberId"))
    work.authorise("leave.record", facts.member_record(row))
    if order.kind not in LeaveKind.__members__:
        raise InvalidInput(field=("input", "kind"), expected="ONE_OF", choices=tuple(LeaveKind))
    length = (order.last_day - order.first_day).days
    if not 0 <= length < _LONGEST_DAYS:
        raise SpanInvalid(field=("input", "lastDay"))
    overlaps = await work.fetch_value(
        "SELECT EXISTS (SELECT FROM app.leave WHERE tenant_id = $1 AND member_id = $2"
        " AND first_day <= $4 AND last_day >= $3)",
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
