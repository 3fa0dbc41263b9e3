"""What administrators and operators do over HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from builders.api import Api
from builders.identity import identity_pool_of
from builders.tenants import TenantHandle

from service.clock import new_id
from service.database.connections import Location


def words(text: str) -> dict[str, str]:
    return {"en": text, "zhHant": text, "zhHans": text}


@pytest.fixture
async def identity_pool(location: Location) -> "AsyncIterator[asyncpg.Pool[Any]]":
    """A pool under the sign-in role."""
    async with await identity_pool_of(location) as pool:
        yield pool


async def test_a_duty_given_over_the_api_holds_from_the_next_request(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    member = await tenant.member("An", role=None)
    token = api.token(tenant.id, member)
    ask = '{ viewer { canDo(action: "audit.view") { allowed } duties { code } } }'
    before = (await api.ask(token, ask))["viewer"]

    duty = await api.does(
        admin,
        "createDuty",
        "duty { id code permissions { action scope } }",
        code="look-after-audit",
        wording=words("Look after the audit."),
        permissions=[{"object": "audit", "action": "view", "scope": "tenant"}],
    )
    role = await api.does(
        admin,
        "createRole",
        "role { id duties { duty { code } } }",
        code="auditor",
        names=words("Auditor"),
        dutyIds=[duty["duty"]["id"]],
    )
    await api.does(
        admin,
        "assignRole",
        "assignment { id member { name } }",
        memberId=f"member_{member}",
        roleId=role["role"]["id"],
    )
    after = (await api.ask(token, ask))["viewer"]

    assert before["canDo"] == {"allowed": False}
    assert duty["duty"]["permissions"] == [{"action": "audit.view", "scope": "tenant"}]
    assert role["role"]["duties"] == [{"duty": {"code": "look-after-audit"}}]
    assert after["canDo"] == {"allowed": True}
    assert [held["code"] for held in after["duties"]] == ["look-after-audit"]


async def test_an_edit_of_what_has_changed_is_a_conflict(api: Api, tenant: TenantHandle) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    made = await api.does(
        admin, "createMember", "member { id version }", name="An", staffCode="0042"
    )
    member = made["member"]
    await api.does(
        admin, "editMember", "member { version }",
        memberId=member["id"], expectedVersion=member["version"], name="安娜",
    )  # fmt: skip

    late = await api.tries(
        admin, "editMember", "member { version }",
        memberId=member["id"], expectedVersion=member["version"], name="白露",
    )  # fmt: skip

    assert late["member"] is None
    assert [error["code"] for error in late["errors"]] == ["VERSION_CONFLICT"]


async def test_an_operator_opens_stops_and_resumes_a_tenant_and_reads_none_of_it(
    api: Api, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    api.identity_pool = identity_pool
    operator = api.operators_token(new_id())
    code = f"t-{new_id().hex}"
    made = await api.does(
        operator,
        "createTenant",
        "tenant { id code state } adminMemberId",
        code=code,
        name="海棠地產",
        industry="property-developer",
        adminName="管理員",
        adminLogin=f"admin-{code}",
    )
    tenant_id = made["tenant"]["id"]

    stopped = await api.does(operator, "suspendTenant", "tenant { state }", tenantId=tenant_id)
    again = await api.does(operator, "resumeTenant", "tenant { state }", tenantId=tenant_id)
    seen = await api.ask(operator, "{ platformTenants { code state } }")

    assert made["tenant"]["state"] == "ACTIVE"
    assert stopped["tenant"] == {"state": "SUSPENDED"}
    assert again["tenant"] == {"state": "ACTIVE"}
    assert {"code": code, "state": "ACTIVE"} in seen["platformTenants"]


async def test_what_an_operator_does_to_a_tenant_is_done_once_for_a_key(
    api: Api, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    api.identity_pool = identity_pool
    operator, another = (api.operators_token(new_id()) for _ in range(2))
    made = await api.does(
        operator, "createTenant", "tenant { id }", code=f"t-{new_id().hex}", name="海棠地產",
        industry="property-developer", adminName="管理員", adminLogin=f"admin-{new_id().hex}",
    )  # fmt: skip
    this = {"tenantId": made["tenant"]["id"]}
    key, seen = "suspend-only-once", "tenant { state }"

    first = await api.does(operator, "suspendTenant", seen, idempotencyKey=key, **this)
    await api.does(operator, "resumeTenant", seen, **this)
    late = await api.does(operator, "suspendTenant", seen, idempotencyKey=key, **this)
    other = await api.tries(operator, "resumeTenant", seen, idempotencyKey=key, **this)
    theirs = await api.does(another, "suspendTenant", seen, idempotencyKey=key, **this)

    assert (first["tenant"]["state"], first["replayed"]) == ("SUSPENDED", False)
    # What came late has been done already, and what was done since stands.
    assert (late["tenant"]["state"], late["replayed"]) == ("ACTIVE", True)
    assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert (theirs["tenant"]["state"], theirs["replayed"]) == ("SUSPENDED", False)

    nowhere = {"tenantId": f"tenant_{new_id()}"}
    unknown = [await api.tries(operator, "upgradeTenant", seen, **nowhere) for _ in range(2)]
    assert [one["errors"][0]["code"] for one in unknown] == ["NOT_FOUND"] * 2


async def test_a_key_opens_one_tenant_whatever_became_of_it_since(
    api: Api, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    api.identity_pool = identity_pool
    operator, another = (api.operators_token(new_id()) for _ in range(2))
    login, seen = f"admin-{new_id().hex}", "tenant { id code } adminMemberId"
    order = {
        "idempotencyKey": "opened-only-once",
        "code": f"t-{new_id().hex}",
        "name": "海棠地產",
        "industry": "property-developer",
        "adminName": "管理員",
        "adminLogin": login,
        "adminPassword": "a long enough password",
    }

    first = await api.does(operator, "createTenant", seen, **order)
    await identity_pool.execute(
        "UPDATE app.platform_user SET name = $1 WHERE name = $2", f"{login}-married", login
    )
    again = await api.does(operator, "createTenant", seen, **order)
    others = [
        {**order, "code": f"t-{new_id().hex}", "adminLogin": f"admin-{new_id().hex}"},
        {**order, "name": "牡丹地產"},
        {**order, "adminPassword": "another long enough one"},
    ]
    refused = [await api.tries(operator, "createTenant", seen, **one) for one in others]
    theirs = await api.does(another, "createTenant", seen, **others[0])

    assert again == {**first, "replayed": True}
    assert [[error["code"] for error in one["errors"]] for one in refused] == [
        ["IDEMPOTENCY_KEY_REUSED"]
    ] * 3
    # A key is its operator's own.
    assert theirs["tenant"]["id"] != first["tenant"]["id"]


async def test_what_an_operator_was_told_is_told_again(
    api: Api, tenant: TenantHandle, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    api.identity_pool = identity_pool
    operator, key = api.operators_token(new_id()), "upgrade-only-once"
    sent = {"tenantId": f"tenant_{tenant.id}", "idempotencyKey": key}
    told = [await api.does(operator, "upgradeTenant", "added leftOut", **sent) for _ in range(2)]
    cut = await api.tries(operator, "upgradeTenant", "added", dryRun=True, **sent)

    assert [one.pop("replayed") for one in told] == [False, True]
    assert told[0] == told[1]
    assert [error["code"] for error in cut["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_a_member_is_no_operator(
    api: Api, tenant: TenantHandle, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    api.identity_pool = identity_pool
    admin = api.token(tenant.id, tenant.admin_id)

    payload = await api.tries(
        admin, "suspendTenant", "tenant { state }", tenantId=f"tenant_{tenant.id}"
    )

    assert payload["tenant"] is None
    (error,) = payload["errors"]
    assert error["code"] == "FORBIDDEN"
    assert not error["message"].isascii(), "the company's language is Chinese"


async def test_a_member_who_asks_for_all_tenants_is_told_that_operators_do(
    api: Api, tenant: TenantHandle, identity_pool: "asyncpg.Pool[Any]"
) -> None:
    api.identity_pool = identity_pool
    admin = api.token(tenant.id, tenant.admin_id)

    found = [
        await api.post(admin, "{ platformTenants { code } }", {"Accept-Language": language})
        for language in ("en", "zh-HK", "zh-CN")
    ]

    errors = [answer.json()["errors"][0] for answer in found]
    assert {one["extensions"]["code"] for one in errors} == {"FORBIDDEN"}
    assert [one["message"] for one in errors] == [
        "You may not do this. This is for the platform's operators;"
        " what you may do ends with your company.",
        "您無權執行此操作：此操作僅限平台營運人員；您的權限僅及於所屬公司。",
        "您无权执行此操作：此操作仅限平台运营人员；您的权限仅及于所属公司。",
    ], "he holds tenant.view, of his own company"


async def test_a_suspended_tenant_is_refused_and_told_so(api: Api, tenant: TenantHandle) -> None:
    token = api.token(tenant.id, tenant.admin_id)

    async def suspend(work: Any) -> None:
        work.write(
            "tenant",
            "UPDATE app.tenant SET state = 'SUSPENDED' WHERE tenant_id = {}::uuid",
            tenant.id,
            expected=1,
        )

    await tenant.transactions.internally(tenant.id, "suspend", suspend)
    answer = await api.post(token, "{ members { nodes { name } } }")

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "TENANT_SUSPENDED"
    end = """mutation { leaveMember(input: {
        idempotencyKey: "a key of its own", memberId: "nobody", expectedVersion: 1
    }) { errors { code } } }"""
    refused = await api.post(token, end)
    assert refused.json()["errors"][0]["extensions"]["code"] == "TENANT_SUSPENDED"


async def test_the_tenants_words_and_settings_are_its_own_to_change(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    found = await api.ask(
        admin, "{ tenant { id version name } terms(first: 1) { nodes { code } } }"
    )
    term = found["terms"]["nodes"][0]["code"]

    renamed = await api.does(
        admin, "editTenant", "tenant { name }",
        expectedVersion=found["tenant"]["version"], name="華庭集團",
    )  # fmt: skip
    await api.does(
        admin, "editTerms", "tenant { id }", terms=[{"code": term, "names": words("Haus")}]
    )

    assert renamed["tenant"] == {"name": "華庭集團"}
    after = await api.ask(admin, "{ terms(first: 1) { nodes { name } } }")
    assert after["terms"]["nodes"] == [{"name": "Haus"}]


async def test_a_rulebook_parameter_is_published_as_a_new_version(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)

    made = await api.does(
        admin, "publishRulebook", "rulebookVersion { number state publishedBy { name } }",
        overrides=[{"name": "tracking.days", "value": {"number": 10}}],
    )  # fmt: skip
    wrong = await api.tries(
        admin, "publishRulebook", "rulebookVersion { number }",
        overrides=[{"name": "tracking.days", "value": {"number": 9999}}],
    )  # fmt: skip

    assert made["rulebookVersion"]["number"] == 2
    assert made["rulebookVersion"]["state"] == "PUBLISHED"
    assert wrong["rulebookVersion"] is None
    assert wrong["errors"]


async def test_who_holds_nothing_sees_who_and_where_he_is(api: Api, tenant: TenantHandle) -> None:
    member = await tenant.member("Anna", None)
    row = (await tenant.rows("SELECT code, name FROM app.tenant WHERE tenant_id = $1"))[0]
    asked = "name companyCode companyName tenant { name } member { name }"

    for planning in (True, False):
        own = Api(api.transactions, planning=planning)
        seen = await own.ask(own.token(tenant.id, member), f"{{ viewer {{ {asked} }} }}")
        assert seen["viewer"] == {
            "name": "Anna",
            "companyCode": row["code"],
            "companyName": row["name"],
            "tenant": None,
            "member": None,
        }
