"""What telling the operators costs: metrics, a line of the log and traces, against a planned read.

In one process and one run: the same requests through the whole endpoint, told to nobody, to a log
and metrics, and to a collector besides. The difference is what the telling costs.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from time import process_time
from typing import Any, Final
from uuid import UUID

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from starlette.applications import Starlette

from service.app.observing import Watch
from service.identity.tokens import Claims
from service.schema.definition import build_schema
from service.schema.endpoint import Endpoint
from service.schema.observation import Finished
from service.telemetry.logs import request_log
from service.telemetry.spans import Spans
from service.telemetry.tracing import Tracer, step
from tests.benchmarks.house import House, house

_READ: Final = b'{"query": "query Sites { sites(first: 10) { nodes { id name } } }"}'
_ROUNDS: Final = 7
_REQUESTS: Final = 400
_TOLD: Final = 20_000
# Spreads the ids of so many requests evenly over all there are.
_STRIDE: Final = 2**56 // 20_011
_SHARE: Final = 0.05


class _Nowhere(SpanExporter):
    """A collector that takes everything."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Take them."""
        return SpanExportResult.SUCCESS if spans else SpanExportResult.FAILURE


def measure() -> list[dict[str, Any]]:
    """Return the figures."""
    return asyncio.run(_measured())


async def _measured() -> list[dict[str, Any]]:
    async with house(showrooms=1, reps=1) as built:
        read = min([await _read_seconds(built) for _ in range(_ROUNDS)]) * 1e6
    figures = []
    with tempfile.TemporaryFile() as stream:
        log, spans = request_log("info", stream), Spans(_Nowhere(), "api")
        ways = {
            "metrics alone": Watch(request_log("warning", stream), Tracer()),
            "metrics and log": Watch(log, Tracer()),
            "metrics, log, 1 % traced": Watch(log, Tracer(spans, 0.01)),
        }
        for name, watch in ways.items():
            told = min(_told_seconds(watch) for _ in range(_ROUNDS)) * 1e6
            figures.append(
                {
                    "name": f"telling of a request: {name}",
                    "value": told / read,
                    "unit": "of a read",
                    "reference": f"{told:.1f} µs of {read:.0f} µs",
                    "goal": f"≤ {_SHARE}",
                    "ok": told / read <= _SHARE,
                }
            )
    return figures


def _told_seconds(watch: Watch) -> float:
    """Return the processor's time for telling of one request."""
    request = Finished(
        request_id="0199c2f07d1e7a558a3e5f0c9b1f2a10",
        status=200,
        seconds=0.0031,
        operation_name="Sites",
        operation_type="query",
        plan="sql",
        cost=21,
        spent=12,
        statements=1,
        answer_bytes=900,
        tenant_id=UUID(int=1),
        member_id=UUID(int=2),
    )
    began = process_time()
    for number in range(_TOLD):
        begun = watch.began(f"0199c2f07d1e7a558a{number * _STRIDE % 2**56:014x}", None)
        with step("plan"):
            pass
        with step("database"):
            pass
        watch.finished(begun, request)
    return (process_time() - began) / _TOLD


async def _read_seconds(built: House) -> float:
    """Return the processor's time of one read through the endpoint, told to nobody."""
    tenant = built.showrooms[0].tenant

    async def authenticate(_token: str) -> Claims:
        return Claims(tenant.admin_id, tenant.id, tenant.admin_id, operator=False, session_id=None)

    app = Starlette(routes=Endpoint(build_schema(), built.base.transactions, authenticate).routes())
    await _ask(app)
    began = process_time()
    for _ in range(_REQUESTS):
        await _ask(app)
    return (process_time() - began) / _REQUESTS


async def _ask(app: Callable[..., Awaitable[None]]) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"authorization", b"Bearer x")],
    }
    sent: list[int] = []

    async def receive() -> dict[str, object]:
        if sent:
            await asyncio.Event().wait()
        sent.append(0)
        return {"type": "http.request", "body": _READ, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise RuntimeError(str(message))

    await app(scope, receive, send)
