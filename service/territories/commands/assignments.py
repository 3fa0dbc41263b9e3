"""Who answers for a territory from which day: owner, manager, reps, overlays, and empty seats.

A seat outlives who sits in it: its successive holders are one line, and so is the time it is empty.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput
from service.organisation import facts as of_organisation
from service.organisation.errors import SpanInvalid
from service.policies.access import Record
from service.territories.tables import TerritoryAssignment, TerritoryRole
from service.work import UnitOfWork

TERRITORY = ("input", "territoryId")
ASSIGNMENT = ("input", "assignmentId")
_INSTEAD = ("input", "insteadOfId")


@dataclass(frozen=True, slots=True)
class AssignTerritory:
    """Give a member a part in a territory from a day (None: today) until another (None: open).

    Attributes:
        member_id: who; None opens a seat that is empty.
        instead_of_id: whose seat he takes over: that one ends when this begins.
    """

    territory_id: UUID
    role: TerritoryRole
    member_id: UUID | None = None
    instead_of_id: UUID | None = None
    valid_from: date | None = None
    valid_until: date | None = None


async def assign_territory(work: UnitOfWork, order: AssignTerritory) -> UUID:
    """Fill or open a seat and return the assignment's id; locks the territory, then the member.

    Raises:
        Forbidden, NotFound, MemberHasLeft, SpanInvalid (in the past, or empty), InvalidInput (the
        seat is another's: of another territory or role), TerritoryHasOwner, or AlreadyAssigned.
    """
    await of_organisation.in_force(work, "territory", order.territory_id, TERRITORY)
    work.authorise("territory.assign", Record(territory_id=order.territory_id))
    if order.member_id is not None:
        await of_organisation.member(work, order.member_id, ("input", "memberId"))
    first_day = order.valid_from or work.today
    if first_day < work.today:
        raise SpanInvalid(field=("input", "validFrom"))
    if order.valid_until is not None and order.valid_until <= first_day:
        raise SpanInvalid(field=("input", "validUntil"))
    seat_id, until = None, order.valid_until
    if order.instead_of_id is not None:
        before = await of_organisation.locked(
            work, "territory_assignment", order.instead_of_id, _INSTEAD
        )
        _refuse_other_seat(before, order)
        seat_id = before["seat_id"]
        until = await _vacate(work, seat_id, first_day, order.valid_until)
    made = _seated(
        work,
        order.territory_id,
        order.role,
        order.member_id,
        seat_id,
        begins=first_day,
        until=until,
    )
    work.add(made)
    work.concerns(
        "territory", order.territory_id, member=order.member_id, role=order.role, begins=first_day
    )
    return made.id


def _seated(
    work: UnitOfWork,
    territory_id: UUID,
    role: str,
    member_id: UUID | None,
    seat_id: UUID | None,
    *,
    begins: date,
    until: date | None,
) -> TerritoryAssignment:
    row_id = work.new_id()
    return TerritoryAssignment(
        tenant_id=work.tenant_id,
        id=row_id,
        territory_id=territory_id,
        seat_id=seat_id or row_id,
        role=str(role),
        member_id=member_id,
        valid_from=begins,
        valid_until=until,
        created_at=work.now,
        created_by=work.caller.member_id,
    )


def _refuse_other_seat(before: Row, order: AssignTerritory) -> None:
    if before["territory_id"] != order.territory_id or before["role"] != order.role:
        raise InvalidInput(field=_INSTEAD, expected="FITTING")


async def _vacate(
    work: UnitOfWork, seat_id: UUID, first_day: date, until: date | None
) -> date | None:
    """End whoever sits there then; returns when the next one begins, or the day given."""
    rows = await work.fetch(
        "SELECT id, valid_from, valid_until FROM app.territory_assignment WHERE tenant_id = $1"
        " AND seat_id = $2 AND valid_until IS DISTINCT FROM valid_from"
        " AND (valid_until IS NULL OR valid_until > $3) ORDER BY valid_from FOR NO KEY UPDATE",
        work.tenant_id,
        seat_id,
        first_day,
    )
    bounds = [row["valid_from"] for row in rows if row["valid_from"] > first_day]
    for row in rows:
        if row["valid_from"] <= first_day:
            work.change(TerritoryAssignment, row["id"], {"valid_until": first_day})
    # The exclusion looks at each row as it is written: first the room, then who takes it.
    await work.flush()
    return min([*bounds, *([] if until is None else [until])], default=None)


@dataclass(frozen=True, slots=True)
class EndTerritoryAssignment:
    """End a part in a territory: `valid_until` is the first day without (None: today).

    Attributes:
        vacant: whether the seat stays, empty, until somebody takes it.
    """

    assignment_id: UUID
    expected_version: int
    valid_until: date | None = None
    vacant: bool = True


async def end_territory_assignment(work: UnitOfWork, order: EndTerritoryAssignment) -> UUID:
    """End an assignment and return its territory's id; locks it.

    Raises:
        Forbidden, NotFound, VersionConflict, SpanInvalid: in the past, or ended already.
    """
    row = await of_organisation.locked(
        work, "territory_assignment", order.assignment_id, ASSIGNMENT
    )
    work.authorise("territory.assign", Record(territory_id=row["territory_id"]))
    of_organisation.refuse_other_version(row, order.expected_version)
    ends = order.valid_until or work.today
    over = row["valid_until"] is not None and row["valid_until"] <= ends
    if ends < work.today or over:
        raise SpanInvalid(field=("input", "validUntil"))
    await _end(work, row, ends, vacant=order.vacant and row["member_id"] is not None)
    work.concerns("territory", row["territory_id"], member=row["member_id"], until=ends)
    territory_id: UUID = row["territory_id"]
    return territory_id


async def _end(work: UnitOfWork, row: Row, ends: date, *, vacant: bool) -> None:
    ends = max(ends, row["valid_from"])
    work.change(TerritoryAssignment, row["id"], {"valid_until": ends})
    if not vacant:
        return
    await work.flush()
    empty = _seated(
        work,
        row["territory_id"],
        row["role"],
        None,
        row["seat_id"],
        begins=ends,
        until=row["valid_until"],
    )
    work.add(empty)


async def vacate_seats(work: UnitOfWork, member_id: UUID) -> None:
    """Leave the seats of a member who has gone empty from today on, those to come included."""
    rows = await work.fetch(
        "SELECT * FROM app.territory_assignment WHERE tenant_id = $1 AND member_id = $2"
        " AND valid_until IS DISTINCT FROM valid_from"
        " AND (valid_until IS NULL OR valid_until > $3) ORDER BY id FOR NO KEY UPDATE",
        work.tenant_id,
        member_id,
        work.today,
    )
    for row in rows:
        await _end(work, row, work.today, vacant=True)
