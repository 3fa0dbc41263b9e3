"""Every answer has an id, whatever was asked; and a line in the log."""

import io
import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service.telemetry.logs import request_log
from service.web.request_ids import RequestIds

TRACE = "0af7651916cd43dd8448eb211c80319c"


async def plain(_request: Request) -> Response:
    return PlainTextResponse("ok")


async def broken(_request: Request) -> Response:
    raise RuntimeError("a fault")


async def ask(path: str, **headers: str) -> tuple[httpx.Response, list[dict[str, Any]]]:
    stream = io.BytesIO()
    routes = [Route("/healthz", plain), Route("/auth/token", plain), Route("/broken", broken)]
    app = RequestIds(Starlette(routes=routes), request_log("info", stream), routes)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as client:
        answer = await client.get(path, headers=headers)
    return answer, [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("path", ["/healthz", "/auth/token", "/nowhere", "/broken"])
async def test_every_answer_has_an_id(path: str) -> None:
    answer, _ = await ask(path)

    assert len(bytes.fromhex(answer.headers["x-request-id"])) == 16


async def test_it_is_that_of_the_callers_trace() -> None:
    answer, lines = await ask("/auth/token", traceparent=f"00-{TRACE}-b7ad6b7169203331-01")

    assert answer.headers["x-request-id"] == TRACE
    assert lines[0]["request"] == TRACE


async def test_what_machines_ask_every_few_seconds_is_not_logged() -> None:
    _, lines = await ask("/healthz")

    assert lines == []


async def test_a_path_that_a_stranger_made_up_is_not_written() -> None:
    _, lines = await ask("/customers/13800138000?phone=13800138000")

    assert "13800138000" not in json.dumps(lines)
    assert (lines[0]["path"], lines[0]["status"]) == ("other", 404)


async def test_a_sign_in_is_told_by_its_path() -> None:
    _, lines = await ask("/auth/token")

    assert (lines[0]["path"], lines[0]["level"]) == ("/auth/token", "info")


async def test_a_fault_is_an_error() -> None:
    _, lines = await ask("/broken")

    assert (lines[0]["status"], lines[0]["level"]) == (500, "error")
