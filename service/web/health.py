"""`/healthz` says the process lives; `/readyz` that it can serve. Neither says more."""

import asyncio

import asyncpg
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from service.database.pool import PoolExhausted, TenantPool
from service.work import CONNECTION_LOST

_SECONDS = 2.0


def health_routes(pool: TenantPool, revision: str) -> list[Route]:
    """Return the two routes; `revision` is the one this code needs of the database."""

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def ready(_request: Request) -> Response:
        try:
            async with asyncio.timeout(_SECONDS), pool.acquire() as connection:
                found = await connection.fetchval("SELECT version_num FROM app.alembic_version")
        except (asyncpg.PostgresError, PoolExhausted, *CONNECTION_LOST):
            found = None
        if found == revision:
            return PlainTextResponse("ready")
        return PlainTextResponse("not ready", 503, {"Retry-After": "2"})

    return [Route("/healthz", alive), Route("/readyz", ready)]
