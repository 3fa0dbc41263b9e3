"""Bodies that come slowly or not at all, and addresses without end."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest
from builders.api import Api
from builders.identity import Door
from builders.tenants import a_tenant
from starlette.applications import Starlette

from service.identity.tokens import Claims
from service.schema.definition import build_schema
from service.schema.endpoint import Endpoint
from service.work import Transactions

Receive = Callable[[], Any]


@pytest.fixture
async def apps(
    door: Door, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Starlette]:
    """Both addresses that take bodies, with little patience; everybody is the administrator."""
    monkeypatch.setattr("service.schema.bodies._SECONDS", 0.05)
    monkeypatch.setattr("service.web.authentication._BODY_SECONDS", 0.05)
    tenant = await a_tenant(transactions)
    api = Api(transactions)
    claims = api.people[api.token(tenant.id, tenant.admin_id)]

    async def authenticate(_token: str) -> Claims:
        return claims

    endpoint = Endpoint(build_schema(), transactions, authenticate)
    return {
        "/graphql": Starlette(routes=endpoint.routes()),
        "/auth/token": Starlette(routes=door.authentication.routes()),
    }


async def answered(app: Starlette, path: str, receive: Receive, query: bytes = b"") -> Any:
    """Ask, and return the answer's status and headers."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"authorization", b"Bearer any")]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": headers,
    }
    await app(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


async def never() -> Any:
    await asyncio.Event().wait()


async def hangs_up() -> Any:
    return {"type": "http.disconnect"}


@pytest.mark.parametrize("path", ["/graphql", "/auth/token"])
async def test_a_body_that_does_not_come_is_given_up(apps: dict[str, Starlette], path: str) -> None:
    status, headers = await answered(apps[path], path, never)

    assert status == 408
    assert headers[b"connection"] == b"close"


@pytest.mark.parametrize("path", ["/graphql", "/auth/token"])
async def test_who_hangs_up_leaves_no_fault_in_the_log(
    apps: dict[str, Starlette], path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        status, _ = await answered(apps[path], path, hangs_up)

    assert status == 400
    # The client of the test may have a line of its own; ours has nothing to tell.
    assert not [record for record in caplog.records if record.name.startswith("service")]


async def test_an_address_has_a_length(apps: dict[str, Starlette]) -> None:
    status, _ = await answered(apps["/graphql"], "/graphql", never, query=b"q=" + b"x" * 8_192)

    assert status == 414
