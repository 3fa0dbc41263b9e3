"""Operators make tenants; the tables hold what the template says."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from builders.tenants import a_tenant
from chinese_calendar import constants

from service.clock import ManualClock
from service.database.connections import Location, open_pool
from service.database.security import IDENTITY
from service.errors import (
    AlreadyTaken,
    Forbidden,
    IdempotencyKeyReused,
    NotFound,
    Refusals,
    TenantSuspended,
)
from service.identity.errors import SignInNameTaken, SignInNameUnknown, TenantHasOtherAdmin
from service.organisation.commands import LeaveMember, leave_member
from service.organisation.errors import MemberHasLeft
from service.policies import policies_folder
from service.policies.access import Actor, Holding, operator
from service.provisioning import commands
from service.provisioning.commands import (
    AdmitPerson,
    CreatedTenant,
    CreateTenant,
    admit_person,
    create_tenant,
    resume_tenant,
    suspend_tenant,
)
from service.provisioning.sheets import Sheet
from service.provisioning.templates import load_template, template_codes
from service.rulebooks.in_force import in_force
from service.work import NOBODY, Caller, Transactions

OPERATOR = operator(NOBODY)


@pytest.fixture(scope="session")
async def identity_pool(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    async with await open_pool(location, IDENTITY, 4) as opened:
        yield opened


def an_order(**changes: Any) -> CreateTenant:
    unique = uuid4().hex[:12]
    values = {
        "code": f"huating-{unique}",
        "name": "華庭地產",
        "industry": "property-developer",
        "admin_name": "陳靜",
        "admin_login": f"chen.jing.{unique}",
        "admin_password_hash": "hash",
    }
    return CreateTenant(**{**values, **changes})


@pytest.mark.parametrize("industry", template_codes())
async def test_a_tenant_starts_with_everything_of_its_template(
    transactions: Transactions, industry: str
) -> None:
    template = load_template(industry)

    tenant = await a_tenant(transactions, industry)

    counted = await tenant.rows(
        "SELECT (SELECT count(*) FROM app.duty WHERE tenant_id = $1) AS duties,"
        " (SELECT count(*) FROM app.role WHERE tenant_id = $1) AS roles,"
        " (SELECT count(*) FROM app.duty_permission WHERE tenant_id = $1) AS permissions,"
        " (SELECT count(*) FROM app.separated_duties WHERE tenant_id = $1) AS separations,"
        " (SELECT count(*) FROM app.org_unit WHERE tenant_id = $1) AS units,"
        " (SELECT count(*) FROM app.territory WHERE tenant_id = $1) AS territories,"
        " (SELECT count(*) FROM app.channel WHERE tenant_id = $1) AS channels,"
        " (SELECT count(*) FROM app.site s JOIN app.rotation_queue q"
        "   ON q.tenant_id = $1 AND q.site_id = s.id WHERE s.tenant_id = $1) AS sites"
    )
    rows = sum(len(duty.permissions) for duty in template.duties.values())
    assert counted == [
        {
            "duties": len(template.duties),
            "roles": len(template.roles),
            "permissions": rows + len(template.four_eyes),
            "separations": len(template.separations),
            "units": len(template.org_units),
            "territories": len(template.territories),
            "channels": len(template.channels),
            "sites": len(template.sites),
        }
    ]


@pytest.mark.parametrize("industry", template_codes())
async def test_the_administrator_and_the_rulebook_are_in_office_from_the_first_moment(
    transactions: Transactions, clock: ManualClock, industry: str
) -> None:
    tenant = await a_tenant(transactions, industry)

    async with transactions.sight(tenant.caller()) as sight:
        version = await in_force(sight, clock.now())
        assert sight.policy.holds(sight.actor, "role.edit")
        assert sight.policy.holds(sight.actor, "assignment.create")
        assert version.version_id == tenant.made.rulebook_version_id
        assert version.rulebook.parameter("tracking.days")


async def test_the_statutory_days_of_the_year_are_in_the_calendar(
    transactions: Transactions,
) -> None:
    tenant = await a_tenant(transactions)

    days = await tenant.rows(
        "SELECT day::text, worked, reasons->>'zh-Hant' AS why FROM app.calendar_day"
        " WHERE tenant_id = $1 AND day IN ('2026-10-01', '2026-10-10')"
    )

    assert {row["day"]: (row["worked"], row["why"]) for row in days} == {
        "2026-10-01": (False, "國慶節"),
        "2026-10-10": (True, "國慶節調休上班"),
    }


def test_every_statutory_day_has_its_words() -> None:
    known = {str(name) for name in (*constants.holidays.values(), *constants.workdays.values())}

    sheet = Sheet.read(policies_folder() / "calendars", "mainland-china.yaml")

    assert set(sheet.sheet("holidays").entries) == known


async def test_an_operator_opens_an_account_and_the_administrator_can_sign_in(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    order = an_order()

    made = await create_tenant(transactions, identity_pool, order, OPERATOR)

    row = await identity_pool.fetchrow(
        "SELECT d.state, d.tenant_state, d.cluster, m.member_id, u.password_hash"
        " FROM app.global_tenant_directory d"
        " JOIN app.platform_membership m USING (tenant_id)"
        " JOIN app.platform_user u ON u.id = m.user_id WHERE d.tenant_id = $1",
        made.tenant_id,
    )
    assert dict(row) == {
        "state": "ACTIVE",
        "tenant_state": "ACTIVE",
        "cluster": "default",
        "member_id": made.admin_member_id,
        "password_hash": "hash",
    }


async def test_the_same_order_twice_makes_one_tenant(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    order = an_order()

    first, second = await asyncio.gather(
        create_tenant(transactions, identity_pool, order, OPERATOR),
        create_tenant(transactions, identity_pool, order, OPERATOR),
    )
    third = await create_tenant(transactions, identity_pool, order, OPERATOR)

    assert first.tenant_id == second.tenant_id == third.tenant_id
    assert first.admin_member_id == second.admin_member_id == third.admin_member_id
    assert third.already


async def test_of_two_orders_at_once_under_one_key_one_opens_a_tenant(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    key = f"key-{uuid4()}"

    found = await asyncio.gather(
        create_tenant(transactions, identity_pool, an_order(key=key), OPERATOR),
        create_tenant(transactions, identity_pool, an_order(key=key), OPERATOR),
        return_exceptions=True,
    )

    assert {type(one) for one in found} == {CreatedTenant, IdempotencyKeyReused}


async def test_of_two_orders_at_once_the_one_for_another_administrator_is_refused(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    order = an_order()

    found = await asyncio.gather(
        create_tenant(transactions, identity_pool, order, OPERATOR),
        create_tenant(transactions, identity_pool, an_order(code=order.code), OPERATOR),
        return_exceptions=True,
    )

    assert {type(one) for one in found} == {CreatedTenant, TenantHasOtherAdmin}


@pytest.mark.parametrize("step", ["_make", "_open"])
async def test_a_crash_half_way_is_mended_by_the_same_order(
    transactions: Transactions,
    identity_pool: "asyncpg.Pool[Any]",
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    order = an_order()

    def crash(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(commands, step, crash)
        with pytest.raises(RuntimeError):
            await create_tenant(transactions, identity_pool, order, OPERATOR)
    half = await identity_pool.fetchval(
        "SELECT state FROM app.global_tenant_directory WHERE code = $1", order.code
    )
    made = await create_tenant(transactions, identity_pool, order, OPERATOR)

    assert half == "PREPARING"
    assert not made.already
    async with transactions.sight(Caller(made.tenant_id, made.admin_member_id, "r")) as sight:
        assert sight.policy.holds(sight.actor, "member.create")


async def test_a_code_in_use_is_refused_to_another_company(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    order = an_order()
    await create_tenant(transactions, identity_pool, order, OPERATOR)

    with pytest.raises(AlreadyTaken):
        await create_tenant(
            transactions, identity_pool, an_order(code=order.code, name="別家"), OPERATOR
        )


async def test_a_person_known_already_keeps_his_password(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    order = an_order()
    await create_tenant(transactions, identity_pool, order, OPERATOR)

    again = an_order(admin_login=order.admin_login, admin_password_hash=None)
    await create_tenant(transactions, identity_pool, again, OPERATOR)

    row = await identity_pool.fetchrow(
        "SELECT u.password_hash, count(*) AS tenants FROM app.platform_user u"
        " JOIN app.platform_membership m ON m.user_id = u.id WHERE u.name = $1 GROUP BY 1",
        order.admin_login,
    )
    assert dict(row) == {"password_hash": "hash", "tenants": 2}


async def test_somebody_known_whom_nobody_knows_is_refused_and_nothing_written(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    mistyped = an_order(admin_password_hash=None, admin_known=True)

    with pytest.raises(SignInNameUnknown) as told:
        await create_tenant(transactions, identity_pool, mistyped, OPERATOR)

    assert (told.value.field, told.value.name) == (("input", "adminLogin"), mistyped.admin_login)
    for table, column in (("global_tenant_directory", "code"), ("platform_user", "name")):
        wanted = mistyped.code if column == "code" else mistyped.admin_login
        found = await identity_pool.fetchval(
            f"SELECT count(*) FROM app.{table} WHERE {column} = $1", wanted
        )
        assert found == 0


async def test_a_password_for_somebody_who_has_one_is_refused_and_nothing_written(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    order = an_order()
    await create_tenant(transactions, identity_pool, order, OPERATOR)
    his = an_order(admin_login=order.admin_login.upper())

    with pytest.raises(SignInNameTaken) as told:
        await create_tenant(transactions, identity_pool, his, OPERATOR)

    assert told.value.field == ("input", "adminLogin")
    assert not await identity_pool.fetchval(
        "SELECT count(*) FROM app.global_tenant_directory WHERE code = $1", his.code
    )


async def test_an_open_tenant_is_not_opened_already_for_another_administrator(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    order = an_order()
    made = await create_tenant(transactions, identity_pool, order, OPERATOR)
    other = an_order(code=order.code)

    with pytest.raises(TenantHasOtherAdmin):
        await create_tenant(transactions, identity_pool, other, OPERATOR)
    again = await create_tenant(transactions, identity_pool, order, OPERATOR)

    assert (again.already, again.admin_member_id) == (True, made.admin_member_id)
    assert not await identity_pool.fetchval(
        "SELECT count(*) FROM app.platform_user WHERE name = $1", other.admin_login
    )


async def test_an_administrators_login_is_kept_as_it_is_looked_for(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    unique = uuid4().hex
    made = await create_tenant(
        transactions, identity_pool, an_order(admin_login=f" Chen.Jing.{unique}"), OPERATOR
    )

    assert made.admin_member_id == await identity_pool.fetchval(
        "SELECT m.member_id FROM app.platform_membership m"
        " JOIN app.platform_user u ON u.id = m.user_id WHERE u.name = $1",
        f"chen.jing.{unique}",
    )


async def test_a_known_person_is_admitted_to_a_further_tenant_by_an_operator_alone(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    order = an_order()
    await create_tenant(transactions, identity_pool, order, OPERATOR)
    further = await a_tenant(transactions)
    wanted = AdmitPerson(further.id, "0001", order.admin_login.upper())
    admin = Actor(further.id, further.admin_id, (Holding("r:tenant-admin"),))

    with pytest.raises(Forbidden):
        await admit_person(transactions, identity_pool, wanted, admin)
    for _ in range(2):
        admitted = await admit_person(transactions, identity_pool, wanted, OPERATOR)

    assert admitted == further.admin_id
    row = await identity_pool.fetchrow(
        "SELECT u.password_hash, count(*) AS tenants FROM app.platform_user u"
        " JOIN app.platform_membership m ON m.user_id = u.id WHERE u.name = $1 GROUP BY 1",
        order.admin_login,
    )
    assert dict(row) == {"password_hash": "hash", "tenants": 2}


async def test_nobody_is_admitted_as_who_has_left_or_is_another_person(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    first, second = an_order(), an_order()
    made = await create_tenant(transactions, identity_pool, first, OPERATOR)
    await create_tenant(transactions, identity_pool, second, OPERATOR)
    further = await a_tenant(transactions)
    left = await further.member("林曉", staff_code="0900")
    await further.do(leave_member, LeaveMember(left, 1))

    async def admits(tenant_id: UUID, staff_code: str) -> None:
        wanted = AdmitPerson(tenant_id, staff_code, second.admin_login)
        await admit_person(transactions, identity_pool, wanted, OPERATOR)

    async def admits_again() -> None:
        await further.member("第二人", staff_code="0901")
        await admits(further.id, "0001")
        await admits(further.id, "0901")

    with pytest.raises(MemberHasLeft):
        await admits(further.id, "0900")
    with pytest.raises(AlreadyTaken) as member:
        await admits(made.tenant_id, "0001")
    assert (member.value.field, member.value.value) == (("input", "staffCode"), "0001")
    with pytest.raises(AlreadyTaken) as person:
        await admits_again()
    assert (person.value.field, person.value.value) == (("input", "login"), second.admin_login)
    with pytest.raises(NotFound):
        await admits(uuid4(), "0001")


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "-x"},
        {"code": "Ｈuating"},
        {"code": "a" * 64},
        {"code": "t1*"},
        {"industry": "../../etc/passwd"},
        {"name": ""},
        {"name": "華" * 201},
        {"admin_login": "a\nb"},
    ],
)
async def test_malformed_orders_are_refused_before_anything_is_written(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]", changes: dict[str, str]
) -> None:
    order = an_order(**changes)

    with pytest.raises(Refusals):
        await create_tenant(transactions, identity_pool, order, OPERATOR)

    assert not await identity_pool.fetchval(
        "SELECT count(*) FROM app.global_tenant_directory WHERE code = $1", order.code
    )


async def test_no_member_of_a_tenant_makes_or_suspends_tenants(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    tenant = await a_tenant(transactions)
    admin = Actor(tenant.id, tenant.admin_id, (Holding("r:operator"), Holding("r:tenant-admin")))

    with pytest.raises(Forbidden):
        await create_tenant(transactions, identity_pool, an_order(), admin)
    with pytest.raises(Forbidden):
        await suspend_tenant(transactions, identity_pool, tenant.id, admin)
    with pytest.raises(Forbidden):
        await resume_tenant(transactions, identity_pool, tenant.id, admin)


async def test_a_suspended_tenant_is_refused_and_its_data_stays(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    made = await create_tenant(transactions, identity_pool, an_order(), OPERATOR)
    caller = Caller(made.tenant_id, made.admin_member_id, "r")

    await suspend_tenant(transactions, identity_pool, made.tenant_id, OPERATOR)
    with pytest.raises(TenantSuspended):
        async with transactions.sight(caller):
            pass
    state = await identity_pool.fetchval(
        "SELECT tenant_state FROM app.global_tenant_directory WHERE tenant_id = $1", made.tenant_id
    )
    await resume_tenant(transactions, identity_pool, made.tenant_id, OPERATOR)

    assert state == "SUSPENDED"
    async with transactions.sight(caller) as sight:
        assert await sight.fetch_value(
            "SELECT count(*) FROM app.member WHERE tenant_id = $1", made.tenant_id
        )


async def test_a_tenant_nobody_knows_cannot_be_suspended(
    transactions: Transactions, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    with pytest.raises(NotFound):
        await suspend_tenant(transactions, identity_pool, uuid4(), OPERATOR)
