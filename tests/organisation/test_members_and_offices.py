"""Members, their offices, stand-ins and leave."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.organisation import a_duty, a_person, a_role
from builders.tenants import TenantHandle

from service.clock import ManualClock
from service.errors import (
    AlreadyTaken,
    Forbidden,
    NotFound,
    NotSignedIn,
    Refusals,
    VersionConflict,
)
from service.organisation.commands import (
    AssignRole,
    Delegate,
    EditMember,
    EndAssignment,
    EndDelegation,
    LeaveMember,
    LoginAsked,
    Permission,
    RecordLeave,
    SetLogin,
    assign_role,
    create_duty,
    create_member,
    create_role,
    delegate,
    edit_member,
    end_assignment,
    end_delegation,
    leave_member,
    record_leave,
    set_login,
)
from service.organisation.errors import (
    AlreadyAssigned,
    BeyondOwnRights,
    LastDayInvalid,
    MemberHasLeft,
    SpanInvalid,
    WouldLockOut,
)
from service.policies.access import Record
from service.work import Transactions

HOUR = timedelta(hours=1)


async def may(
    transactions: Transactions, tenant: TenantHandle, member_id: UUID, action: str, **record: Any
) -> bool:
    async with transactions.sight(tenant.caller(member_id)) as sight:
        return sight.policy.check(sight.actor, action, Record(**record)).allowed


async def office_of(tenant: TenantHandle, member_id: UUID) -> UUID:
    (row,) = await tenant.rows(
        "SELECT id FROM app.assignment WHERE tenant_id = $1 AND member_id = $2", member_id
    )
    return row["id"]


# -- members ---------------------------------------------------------------------------------------


async def test_an_administrator_enters_a_member_who_holds_nothing_yet(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    unit = tenant.units[tenant.team_unit]

    member = await tenant.do(create_member, a_person(org_unit_id=unit, name="  林曉 "))

    (row,) = await tenant.rows(
        "SELECT name, state, org_unit_id FROM app.member WHERE tenant_id = $1 AND id = $2", member
    )
    assert row == {"name": "林曉", "state": "ACTIVE", "org_unit_id": unit}
    async with transactions.sight(tenant.caller(member)) as sight:
        assert sight.actor.holdings == ()


async def test_a_rep_enters_nobody(tenant: TenantHandle) -> None:
    rep = await tenant.member("安娜")
    office = await office_of(tenant, rep)

    for command, order in (
        (create_member, a_person()),
        (edit_member, EditMember(rep, 1, name="安妮")),
        (leave_member, LeaveMember(rep, 1)),
        (assign_role, AssignRole(rep, tenant.roles["director"])),
        (end_assignment, EndAssignment(office, 1)),
    ):
        with pytest.raises(Forbidden):
            await tenant.do(command, order, by=rep)  # type: ignore[arg-type]  # many kinds


async def test_members_units_and_offices_of_another_tenant_are_not_there(
    tenant: TenantHandle, other: TenantHandle, clock: ManualClock
) -> None:
    stranger = await other.member("外人")
    foreign_office = await office_of(other, stranger)
    own = await tenant.member("安娜", role=None)
    role, until = tenant.roles["planner"], clock.now() + HOUR
    day = date(2026, 3, 3)

    for command, order in (
        (create_member, a_person(org_unit_id=other.units["group"])),
        (create_member, a_person(territory_id=other.territories["all"])),
        (edit_member, EditMember(stranger, 1, name="x")),
        (leave_member, LeaveMember(stranger, 1)),
        (assign_role, AssignRole(stranger, role)),
        (assign_role, AssignRole(own, other.roles["planner"])),
        (assign_role, AssignRole(own, role, org_unit_id=other.units["group"])),
        (assign_role, AssignRole(own, role, territory_id=other.territories["all"])),
        (assign_role, AssignRole(own, uuid4())),
        (end_assignment, EndAssignment(foreign_office, 1)),
        (delegate, Delegate(stranger, own, ("visit.view",), until)),
        (delegate, Delegate(own, stranger, ("visit.view",), until)),
        (end_delegation, EndDelegation(foreign_office, 1)),
        (record_leave, RecordLeave(stranger, "SICK", day, day)),
    ):
        with pytest.raises(NotFound):
            await tenant.do(command, order)  # type: ignore[arg-type]  # many kinds


async def test_a_staff_code_belongs_to_one_member_also_when_two_are_entered_at_once(
    tenant: TenantHandle,
) -> None:
    order = a_person(staff_code="A-7")

    results = await asyncio.gather(
        tenant.do(create_member, order),
        tenant.do(create_member, order),
        return_exceptions=True,
    )

    (refusal,) = (result for result in results if isinstance(result, BaseException))
    assert isinstance(refusal, AlreadyTaken)
    assert refusal.value == "A-7"
    anna = await tenant.member("安娜")
    with pytest.raises(AlreadyTaken):
        await tenant.do(edit_member, EditMember(anna, 1, staff_code="A-7"))


async def test_two_edits_at_once_are_not_merged_unseen(tenant: TenantHandle) -> None:
    anna = await tenant.member("安娜")

    results = await asyncio.gather(
        tenant.do(edit_member, EditMember(anna, 1, name="甲")),
        tenant.do(edit_member, EditMember(anna, 1, name="乙")),
        return_exceptions=True,
    )

    assert sum(isinstance(result, VersionConflict) for result in results) == 1


@pytest.mark.parametrize("name", ["", " ", "華" * 10_000, "a\nb", "a\0b"])
async def test_a_name_is_one_line(tenant: TenantHandle, name: str) -> None:
    with pytest.raises(Refusals):
        await tenant.do(create_member, a_person(name=name))


async def test_a_hostile_name_is_only_a_name(tenant: TenantHandle) -> None:
    hostile = '\'; DROP TABLE app.member; -- "*", r:tenant-admin'

    member = await tenant.do(create_member, a_person(name=hostile))

    assert await tenant.rows(
        "SELECT name FROM app.member WHERE tenant_id = $1 AND id = $2", member
    ) == [{"name": hostile}]


async def test_who_left_is_refused_at_once_and_his_offices_and_stand_ins_end(
    transactions: Transactions, tenant: TenantHandle, clock: ManualClock
) -> None:
    manager = await tenant.member("周經理", "sales-manager")
    deputy = await tenant.member("副手")
    await tenant.do(
        delegate, Delegate(manager, deputy, ("shift.plan",), clock.now() + timedelta(days=7))
    )
    later = clock.now() + timedelta(days=3)
    await tenant.do(assign_role, AssignRole(manager, tenant.roles["planner"], valid_from=later))

    await tenant.do(leave_member, LeaveMember(manager, 1))

    with pytest.raises(NotSignedIn):
        async with transactions.sight(tenant.caller(manager)):
            pass
    clock.set(later + HOUR)
    assert not await may(
        transactions, tenant, deputy, "shift.plan", org_unit_id=tenant.units[tenant.team_unit]
    )
    assert not await tenant.rows(
        "SELECT FROM app.assignment WHERE tenant_id = $1 AND member_id = $2"
        " AND tstzrange(valid_from, valid_until) @> $3::timestamptz",
        manager,
        clock.now(),
    )
    with pytest.raises(MemberHasLeft):
        await tenant.do(leave_member, LeaveMember(manager, 2))


async def test_the_last_administrator_cannot_leave(tenant: TenantHandle) -> None:
    with pytest.raises(WouldLockOut):
        await tenant.do(leave_member, LeaveMember(tenant.admin_id, 1))


@pytest.mark.parametrize(
    ("hired_on", "left_on"),
    [
        (None, date(1999, 1, 1)),
        (date(2020, 5, 1), date(2020, 4, 30)),
        (None, date(2999, 1, 1)),
    ],
)
async def test_a_last_day_is_neither_to_come_nor_before_he_came(
    tenant: TenantHandle, hired_on: date | None, left_on: date
) -> None:
    member = await tenant.do(create_member, a_person(hired_on=hired_on))

    with pytest.raises(LastDayInvalid) as raised:
        await tenant.do(leave_member, LeaveMember(member, 1, left_on))

    assert raised.value.field == ("input", "leftOn")
    assert raised.value.first <= raised.value.today


async def test_who_was_hired_before_he_was_entered_may_have_left_before(
    tenant: TenantHandle,
) -> None:
    member = await tenant.do(create_member, a_person(hired_on=date(2020, 5, 1)))

    assert await tenant.do(leave_member, LeaveMember(member, 1, date(2020, 5, 1)))


async def test_who_never_came_leaves_before_his_first_day(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    coming = clock.now().date() + timedelta(days=20)
    member = await tenant.do(create_member, a_person(hired_on=coming))

    assert await tenant.do(leave_member, LeaveMember(member, 1))


# -- offices ---------------------------------------------------------------------------------------


async def test_an_office_counts_from_its_first_instant_until_its_last(
    transactions: Transactions, tenant: TenantHandle, clock: ManualClock
) -> None:
    member = await tenant.member("安娜", role=None)
    begins, ends = clock.now() + HOUR, clock.now() + 3 * HOUR

    await tenant.do(
        assign_role,
        AssignRole(member, tenant.roles["planner"], valid_from=begins, valid_until=ends),
    )

    held = []
    for at in (begins - timedelta(milliseconds=1), begins, ends - timedelta(milliseconds=1), ends):
        clock.set(at)
        held.append(await may(transactions, tenant, member, "rulebook.view"))
    assert held == [False, True, True, False]


async def test_the_same_office_twice_is_refused_also_at_once(tenant: TenantHandle) -> None:
    member = await tenant.member("安娜", role=None)
    order = AssignRole(member, tenant.roles["planner"], org_unit_id=tenant.units["group"])

    results = await asyncio.gather(
        *(tenant.do(assign_role, order) for _ in range(4)), return_exceptions=True
    )

    assert sum(isinstance(result, UUID) for result in results) == 1
    assert sum(isinstance(result, AlreadyAssigned) for result in results) == 3


async def test_a_repeated_key_appoints_once(tenant: TenantHandle) -> None:
    member = await tenant.member("安娜", role=None)
    order = AssignRole(member, tenant.roles["planner"])

    first = await tenant.do(assign_role, order, key="appoint-anna-once")
    second = await tenant.do(assign_role, order, key="appoint-anna-once")

    assert first == second


async def test_roles_that_bring_apart_duties_together_are_not_given_to_one_member(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    rep = await tenant.member("安娜")

    with pytest.raises(Refusals) as raised:
        await tenant.do(assign_role, AssignRole(rep, tenant.roles["desk-clerk"]))

    assert {refusal.code for refusal in raised.value.refusals} == {"DUTIES_IN_CONFLICT"}
    assert {refusal.values()["holder"] for refusal in raised.value.refusals} == {"安娜"}
    office = await office_of(tenant, rep)
    handover = clock.now() + HOUR
    await tenant.do(end_assignment, EndAssignment(office, 1, at=handover))
    assert await tenant.do(
        assign_role, AssignRole(rep, tenant.roles["desk-clerk"], valid_from=handover)
    )


async def test_two_roles_at_odds_given_at_once_never_meet(tenant: TenantHandle) -> None:
    member = await tenant.member("安娜", role=None)

    results = await asyncio.gather(
        tenant.do(assign_role, AssignRole(member, tenant.roles["sales-representative"])),
        tenant.do(assign_role, AssignRole(member, tenant.roles["desk-clerk"])),
        return_exceptions=True,
    )

    assert sum(isinstance(result, Refusals) for result in results) == 1


@pytest.mark.parametrize(("start", "end"), [(-1, None), (0, 0), (2, 1)])
async def test_an_office_begins_now_or_later_and_lasts(
    tenant: TenantHandle, clock: ManualClock, start: int, end: int | None
) -> None:
    member = await tenant.member("安娜", role=None)
    until = None if end is None else clock.now() + end * HOUR

    with pytest.raises(SpanInvalid):
        await tenant.do(
            assign_role,
            AssignRole(
                member,
                tenant.roles["planner"],
                valid_from=clock.now() + start * HOUR,
                valid_until=until,
            ),
        )


async def test_an_ended_office_does_not_end_again(tenant: TenantHandle) -> None:
    office = await office_of(tenant, await tenant.member("安娜"))
    await tenant.do(end_assignment, EndAssignment(office, 1))

    with pytest.raises(VersionConflict):
        await tenant.do(end_assignment, EndAssignment(office, 1))
    with pytest.raises(SpanInvalid):
        await tenant.do(end_assignment, EndAssignment(office, 2))


async def test_the_only_administrator_cannot_end_his_own_office_now_or_on_a_day(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    office = await office_of(tenant, tenant.admin_id)

    for at in (None, clock.now() + timedelta(days=30)):
        with pytest.raises(WouldLockOut):
            await tenant.do(end_assignment, EndAssignment(office, 1, at=at))


async def test_an_administrator_who_cannot_sign_in_does_not_remain(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    office = await office_of(tenant, tenant.admin_id)
    on_paper = await tenant.do(create_member, a_person())
    await tenant.do(assign_role, AssignRole(on_paper, tenant.roles["tenant-admin"]))
    end = EndAssignment(office, 1, at=clock.now() + timedelta(days=30))

    with pytest.raises(WouldLockOut):
        await tenant.do(end_assignment, end)
    await tenant.do(set_login, SetLogin(on_paper, LoginAsked("second@example.com")))
    assert await tenant.do(end_assignment, end)


async def test_nobody_else_removes_the_last_administrator_who_can_sign_in(
    tenant: TenantHandle,
) -> None:
    duty = await tenant.do(
        create_duty, a_duty(permissions=(Permission("member", "leave", "tenant"),))
    )
    dismisses = await tenant.do(create_role, a_role(duty_ids=(duty,)))
    clerk = await tenant.member("人事", role=None)
    await tenant.do(assign_role, AssignRole(clerk, dismisses))
    for login in (None, LoginAsked("third@example.com")):
        with pytest.raises(WouldLockOut):
            await tenant.do(leave_member, LeaveMember(tenant.admin_id, 1), by=clerk)
        another = await tenant.do(create_member, a_person(login=login))
        await tenant.do(assign_role, AssignRole(another, tenant.roles["tenant-admin"]))

    assert await tenant.do(leave_member, LeaveMember(tenant.admin_id, 1), by=clerk)


async def test_two_administrators_who_end_one_another_leave_one(tenant: TenantHandle) -> None:
    second = await tenant.member("第二人", "tenant-admin", unit="group", territory="all")
    offices = [await office_of(tenant, member) for member in (tenant.admin_id, second)]

    results = await asyncio.gather(
        tenant.do(end_assignment, EndAssignment(offices[0], 1), by=second),
        tenant.do(end_assignment, EndAssignment(offices[1], 1), by=tenant.admin_id),
        return_exceptions=True,
    )

    assert sum(isinstance(result, UUID) for result in results) == 1
    assert sum(isinstance(result, Forbidden) for result in results) == 1


async def test_a_teams_leader_with_the_right_to_appoint_makes_nobody_more_than_himself(
    tenant: TenantHandle,
) -> None:
    duty = await tenant.do(
        create_duty, a_duty(permissions=(Permission("assignment", "create", "team"),))
    )
    appoints = await tenant.do(create_role, a_role(duty_ids=(duty,)))
    leader = await tenant.member("組長", "sales-manager")
    newcomer = await tenant.member("應屆生", role=None)
    team, region = tenant.units[tenant.team_unit], tenant.units["region-1"]
    await tenant.do(assign_role, AssignRole(leader, appoints, org_unit_id=team))

    for role, unit in (("tenant-admin", team), ("sales-manager", region), ("director", team)):
        with pytest.raises((BeyondOwnRights, Forbidden)):
            await tenant.do(
                assign_role,
                AssignRole(newcomer, tenant.roles[role], org_unit_id=unit),
                by=leader,
            )
    with pytest.raises((BeyondOwnRights, Forbidden)):
        await tenant.do(
            assign_role,
            AssignRole(leader, tenant.roles["tenant-admin"], org_unit_id=team),
            by=leader,
        )
    assert await tenant.do(
        assign_role,
        AssignRole(newcomer, tenant.roles["sales-manager"], org_unit_id=team),
        by=leader,
    )
