"""Nobody locks the company or himself out, at once or from a day on."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from builders.organisation import a_duty, a_person, a_role
from builders.tenants import TenantHandle

from service.clock import ManualClock
from service.organisation.commands import (
    AssignRole,
    Delegate,
    EditDuty,
    EditRole,
    EndAssignment,
    LoginAsked,
    Permission,
    assign_role,
    create_duty,
    create_member,
    create_role,
    delegate,
    edit_duty,
    edit_role,
    end_assignment,
)
from service.organisation.errors import WouldLockOut

HOUR = timedelta(hours=1)
KEYS_TO_THE_HOUSE = ("role.edit", "role.view", "duty.edit", "assignment.end", "delegation.end")


async def a_muzzle(tenant: TenantHandle, *, empty: bool = False) -> tuple[UUID, UUID]:
    """A role, and its one duty, which forbids what keeps the company open, or will."""
    forbids = tuple(
        Permission(*action.split("."), "tenant", effect="deny") for action in KEYS_TO_THE_HOUSE
    )
    duty = await tenant.do(create_duty, a_duty(**({} if empty else {"permissions": forbids})))
    return await tenant.do(create_role, a_role(duty_ids=(duty,))), duty


async def test_no_administrator_forbids_himself_by_an_office_that_begins_later(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    role, _ = await a_muzzle(tenant)
    soon = clock.now() + timedelta(seconds=4)

    async def himself(begins: datetime | None) -> None:
        await tenant.do(assign_role, AssignRole(tenant.admin_id, role, valid_from=begins))

    for begins in (None, soon):
        with pytest.raises(WouldLockOut):
            await himself(begins)
    second = await tenant.do(create_member, a_person(login=LoginAsked("deputy@example.com")))
    await tenant.do(assign_role, AssignRole(second, tenant.roles["tenant-admin"]))
    with pytest.raises(WouldLockOut):
        await himself(soon)
    # Another may be forbidden from a day on: who does it remains.
    assert await tenant.do(assign_role, AssignRole(second, role, valid_from=soon))


@pytest.mark.parametrize("by", ["duty", "role"])
async def test_nor_by_what_an_office_to_come_is_made_to_forbid(
    tenant: TenantHandle, clock: ManualClock, by: str
) -> None:
    harmless, duty = await a_muzzle(tenant, empty=True)
    _, forbids = await a_muzzle(tenant)
    later = clock.now() + timedelta(days=3)
    await tenant.do(assign_role, AssignRole(tenant.admin_id, harmless, valid_from=later))

    row = Permission("role", "edit", "tenant", effect="deny")
    change = {
        "role": (edit_role, EditRole(harmless, 1, duty_ids=(forbids,))),
        "duty": (edit_duty, EditDuty(duty, 1, permissions=(row,))),
    }
    with pytest.raises(WouldLockOut):
        await tenant.do(*change[by])  # type: ignore[arg-type]  # two kinds


async def test_nobody_makes_the_administrator_stand_in_for_what_is_forbidden(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    role, _ = await a_muzzle(tenant)
    muzzled = await tenant.member("安娜", "tenant-admin", unit="group", territory="all")
    await tenant.do(assign_role, AssignRole(muzzled, role))
    until = clock.now() + timedelta(days=7)

    with pytest.raises(WouldLockOut):
        await tenant.do(delegate, Delegate(muzzled, tenant.admin_id, KEYS_TO_THE_HOUSE, until))


async def test_an_administrator_hands_over_on_a_day(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    (office,) = await tenant.rows(
        "SELECT id FROM app.assignment WHERE tenant_id = $1 AND member_id = $2", tenant.admin_id
    )
    day = clock.now() + timedelta(days=30)
    successor = await tenant.do(create_member, a_person(login=LoginAsked("next@example.com")))
    admin = tenant.roles["tenant-admin"]

    await tenant.do(assign_role, AssignRole(successor, admin, valid_from=day))

    with pytest.raises(WouldLockOut):
        await tenant.do(end_assignment, EndAssignment(office["id"], 1, at=day - HOUR))
    assert await tenant.do(end_assignment, EndAssignment(office["id"], 1, at=day))
