"""How an administrator lets people sign in over HTTP, and what he cannot take."""

import logging
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from builders.api import Api, a_key
from builders.identity import Door, a_company, identity_pool_of
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock, new_id
from service.database.connections import Location
from service.identity.accounts import Accounts
from service.work import Installation, Transactions

Pool = asyncpg.Pool
PASSWORD = "海棠花開-二〇二六年春天"  # noqa: S105 - of nobody
OTHERS = "another company's password"
NEW = "a new password, long enough"
CREATE = """
mutation ($input: CreateMemberInput!) { createMember(input: $input) {
    member { id version } replayed errors { code field } } }
"""


@pytest.fixture
async def identity_pool(location: Location) -> "AsyncIterator[asyncpg.Pool[Any]]":
    """A pool under the sign-in role."""
    async with await identity_pool_of(location) as pool:
        yield pool


@pytest.fixture
async def company(api: Api, tenant: TenantHandle, identity_pool: Pool) -> TenantHandle:
    """A company that the directory knows, behind an API that reaches the sign-in role."""
    api.identity_pool = identity_pool
    await a_company(identity_pool, tenant.id)
    return tenant


@pytest.fixture
async def rival(transactions: Transactions, identity_pool: Pool) -> TenantHandle:
    """Another company on the same platform."""
    made = await a_tenant(transactions, name="別家")
    await a_company(identity_pool, made.id)
    return made


@pytest.fixture
def door(identity_pool: Pool, clock: ManualClock) -> Door:
    return Door(identity_pool, clock)


def a_name() -> str:
    return f"ceo-{new_id()}"


async def creates(api: Api, tenant: TenantHandle, **values: Any) -> Any:
    token = api.token(tenant.id, tenant.admin_id)
    sent = {
        "idempotencyKey": a_key(),
        "name": "安娜",
        "staffCode": f"S-{new_id().hex[-12:]}",
        **values,
    }
    return (await api.ask(token, CREATE, input=sent))["createMember"]


async def names_of(tenant: TenantHandle) -> list[str]:
    rows = await tenant.rows("SELECT name FROM app.member WHERE tenant_id = $1 ORDER BY name")
    return [row["name"] for row in rows]


async def test_a_colleague_who_is_brought_in_can_sign_in(
    api: Api, company: TenantHandle, door: Door
) -> None:
    name = a_name()

    made = await creates(api, company, login={"name": f" {name.upper()}", "password": PASSWORD})

    assert made["errors"] == []
    answer = await door.knock(name, PASSWORD)
    claims = door.tokens.verify(answer.json()["access_token"])
    assert claims is not None
    assert f"member_{claims.member_id}" == made["member"]["id"]


async def test_a_name_of_another_company_is_refused_and_nothing_is_written(
    api: Api, company: TenantHandle, rival: TenantHandle, door: Door
) -> None:
    name = a_name()
    await creates(api, rival, login={"name": name, "password": OTHERS})
    before = await names_of(company)

    refused = await creates(api, company, name="總經理", login={"name": name, "password": PASSWORD})

    assert refused["member"] is None
    assert refused["errors"] == [
        {"code": "SIGN_IN_NAME_TAKEN", "field": ["input", "login", "name"]}
    ]
    assert await names_of(company) == before
    assert not await company.rows(
        "SELECT 1 FROM app.audit_event WHERE tenant_id = $1 AND command = 'create_member'"
    )
    assert (await door.knock(name, PASSWORD)).status_code == 401
    claims = door.tokens.verify((await door.knock(name, OTHERS)).json()["access_token"])
    assert claims is not None
    assert claims.tenant_id == rival.id


async def test_a_lost_answer_is_asked_again_and_locks_nobody_out(
    api: Api, company: TenantHandle, door: Door
) -> None:
    name, key, code = a_name(), a_key(), f"S-{new_id()}"
    order = {
        "idempotencyKey": key,
        "staffCode": code,
        "login": {"name": name, "password": PASSWORD},
    }

    first = await creates(api, company, **order)
    again = await creates(api, company, **order)
    other = {**order, "login": {"name": name, "password": NEW}}
    refused = await creates(api, company, **other)

    assert again == {**first, "replayed": True}
    assert [error["code"] for error in refused["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    assert (await door.knock(name, PASSWORD)).status_code == 200


@pytest.mark.parametrize("until", ["nothing is committed", "the member is", "both are, it seems"])
async def test_a_crash_at_the_two_commits_is_mended_by_the_same_key(
    api: Api, company: TenantHandle, door: Door, monkeypatch: pytest.MonkeyPatch, until: str
) -> None:
    order = {
        "idempotencyKey": a_key(),
        "name": "安娜",
        "staffCode": f"S-{new_id()}",
        "login": {"name": a_name(), "password": PASSWORD},
    }
    let_in, cuts = Accounts.let_in, []

    async def power_cut(self: Accounts, *arguments: Any) -> None:
        cuts.append(until)
        if until == "nothing is committed":
            raise RuntimeError(until)
        if until == "both are, it seems":
            await let_in(self, *arguments)
            if len(cuts) == 1:
                # Written, but the connection dies before its commit, which comes second.
                arguments[-1].terminate()

    with monkeypatch.context() as broken:
        broken.setattr(Accounts, "let_in", power_cut)
        token = api.token(company.id, company.admin_id)
        await api.post(token, CREATE, input=order)
    mended = await creates(api, company, **order)

    assert cuts
    assert mended["errors"] == []
    assert mended["replayed"] is (until != "nothing is committed")
    assert (await door.knock(order["login"]["name"], PASSWORD)).status_code == 200
    assert (await names_of(company)).count("安娜") == 1


async def test_a_company_that_may_not_create_members_holds_no_name(
    api: Api, company: TenantHandle, identity_pool: Pool
) -> None:
    rep, name = await company.member("An"), a_name()
    token = api.token(company.id, rep)

    sent = {
        "idempotencyKey": a_key(), "name": "安娜", "staffCode": "0099",
        "login": {"name": name, "password": PASSWORD},
    }  # fmt: skip
    answer = (await api.ask(token, CREATE, input=sent))["createMember"]

    assert [error["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert not await identity_pool.fetchval(
        "SELECT count(*) FROM app.platform_user WHERE name = $1", name
    )


async def test_behind_who_leaves_the_door_is_closed_and_he_may_come_back(
    api: Api, company: TenantHandle, door: Door
) -> None:
    name = a_name()
    admin = api.token(company.id, company.admin_id)
    made = await creates(api, company, login={"name": name, "password": PASSWORD})
    session = (await door.knock(name, PASSWORD)).json()["refresh_token"]

    await api.does(
        admin, "leaveMember", "member { state }",
        memberId=made["member"]["id"], expectedVersion=made["member"]["version"],
    )  # fmt: skip

    assert (await door.knock(name, PASSWORD)).status_code == 401
    assert (await door.refresh(session)).status_code == 401
    back = await creates(api, company, login={"name": name, "password": NEW})
    assert back["errors"] == []
    claims = door.tokens.verify((await door.knock(name, NEW)).json()["access_token"])
    assert claims is not None
    assert f"member_{claims.member_id}" == back["member"]["id"]


async def test_a_key_from_before_he_left_opens_no_door_again(
    api: Api, company: TenantHandle, door: Door
) -> None:
    admin = api.token(company.id, company.admin_id)
    order = {
        "idempotencyKey": a_key(),
        "staffCode": f"S-{new_id()}",
        "login": {"name": a_name(), "password": PASSWORD},
    }
    made = await creates(api, company, **order)
    await api.does(
        admin, "leaveMember", "member { state }",
        memberId=made["member"]["id"], expectedVersion=made["member"]["version"],
    )  # fmt: skip

    again = await creates(api, company, **order)

    assert again["replayed"]
    assert (await door.knock(order["login"]["name"], PASSWORD)).status_code == 401


async def test_a_key_that_mends_opens_no_door_for_who_has_left_meanwhile(
    api: Api, company: TenantHandle, identity_pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def power_cut(*_: object) -> None:
        """The member is committed, his door is not."""

    admin = api.token(company.id, company.admin_id)
    order = {
        "idempotencyKey": a_key(),
        "staffCode": f"S-{new_id()}",
        "login": {"name": a_name(), "password": PASSWORD},
    }
    with monkeypatch.context() as broken:
        broken.setattr(Accounts, "let_in", power_cut)
        made = await creates(api, company, **order)
    await api.does(
        admin, "leaveMember", "member { state }",
        memberId=made["member"]["id"], expectedVersion=made["member"]["version"],
    )  # fmt: skip

    assert (await creates(api, company, **order))["replayed"]
    assert not await identity_pool.fetchval(
        "SELECT count(*) FROM app.platform_user WHERE name = $1", order["login"]["name"]
    )


async def test_leaving_succeeds_while_the_door_cannot_be_reached(
    api: Api, company: TenantHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise ConnectionRefusedError("the sign-in role cannot be reached")

    monkeypatch.setattr(Accounts, "dismiss", away)
    admin = api.token(company.id, company.admin_id)
    made = await creates(api, company)

    left = await api.does(
        admin, "leaveMember", "member { state }",
        memberId=made["member"]["id"], expectedVersion=made["member"]["version"],
    )  # fmt: skip

    assert left["member"] == {"state": "LEFT"}


async def test_an_administrator_gives_and_resets_a_password(
    api: Api, company: TenantHandle, door: Door
) -> None:
    admin, name = api.token(company.id, company.admin_id), a_name()
    member = f"member_{await company.member('安娜')}"

    await api.does(
        admin, "setLogin", "member { id }",
        memberId=member, login={"name": name, "password": PASSWORD},
    )  # fmt: skip
    session = (await door.knock(name, PASSWORD)).json()["refresh_token"]
    key = a_key()
    await api.does(
        admin, "setLogin", "member { id }",
        memberId=member, login={"password": NEW}, idempotencyKey=key,
    )  # fmt: skip

    assert (await door.knock(name, PASSWORD)).status_code == 401
    assert (await door.knock(name, NEW)).status_code == 200
    assert (await door.refresh(session)).status_code == 401

    # An old key is answered, not done: the password of today stays.
    await api.does(admin, "setLogin", "member { id }", memberId=member, login={"password": OTHERS})
    again = await api.does(
        admin, "setLogin", "member { id }",
        memberId=member, login={"password": NEW}, idempotencyKey=key,
    )  # fmt: skip
    assert again["replayed"]
    assert (await door.knock(name, OTHERS)).status_code == 200


async def test_an_identity_providers_subject_is_linked_by_the_administrator(
    api: Api, company: TenantHandle, identity_pool: Pool
) -> None:
    admin, name = api.token(company.id, company.admin_id), a_name()
    subject = {"issuer": "https://id.example", "subject": f"{new_id()}"}

    made = await creates(api, company, login={"name": name, "provider": subject})
    taken = await api.tries(
        admin, "setLogin", "member { id }",
        memberId=f"member_{company.admin_id}", login={"name": a_name(), "provider": subject},
    )  # fmt: skip

    assert made["errors"] == []
    assert [(error["code"], error["field"][-1]) for error in taken["errors"]] == [
        ("SIGN_IN_NAME_TAKEN", "subject")
    ]
    assert await identity_pool.fetchval(
        "SELECT subject FROM app.platform_user WHERE name = $1", name
    ) == subject["subject"]  # fmt: skip


async def test_nobody_is_given_a_provider_that_the_server_takes_no_sign_in_from(
    api: Api, company: TenantHandle, identity_pool: Pool
) -> None:
    admin, ours = api.token(company.id, company.admin_id), "https://id.example"
    known, unknown = ({"issuer": one, "subject": f"{new_id()}"} for one in (ours, f"{ours}/"))
    api.transactions.installation = Installation(issuers=frozenset())

    none = await creates(api, company, login={"provider": known})
    api.transactions.installation = Installation(issuers=frozenset({ours}))
    other = await creates(api, company, login={"name": a_name(), "provider": unknown})
    made = await creates(api, company, login={"provider": known})
    changed = await api.tries(
        admin, "setLogin", "member { id }",
        memberId=made["member"]["id"], login={"provider": unknown},
    )  # fmt: skip

    refusal = {"code": "PROVIDER_UNKNOWN", "field": ["input", "login", "provider", "issuer"]}
    assert none["errors"] == other["errors"] == [refusal]
    assert [{name: one[name] for name in refusal} for one in changed["errors"]] == [refusal]
    assert await identity_pool.fetchval(
        "SELECT count(*) FROM app.platform_user WHERE subject = $1", unknown["subject"]
    ) == 0  # fmt: skip


async def test_who_leads_a_part_sets_no_login_of_the_administrators(
    api: Api, company: TenantHandle, identity_pool: Pool
) -> None:
    lead, rep = await company.member("Mei", "sales-manager"), await company.member("An")
    admin = api.token(company.id, company.admin_id)
    duty = await api.does(
        admin, "createDuty", "duty { id }",
        code="keep-people", wording={"en": "Keep people", "zhHant": "人事", "zhHans": "人事"},
        permissions=[{"object": "member", "action": "edit", "scope": "tenant"}],
    )  # fmt: skip
    role = await api.does(
        admin, "createRole", "role { id }",
        code="clerk-of-people", names={"en": "People", "zhHant": "人事", "zhHans": "人事"},
        dutyIds=[duty["duty"]["id"]],
    )  # fmt: skip
    await api.does(
        admin, "assignRole", "assignment { id }",
        memberId=f"member_{lead}", roleId=role["role"]["id"],
    )  # fmt: skip
    token, login = api.token(company.id, lead), {"name": a_name(), "password": PASSWORD}

    refused = await api.tries(
        token, "setLogin", "member { id }", memberId=f"member_{company.admin_id}", login=login
    )
    without = await api.tries(
        api.token(company.id, rep), "setLogin", "member { id }",
        memberId=f"member_{company.admin_id}", login=login,
    )  # fmt: skip

    assert [error["code"] for error in refused["errors"]] == ["BEYOND_OWN_RIGHTS"]
    assert [error["code"] for error in without["errors"]] == ["FORBIDDEN"]
    assert not await identity_pool.fetchval(
        "SELECT count(*) FROM app.platform_user WHERE name = $1", login["name"]
    )


async def test_an_operator_admits_a_known_person_and_no_administrator_then_holds_his_password(
    api: Api, company: TenantHandle, rival: TenantHandle, door: Door
) -> None:
    name = a_name()
    await creates(api, rival, login={"name": name, "password": OTHERS})
    made = await creates(api, company, staffCode="0500")
    admin, operator = api.token(company.id, company.admin_id), api.operators_token(new_id())
    order = {"tenantId": f"tenant_{company.id}", "staffCode": "0500", "login": name.upper()}

    refused = await api.tries(admin, "admitPerson", "memberId", **order)
    admitted = await api.does(operator, "admitPerson", "tenant { id } memberId", **order)
    twice = await api.does(operator, "admitPerson", "memberId", **order)
    reset = await api.tries(
        admin, "setLogin", "member { id }",
        memberId=made["member"]["id"], login={"password": NEW},
    )  # fmt: skip

    assert [error["code"] for error in refused["errors"]] == ["FORBIDDEN"]
    assert admitted["memberId"] == twice["memberId"] == made["member"]["id"]
    assert [error["code"] for error in reset["errors"]] == ["SIGN_IN_NOT_YOURS"]
    choices = (await door.knock(name, OTHERS)).json()["tenants"]
    assert {one["code"] for one in choices} == {f"c-{company.id.hex}", f"c-{rival.id.hex}"}
    (line, _) = await company.rows(
        "SELECT details FROM app.audit_event WHERE tenant_id = $1 AND command = 'admit_person'"
    )
    assert line["details"]["sign_in_name"] == name


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"login": "nobody-at-all"}, "login"),
        ({"staffCode": "nobody"}, "staffCode"),
    ],
)
async def test_an_operator_admits_nobody_who_is_not_there(
    api: Api, company: TenantHandle, rival: TenantHandle, changes: dict[str, str], field: str
) -> None:
    name, operator = a_name(), api.operators_token(new_id())
    await creates(api, rival, login={"name": name, "password": OTHERS})
    await creates(api, company, staffCode="0500")
    order = {"tenantId": f"tenant_{company.id}", "staffCode": "0500", "login": name}

    refused = await api.tries(operator, "admitPerson", "memberId", **{**order, **changes})

    assert [(one["code"], one["field"]) for one in refused["errors"]] == [
        ("NOT_FOUND", ["input", field])
    ]


async def test_a_password_stays_nowhere_but_in_its_hash(
    api: Api, company: TenantHandle, identity_pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "only-here-and-nowhere-else"  # noqa: S105 - looked for below
    admin, name = api.token(company.id, company.admin_id), a_name()
    with caplog.at_level(logging.DEBUG):
        made = await creates(api, company, login={"name": name, "password": secret})
        await api.does(
            admin, "setLogin", "member { id }",
            memberId=made["member"]["id"], login={"password": secret},
        )  # fmt: skip
        await creates(api, company, login={"name": name, "password": secret})

    for table in ("command", "audit_event", "outbox"):
        rows = await company.rows(
            f"SELECT to_jsonb(t)::text AS line FROM app.{table} t WHERE tenant_id = $1"
        )
        assert not [row for row in rows if secret in row["line"]]
    assert secret not in caplog.text
    kept = await identity_pool.fetchval(
        "SELECT password_hash FROM app.platform_user WHERE name = $1", name
    )
    assert kept.startswith("$argon2id$")


async def test_the_digest_of_an_order_gives_no_password_away(
    api: Api, company: TenantHandle
) -> None:
    """Two orders that differ in nothing but the password have one digest."""
    key, code, name = a_key(), f"S-{new_id()}", a_name()
    digests = []
    for password in (PASSWORD, NEW):
        order = {"idempotencyKey": key, "staffCode": code}
        await creates(api, company, **order, login={"name": name, "password": password})
        (row,) = await company.rows(
            "SELECT digest FROM app.command WHERE tenant_id = $1 AND idempotency_key = $2", key
        )
        digests.append(row["digest"])

    assert digests[0] == digests[1]


@pytest.mark.parametrize("password", ["short", "x" * 201])
async def test_a_password_is_of_a_length(api: Api, company: TenantHandle, password: str) -> None:
    refused = await creates(api, company, login={"name": a_name(), "password": password})

    assert refused["errors"] == [{"code": "INVALID_INPUT", "field": ["input", "login", "password"]}]
