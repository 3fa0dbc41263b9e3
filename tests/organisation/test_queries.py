"""What a member holds and owes, and why he may or may not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from builders.organisation import a_role
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.errors import Forbidden, NotFound
from service.organisation import obligations, queries
from service.organisation.actors import Callers
from service.organisation.commands import (
    AssignRole,
    Delegate,
    EditRole,
    assign_role,
    create_role,
    delegate,
    edit_role,
)
from service.policies.access import Record
from service.policies.access.errors import ActionUnknown
from service.provisioning import duties as shipped
from service.provisioning.templates import load_template, template_codes
from service.work import Transactions


async def test_a_rep_reads_his_duties_in_his_language_included_roles_too(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    rep = await tenant.member("安娜")
    template = load_template("property-developer")

    async with transactions.sight(tenant.caller(rep, "zh-Hant")) as sight:
        held = await queries.duties_held(sight)

    assert [duty.code for duty in held] == sorted(template.all_duties("sales-representative"))
    (turns,) = (duty for duty in held if duty.code == "take-turns")
    assert turns.wording == template.duties["take-turns"].wording.zh_hant
    assert turns.role == "置業顧問"
    assert turns.org_unit_id == tenant.units[tenant.team_unit]


async def test_a_rep_reads_what_he_owes_by_which_clock(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    rep = await tenant.member("安娜")

    async with transactions.sight(tenant.caller(rep)) as sight:
        owed = {duty.code: duty.obligation for duty in await queries.obligations_held(sight)}

    assert owed["follow-up-customers"] == {
        "kind": "first_follow_up",
        "clock": {
            "within_days": 3,
            "after": "CustomerRegistered",
            "parameter": "followup.first_due_days",
        },
        "evidence": "follow_up_recorded",
    }
    assert set(owed) == {"register-customers", "follow-up-customers"}


async def test_what_one_does_for_another_is_not_ones_own_duty(
    transactions: Transactions, tenant: TenantHandle, clock: ManualClock
) -> None:
    manager, rep = await tenant.member("周經理", "sales-manager"), await tenant.member("安娜")
    order = Delegate(manager, rep, ("shift.plan",), clock.now() + timedelta(hours=1))
    await tenant.do(delegate, order)

    async with transactions.sight(tenant.caller(rep)) as sight:
        held = {duty.code for duty in await queries.duties_held(sight)}
        may = queries.can_do(
            sight, "shift.plan", Record(org_unit_id=tenant.units[tenant.team_unit])
        )

    assert "plan-shifts" not in held
    assert may.allowed
    assert may.acts_as == manager


async def test_can_do_says_yes_no_and_why(transactions: Transactions, tenant: TenantHandle) -> None:
    anna, ben = await tenant.members("安娜", "本")

    async with transactions.sight(tenant.caller(anna, "en")) as sight:
        own = queries.can_do(sight, "register.view", Record(owner_id=anna))
        foreign = queries.can_do(sight, "register.view", Record(owner_id=ben))
        anywhere = queries.can_do(sight, "register.view")
        with pytest.raises(ActionUnknown) as unknown:
            queries.can_do(sight, "register.veiw")

    assert own.allowed
    assert anywhere.allowed
    assert not foreign.allowed
    assert "your own" in foreign.sentence
    assert unknown.value.suggestion == "register.view"


async def test_an_administrator_asks_why_a_member_may_not(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    clerk = await tenant.member("莉", "clerk")

    async with transactions.sight(tenant.caller(locale="zh-Hant")) as sight:
        why = await queries.explain_access(
            sight, clerk, [queries.Asked("register.view", Record(owner_id=clerk))]
        )
        with pytest.raises(NotFound):
            await queries.explain_access(sight, uuid4(), [queries.Asked("register.view")])
        with pytest.raises(ActionUnknown):
            await queries.explain_access(sight, clerk, [queries.Asked("register.burn")])

    assert not why.allowed
    assert why.sentence.startswith("莉")
    assert "您" not in why.sentence
    assert "登記" in why.sentence


async def test_who_has_no_such_duty_explains_nobody(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    rep = await tenant.member("安娜")

    async with transactions.sight(tenant.caller(rep)) as sight:
        with pytest.raises(Forbidden):
            await queries.explain_access(sight, tenant.admin_id, [queries.Asked("role.edit")])


async def test_another_tenants_member_is_not_there_to_be_explained(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    other = await a_tenant(transactions)

    async with transactions.sight(tenant.caller()) as sight:
        with pytest.raises(NotFound):
            await queries.explain_access(sight, other.admin_id, [queries.Asked("role.edit")])


async def test_a_change_is_read_on_the_very_next_request_of_every_process(
    transactions: Transactions,
    pool: "asyncpg.Pool[Any]",
    clock: ManualClock,
    tenant: TenantHandle,
) -> None:
    # What one process keeps compiled, another does not know: its own copy must notice by itself.
    elsewhere = Transactions(pool, clock, Callers())
    rep = await tenant.member("安娜", None)
    role = await tenant.do(create_role, a_role())
    await tenant.do(assign_role, AssignRole(rep, role))
    with_duty = (tenant.duties["plan-shifts"],)
    stale = 0

    for version in range(1, 101):
        wanted = version % 2 == 1
        await tenant.do(edit_role, EditRole(role, version, duty_ids=with_duty if wanted else ()))
        for process in (transactions, elsewhere):
            async with process.sight(tenant.caller(rep)) as sight:
                stale += sight.policy.holds(sight.actor, "shift.plan") is not wanted

    assert stale == 0


def test_tenants_and_shipped_sheets_speak_of_the_same_obligations() -> None:
    assert obligations.KINDS == shipped.OBLIGATION_KINDS
    assert obligations.EVIDENCE == shipped.EVIDENCE
    assert obligations.EVENTS == shipped.EVENTS


@pytest.mark.parametrize("industry", template_codes())
def test_every_shipped_obligation_is_one_an_administrator_could_write(industry: str) -> None:
    for duty in load_template(industry).duties.values():
        if duty.obligation is not None:
            clock = obligations.Clock(
                **{
                    name: getattr(duty.obligation.clock, name)
                    for name in obligations.Clock.__slots__
                }
            )
            one = obligations.Obligation(duty.obligation.kind, clock, duty.obligation.evidence)
            assert list(obligations.obligation_faults(one, ())) == [], duty.code
