"""`/healthz` says the process lives; `/readyz` that it can serve. Neither says more."""

from typing import Any

import asyncpg
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service.work import CONNECTION_LOST

_SECONDS = 2.0


def health_routes(pool: "asyncpg.Pool[Any]", revision: str) -> list[Route]:
    """Return the two routes; `revision` is the one this code needs of the database."""

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(_request: Request) -> Response:
        try:
            async with pool.acquire(timeout=_SECONDS) as connection:
                found = await connection.fetchval(
                    "SELECT version_num FROM app.alembic_version", timeout=_SECONDS
                )
        except (TimeoutError, asyncpg.PostgresError, *CONNECTION_LOST):
            found = None
        if found == revision:
            return PlainTextResponse("ready")
        return PlainTextResponse("not ready", 503, {"Retry-After": "2"})

    return [Route("/healthz", alive), Route("/readyz", ready)]
