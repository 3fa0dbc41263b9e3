"""An operator lets a new administrator into a company that shut itself out."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from builders.tenants import TenantHandle, a_tenant

from service.database.connections import Location, open_pool
from service.database.security import IDENTITY
from service.errors import AlreadyTaken, Forbidden, NotFound, Refusals
from service.identity.errors import SignInNameTaken
from service.organisation.commands import EditRole, edit_role
from service.organisation.rules import KEEPERS
from service.policies.access import Actor, Holding, Record, operator
from service.provisioning.restoring import RestoreAdministrator, restore_administrator
from service.work import NOBODY, Transactions, UnitOfWork

OPERATOR = operator(NOBODY)


@pytest.fixture
async def identity_pool(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    async with await open_pool(location, IDENTITY, 1) as opened:
        yield opened


@pytest.fixture
async def tenant(transactions: Transactions) -> TenantHandle:
    return await a_tenant(transactions)


def an_order(tenant: TenantHandle, **changes: Any) -> RestoreAdministrator:
    login = f"rescue-{uuid4().hex[:10]}@example.com"
    values = {"name": "新管理員", "staff_code": "9001", "login": login, "password_hash": "hash"}
    return RestoreAdministrator(tenant.id, **{**values, **changes})


async def shut_out(tenant: TenantHandle) -> None:
    """Have the administrator's role forbid what keeps the company open, as nothing lets one do."""

    async def step(work: UnitOfWork) -> None:
        for action in ("role.edit", "role.view", "assignment.create"):
            of, what = action.split(".")
            work.write(
                "duty_permission",
                "INSERT INTO app.duty_permission (tenant_id, id, duty_id, object, action, scope,"
                " effect) SELECT d.tenant_id, {}::uuid, d.duty_id, {}::text, {}::text, 'tenant',"
                " 'deny' FROM app.role_duty d WHERE d.tenant_id = {}::uuid AND d.role_id = {}::uuid"
                " LIMIT 1",
                work.new_id(),
                of,
                what,
                tenant.id,
                tenant.roles["tenant-admin"],
            )
        work.write(
            "tenant",
            "UPDATE app.tenant SET access_version = access_version + 1 WHERE tenant_id = {}::uuid",
            tenant.id,
        )

    await tenant.transactions.internally(tenant.id, "shut_out", step)


async def test_who_is_let_in_keeps_a_company_that_had_shut_itself_out(
    transactions: Transactions, tenant: TenantHandle, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    await shut_out(tenant)
    order = an_order(tenant)

    restored = await restore_administrator(transactions, identity_pool, order, OPERATOR)

    async with transactions.sight(tenant.caller(restored)) as sight:
        (office,) = sight.actor.holdings
        kept = [sight.policy.check(sight.actor, one, Record()).allowed for one in KEEPERS]
    assert all(kept)
    assert office.role.startswith("r:restored-")
    assert await identity_pool.fetchval(
        "SELECT m.member_id = $2 FROM app.platform_membership m"
        " JOIN app.platform_user u ON u.id = m.user_id WHERE u.name = $1",
        order.login,
        restored,
    )
    # He lifts the prohibition the ordinary way.
    admin = tenant.roles["tenant-admin"]
    assert await tenant.do(edit_role, EditRole(admin, 1, duty_ids=()), by=restored)
    (line,) = await tenant.rows(
        "SELECT details FROM app.audit_event WHERE tenant_id = $1"
        " AND command = 'restore_administrator'"
    )
    assert line["details"]["sign_in_name"] == order.login


async def test_a_company_in_order_gives_him_the_role_it_was_founded_with(
    transactions: Transactions, tenant: TenantHandle, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    order = an_order(tenant)
    restored = await restore_administrator(transactions, identity_pool, order, OPERATOR)

    async with transactions.sight(tenant.caller(restored)) as sight:
        assert sight.actor.holdings == (Holding("r:tenant-admin"),)
    known = an_order(tenant, staff_code="9002", password_hash=None)
    for wrong, refusal in (
        (order, AlreadyTaken),
        (an_order(tenant, staff_code="9002", login=order.login), SignInNameTaken),
        (known, NotFound),
        (an_order(tenant, name=" "), Refusals),
    ):
        with pytest.raises(refusal):
            await restore_administrator(transactions, identity_pool, wrong, OPERATOR)
    admin = Actor(tenant.id, tenant.admin_id, (Holding("r:tenant-admin"),))
    with pytest.raises(Forbidden):
        await restore_administrator(transactions, identity_pool, known, admin)
    assert not await tenant.rows(
        "SELECT FROM app.member WHERE tenant_id = $1 AND staff_code = '9002'"
    )
