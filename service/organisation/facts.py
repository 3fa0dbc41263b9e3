"""The rows an organisation's command stands on, locked, and what authorisation needs of them."""

from collections.abc import Sequence
from uuid import UUID

from service.database.session import Row
from service.errors import AlreadyTaken, FieldPath, NotFound, VersionConflict
from service.organisation.actors import role_code
from service.organisation.errors import MemberHasLeft
from service.policies.access import Holding, Record
from service.work import UnitOfWork


async def locked(work: UnitOfWork, table: str, row_id: UUID, field: FieldPath) -> Row:
    """Lock one row of the tenant for a change.

    Raises:
        NotFound: no such row, or another tenant's.
    """
    row = await work.fetch_one(
        f"SELECT * FROM app.{table} WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        work.tenant_id,
        row_id,
    )
    if row is None:
        raise NotFound(field=field)
    return row


async def in_force(work: UnitOfWork, table: str, row_id: UUID, field: FieldPath) -> Row:
    """Lock a role, duty or territory that is not retired.

    Raises:
        NotFound: no such row, retired, or another tenant's.
    """
    row = await locked(work, table, row_id, field)
    if row["retired_at"] is not None:
        raise NotFound(field=field)
    return row


async def member(work: UnitOfWork, member_id: UUID, field: FieldPath) -> Row:
    """Lock a member who works here.

    Raises:
        NotFound: no such member.
        MemberHasLeft: he has left.
    """
    row = await locked(work, "member", member_id, field)
    if row["state"] != "ACTIVE":
        raise MemberHasLeft(field=field, member=row["name"])
    return row


def member_record(row: Row) -> Record:
    """Return a member as authorisation sees him: his own, and at the place he belongs to.

    He also counts as the one who asks: what is recorded of him is his own request (four eyes).
    """
    return Record(
        owner_id=row["id"],
        org_unit_id=row["org_unit_id"],
        territory_id=row["territory_id"],
        requester_id=row["id"],
    )


def refuse_other_version(row: Row, expected: int) -> None:
    """Refuse an edit of something the caller has not seen as it is.

    Raises:
        VersionConflict.
    """
    if row["version"] != expected:
        raise VersionConflict(field=("input", "expectedVersion"), current_version=row["version"])


async def all_there(
    work: UnitOfWork, table: str, ids: Sequence[UUID], field: FieldPath
) -> dict[UUID, str]:
    """Return the codes of roles or duties in force by id, in one statement.

    Raises:
        NotFound: one is missing, retired or another tenant's; the path ends in its position.
    """
    rows = await work.fetch(
        f"SELECT id, code FROM app.{table}"
        " WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND retired_at IS NULL",
        work.tenant_id,
        list(ids),
    )
    found = {row["id"]: row["code"] for row in rows}
    for position, row_id in enumerate(ids):
        if row_id not in found:
            raise NotFound(field=(*field, str(position)))
    return found


async def refuse_missing_place(
    work: UnitOfWork, org_unit_id: UUID | None, territory_id: UUID | None
) -> None:
    """Refuse a unit or territory that is not there any more, or never was.

    Raises:
        NotFound: names which.
    """
    row = await work.fetch_only(
        "SELECT $2::uuid IS NULL OR EXISTS (SELECT FROM app.org_unit u WHERE u.tenant_id = $1"
        "   AND u.id = $2 AND (u.valid_until IS NULL OR u.valid_until > $4::date)) AS unit,"
        " $3::uuid IS NULL OR EXISTS (SELECT FROM app.territory y WHERE y.tenant_id = $1"
        "   AND y.id = $3 AND y.retired_at IS NULL) AS territory",
        work.tenant_id,
        org_unit_id,
        territory_id,
        work.now.date(),
    )
    if not row["unit"]:
        raise NotFound(field=("input", "orgUnitId"))
    if not row["territory"]:
        raise NotFound(field=("input", "territoryId"))


async def refuse_taken(work: UnitOfWork, table: str, code: str) -> None:
    """Refuse the code of a new unit, territory, role or duty that another has.

    Raises:
        AlreadyTaken.
    """
    taken = await work.fetch_value(
        f"SELECT EXISTS (SELECT FROM app.{table} WHERE tenant_id = $1 AND code = $2)",
        work.tenant_id,
        code,
    )
    if taken:
        raise AlreadyTaken(field=("input", "code"), value=code)


async def refuse_taken_staff_code(
    work: UnitOfWork, staff_code: str | None, but: UUID | None = None
) -> None:
    """Refuse the staff code of another member.

    Raises:
        AlreadyTaken.
    """
    taken = staff_code is not None and await work.fetch_value(
        "SELECT EXISTS (SELECT FROM app.member WHERE tenant_id = $1 AND staff_code = $2"
        " AND id IS DISTINCT FROM $3::uuid)",
        work.tenant_id,
        staff_code,
        but,
    )
    if taken:
        raise AlreadyTaken(field=("input", "staffCode"), value=str(staff_code))


async def rights_of(work: UnitOfWork, member_id: UUID) -> tuple[Holding, ...]:
    """Return every role a member holds now or later, himself or for somebody absent."""
    rows = await work.fetch(
        "SELECT r.code, a.org_unit_id, a.territory_id FROM app.assignment a"
        " JOIN app.role r ON r.tenant_id = $1 AND r.id = a.role_id AND r.retired_at IS NULL"
        " WHERE a.tenant_id = $1 AND (a.valid_until IS NULL OR a.valid_until > $3)"
        " AND (a.member_id = $2 OR a.member_id IN (SELECT d.from_member_id"
        "  FROM app.delegation d WHERE d.tenant_id = $1 AND d.to_member_id = $2"
        "  AND d.ended_at IS NULL AND d.valid_until > $3))",
        work.tenant_id,
        member_id,
        work.now,
    )
    return tuple(
        Holding(role_code(row["code"]), row["org_unit_id"], row["territory_id"]) for row in rows
    )
