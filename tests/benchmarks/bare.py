"""The reference: a starlette route that does one insert and nothing else."""

import os

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

HOST = os.environ["BARE_HOST"]
PORT = int(os.environ["BARE_PORT"])


async def root(_request: Request) -> JSONResponse:
    return JSONResponse({})


async def insert(request: Request) -> JSONResponse:
    body = await request.json()
    async with request.app.state.pool.acquire() as connection:
        row = await connection.fetchval(
            "INSERT INTO public.bare_note (note) VALUES ($1) RETURNING id", body["note"]
        )
    return JSONResponse({"id": row})


app = Starlette(routes=[Route("/", root), Route("/insert", insert, methods=["POST"])])


async def prepared(scope, receive, send):  # type: ignore[no-untyped-def]  # plain ASGI
    if not hasattr(app.state, "pool"):
        connection = await asyncpg.connect(host=HOST, user="postgres", database="bailiwick")
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS public.bare_note"
            " (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text NOT NULL)"
        )
        await connection.close()
        app.state.pool = await asyncpg.create_pool(
            host=HOST, user="postgres", database="bailiwick", min_size=8, max_size=8
        )
    await app(scope, receive, send)


if __name__ == "__main__":
    uvicorn.run(
        prepared, host="127.0.0.1", port=PORT, access_log=False, log_level="warning", lifespan="off"
    )
