"""Roles and duties: written by the administrator, in force on the next request."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.organisation import a_duty, a_role, texts
from builders.tenants import TenantHandle

from service.errors import (
    AlreadyTaken,
    Forbidden,
    IdempotencyKeyReused,
    InvalidInput,
    NotFound,
    Refusals,
    VersionConflict,
)
from service.organisation.commands import (
    AssignRole,
    EditDuty,
    EditRole,
    JoinDuties,
    Permission,
    RetireDuty,
    RetireRole,
    SeparateDuties,
    assign_role,
    create_duty,
    create_role,
    edit_duty,
    edit_role,
    join_duties,
    retire_duty,
    retire_role,
    separate_duties,
)
from service.organisation.errors import DutiesInConflict, StillInUse, WouldLockOut
from service.organisation.obligations import Clock, Obligation
from service.policies.access import CompiledTenant
from service.work import Transactions


async def holds(
    transactions: Transactions, tenant: TenantHandle, member_id: UUID, action: str
) -> bool:
    async with transactions.sight(tenant.caller(member_id)) as sight:
        return sight.policy.holds(sight.actor, action)


def codes(raised: "pytest.ExceptionInfo[Refusals]") -> list[str]:
    return [refusal.code for refusal in raised.value.refusals]


async def test_a_role_gives_its_duties_to_its_holders_on_their_next_request(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    rep = await tenant.member("安娜")
    before = await holds(transactions, tenant, rep, "shift.plan")
    duty = await tenant.do(create_duty, a_duty(permissions=(Permission("shift", "plan", "team"),)))
    role = tenant.roles["sales-representative"]
    duties = await tenant.rows(
        "SELECT duty_id FROM app.role_duty WHERE tenant_id = $1 AND role_id = $2", role
    )

    await tenant.do(
        edit_role, EditRole(role, 1, duty_ids=(*(row["duty_id"] for row in duties), duty))
    )

    assert not before
    assert await holds(transactions, tenant, rep, "shift.plan")


async def test_a_duty_taken_from_a_role_is_gone_on_the_next_request(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    rep = await tenant.member("安娜")
    before = await holds(transactions, tenant, rep, "visit.take")

    await tenant.do(edit_role, EditRole(tenant.roles["sales-representative"], 1, duty_ids=()))

    assert before
    assert not await holds(transactions, tenant, rep, "visit.take")


async def test_an_included_role_brings_its_duties(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    clerk = await tenant.member("莉", "finance-clerk")
    await tenant.do(
        edit_role,
        EditRole(tenant.roles["finance-clerk"], 1, included_role_ids=(tenant.roles["planner"],)),
    )

    assert await holds(transactions, tenant, clerk, "rulebook.view")


async def test_who_has_no_such_duty_writes_no_roles_or_duties(tenant: TenantHandle) -> None:
    manager = await tenant.member("周經理", "sales-manager")
    role, duty = tenant.roles["clerk"], tenant.duties["keep-the-desk"]

    for command, order in (
        (create_role, a_role()),
        (edit_role, EditRole(role, 1, names=texts("文員"))),
        (retire_role, RetireRole(role, 1)),
        (create_duty, a_duty()),
        (edit_duty, EditDuty(duty, 1, wording=texts("值守"))),
        (retire_duty, RetireDuty(duty, 1)),
        (separate_duties, SeparateDuties(duty, tenant.duties["lead-team"], texts("分離"))),
        (join_duties, JoinDuties(tenant.duties["take-turns"], duty)),
    ):
        with pytest.raises(Forbidden):
            await tenant.do(command, order, by=manager)  # type: ignore[arg-type]  # many kinds


async def test_another_tenants_roles_and_duties_are_not_there(
    tenant: TenantHandle, other: TenantHandle
) -> None:
    foreign_role, foreign_duty = other.roles["clerk"], other.duties["keep-the-desk"]
    own = tenant.roles["clerk"]

    for command, order in (
        (create_role, a_role(duty_ids=(foreign_duty,))),
        (create_role, a_role(included_role_ids=(foreign_role,))),
        (edit_role, EditRole(foreign_role, 1, names=texts("x"))),
        (edit_role, EditRole(own, 1, duty_ids=(foreign_duty,))),
        (edit_role, EditRole(own, 1, included_role_ids=(foreign_role,))),
        (retire_role, RetireRole(foreign_role, 1)),
        (edit_duty, EditDuty(foreign_duty, 1, wording=texts("x"))),
        (retire_duty, RetireDuty(foreign_duty, 1)),
        (separate_duties, SeparateDuties(foreign_duty, tenant.duties["lead-team"], texts("x"))),
        (join_duties, JoinDuties(other.duties["take-turns"], foreign_duty)),
    ):
        with pytest.raises(NotFound) as foreign:
            await tenant.do(command, order)  # type: ignore[arg-type]  # many kinds
        assert foreign.value.code == "NOT_FOUND"

    with pytest.raises(NotFound):
        await tenant.do(edit_role, EditRole(uuid4(), 1, names=texts("x")))


async def test_a_repeated_key_makes_one_role(tenant: TenantHandle) -> None:
    order = a_role()

    first = await tenant.do(create_role, order, key="a-key-for-one-role")
    second = await tenant.do(create_role, order, key="a-key-for-one-role")

    assert first == second
    with pytest.raises(IdempotencyKeyReused):
        await tenant.do(create_role, a_role(), key="a-key-for-one-role")


async def test_an_edit_of_something_older_is_refused(tenant: TenantHandle) -> None:
    role, duty = tenant.roles["clerk"], tenant.duties["keep-the-desk"]
    await tenant.do(edit_role, EditRole(role, 1, names=texts("文員")))
    await tenant.do(edit_duty, EditDuty(duty, 1, wording=texts("值守前臺")))

    with pytest.raises(VersionConflict) as stale:
        await tenant.do(edit_role, EditRole(role, 1, names=texts("內勤")))
    assert stale.value.current_version == 2
    with pytest.raises(VersionConflict):
        await tenant.do(edit_duty, EditDuty(duty, 1, wording=texts("看門")))


async def test_a_code_in_use_is_refused(tenant: TenantHandle) -> None:
    with pytest.raises(AlreadyTaken) as taken:
        await tenant.do(create_role, a_role(code="clerk"))
    assert taken.value.value == "clerk"
    with pytest.raises(AlreadyTaken):
        await tenant.do(create_duty, a_duty(code="keep-the-desk"))


async def test_a_role_of_two_duties_that_must_stay_apart_is_refused(tenant: TenantHandle) -> None:
    duties = (tenant.duties["record-payments"], tenant.duties["close-deals"])

    with pytest.raises(Refusals) as raised:
        await tenant.do(create_role, a_role(duty_ids=duties))

    (conflict,) = raised.value.refusals
    assert isinstance(conflict, DutiesInConflict)
    assert conflict.holder == "案場督導"
    assert not await tenant.rows(
        "SELECT FROM app.role WHERE tenant_id = $1 AND names->>'en' = '案場督導'"
    )


async def test_an_inclusion_that_brings_them_together_is_refused(tenant: TenantHandle) -> None:
    with pytest.raises(Refusals) as raised:
        await tenant.do(
            edit_role,
            EditRole(
                tenant.roles["finance-clerk"],
                1,
                included_role_ids=(tenant.roles["sales-representative"],),
            ),
        )

    assert set(codes(raised)) == {"DUTIES_IN_CONFLICT"}


async def test_a_role_edit_that_sets_two_roles_of_one_member_at_odds_is_refused(
    tenant: TenantHandle,
) -> None:
    pay = await tenant.do(create_role, a_role(duty_ids=()))
    anna = await tenant.member("安娜", "sales-representative")
    await tenant.do(assign_role, AssignRole(anna, pay))
    with pytest.raises(Refusals) as raised:
        await tenant.do(edit_role, EditRole(pay, 1, duty_ids=(tenant.duties["record-payments"],)))

    assert {refusal.values()["holder"] for refusal in raised.value.refusals} == {"安娜"}


async def test_duties_held_together_cannot_be_separated_until_they_are_apart(
    tenant: TenantHandle,
) -> None:
    lead, plan = tenant.duties["lead-team"], tenant.duties["plan-shifts"]

    with pytest.raises(Refusals) as raised:
        await tenant.do(separate_duties, SeparateDuties(lead, plan, texts("分離")))
    assert codes(raised) == ["DUTIES_IN_CONFLICT"]

    first, second = (tenant.duties[code] for code in ("keep-contracts", "lead-team"))
    await tenant.do(separate_duties, SeparateDuties(first, second, texts("分離")))
    with pytest.raises(AlreadyTaken):
        await tenant.do(separate_duties, SeparateDuties(second, first, texts("分離")))
    with pytest.raises(Refusals):
        await tenant.do(create_role, a_role(duty_ids=(first, second)))
    await tenant.do(join_duties, JoinDuties(second, first))
    assert await tenant.do(create_role, a_role(duty_ids=(first, second)))
    with pytest.raises(InvalidInput):
        await tenant.do(separate_duties, SeparateDuties(first, first, texts("分離")))


async def test_a_circle_of_roles_is_told_by_their_names(tenant: TenantHandle) -> None:
    first = await tenant.do(create_role, a_role(names=texts("督導")))
    second = await tenant.do(create_role, a_role(names=texts("主任"), included_role_ids=(first,)))

    with pytest.raises(Refusals) as raised:
        await tenant.do(edit_role, EditRole(first, 1, included_role_ids=(second,)))

    (refusal,) = raised.value.refusals
    assert set(refusal.values()["roles"].split(" → ")) == {"督導", "主任"}


async def test_roles_that_include_one_another_in_a_circle_are_refused(
    tenant: TenantHandle,
) -> None:
    first = await tenant.do(create_role, a_role())
    second = await tenant.do(create_role, a_role(included_role_ids=(first,)))
    third = await tenant.do(create_role, a_role(included_role_ids=(second,)))

    for included in (third, first):
        with pytest.raises(Refusals) as raised:
            await tenant.do(edit_role, EditRole(first, 1, included_role_ids=(included,)))
        assert codes(raised) == ["ROLE_INCLUDES_ITSELF"]
        assert raised.value.refusals[0].field == ("input", "includedRoleIds")
        assert "r:" not in str(raised.value.refusals[0].values())


async def test_the_only_administrator_cannot_lock_himself_out(tenant: TenantHandle) -> None:
    admin_role = tenant.roles["tenant-admin"]
    writes = tenant.duties["administer-duties"]
    # Who drafts duty sheets sees roles and duties too: without that only this one duty shows them.
    drafting = tenant.duties["draft-rules-and-duties"]
    held = await tenant.rows(
        "SELECT duty_id FROM app.role_duty WHERE tenant_id = $1 AND role_id = $2", admin_role
    )
    kept = tuple(row["duty_id"] for row in held if row["duty_id"] != drafting)
    await tenant.do(edit_role, EditRole(admin_role, 1, duty_ids=kept))

    for command, order in (
        (edit_role, EditRole(admin_role, 2, duty_ids=(tenant.duties["read-audit"],))),
        (edit_duty, EditDuty(writes, 1, permissions=())),
        (
            edit_duty,
            EditDuty(
                writes,
                1,
                permissions=(
                    Permission("duty", "edit", "tenant"),
                    Permission("role", "edit", "tenant"),
                ),
            ),
        ),
        (edit_duty, EditDuty(writes, 1, permissions=(Permission("role", "edit", "own"),))),
        (
            edit_duty,
            EditDuty(
                tenant.duties["do-assigned-tasks"],
                1,
                permissions=(Permission("duty", "edit", "tenant", effect="deny"),),
            ),
        ),
        (retire_duty, RetireDuty(writes, 1)),
    ):
        with pytest.raises(WouldLockOut):
            await tenant.do(command, order)  # type: ignore[arg-type]  # many kinds


async def test_an_administrator_cannot_take_it_from_himself_while_another_remains(
    tenant: TenantHandle,
) -> None:
    chief = await tenant.do(
        create_role,
        a_role(duty_ids=(tenant.duties["administer-duties"], tenant.duties["administer-members"])),
    )
    second = await tenant.member("第二人", role=None)
    await tenant.do(assign_role, AssignRole(second, chief))
    emptied = EditRole(tenant.roles["tenant-admin"], 1, duty_ids=())

    with pytest.raises(WouldLockOut):
        await tenant.do(edit_role, emptied)
    assert await tenant.do(edit_role, emptied, by=second)


async def test_a_role_somebody_holds_is_not_retired(tenant: TenantHandle) -> None:
    await tenant.member("安娜", "planner")

    with pytest.raises(StillInUse) as used:
        await tenant.do(retire_role, RetireRole(tenant.roles["planner"], 1))
    assert used.value.uses == 1
    with pytest.raises(StillInUse):
        await tenant.do(retire_role, RetireRole(tenant.roles["employee"], 1))
    await tenant.do(retire_role, RetireRole(tenant.roles["referrer"], 1))
    with pytest.raises(NotFound):
        await tenant.do(edit_role, EditRole(tenant.roles["referrer"], 2, names=texts("x")))


async def test_a_retired_duty_gives_nothing_and_is_given_to_nobody(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    rep = await tenant.member("安娜")

    await tenant.do(retire_duty, RetireDuty(tenant.duties["take-turns"], 1))

    assert not await holds(transactions, tenant, rep, "visit.take")
    with pytest.raises(NotFound) as gone:
        await tenant.do(create_role, a_role(duty_ids=(tenant.duties["take-turns"],)))
    assert gone.value.field == ("input", "dutyIds", "0")


async def test_a_duty_says_what_is_owed_by_when(tenant: TenantHandle) -> None:
    weekly = Obligation("inspection", Clock(weekday=0), "register_viewed")

    duty = await tenant.do(create_duty, a_duty(obligation=weekly, metric="DEALS"))
    await tenant.do(edit_duty, EditDuty(duty, 1, without_metric=True))

    (row,) = await tenant.rows(
        "SELECT obligation, metric FROM app.duty WHERE tenant_id = $1 AND id = $2", duty
    )
    assert row["obligation"] == {
        "kind": "inspection",
        "clock": {"weekday": 0},
        "evidence": "register_viewed",
    }
    assert row["metric"] is None


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"code": "d:x"}, [("input", "code")]),
        ({"code": "*"}, [("input", "code")]),
        ({"code": "a,b"}, [("input", "code")]),
        ({"code": "x" * 10_000}, [("input", "code")]),
        (
            {"wording": texts("華" * 10_000)},
            [("input", "wording", n) for n in ("en", "zhHant", "zhHans")],
        ),
        ({"wording": texts("a\0b")}, [("input", "wording", n) for n in ("en", "zhHant", "zhHans")]),
        (
            {"permissions": (Permission("visit", "view", "team"), Permission("visit", "*", "all"))},
            [("input", "permissions", "1", "action"), ("input", "permissions", "1", "scope")],
        ),
        (
            {"permissions": (Permission("party.view", "phone", "own"),)},
            [("input", "permissions", "0", "action")],
        ),
        (
            {"permissions": (Permission("tenant", "suspend", "tenant"),)},
            [("input", "permissions", "0", "action")],
        ),
        (
            {"permissions": (Permission("visit", "view", "own"),) * 2},
            [("input", "permissions", "1", "action")],
        ),
        (
            {"permissions": (Permission("visit", "view", "own", "discount_bp<=3", "alow"),)},
            [("input", "permissions", "0", "effect"), ("input", "permissions", "0", "limit")],
        ),
        ({"permissions": (Permission("visit", "view", "own"),) * 101}, [("input", "permissions")]),
        ({"sources": ("x\n",)}, [("input", "sources", "0")]),
        (
            {"obligation": Obligation("nap", Clock(), "dream")},
            [
                ("input", "obligation", "kind"),
                ("input", "obligation", "evidence"),
                ("input", "obligation", "clock"),
                ("input", "obligation", "clock", "after"),
            ],
        ),
    ],
)
async def test_every_fault_of_a_duty_is_told_with_its_place(
    tenant: TenantHandle, changes: dict[str, Any], fields: list[tuple[str, ...]]
) -> None:
    with pytest.raises(Refusals) as raised:
        await tenant.do(create_duty, a_duty(**changes))

    assert [refusal.field for refusal in raised.value.refusals] == fields


async def test_a_metric_nobody_knows_is_refused(tenant: TenantHandle) -> None:
    with pytest.raises(InvalidInput) as refused:
        await tenant.do(create_duty, a_duty(metric="HAPPINESS"))
    assert "DEALS" in refused.value.choices


async def test_hostile_names_are_kept_as_they_are_and_do_nothing(tenant: TenantHandle) -> None:
    hostile = "r:tenant-admin, *\"'; DROP TABLE app.duty; -- {code} %s 🔑"

    role = await tenant.do(create_role, a_role(names=texts(hostile)))
    duty = await tenant.do(create_duty, a_duty(wording=texts(hostile)))

    (row,) = await tenant.rows(
        "SELECT r.names->>'en' AS role, d.wording->>'zh-Hant' AS duty FROM app.role r, app.duty d"
        " WHERE r.tenant_id = $1 AND d.tenant_id = $1 AND r.id = $2 AND d.id = $3",
        role,
        duty,
    )
    assert row == {"role": hostile, "duty": hostile}


async def test_a_change_is_in_the_audit_with_the_duty_that_allowed_it(
    tenant: TenantHandle,
) -> None:
    role = await tenant.do(create_role, a_role())

    (row,) = await tenant.rows(
        "SELECT actor_id, command, duty FROM app.audit_event WHERE tenant_id = $1"
        " AND subject_id = $2",
        role,
    )
    assert row == {
        "actor_id": tenant.admin_id,
        "command": "create_role",
        "duty": "d:administer-duties",
    }


async def test_tenants_with_equal_sheets_share_one_table_and_none_feels_the_others_change(
    transactions: Transactions, tenant: TenantHandle, other: TenantHandle
) -> None:
    async def policy_of(one: TenantHandle) -> CompiledTenant:
        async with transactions.sight(one.caller()) as sight:
            return sight.policy

    ours, theirs = await policy_of(tenant), await policy_of(other)
    assert ours.by_role is theirs.by_role
    assert (ours.tenant_id, theirs.tenant_id) == (tenant.id, other.id)
    assert ours.org_units is not theirs.org_units

    rep, stranger = await tenant.member("安娜"), await other.member("安娜")
    duty = await tenant.do(create_duty, a_duty(permissions=(Permission("shift", "plan", "team"),)))
    role = tenant.roles["sales-representative"]
    await tenant.do(edit_role, EditRole(role, 1, duty_ids=(duty,)))

    assert await holds(transactions, tenant, rep, "shift.plan")
    assert not await holds(transactions, other, stranger, "shift.plan")
