"""An id on every answer: what a client quotes, and what the log has beside the fault."""

import re
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.clock import monotonic_seconds, new_id
from service.telemetry.logs import RequestLog
from service.telemetry.metrics import Histogram

_TRACEPARENT: Final = re.compile(rb"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_HEADER: Final = "X-Request-Id"
# What has ids, metrics and lines of its own.
_GRAPHQL: Final = "/graphql"
_FAULT: Final = 500
# Asked every few seconds by machines.
_UNLOGGED: Final = {"/healthz", "/readyz"}

REQUESTS = Histogram(
    "http_request_seconds",
    "Requests that are not GraphQL, by path and status; unknown paths are one.",
    ("path", "status"),
)


class RequestIds:
    """Gives an id, a metric and a line of the log to what is not GraphQL."""

    def __init__(self, app: ASGIApp, log: RequestLog, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._log = log
        # What strangers make up is one path: it may be anything, and there is no end to it.
        self._known = {route.path for route in routes if isinstance(route, Route)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with an id."""
        if scope["type"] != "http" or scope["path"] == _GRAPHQL:
            await self._app(scope, receive, send)
            return
        request_id = _id_of(scope)
        began = monotonic_seconds()
        status = _FAULT

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).setdefault(_HEADER, request_id)
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            self._tell(scope, status, monotonic_seconds() - began, request_id)

    def _tell(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        path = scope["path"] if scope["path"] in self._known else "other"
        REQUESTS.observe(seconds, path, str(status))
        if path in _UNLOGGED:
            return
        write = self._log.error if status >= _FAULT else self._log.info
        write(
            "http",
            method=scope["method"],
            path=path,
            status=status,
            ms=round(seconds * 1000, 2),
            request=request_id,
        )


def _id_of(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            found = _TRACEPARENT.fullmatch(value)
            if found is not None:
                return found[1].decode()
    return new_id().hex
