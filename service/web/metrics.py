"""`/metrics` for Prometheus, on an address of its own that only operators can reach."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service.telemetry.exposition import CONTENT_TYPE, written

Look = Callable[[], Awaitable[None]]


def metrics_route(look: Look) -> Route:
    """Return the route; `look` brings up to date what has to be asked of the database."""

    async def metrics(_request: Request) -> Response:
        await look()
        return PlainTextResponse(written(), media_type=CONTENT_TYPE)

    return Route("/metrics", metrics)
