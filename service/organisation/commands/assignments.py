"""Offices: that a member holds a role at a unit and a territory, from an instant until another."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.database.session import Row
from service.organisation import facts
from service.organisation.access import (
    judge,
    one_at_a_time,
    refuse_beyond_own,
    refuse_on_behalf,
)
from service.organisation.actors import role_code
from service.organisation.errors import AlreadyAssigned, SpanInvalid
from service.organisation.events import RightsChanged
from service.organisation.tables import Assignment
from service.policies.access import Holding, Record
from service.work import UnitOfWork

ASSIGNMENT = ("input", "assignmentId")


@dataclass(frozen=True, slots=True)
class AssignRole:
    """Give a member a role at a place, from an instant (None: now) until another (None: open)."""

    member_id: UUID
    role_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None


async def assign_role(work: UnitOfWork, order: AssignRole) -> UUID:
    """Appoint a member and return the office's id; locks tenant, member, role.

    Raises:
        Forbidden (for that place), NotFound, MemberHasLeft, SpanInvalid (in the past, or empty),
        AlreadyAssigned, BeyondOwnRights (also when he may only for another), WouldLockOut (what the
        role forbids would leave nobody to keep the roles), or Refusals with
        DutiesInConflict when his roles would bring two duties together that must stay apart.
    """
    await one_at_a_time(work)
    place = Record(owner_id=None, org_unit_id=order.org_unit_id, territory_id=order.territory_id)
    verdict = work.authorise("assignment.create", place)
    refuse_on_behalf(work, "assignment.create", verdict)
    await facts.member(work, order.member_id, ("input", "memberId"))
    role = await facts.in_force(work, "role", order.role_id, ("input", "roleId"))
    await facts.refuse_missing_place(work, order.org_unit_id, order.territory_id)
    given = Holding(role_code(role["code"]), order.org_unit_id, order.territory_id)
    refuse_beyond_own(work, "assignment.create", [given])
    begins = order.valid_from or work.now
    if begins < work.now:
        raise SpanInvalid(field=("input", "validFrom"))
    if order.valid_until is not None and order.valid_until <= begins:
        raise SpanInvalid(field=("input", "validUntil"))
    await _refuse_twice(work, order, begins)
    assignment = Assignment(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        member_id=order.member_id,
        role_id=order.role_id,
        org_unit_id=order.org_unit_id,
        territory_id=order.territory_id,
        valid_from=begins,
        valid_until=order.valid_until,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(assignment)
    await judge(work, added=assignment.id)
    work.emit(RightsChanged(assignment.id))
    work.concerns("assignment", assignment.id, member=order.member_id, role=role["code"])
    return assignment.id


@dataclass(frozen=True, slots=True)
class EndAssignment:
    """End an office at an instant (None: now); one that has not begun never begins."""

    assignment_id: UUID
    expected_version: int
    at: datetime | None = None


async def end_assignment(work: UnitOfWork, order: EndAssignment) -> UUID:
    """End an office that has not ended; locks the tenant, then the office.

    Raises:
        Forbidden, NotFound, VersionConflict, SpanInvalid (in the past, or ended already),
        WouldLockOut; BeyondOwnRights for a stand-in's own office, or his whom he stands in for.
    """
    await one_at_a_time(work)
    row = await facts.locked(work, "assignment", order.assignment_id, ASSIGNMENT)
    verdict = work.authorise("assignment.end", _record(row))
    if row["member_id"] in {work.caller.member_id, verdict.acts_as}:
        refuse_on_behalf(work, "assignment.end", verdict)
    facts.refuse_other_version(row, order.expected_version)
    ends = order.at or work.now
    over = row["valid_until"] is not None and row["valid_until"] <= ends
    if ends < work.now or over:
        raise SpanInvalid(field=("input", "at"))
    work.change(Assignment, row["id"], {"valid_until": max(ends, row["valid_from"])})
    await judge(work)
    work.emit(RightsChanged(row["id"]))
    work.concerns("assignment", row["id"], member=row["member_id"], until=ends)
    return order.assignment_id


def _record(row: Row) -> Record:
    return Record(
        owner_id=row["member_id"],
        org_unit_id=row["org_unit_id"],
        territory_id=row["territory_id"],
    )


async def _refuse_twice(work: UnitOfWork, order: AssignRole, begins: datetime) -> None:
    # The tenant's row is locked: nobody can add the same office between this look and the insert.
    taken = await work.fetch_value(
        "SELECT EXISTS (SELECT FROM app.assignment WHERE tenant_id = $1 AND member_id = $2"
        " AND role_id = $3 AND org_unit_id IS NOT DISTINCT FROM $4::uuid"
        " AND territory_id IS NOT DISTINCT FROM $5::uuid"
        " AND tstzrange(valid_from, valid_until) && tstzrange($6, $7))",
        work.tenant_id,
        order.member_id,
        order.role_id,
        order.org_unit_id,
        order.territory_id,
        begins,
        order.valid_until,
    )
    if taken:
        raise AlreadyAssigned
