"""The second time a caller asks the same, the way is shorter; what he is told is not another."""

import re
from typing import Any

import asyncpg
import httpx
import pytest
from builders.api import Api
from builders.tenants import TenantHandle

from service.database.pool import TenantPool
from service.organisation.commands import EditMember, edit_member
from service.schema.planner.planner import Planner
from service.schema.rates import Rates
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


async def test_a_variable_in_another_form_is_worded_as_ever(api: Api, token: str) -> None:
    await api.ask(token, MEMBERS, first=2)

    wrong = (await api.post(token, MEMBERS, first="2")).json()
    unknown = await api.ask(token, "query ($id: ID!) { member(id: $id) { id } }", id="no id")
    found = await api.ask(
        token, "query ($id: ID!) { member(id: $id) { id } }", id=make_id("visit", "x")
    )

    assert wrong["errors"][0]["extensions"]["code"] == "VARIABLES_INVALID"
    assert unknown == found == {"member": None}
