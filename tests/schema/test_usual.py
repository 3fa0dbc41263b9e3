"""The second time a caller asks the same, the way is shorter; what he is told is not another."""

import re
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from builders.api import Api
from builders.tenants import TenantHandle

from service.database.pool import TenantPool
from service.errors import NotSignedIn
from service.organisation.actors import Callers
from service.organisation.commands import EditMember, edit_member
from service.schema.execution import Execution
from service.schema.planner.planner import Planner
from service.schema.rates import Allowance, Rates
from service.schema.scalars import make_id

MEMBERS = "query ($first: Int!) { members(first: $first) { nodes { id name state } } }"
PURSE = ("extensions", "cost", "remaining")


def told(answer: httpx.Response) -> tuple[int, set[tuple[str, str]], Any]:
    """Return status, header and body, but for what is another with each request."""
    fields = {
        (name, re.sub(r"[;=]\d+|[0-9a-f]{32}", "", value) if name != "content-length" else "")
        for name, value in answer.headers.items()
    }
    body = answer.json()
    body[PURSE[0]][PURSE[1]].pop(PURSE[2])
    return answer.status_code, fields, body


def code_of(answer: httpx.Response) -> str:
    code: str = answer.json()["errors"][0]["extensions"]["code"]
    return code


@pytest.fixture
async def token(api: Api, tenant: TenantHandle) -> str:
    for name in ("An", "Bo", "Chu", "Dan"):
        await tenant.member(name)
    return api.token(tenant.id, tenant.admin_id)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_the_short_way_tells_what_the_long_one_does(
    api: Api, token: str, monkeypatch: pytest.MonkeyPatch, encoding: str, accept: str
) -> None:
    headers = {"Accept": accept, "Accept-Encoding": encoding, "Accept-Language": "zh-Hant"}
    first = told(await api.post(token, MEMBERS, headers, first=50))
    seen = api.last
    monkeypatch.setattr(Planner, "answer", None)

    second = told(await api.post(token, MEMBERS, headers, first=50))

    assert second == first
    assert seen is not None
    assert api.last is not None
    assert api.endpoint.planner.counts["SQL"] == 2
    assert (api.last.plan, api.last.statements, api.last.rows) == ("sql", 1, seen.rows)
    assert (api.last.cost, api.last.spent) == (seen.cost, seen.spent)


async def remaining(api: Api, token: str, **variables: Any) -> int:
    body = (await api.post(token, MEMBERS, **variables)).json()
    left: int = body["extensions"]["cost"]["remaining"]
    return left


async def test_who_has_changed_is_answered_as_he_is_now_and_pays_once(
    api: Api, tenant: TenantHandle, token: str
) -> None:
    api.more["rates"] = Rates(now=lambda: 0.0)
    full = await remaining(api, token, first=1)
    price = full - await remaining(api, token, first=1)
    assert price > 0
    await tenant.do(edit_member, EditMember(tenant.admin_id, 1, locale="zh-Hant"))

    after = await api.post(token, MEMBERS, first=1)

    assert after.headers["content-language"] == "zh-Hant"
    assert after.json()["extensions"]["cost"]["remaining"] == full - 2 * price
    again = await api.post(token, MEMBERS, first=1)
    assert again.headers["content-language"] == "zh-Hant"


async def test_a_statement_that_fails_is_answered_field_by_field(
    api: Api, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await api.ask(token, MEMBERS, first=2)

    async def fails(*_: object) -> None:
        raise asyncpg.DivisionByZeroError("a fault of the statement")

    monkeypatch.setattr(TenantPool, "read_here", fails)

    assert await api.ask(token, MEMBERS, first=2) == asked
    assert api.last is not None
    assert (api.last.plan, api.last.unplanned) == ("fallback", "STATEMENT")


async def test_a_statement_that_takes_too_long_is_not_run_a_second_time(
    api: Api, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.ask(token, MEMBERS, first=2)
    runs = []

    async def slow(*_: object) -> None:
        runs.append(1)
        raise asyncpg.QueryCanceledError("canceling statement due to statement timeout")

    monkeypatch.setattr(TenantPool, "read_here", slow)

    assert code_of(await api.post(token, MEMBERS, first=2)) == "TIMED_OUT"
    assert len(runs) == 1


async def test_it_waits_for_the_tenants_turn_and_gives_it_on(
    api: Api, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.schema.rates._PATIENCE_SECONDS", 0.01)
    rates = api.more["rates"] = Rates(Allowance(concurrent=1))
    await api.ask(token, MEMBERS, first=1)
    monkeypatch.setattr(Execution, "answer", None)
    colleague = rates.budget_of(api.people[token])

    for _ in range(2):
        await colleague.enter()
        assert code_of(await api.post(token, MEMBERS, first=1)) == "OVERLOADED"
        colleague.leave()
        await api.ask(token, MEMBERS, first=1)


async def test_nobody_is_answered_here_whose_tenant_was_moved_away(
    api: Api, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.ask(token, MEMBERS, first=1)

    async def elsewhere(*_: object) -> None:
        raise NotSignedIn

    monkeypatch.setattr(Callers, "is_confirmed", lambda *_: False)
    monkeypatch.setattr(Callers, "confirm", elsewhere)

    assert code_of(await api.post(token, MEMBERS, first=1)) == "UNAUTHENTICATED"


async def test_a_company_that_takes_known_documents_only_from_now_on_is_answered_no_other(
    api: Api, tenant: TenantHandle, token: str
) -> None:
    strict = set()

    async def restricted(tenant_id: UUID) -> bool:
        return tenant_id in strict

    api.more["restricted"] = restricted
    await api.ask(token, MEMBERS, first=1)

    strict.add(tenant.id)

    assert code_of(await api.post(token, MEMBERS, first=1)) == "TRUSTED_DOCUMENTS_ONLY"


async def test_a_variable_in_another_form_is_worded_as_ever(api: Api, token: str) -> None:
    await api.ask(token, MEMBERS, first=2)

    wrong = (await api.post(token, MEMBERS, first="2")).json()
    unknown = await api.ask(token, "query ($id: ID!) { member(id: $id) { id } }", id="no id")
    found = await api.ask(
        token, "query ($id: ID!) { member(id: $id) { id } }", id=make_id("visit", "x")
    )

    assert wrong["errors"][0]["extensions"]["code"] == "VARIABLES_INVALID"
    assert unknown == found == {"member": None}
