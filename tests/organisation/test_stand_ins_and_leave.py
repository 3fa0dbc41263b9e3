"""Stand-ins within their window, and leave."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from builders.organisation import a_duty, a_role
from builders.tenants import TenantHandle

from service.clock import ManualClock
from service.errors import DayOutOfRange, Forbidden, InvalidInput, Refusals, VersionConflict
from service.organisation.commands import (
    AssignRole,
    CancelLeave,
    Delegate,
    EndAssignment,
    EndDelegation,
    EndLeave,
    Permission,
    RecordLeave,
    assign_role,
    cancel_leave,
    create_duty,
    create_role,
    delegate,
    end_assignment,
    end_delegation,
    end_leave,
    record_leave,
)
from service.organisation.errors import (
    BeyondOwnRights,
    DelegationToOneself,
    LeaveBegun,
    LeaveOver,
    LeaveOverlaps,
    NotHeldByAbsent,
    SpanInvalid,
)
from service.policies.access import Record
from service.work import Transactions

HOUR = timedelta(hours=1)


async def may(
    transactions: Transactions, tenant: TenantHandle, member_id: UUID, action: str, **record: Any
) -> bool:
    async with transactions.sight(tenant.caller(member_id)) as sight:
        return sight.policy.check(sight.actor, action, Record(**record)).allowed


# -- stand-ins -------------------------------------------------------------------------------------


async def test_a_stand_in_acts_within_the_window_for_the_listed_commands_only(
    transactions: Transactions, tenant: TenantHandle, clock: ManualClock
) -> None:
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    team = tenant.units[tenant.team_unit]
    begins, ends = clock.now() + HOUR, clock.now() + 2 * HOUR

    await tenant.do(delegate, Delegate(manager, rep, ("visit.reassign",), ends, begins), by=manager)

    held = []
    for at in (begins - timedelta(milliseconds=1), begins, ends - timedelta(milliseconds=1), ends):
        clock.set(at)
        held.append(await may(transactions, tenant, rep, "visit.reassign", org_unit_id=team))
    clock.set(begins)
    assert held == [False, True, True, False]
    assert not await may(transactions, tenant, rep, "shift.plan", org_unit_id=team)


async def test_a_stand_in_ends_neither_his_own_office_nor_his_whom_he_stands_in_for(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    head, clerk = await tenant.member("周主任", "tenant-admin"), await tenant.member("小林")
    other = await tenant.member("安娜")
    await tenant.do(
        delegate, Delegate(head, clerk, ("assignment.end",), clock.now() + HOUR), by=head
    )

    for member_id in (clerk, head):
        with pytest.raises(BeyondOwnRights):
            await tenant.do(end_assignment, await office_of(tenant, member_id), by=clerk)
    await tenant.do(end_assignment, await office_of(tenant, other), by=clerk)


async def office_of(tenant: TenantHandle, member_id: UUID) -> EndAssignment:
    (row,) = await tenant.rows(
        "SELECT id, version FROM app.assignment WHERE tenant_id = $1 AND member_id = $2", member_id
    )
    return EndAssignment(row["id"], row["version"])


async def test_the_audit_names_both_when_one_acts_for_another(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    ill = await tenant.member("小王")
    await tenant.do(
        delegate, Delegate(manager, rep, ("leave.record",), clock.now() + HOUR), by=manager
    )

    leave = await tenant.do(
        record_leave, RecordLeave(ill, "SICK", date(2026, 3, 3), date(2026, 3, 4)), by=rep
    )

    (row,) = await tenant.rows(
        "SELECT actor_id, on_behalf_of_id FROM app.audit_event"
        " WHERE tenant_id = $1 AND subject_id = $2",
        leave,
    )
    assert row == {"actor_id": rep, "on_behalf_of_id": manager}


async def test_a_delegation_ends_before_its_time(
    transactions: Transactions, tenant: TenantHandle, clock: ManualClock
) -> None:
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    team = tenant.units[tenant.team_unit]
    order = Delegate(manager, rep, ("visit.reassign",), clock.now() + HOUR)
    delegation = await tenant.do(delegate, order)

    with pytest.raises(Forbidden):
        await tenant.do(end_delegation, EndDelegation(delegation, 1), by=rep)
    await tenant.do(end_delegation, EndDelegation(delegation, 1), by=manager)

    assert not await may(transactions, tenant, rep, "visit.reassign", org_unit_id=team)
    with pytest.raises(SpanInvalid):
        await tenant.do(end_delegation, EndDelegation(delegation, 2))


async def test_nobody_stands_in_for_himself_or_for_commands_there_are_not(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    until = clock.now() + HOUR

    with pytest.raises(DelegationToOneself):
        await tenant.do(delegate, Delegate(manager, manager, ("visit.view",), until))
    with pytest.raises(InvalidInput):
        await tenant.do(delegate, Delegate(manager, rep, (), until))
    with pytest.raises(Refusals) as raised:
        await tenant.do(
            delegate, Delegate(manager, rep, ("visit.view", "*", "tenant.create"), until)
        )
    assert [one.field[-1] for one in raised.value.refusals] == ["1", "2"]
    with pytest.raises(SpanInvalid):
        await tenant.do(delegate, Delegate(manager, rep, ("visit.view",), clock.now()))
    with pytest.raises(SpanInvalid):
        await tenant.do(
            delegate, Delegate(manager, rep, ("visit.view",), until, clock.now() - HOUR)
        )


async def test_a_manager_cannot_borrow_the_administrators_rights(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    manager = await tenant.member("周經理", "sales-manager")
    # The administrator belongs to the manager's own team: there the manager sets up stand-ins.
    admin = await tenant.member("管理員乙", "tenant-admin")

    with pytest.raises(BeyondOwnRights):
        await tenant.do(
            delegate,
            Delegate(admin, manager, ("role.edit",), clock.now() + HOUR),
            by=manager,
        )


async def test_a_rep_delegates_nothing(tenant: TenantHandle, clock: ManualClock) -> None:
    anna, ben = await tenant.members("安娜", "本")

    with pytest.raises(Forbidden):
        await tenant.do(delegate, Delegate(anna, ben, ("visit.view",), clock.now() + HOUR), by=anna)


async def test_nobody_lends_what_he_may_not_himself(
    transactions: Transactions, tenant: TenantHandle, clock: ManualClock
) -> None:
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    until = clock.now() + 3 * HOUR
    commands = ("visit.reassign", "role.edit", "duty.edit")

    for by in (manager, None):
        with pytest.raises(Refusals) as raised:
            await tenant.do(delegate, Delegate(manager, rep, commands, until), by=by)
        assert [one.field[1:] for one in raised.value.refusals] == [
            ("commands", "1"),
            ("commands", "2"),
        ]
        assert {type(one) for one in raised.value.refusals} == {NotHeldByAbsent}
    assert raised.value.refusals[0].values()["member"] == "周經理"
    # An office to come within the window counts, and lends nothing before it begins or once it is
    # over.
    order = AssignRole(
        manager, tenant.roles["tenant-admin"], valid_from=clock.now() + HOUR, valid_until=until
    )
    await tenant.do(assign_role, order)
    await tenant.do(delegate, Delegate(manager, rep, ("role.edit",), until + HOUR))
    held = []
    for _ in range(4):
        held.append(await may(transactions, tenant, rep, "role.edit"))
        clock.advance(HOUR)
    assert held == [False, True, True, False]


async def test_what_an_office_only_forbids_is_not_lent(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    forbids = a_duty(permissions=(Permission("role", "edit", "tenant", effect="deny"),))
    role = await tenant.do(create_role, a_role(duty_ids=(await tenant.do(create_duty, forbids),)))
    await tenant.do(assign_role, AssignRole(manager, role))

    with pytest.raises(Refusals) as raised:
        await tenant.do(delegate, Delegate(manager, rep, ("role.edit",), clock.now() + HOUR))
    assert [type(one) for one in raised.value.refusals] == [NotHeldByAbsent]


# -- leave -----------------------------------------------------------------------------------------


async def test_a_manager_records_his_teams_leave_but_nobody_his_own(tenant: TenantHandle) -> None:
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    first, last = date(2026, 3, 3), date(2026, 3, 5)

    assert await tenant.do(record_leave, RecordLeave(rep, "ANNUAL", first, last), by=manager)

    with pytest.raises(Forbidden):
        await tenant.do(record_leave, RecordLeave(manager, "ANNUAL", first, last), by=manager)
    with pytest.raises(Forbidden):
        await tenant.do(record_leave, RecordLeave(rep, "ANNUAL", first, last), by=rep)


async def test_leave_of_one_member_never_overlaps_also_at_once(tenant: TenantHandle) -> None:
    rep = await tenant.member("安娜")
    orders = [
        RecordLeave(rep, "SICK", date(2026, 3, 3), date(2026, 3, 5)),
        RecordLeave(rep, "ANNUAL", date(2026, 3, 5), date(2026, 3, 9)),
    ]

    results = await asyncio.gather(
        *(tenant.do(record_leave, order) for order in orders), return_exceptions=True
    )

    assert sum(isinstance(result, LeaveOverlaps) for result in results) == 1


async def test_leave_is_of_a_known_kind_and_ends_after_it_begins(tenant: TenantHandle) -> None:
    rep = await tenant.member("安娜")

    with pytest.raises(InvalidInput):
        await tenant.do(record_leave, RecordLeave(rep, "BORED", date(2026, 3, 3), date(2026, 3, 3)))
    for last_day in (date(2026, 3, 2), date(2027, 3, 4)):
        with pytest.raises(InvalidInput) as refused:
            await tenant.do(record_leave, RecordLeave(rep, "SICK", date(2026, 3, 3), last_day))
        assert refused.value.field == ("input", "lastDay")
        assert refused.value.values() == {"expected": "DAY_SPAN", "least": "1", "most": "366"}
    longest = RecordLeave(rep, "SICK", date(2026, 3, 3), date(2027, 3, 3))
    assert await tenant.do(record_leave, longest)


async def test_leave_lies_at_most_a_year_back_and_two_ahead(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    rep = await tenant.member("安娜")
    today = clock.now().date()
    earliest, latest = today - timedelta(days=366), today + timedelta(days=731)
    day = timedelta(days=1)

    for first, last, field in (
        (earliest - day, earliest, "firstDay"),
        (latest, latest + day, "lastDay"),
        (latest + day, latest + day, "firstDay"),
    ):
        with pytest.raises(DayOutOfRange) as refused:
            await tenant.do(record_leave, RecordLeave(rep, "SICK", first, last))
        assert refused.value.field == ("input", field)
        assert refused.value.values() == {"first": str(earliest), "last": str(latest)}
    for only in (earliest, latest):
        await tenant.do(record_leave, RecordLeave(rep, "SICK", only, only))


async def leave_of(tenant: TenantHandle, member_id: UUID) -> list[tuple[date, date, bool]]:
    rows = await tenant.rows(
        "SELECT first_day, last_day, cancelled_at IS NULL AS stands FROM app.leave"
        " WHERE tenant_id = $1 AND member_id = $2 ORDER BY first_day, stands",
        member_id,
    )
    return [(row["first_day"], row["last_day"], row["stands"]) for row in rows]


async def test_leave_that_has_not_begun_is_taken_back_and_its_days_are_free_again(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    today = clock.now().date()
    tomorrow = today + timedelta(days=1)
    planned = RecordLeave(rep, "ANNUAL", tomorrow, tomorrow)
    begun = await tenant.do(record_leave, RecordLeave(rep, "SICK", today, today))
    leave = await tenant.do(record_leave, planned)

    with pytest.raises(LeaveBegun):
        await tenant.do(cancel_leave, CancelLeave(begun, 1), by=manager)
    with pytest.raises(Forbidden):
        await tenant.do(cancel_leave, CancelLeave(leave, 1), by=rep)
    with pytest.raises(VersionConflict):
        await tenant.do(cancel_leave, CancelLeave(leave, 2), by=manager)
    await tenant.do(cancel_leave, CancelLeave(leave, 1), by=manager)
    with pytest.raises(LeaveOver):
        await tenant.do(cancel_leave, CancelLeave(leave, 2), by=manager)

    assert await tenant.do(record_leave, planned)
    assert await leave_of(tenant, rep) == [
        (today, today, True),
        (tomorrow, tomorrow, False),
        (tomorrow, tomorrow, True),
    ]


async def test_who_is_back_early_ends_his_leave_and_what_has_passed_of_it_stays(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    monday, friday = date(2026, 3, 2), date(2026, 3, 6)
    leave = await tenant.do(record_leave, RecordLeave(rep, "ANNUAL", monday, friday))
    clock.set(clock.now() + timedelta(days=2))

    for passed_or_beyond in (date(2026, 3, 3), date(2026, 3, 7)):
        with pytest.raises(DayOutOfRange) as refused:
            await tenant.do(end_leave, EndLeave(leave, 1, passed_or_beyond), by=manager)
        assert refused.value.values() == {"first": "2026-03-04", "last": "2026-03-06"}
    with pytest.raises(Forbidden):
        await tenant.do(end_leave, EndLeave(leave, 1), by=rep)
    await tenant.do(end_leave, EndLeave(leave, 1), by=manager)
    with pytest.raises(LeaveOver):
        await tenant.do(end_leave, EndLeave(leave, 2), by=manager)

    assert await leave_of(tenant, rep) == [(monday, date(2026, 3, 3), True)]
    (audit,) = await tenant.rows(
        "SELECT details FROM app.audit_event"
        " WHERE tenant_id = $1 AND subject_id = $2 AND command = 'end_leave'",
        leave,
    )
    assert audit["details"]["was"] == "2026-03-06"


async def test_who_is_back_on_the_first_day_of_leave_was_never_away(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    rep = await tenant.member("安娜")
    today = clock.now().date()
    leave = await tenant.do(record_leave, RecordLeave(rep, "SICK", today, today))

    await tenant.do(end_leave, EndLeave(leave, 1, today))

    assert await leave_of(tenant, rep) == [(today, today, False)]
