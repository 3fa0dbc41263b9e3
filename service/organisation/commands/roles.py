"""Roles: named sets of duties, which may include one another."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.organisation import facts
from service.organisation.access import judge, one_at_a_time
from service.organisation.codes import code_faults
from service.organisation.errors import StillInUse
from service.organisation.events import RightsChanged
from service.organisation.tables import Role, RoleDuty, RoleInclusion
from service.policies.access import Record
from service.tenants.texts import Texts, refuse_faults
from service.work import UnitOfWork

ROLE = ("input", "roleId")
DUTIES = ("input", "dutyIds")
INCLUDED = ("input", "includedRoleIds")


@dataclass(frozen=True, slots=True)
class CreateRole:
    """Write a role: its own duties, and the roles whose duties it has as well."""

    code: str
    names: Texts
    duty_ids: tuple[UUID, ...] = ()
    included_role_ids: tuple[UUID, ...] = ()


async def create_role(work: UnitOfWork, order: CreateRole) -> UUID:
    """Add a role and return its id; locks the tenant.

    Raises:
        Forbidden, NotFound (a duty or role), AlreadyTaken (code), Refusals (form, DutiesInConflict,
        PolicyTooLarge).
    """
    await one_at_a_time(work)
    work.authorise("role.create", Record())
    refuse_faults((*code_faults(order.code), *order.names.faults(("input", "names"))))
    await facts.refuse_taken(work, "role", order.code)
    await facts.all_there(work, "duty", order.duty_ids, DUTIES)
    await facts.all_there(work, "role", order.included_role_ids, INCLUDED)
    role = Role(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        code=order.code,
        names=order.names.by_locale(),
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(role)
    _add_duties(work, role.id, order.duty_ids)
    _add_inclusions(work, role.id, order.included_role_ids)
    await judge(work)
    work.emit(RightsChanged(role.id))
    work.concerns(
        "role", role.id, code=order.code, duties=order.duty_ids, includes=order.included_role_ids
    )
    return role.id


@dataclass(frozen=True, slots=True)
class EditRole:
    """Change a role; what is None stays, a list replaces the whole list."""

    role_id: UUID
    expected_version: int
    names: Texts | None = None
    duty_ids: tuple[UUID, ...] | None = None
    included_role_ids: tuple[UUID, ...] | None = None


async def edit_role(work: UnitOfWork, order: EditRole) -> UUID:
    """Change a role for all who hold it, from their next request on; locks tenant, then role.

    Raises:
        Forbidden, NotFound, VersionConflict, WouldLockOut, BeyondOwnRights (a stand-in would raise
        himself), Refusals (form, RoleIncludesItself, DutiesInConflict: also where a member's two
        roles would now bring two duties together).
    """
    await one_at_a_time(work)
    row = await facts.in_force(work, "role", order.role_id, ROLE)
    verdict = work.authorise("role.edit", Record())
    facts.refuse_other_version(row, order.expected_version)
    changes: dict[str, Any] = {}
    if order.names is not None:
        refuse_faults(order.names.faults(("input", "names")))
        changes["names"] = order.names.by_locale()
    if order.duty_ids is not None:
        await facts.all_there(work, "duty", order.duty_ids, DUTIES)
        new = await _only_new(work, "role_duty", "duty_id", (row["id"], order.duty_ids))
        _add_duties(work, row["id"], new)
    if order.included_role_ids is not None:
        await facts.all_there(work, "role", order.included_role_ids, INCLUDED)
        wanted = (row["id"], order.included_role_ids)
        new = await _only_new(work, "role_inclusion", "included_role_id", wanted)
        _add_inclusions(work, row["id"], new)
    work.change(Role, row["id"], changes)
    await judge(work, verdict)
    work.emit(RightsChanged(row["id"]))
    work.concerns(
        "role",
        row["id"],
        names=changes.get("names"),
        duties=order.duty_ids,
        includes=order.included_role_ids,
    )
    return order.role_id


@dataclass(frozen=True, slots=True)
class RetireRole:
    """Take a role out of use; nobody may hold it and no role include it any more."""

    role_id: UUID
    expected_version: int


async def retire_role(work: UnitOfWork, order: RetireRole) -> UUID:
    """Retire a role nobody holds; locks the tenant, then the role.

    Raises:
        Forbidden, NotFound, VersionConflict, StillInUse.
    """
    await one_at_a_time(work)
    row = await facts.in_force(work, "role", order.role_id, ROLE)
    work.authorise("role.retire", Record())
    facts.refuse_other_version(row, order.expected_version)
    uses = await work.fetch_value(
        "SELECT (SELECT count(*) FROM app.assignment WHERE tenant_id = $1 AND role_id = $2"
        "   AND (valid_until IS NULL OR valid_until > $3))"
        " + (SELECT count(*) FROM app.role_inclusion i"
        "   JOIN app.role r ON r.tenant_id = $1 AND r.id = i.role_id AND r.retired_at IS NULL"
        "   WHERE i.tenant_id = $1 AND i.included_role_id = $2)",
        work.tenant_id,
        row["id"],
        work.now,
    )
    if uses:
        raise StillInUse(field=ROLE, uses=uses)
    work.change(Role, row["id"], {"retired_at": work.now})
    await judge(work)
    work.emit(RightsChanged(row["id"]))
    work.concerns("role", row["id"], code=row["code"])
    return order.role_id


async def _only_new(
    work: UnitOfWork, table: str, column: str, wanted: tuple[UUID, Iterable[UUID]]
) -> list[UUID]:
    """Take away the links no longer wanted and return those still missing.

    A link that stays is left alone: taking it out and putting it back in one statement would meet
    its own unique key.
    """
    role_id, ids = wanted
    rows = await work.fetch(
        f"SELECT id, {column} AS other FROM app.{table} WHERE tenant_id = $1 AND role_id = $2",
        work.tenant_id,
        role_id,
    )
    kept = set(ids)
    model = RoleDuty if table == "role_duty" else RoleInclusion
    dropped = [row["id"] for row in rows if row["other"] not in kept]
    if dropped:
        work.remove(model, dropped)
    there = {row["other"] for row in rows}
    return [one for one in dict.fromkeys(ids) if one not in there]


def _add_duties(work: UnitOfWork, role_id: UUID, duty_ids: Iterable[UUID]) -> None:
    for duty_id in dict.fromkeys(duty_ids):
        work.add(
            RoleDuty(tenant_id=work.tenant_id, id=work.new_id(), role_id=role_id, duty_id=duty_id)
        )


def _add_inclusions(work: UnitOfWork, role_id: UUID, included: Iterable[UUID]) -> None:
    for included_id in dict.fromkeys(included):
        work.add(
            RoleInclusion(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                role_id=role_id,
                included_role_id=included_id,
            )
        )
