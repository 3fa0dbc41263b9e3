"""What a stand-in cannot do with the rights he was lent: lend, keep or widen them."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from builders.organisation import a_duty, a_role
from builders.tenants import TenantHandle

from service.clock import ManualClock
from service.organisation.commands import (
    AssignRole,
    Delegate,
    EditDuty,
    EditRole,
    LoginAsked,
    Permission,
    RetireDuty,
    SetLogin,
    assign_role,
    create_duty,
    create_role,
    delegate,
    edit_duty,
    edit_role,
    retire_duty,
    set_login,
)
from service.organisation.errors import BeyondOwnRights

DAY = timedelta(days=1)
FAR = datetime.fromisoformat("2036-01-01T00:00:00+00:00")


async def lend(tenant: TenantHandle, clock: ManualClock, to: UUID, *commands: str) -> None:
    order = Delegate(tenant.admin_id, to, commands, clock.now() + DAY)
    await tenant.do(delegate, order)


async def test_a_stand_in_neither_widens_nor_prolongs_what_he_was_lent(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    rep, friend = await tenant.members("安娜", "本")
    await lend(tenant, clock, rep, "delegation.create")

    for to, commands, until in (
        (rep, ("role.edit", "duty.edit", "assignment.create"), FAR),
        (rep, ("delegation.create",), FAR),
        (rep, ("visit.view",), clock.now() + timedelta(hours=1)),
        (friend, ("delegation.create",), clock.now() + DAY),
    ):
        with pytest.raises(BeyondOwnRights):
            await tenant.do(delegate, Delegate(tenant.admin_id, to, commands, until), by=rep)


@pytest.mark.parametrize("role", ["tenant-admin", "sales-representative"])
async def test_a_stand_in_appoints_nobody(
    tenant: TenantHandle, clock: ManualClock, role: str
) -> None:
    rep = await tenant.member("安娜")
    newcomer = await tenant.member("應屆生", role=None)
    await lend(tenant, clock, rep, "assignment.create")

    for member in (rep, newcomer):
        order = AssignRole(member, tenant.roles[role], org_unit_id=tenant.units["group"])
        with pytest.raises(BeyondOwnRights):
            await tenant.do(assign_role, order, by=rep)


async def test_a_stand_in_takes_over_nobodys_sign_in(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    rep, colleague = await tenant.members("安娜", "本")
    await lend(tenant, clock, rep, "member.edit")

    with pytest.raises(BeyondOwnRights):
        await tenant.do(set_login, SetLogin(colleague, LoginAsked("mine@example.com")), by=rep)


async def test_a_stand_in_edits_roles_but_does_not_raise_himself(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    rep = await tenant.member("安娜")
    await lend(tenant, clock, rep, "role.edit")
    own, free = tenant.roles["sales-representative"], await tenant.do(create_role, a_role())
    plan = Permission("shift", "plan", "team")
    more = (await tenant.do(create_duty, a_duty(permissions=(plan,))),)
    planner = await tenant.do(create_role, a_role(duty_ids=more))

    for order in (
        EditRole(own, 1, duty_ids=more),
        EditRole(own, 1, included_role_ids=(planner,)),
    ):
        with pytest.raises(BeyondOwnRights):
            await tenant.do(edit_role, order, by=rep)
    assert await tenant.do(edit_role, EditRole(free, 1, duty_ids=more), by=rep)
    assert await tenant.do(edit_role, EditRole(own, 1, duty_ids=()), by=rep)


async def test_a_stand_in_does_not_raise_himself_by_a_duty_nor_where_he_stands_in(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    duty = await tenant.do(create_duty, a_duty(permissions=()))
    role = await tenant.do(create_role, a_role(duty_ids=(duty,)))
    rep = await tenant.member("安娜", role=None)
    # His office is to come: what he puts into it today would be his tomorrow.
    await tenant.do(assign_role, AssignRole(rep, role, valid_from=clock.now() + timedelta(hours=2)))
    # Another office of the absent one gives what is lent: his main one is not to.
    views = await tenant.do(create_duty, a_duty(permissions=(Permission("deal", "view", "team"),)))
    viewer = await tenant.do(create_role, a_role(duty_ids=(views,)))
    await tenant.do(assign_role, AssignRole(tenant.admin_id, viewer))
    await lend(tenant, clock, rep, "duty.edit", "deal.view")
    lent = tenant.duties["administer-organisation"]

    for one, permission in (
        (duty, Permission("assignment", "create", "tenant")),
        (lent, Permission("deal", "view", "tenant")),
    ):
        order = EditDuty(one, 1, permissions=(permission,))
        with pytest.raises(BeyondOwnRights):
            await tenant.do(edit_duty, order, by=rep)


async def test_a_stand_in_frees_himself_of_no_prohibition(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    forbids = Permission("deal", "view", "tenant", effect="deny")
    duty = await tenant.do(create_duty, a_duty(permissions=(forbids,)))
    role = await tenant.do(create_role, a_role(duty_ids=(duty,)))
    rep = await tenant.member("安娜")
    await tenant.do(assign_role, AssignRole(rep, role))
    await lend(tenant, clock, rep, "duty.edit", "duty.retire")

    with pytest.raises(BeyondOwnRights):
        await tenant.do(edit_duty, EditDuty(duty, 1, permissions=()), by=rep)
    with pytest.raises(BeyondOwnRights):
        await tenant.do(retire_duty, RetireDuty(duty, 1), by=rep)


async def test_who_names_stand_ins_names_neither_himself_nor_another_as_administrator(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    director = await tenant.member("總監", "director", unit="group", territory="all")
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    until = clock.now() + DAY

    for to, command in ((director, "member.create"), (director, "role.edit"), (rep, "role.edit")):
        order = Delegate(tenant.admin_id, to, (command,), until)
        with pytest.raises(BeyondOwnRights):
            await tenant.do(delegate, order, by=director)
    order = Delegate(manager, rep, ("visit.reassign",), until)
    assert await tenant.do(delegate, order, by=director)
