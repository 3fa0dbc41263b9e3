"""Alive and ready are two questions; neither answer says more than yes or no."""

from dataclasses import replace

import asyncpg
import httpx
from starlette.applications import Starlette

from service.database.connections import Location
from service.database.migrations.run import newest_revision
from service.database.security import APPLICATION
from service.web.health import health_routes

Pool = asyncpg.Pool


async def ask(pool: Pool, path: str, revision: str | None = None) -> httpx.Response:
    app = Starlette(routes=health_routes(pool, revision or newest_revision()))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://door.test") as client:
        return await client.get(path)


async def test_with_database_and_revision_it_is_ready(pool: Pool) -> None:
    answer = await ask(pool, "/readyz")

    assert (answer.status_code, answer.text) == (200, "ready")


async def test_at_another_revision_it_is_not(pool: Pool) -> None:
    answer = await ask(pool, "/readyz", "9999")

    assert (answer.status_code, answer.text) == (503, "not ready")
    assert answer.headers["Retry-After"] == "2"


async def test_without_the_database_it_lives_and_is_not_ready(location: Location) -> None:
    away = await asyncpg.create_pool(
        **replace(location, host="/nowhere").arguments(APPLICATION), min_size=0
    )

    assert (await ask(away, "/healthz")).text == "ok"
    assert (await ask(away, "/readyz")).text == "not ready"
    away.terminate()
