"""A tenant that answers trusted documents only: who sets it, and when it holds."""

from uuid import UUID

import pytest
from builders.api import Api
from builders.identity import identity_pool_of
from builders.tenants import TenantHandle, a_tenant

from service.clock import new_id
from service.database.connections import Location
from service.database.pool import PoolExhausted, TenantPool
from service.errors import Busy, Forbidden, NotFound
from service.policies.access import Actor, Holding, operator
from service.provisioning.commands import RestrictTenant, restrict_tenant
from service.tenants.commands import EditTenant, edit_tenant
from service.tenants.documents import Restrictions
from service.tenants.errors import NoTrustedDocuments
from service.work import NOBODY, Installation, Transactions

OPERATOR = operator(NOBODY)


class Watch:
    """A watch that the test turns."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


async def test_what_an_administrator_sets_holds_after_ten_seconds_at_the_latest(
    pool: TenantPool, tenant: TenantHandle, transactions: Transactions
) -> None:
    watch = Watch()
    restrictions = Restrictions(pool, watch)
    elsewhere = await a_tenant(transactions)
    assert not await restrictions.trusted_only(tenant.id)

    await tenant.do(edit_tenant, EditTenant(1, trusted_documents_only=True))

    watch.at = 10.0
    assert await restrictions.trusted_only(tenant.id)
    assert not await restrictions.trusted_only(elsewhere.id)


async def test_what_is_known_is_not_asked_again_at_once(
    pool: TenantPool, tenant: TenantHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    restrictions = Restrictions(pool, Watch())
    await restrictions.trusted_only(tenant.id)

    async def asked(*_arguments: object) -> None:
        raise AssertionError("asked again")

    monkeypatch.setattr(pool, "read_here", asked)

    assert not await restrictions.trusted_only(tenant.id)


async def test_a_database_without_time_for_it_is_told_as_busy(
    pool: TenantPool, tenant: TenantHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def exhausted(*_arguments: object) -> None:
        raise PoolExhausted

    monkeypatch.setattr(pool, "read_here", exhausted)

    with pytest.raises(Busy):
        await Restrictions(pool, Watch()).trusted_only(tenant.id)


async def test_a_tenant_that_is_not_here_is_left_to_who_refuses_its_members(
    pool: TenantPool,
) -> None:
    assert not await Restrictions(pool).trusted_only(new_id())


async def test_an_operator_restricts_a_tenant_and_takes_it_back(
    pool: TenantPool, tenant: TenantHandle, transactions: Transactions
) -> None:
    for only in (True, False):
        await restrict_tenant(transactions, RestrictTenant(tenant.id, only), OPERATOR)
        assert await Restrictions(pool).trusted_only(tenant.id) is only


async def test_no_member_restricts_as_an_operator_and_nobody_what_is_not_there(
    tenant: TenantHandle, transactions: Transactions
) -> None:
    admin = Actor(tenant.id, tenant.admin_id, (Holding("r:administrator"),), "en")

    with pytest.raises(Forbidden):
        await restrict_tenant(transactions, RestrictTenant(tenant.id, True), admin)
    with pytest.raises(NotFound):
        await restrict_tenant(transactions, RestrictTenant(new_id(), True), OPERATOR)


async def test_the_settings_of_a_company_say_it(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    api = Api(transactions)
    admin = api.token(tenant.id, tenant.admin_id)
    asked = "tenant { trustedDocumentsOnly version }"

    set_ = await api.does(admin, "editTenant", asked, expectedVersion=1, trustedDocumentsOnly=True)
    kept = await api.does(admin, "editTenant", asked, expectedVersion=2, name="華庭")

    assert set_["tenant"]["trustedDocumentsOnly"] is True
    assert kept["tenant"]["trustedDocumentsOnly"] is True


async def test_an_operator_does_it_over_the_api(
    pool: TenantPool, transactions: Transactions, tenant: TenantHandle, location: Location
) -> None:
    async with await identity_pool_of(location) as identity_pool:
        api = Api(transactions, identity_pool=identity_pool)
        sent = {"tenantId": f"tenant_{tenant.id}", "trustedDocumentsOnly": True}

        allowed = await api.tries(
            api.operators_token(UUID(int=1)), "restrictTenant", "replayed", **sent
        )
        refused = await api.tries(
            api.token(tenant.id, tenant.admin_id), "restrictTenant", "replayed", **sent
        )

        assert allowed["errors"] == []
        assert [error["code"] for error in refused["errors"]] == ["FORBIDDEN"]
        assert await Restrictions(pool).trusted_only(tenant.id)


async def test_where_no_documents_are_known_no_company_is_shut_out(
    pool: TenantPool, transactions: Transactions, tenant: TenantHandle
) -> None:
    transactions.installation = Installation(trusted_documents=False)
    api = Api(transactions)
    admin = api.token(tenant.id, tenant.admin_id)

    refused = await api.tries(
        admin, "editTenant", "tenant { id }", expectedVersion=1, trustedDocumentsOnly=True
    )
    with pytest.raises(NoTrustedDocuments):
        await restrict_tenant(transactions, RestrictTenant(tenant.id, True), OPERATOR)
    await restrict_tenant(transactions, RestrictTenant(tenant.id, False), OPERATOR)
    kept = await api.does(
        admin, "editTenant", "tenant { version }", expectedVersion=2, trustedDocumentsOnly=False
    )

    assert [(one["code"], one["field"]) for one in refused["errors"]] == [
        ("NO_TRUSTED_DOCUMENTS", ["input", "trustedDocumentsOnly"])
    ]
    assert kept["tenant"]["version"] == 3
    assert not await Restrictions(pool).trusted_only(tenant.id)
