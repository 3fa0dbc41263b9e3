"""What is told of a request to the operators, over HTTP."""

import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from builders.api import SCHEMA, Api, a_key
from builders.tenants import TenantHandle, a_tenant
from starlette.applications import Starlette

from service.app.observing import REFUSALS, REQUESTS, Watch
from service.identity.tokens import Claims
from service.schema.endpoint import Endpoint
from service.telemetry.logs import request_log
from service.telemetry.tracing import Trace, Tracer
from service.work import Transactions

TRACE = "0af7651916cd43dd8448eb211c80319c"
NAMES = "query Names { viewer { member { name } } }"


class Desk:
    """An endpoint that is watched: its lines and its traces."""

    def __init__(self, transactions: Transactions, **watching: Any) -> None:
        self.api = Api(transactions)
        self.stream = io.BytesIO()
        self.traces: list[tuple[str, Trace, dict[str, Any], bool]] = []
        self.watch = Watch(request_log("info", self.stream), Tracer(self, 0.0), **watching)

    def send(self, name: str, trace: Trace, attributes: dict[str, Any], *, failed: bool) -> None:
        self.traces.append((name, trace, attributes, failed))

    async def ask(
        self, token: str, document: str, traced: bool = True, **variables: Any
    ) -> httpx.Response:
        async def authenticate(known: str) -> Claims | None:
            return self.api.people.get(known)

        endpoint = Endpoint(SCHEMA, self.api.transactions, authenticate, observer=self.watch)
        transport = httpx.ASGITransport(app=Starlette(routes=endpoint.routes()))
        headers = {"Authorization": f"Bearer {token}"}
        if traced:
            headers["traceparent"] = f"00-{TRACE}-b7ad6b7169203331-01"
        async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as client:
            return await client.post(
                "/graphql", json={"query": document, "variables": variables}, headers=headers
            )

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
async def tenant(transactions: Transactions) -> TenantHandle:
    return await a_tenant(transactions)


@pytest.fixture
def watched(transactions: Transactions) -> Callable[..., Desk]:
    return lambda **watching: Desk(transactions, **watching)


def count(operation: str) -> int:
    return sum(steps[-1][1] for labels, steps, _ in REQUESTS.kept() if labels[0] == operation)


async def test_the_id_of_an_answer_is_that_of_the_callers_trace(
    watched: Callable[..., Desk], tenant: TenantHandle
) -> None:
    desk = watched()
    token = desk.api.token(tenant.id, tenant.admin_id)

    answer = await desk.ask(token, NAMES)
    own = await desk.ask(token, NAMES, traced=False)

    assert answer.headers["x-request-id"] == TRACE
    assert len(own.headers["x-request-id"]) == 32
    assert [line["request"] for line in desk.lines] == [TRACE, own.headers["x-request-id"]]


async def test_a_line_says_who_what_and_how_long_and_nothing_of_anybodys(
    watched: Callable[..., Desk], tenant: TenantHandle
) -> None:
    desk, before = watched(), count("Names")
    token = desk.api.token(tenant.id, tenant.admin_id)
    await desk.ask(token, NAMES, phone="13800138000")

    (line,) = desk.lines

    assert (line["operation"], line["type"], line["status"]) == ("Names", "query", 200)
    assert (line["tenant"], line["member"]) == (str(tenant.id), str(tenant.admin_id))
    assert line["ms"] > 0
    assert line["statements"] > 0
    raw = desk.stream.getvalue().decode()
    assert "13800138000" not in raw
    assert token not in raw
    assert "viewer {" not in raw
    assert count("Names") == before + 1


async def test_a_trace_says_what_was_asked_and_where_the_time_went(
    watched: Callable[..., Desk], tenant: TenantHandle
) -> None:
    desk = watched()
    await desk.ask(desk.api.token(tenant.id, tenant.admin_id), NAMES)

    ((name, trace, attributes, failed),) = desk.traces

    assert (name, trace.trace_id, failed) == ("query", TRACE, False)
    assert attributes["graphql.operation.name"] == "Names"
    assert attributes["bailiwick.plan"] in {"sql", "fallback"}
    assert attributes["bailiwick.rows"] == 2
    assert {"plan", "database"} <= {step for step, _, _ in trace.steps}
    assert "graphql.document" not in attributes


async def test_a_documents_text_is_traced_only_where_it_is_wanted(
    watched: Callable[..., Desk], tenant: TenantHandle
) -> None:
    desk = watched(documents=True)
    await desk.ask(desk.api.token(tenant.id, tenant.admin_id), NAMES)

    assert desk.traces[0][2]["graphql.document"] == NAMES


async def test_refusals_are_counted_by_code_at_the_top_and_in_payloads(
    watched: Callable[..., Desk], tenant: TenantHandle
) -> None:
    desk, before = watched(), dict(REFUSALS.values)
    rep = await tenant.member("安")
    command = """mutation Close($input: CloseVisitInput!) {
        closeVisit(input: $input) { errors { code } } }"""
    sent = {"idempotencyKey": a_key(), "visitId": "visit_00000000-0000-7000-8000-000000000000"}
    answer = await desk.ask(desk.api.token(tenant.id, rep), command, input=sent)
    code = answer.json()["data"]["closeVisit"]["errors"][0]["code"]
    await desk.ask("nobody's", NAMES)

    def more(code: str) -> float:
        return REFUSALS.values.get((code,), 0) - before.get((code,), 0)

    assert (more(code), more("UNAUTHENTICATED")) == (1, 1)
    assert desk.lines[0]["refused"] == [code]
    assert desk.lines[1]["code"] == "UNAUTHENTICATED"


async def test_a_slow_request_is_a_warning(
    watched: Callable[..., Desk], tenant: TenantHandle
) -> None:
    desk = watched(slow_seconds=1e-9)
    await desk.ask(desk.api.token(tenant.id, tenant.admin_id), NAMES)

    assert (desk.lines[0]["event"], desk.lines[0]["level"]) == ("request.slow", "warning")
