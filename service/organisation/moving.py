"""A member's offices go with him to another place."""

from uuid import UUID

from service.organisation.access import judge
from service.organisation.events import RightsChanged
from service.work import UnitOfWork


def keep_former_place(work: UnitOfWork, member_id: UUID) -> None:
    """Keep where a member belongs who is about to be moved; write it before the move."""
    work.write(
        "former_place",
        "INSERT INTO app.former_place (tenant_id, member_id, org_unit_id, territory_id,"
        " recorded_at) SELECT tenant_id, id, org_unit_id, territory_id, {}::timestamptz"
        " FROM app.member WHERE tenant_id = {}::uuid AND id = {}::uuid",
        work.now,
        work.tenant_id,
        member_id,
        expected=1,
    )


def keep_former_parent(work: UnitOfWork, org_unit_id: UUID) -> None:
    """Keep where a unit stands that is about to be moved; write it before the move."""
    work.write(
        "former_parent",
        "INSERT INTO app.former_parent (tenant_id, org_unit_id, parent_id, recorded_at)"
        " SELECT tenant_id, id, parent_id, {}::timestamptz"
        " FROM app.org_unit WHERE tenant_id = {}::uuid AND id = {}::uuid",
        work.now,
        work.tenant_id,
        org_unit_id,
        expected=1,
    )


async def move_offices(
    work: UnitOfWork, member_id: UUID, org_unit_id: UUID | None, territory_id: UUID | None
) -> None:
    """End what a member holds now, and open the same at another unit, territory or both.

    The caller has authorised, and waited for his turn. What has not begun stays where it is.

    Raises:
        Refusals: duties that must stay apart would come together.
    """
    work.write(
        "assignment",
        "INSERT INTO app.assignment (tenant_id, member_id, role_id, org_unit_id, territory_id,"
        " valid_from, valid_until, created_at, created_by)"
        " SELECT tenant_id, member_id, role_id, coalesce({}::uuid, org_unit_id),"
        " coalesce({}::uuid, territory_id), {}::timestamptz, valid_until, {}::timestamptz, {}::uuid"
        " FROM app.assignment WHERE tenant_id = {}::uuid AND member_id = {}::uuid"
        " AND valid_from <= {}::timestamptz"
        " AND (valid_until IS NULL OR valid_until > {}::timestamptz)",
        org_unit_id,
        territory_id,
        work.now,
        work.now,
        work.caller.member_id,
        work.tenant_id,
        member_id,
        work.now,
        work.now,
    )
    work.write(
        "assignment",
        "UPDATE app.assignment SET valid_until = {}::timestamptz, version = version + 1"
        " WHERE tenant_id = {}::uuid AND member_id = {}::uuid AND valid_from <= {}::timestamptz"
        " AND (valid_until IS NULL OR valid_until > {}::timestamptz)",
        work.now,
        work.tenant_id,
        member_id,
        work.now,
        work.now,
    )
    keep_former_place(work, member_id)
    work.write(
        "member",
        "UPDATE app.member SET org_unit_id = coalesce({}::uuid, org_unit_id),"
        " territory_id = coalesce({}::uuid, territory_id), version = version + 1"
        " WHERE tenant_id = {}::uuid AND id = {}::uuid",
        org_unit_id,
        territory_id,
        work.tenant_id,
        member_id,
        expected=1,
    )
    await judge(work)
    work.emit(RightsChanged(member_id))
