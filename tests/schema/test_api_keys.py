"""API keys: a program asks as a member who is no person, and no longer or further than he may."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from builders.api import Api, a_key
from builders.identity import (
    Door,
    Stopwatch,
    a_company,
    a_person,
    identity_pool_of,
)
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock, new_id
from service.database.connections import Location
from service.organisation.api_keys import ApiKeys, written
from service.schema.rates import Rates
from service.schema.scalars import make_id, write_instant
from service.schema.trusted import Registered, document_id
from service.work import Transactions

Pool = asyncpg.Pool
MEMBERS = "{ members { nodes { name } } }"
KEYS = "{ apiKeys { nodes { id name member { name } lastUsedOn revokedAt allowedActions } } }"
MADE = "apiKey { id name expiresAt lastUsedOn revokedAt member { name } } secret"


@pytest.fixture
async def identity_pool(location: Location) -> "AsyncIterator[asyncpg.Pool[Any]]":
    """A pool under the sign-in role."""
    async with await identity_pool_of(location) as pool:
        yield pool


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
async def company(
    api: Api,
    tenant: TenantHandle,
    identity_pool: Pool,
    transactions: Transactions,
    stopwatch: Stopwatch,
) -> TenantHandle:
    """A company behind an API that takes keys."""
    api.identity_pool = identity_pool
    api.others = ApiKeys(transactions, stopwatch).claims
    await a_company(identity_pool, tenant.id)
    return tenant


def admin(api: Api, tenant: TenantHandle) -> str:
    return api.token(tenant.id, tenant.admin_id)


async def made_for(
    api: Api, tenant: TenantHandle, clock: ManualClock, role: str | None = "sales-representative"
) -> tuple[str, str]:
    """Make a member for a program and a key for him; returns the key's id and what is sent."""
    member = await tenant.member("收銀系統", role)
    payload = await api.does(admin(api, tenant), "createApiKey", MADE, **wish(member, clock))
    return payload["apiKey"]["id"], payload["secret"]


def wish(member: object, clock: ManualClock, days: int = 90) -> dict[str, Any]:
    until = write_instant(clock.now() + timedelta(days=days))
    return {"memberId": f"member_{member}", "name": "收銀對接", "expiresAt": until}


async def refused(api: Api, token: str) -> bytes:
    """Ask with what is no good credential, and return the answer but for the request's own id."""
    answer = await api.post(token, MEMBERS)
    assert answer.status_code == 401, answer.text
    body = answer.json()
    del body["errors"][0]["extensions"]["requestId"]
    return repr(body).encode()


async def test_a_program_asks_as_the_member_its_key_was_made_for(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    _, secret = await made_for(api, company, clock)
    await company.member("別隊的人", unit=next(iter(company.units)))

    assert secret.startswith("bw_live_")
    seen = await api.ask(secret, "{ assignments { nodes { member { name } } } }")

    assert seen == {"assignments": {"nodes": [{"member": {"name": "收銀系統"}}]}}


async def test_the_secret_is_told_once_and_kept_nowhere(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    member = await company.member("收銀系統")
    sent = {"idempotencyKey": a_key(), **wish(member, clock)}
    document = (
        f"mutation Do($input: CreateApiKeyInput!) {{ createApiKey(input: $input)"
        f" {{ {MADE} replayed errors {{ code }} }} }}"
    )

    first = (await api.ask(admin(api, company), document, input=sent))["createApiKey"]
    again = (await api.ask(admin(api, company), document, input=sent))["createApiKey"]

    assert first["secret"]
    assert (again["replayed"], again["secret"]) == (True, None)
    assert again["apiKey"]["id"] == first["apiKey"]["id"]
    secret = first["secret"][-43:]
    for table in ("api_key", "command", "audit_event", "outbox"):
        rows = await company.rows(f"SELECT t::text FROM app.{table} t WHERE tenant_id = $1")
        assert rows or table == "outbox"
        assert not any(secret in str(next(iter(row.values()))) for row in rows)
    kept = await company.rows("SELECT secret_hash FROM app.api_key WHERE tenant_id = $1")
    assert [next(iter(row.values())) for row in kept] == [
        hashlib.sha256(secret.encode()).hexdigest()
    ]


async def test_a_revoked_key_opens_nothing_after_two_seconds(
    api: Api, company: TenantHandle, clock: ManualClock, stopwatch: Stopwatch
) -> None:
    key_id, secret = await made_for(api, company, clock)
    await api.ask(secret, MEMBERS)

    revoked = await api.does(admin(api, company), "revokeApiKey", "apiKey { id }", apiKeyId=key_id)
    stopwatch.seconds += 2.0

    assert revoked["apiKey"]["id"] == key_id
    assert await refused(api, secret) == await refused(api, "bw_live_nonsense")
    # A second time changes nothing, and is no fault.
    told = "apiKey { revokedAt version }"
    first = await api.does(admin(api, company), "revokeApiKey", told, apiKeyId=key_id)
    again = await api.does(admin(api, company), "revokeApiKey", told, apiKeyId=key_id)
    assert first["apiKey"] == again["apiKey"]


async def test_a_key_ends_at_its_very_instant(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    _, secret = await made_for(api, company, clock)
    await api.ask(secret, MEMBERS)

    clock.advance(timedelta(days=90))

    # Within the two seconds for which it is kept.
    await refused(api, secret)


async def test_unknown_wrong_and_foreign_keys_get_one_answer(
    api: Api, company: TenantHandle, clock: ManualClock, transactions: Transactions
) -> None:
    _, secret = await made_for(api, company, clock)
    other = await a_tenant(transactions, name="別家")
    tenant, key = secret[8:40], secret[40:72]
    right = secret[73:]
    faults = [
        written(company.id, new_id(), right),
        f"bw_live_{tenant}{key}_{'A' * 43}",
        f"bw_live_{other.id.hex}{key}_{right}",
        written(new_id(), new_id(), right),
        secret[:-1],
    ]

    answers = {await refused(api, fault) for fault in faults}

    assert answers == {await refused(api, "no token at all")}


async def test_a_busy_program_costs_no_statement_of_its_own(
    api: Api, company: TenantHandle, clock: ManualClock, stopwatch: Stopwatch
) -> None:
    _, secret = await made_for(api, company, clock)
    keys = api.others
    asked: list[float] = []

    async def counted(bearer: str) -> Any:
        assert keys is not None
        return await keys(bearer)

    api.others = counted
    await api.ask(secret, MEMBERS)
    read = api.transactions.readings.read

    async def watched(*given: Any) -> Any:
        asked.append(stopwatch.seconds)
        return await read(*given)

    api.transactions.readings.read = watched  # type: ignore[method-assign]  # put back below
    try:
        await counted(secret)
        await counted(secret)
        assert asked == []
        stopwatch.seconds += 2.0
        await counted(secret)
        assert len(asked) == 1
    finally:
        api.transactions.readings.read = read  # type: ignore[method-assign]  # as it was


async def test_a_key_can_no_more_than_its_member(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    _, secret = await made_for(api, company, clock)

    payload = await api.tries(secret, "createMember", "member { id }", name="偷渡", staffCode="S-x")

    assert [error["code"] for error in payload["errors"]] == ["FORBIDDEN"]
    assert (await api.ask(secret, KEYS))["apiKeys"]["nodes"] == []


async def test_a_key_opens_no_further_door(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    _, secret = await made_for(api, company, clock, role="tenant-admin")
    other = await company.member("另一系統")
    login = {"name": f"n-{new_id()}", "password": "a password, long enough"}

    key = await api.tries(secret, "createApiKey", MADE, **wish(other, clock))
    person = await api.tries(
        secret, "createMember", "member { id }", name="人", staffCode="S-y", login=login
    )
    sign_in = await api.tries(
        secret, "setLogin", "member { id }", memberId=f"member_{other}", login=login
    )

    for payload in (key, person, sign_in):
        assert [error["code"] for error in payload["errors"]] == ["NOT_BY_API_KEY"]


async def test_a_key_is_no_sign_in(
    api: Api, company: TenantHandle, clock: ManualClock, identity_pool: Pool
) -> None:
    _, secret = await made_for(api, company, clock)
    door = Door(identity_pool, clock)

    refreshed = await door.refresh(secret)
    known = await door.knock("收銀系統", secret)

    assert (refreshed.status_code, known.status_code) == (401, 401)


async def test_nobody_who_signs_in_has_a_key_and_no_key_signs_in(
    api: Api, company: TenantHandle, clock: ManualClock, identity_pool: Pool
) -> None:
    rep = await company.member("陳小梅")
    own = await a_company_of(identity_pool, company)
    await a_person(identity_pool, clock, own, member_id=rep)
    key_id, _ = await made_for(api, company, clock)
    token = admin(api, company)
    keys = (await api.ask(token, "{ apiKeys { nodes { member { id } } } }"))["apiKeys"]["nodes"]
    login = {"name": f"n-{new_id()}", "password": "a password, long enough"}
    give = {"memberId": keys[0]["member"]["id"], "login": login}

    for_person = await api.tries(token, "createApiKey", MADE, **wish(rep, clock))
    for_program = await api.tries(token, "setLogin", "member { id }", **give)

    assert [error["code"] for error in for_person["errors"]] == ["API_KEY_OF_A_PERSON"]
    assert for_person["secret"] is None
    assert [error["code"] for error in for_program["errors"]] == ["SIGN_IN_OF_AN_API_KEY"]
    # Once the key is revoked, the member is free for a person.
    await api.does(token, "revokeApiKey", "apiKey { id }", apiKeyId=key_id)
    await api.does(token, "setLogin", "member { id }", **give)


async def a_company_of(pool: Pool, tenant: TenantHandle) -> Any:
    """Return the company as the directory has it."""
    from builders.identity import Company  # noqa: PLC0415 - one use

    code = await pool.fetchval(
        "SELECT code FROM app.global_tenant_directory WHERE tenant_id = $1", tenant.id
    )
    return Company(tenant.id, code, "華庭地產")


async def test_who_may_not_makes_revokes_and_sees_none(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    key_id, _ = await made_for(api, company, clock)
    manager = await company.member("孟經理", "sales-manager")
    token = api.token(company.id, manager)
    other = await company.member("另一系統")

    made = await api.tries(token, "createApiKey", MADE, **wish(other, clock))
    revoked = await api.tries(token, "revokeApiKey", "apiKey { id }", apiKeyId=key_id)

    assert [error["code"] for error in made["errors"]] == ["FORBIDDEN"]
    assert [error["code"] for error in revoked["errors"]] == ["FORBIDDEN"]
    assert (await api.ask(token, KEYS))["apiKeys"]["nodes"] == []


async def test_another_companys_key_is_a_missing_one(
    api: Api, company: TenantHandle, clock: ManualClock, transactions: Transactions
) -> None:
    key_id, _ = await made_for(api, company, clock)
    other = await a_tenant(transactions, name="別家")
    token = api.token(other.id, other.admin_id)

    foreign = await api.tries(token, "revokeApiKey", "apiKey { id }", apiKeyId=key_id)
    missing = await api.tries(
        token, "revokeApiKey", "apiKey { id }", apiKeyId=make_id("api_key", new_id())
    )

    assert foreign == missing
    assert [error["code"] for error in foreign["errors"]] == ["NOT_FOUND"]
    assert (await api.ask(token, KEYS))["apiKeys"]["nodes"] == []


async def test_administrators_see_what_a_key_is_for_and_when_it_was_last_used(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    key_id, secret = await made_for(api, company, clock)
    node = {
        "id": key_id,
        "name": "收銀對接",
        "member": {"name": "收銀系統"},
        "revokedAt": None,
        "allowedActions": ["REVOKE"],
    }
    unused = await api.ask(admin(api, company), KEYS)
    await api.ask(secret, MEMBERS)
    used = await api.ask(admin(api, company), KEYS)

    assert unused["apiKeys"]["nodes"] == [{**node, "lastUsedOn": None}]
    rows = await company.rows(
        "SELECT ($2::timestamptz AT TIME ZONE time_zone)::date AS day FROM app.tenant"
        " WHERE tenant_id = $1",
        clock.now(),
    )
    assert used["apiKeys"]["nodes"] == [{**node, "lastUsedOn": rows[0]["day"].isoformat()}]


async def test_what_a_program_did_is_written_down_with_its_key(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    key_id, secret = await made_for(api, company, clock, role="tenant-admin")

    await api.does(secret, "createMember", "member { id }", name="新人", staffCode="S-z")

    rows = await company.rows(
        "SELECT details->>'api_key' AS key FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'create_member'"
    )
    assert [make_id("api_key", row["key"]) for row in rows] == [key_id]


async def test_each_key_has_points_of_its_own(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    member = await company.member("收銀系統")
    token = admin(api, company)
    secrets = [
        (await api.does(token, "createApiKey", MADE, **wish(member, clock)))["secret"]
        for _ in range(2)
    ]
    assert api.others is not None
    first, second = [await api.others(secret) for secret in secrets]
    assert first is not None
    assert second is not None
    rates = Rates(now=lambda: 0.0)

    rates.budget_of(first).charge(10_000)

    assert rates.budget_of(first).remaining() == rates.allowance.principal - 10_000
    assert rates.budget_of(second).remaining() == rates.allowance.principal


async def test_a_key_is_made_for_a_time_to_come_and_with_a_name(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    member = await company.member("收銀系統")
    token = admin(api, company)

    over = await api.tries(token, "createApiKey", MADE, **wish(member, clock, days=0))
    nameless = await api.tries(token, "createApiKey", MADE, **{**wish(member, clock), "name": "  "})

    assert [(error["code"], error["field"]) for error in over["errors"]] == [
        ("SPAN_INVALID", ["input", "expiresAt"])
    ]
    assert [(error["code"], error["field"]) for error in nameless["errors"]] == [
        ("INVALID_INPUT", ["input", "name"])
    ]


async def test_a_key_opens_the_door_from_its_own_addresses_only(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    member = await company.member("收銀系統", "sales-representative")
    ranges = ["2001:db8::7/32", "127.0.0.1"]
    told = "apiKey { addressRanges } secret"
    at_home = await api.does(
        admin(api, company), "createApiKey", told, **wish(member, clock), addressRanges=ranges
    )
    elsewhere = await api.does(
        *(admin(api, company), "createApiKey", "secret"),
        **wish(member, clock),
        addressRanges=["203.0.113.0/24"],
    )

    assert at_home["apiKey"]["addressRanges"] == ["2001:db8::/32", "127.0.0.1/32"]
    await api.ask(at_home["secret"], MEMBERS)
    assert await refused(api, elsewhere["secret"]) == await refused(api, "bw_live_nonsense")


async def test_a_key_may_send_registered_documents_only(
    api: Api, company: TenantHandle, clock: ManualClock
) -> None:
    name = document_id(MEMBERS)
    api.more["trusted"] = {name: Registered(name, MEMBERS, ())}
    member = await company.member("收銀系統", "sales-representative")
    made = await api.does(
        *(admin(api, company), "createApiKey", "secret"),
        **wish(member, clock),
        trustedDocumentsOnly=True,
    )

    texts = [
        await api.post(made["secret"], one) for one in (MEMBERS, "{ __schema { __typename } }")
    ]
    named = await api.send(
        "POST",
        json={"documentId": name},
        headers={"Authorization": f"Bearer {made['secret']}"},
    )

    codes = [one.json()["errors"][0]["extensions"]["code"] for one in texts]
    assert codes == ["TRUSTED_DOCUMENTS_ONLY"] * 2
    assert named.json()["data"]["members"]["nodes"]


@pytest.mark.parametrize(
    ("ranges", "field"),
    [
        (["203.0.113.0/24", "office"], ["input", "addressRanges", "1"]),
        (["203.0.113.0/33"], ["input", "addressRanges", "0"]),
        (["10.0.0.1"] * 21, ["input", "addressRanges"]),
    ],
)
async def test_what_is_no_address_is_no_range(
    api: Api, company: TenantHandle, clock: ManualClock, ranges: list[str], field: list[str]
) -> None:
    given = {**wish(await company.member("收銀系統"), clock), "addressRanges": ranges}

    payload = await api.tries(admin(api, company), "createApiKey", MADE, **given)

    assert [(one["code"], one["field"]) for one in payload["errors"]] == [("INVALID_INPUT", field)]
