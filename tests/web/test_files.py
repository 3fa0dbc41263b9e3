"""What is had as a file: loaded by the first who asks for one, and answered as if it always was."""

from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from service.app import serving
from service.clock import ManualClock
from service.database.pool import TenantPool
from service.settings import Settings
from service.web.on_demand import OnDemand
from service.work import Transactions


async def path_of(request: Request) -> Response:
    return PlainTextResponse(request.url.path)


HEALTH, BOARD = Route("/healthz", path_of), Route("/files/{board}.csv", path_of, methods=["GET"])


async def ask(app: ASGIApp, method: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/files/board.csv", 200),
        ("HEAD", "/files/board.csv", 200),
        ("POST", "/files/board.csv", 405),
        ("GET", "/files/board.csv/", 307),
        ("GET", "/files/board.pdf", 404),
        ("GET", "/files/", 404),
        ("GET", "/files", 404),
        ("GET", "/filesystem", 404),
        ("GET", "/healthz", 200),
        ("POST", "/healthz", 405),
    ],
)
async def test_what_is_made_on_demand_answers_as_if_it_had_been_there(
    method: str, path: str, status: int
) -> None:
    app = OnDemand(Starlette(routes=[HEALTH]), "/files/", lambda: [BOARD])

    found = await ask(app, method, path)
    always = await ask(Starlette(routes=[HEALTH, BOARD]), method, path)

    assert found.status_code == status
    assert (found.status_code, found.headers, found.content) == (
        always.status_code,
        always.headers,
        always.content,
    )


async def test_it_is_made_by_the_first_who_asks_for_it_and_once() -> None:
    made: list[Route] = []

    def files() -> list[Route]:
        made.append(BOARD)
        return made

    app = OnDemand(Starlette(routes=[HEALTH]), "/files/", files)

    assert [(await ask(app, "GET", "/healthz")).status_code, len(made)] == [200, 0]
    for _ in range(2):
        assert [(await ask(app, "GET", "/files/board.csv")).status_code, len(made)] == [200, 1]


async def test_the_server_has_files_of_plans_boards_reports_and_simulations(
    transactions: Transactions,
    pool: TenantPool,
    identity_pool: "asyncpg.Pool[Any]",
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever is not signed in is told so; of a path that is none nobody has to be."""
    monkeypatch.setattr(serving, "_give_memory_back", lambda: None)
    pools = {"application_pool": pool, "identity_pool": identity_pool, "relay_pool": identity_pool}
    base: Any = SimpleNamespace(clock=clock, transactions=transactions, **pools)
    app: Any = serving.web_app(Settings(token_key=SecretStr("k" * 64)), base, {})

    for method, path in (
        ("GET", "/files/target-plans/x.csv"),
        ("POST", "/files/target-plans/x/import"),
        ("GET", "/files/boards/memberBoard.csv"),
        ("GET", "/files/reports/territory.html"),
        ("GET", "/files/simulations/x.xlsx"),
    ):
        answer = await ask(app, method, path)
        assert (path, answer.status_code) == (path, 401)
    assert (await ask(app, "GET", "/files/nothing")).status_code == 404
