"""The bare reference: starlette routes that say what the API said to the database, and no more.

No token, no document, no limits: a route takes a connection that is set to the tenant, sends the
statements recorded from the API with their values, and answers with what came back; JSON made by
PostgreSQL goes through as it is. A command's statements come in many copies with fresh keys, made
before the clock runs.
"""

import os
import pickle
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.database.connections import Location, open_tenant_pool

Turn = tuple[UUID, list[tuple[str, tuple[Any, ...]]]]
_PLAN = "REPLAY_PLAN"
_JSON = "application/json"


def _plain(value: object) -> object:
    return value if isinstance(value, list | dict | tuple) else str(value)


def _body(rows: list[Any]) -> bytes:
    if len(rows) == 1 and len(rows[0]) == 1:
        found = rows[0][0]
        if isinstance(found, bytes | str):
            return found if isinstance(found, bytes) else found.encode()
    return orjson.dumps([dict(row) for row in rows], default=_plain)


class Replay:
    """Each route's recordings, taken in turn by the number in its path."""

    def __init__(self, plan: dict[str, list[Turn]]) -> None:
        self._plan = plan
        self._next = dict.fromkeys(plan, 0)

    async def answer(self, request: Request) -> Response:
        """Send the recorded statements and answer with the rows of those that read."""
        await request.body()
        name = request.path_params["name"]
        turns = self._plan[name]
        number = self._next[name]
        self._next[name] = number + 1
        bodies: list[bytes] = []
        tenant_id, statements = turns[number % len(turns)]
        pool = request.app.state.pool
        held = await pool.take(tenant_id)
        try:
            await held.turn_to(tenant_id)
            for text, values in statements:
                if values:
                    bodies.append(_body(await held.connection.fetch(text, *values)))
                else:
                    await held.connection.execute(text)
        except BaseException:
            await pool.mend(held)
            raise
        pool.give_back(held)
        return Response(b"[%s]" % b",".join(bodies), media_type=_JSON)


async def ready(_request: Request) -> Response:
    return Response(b"{}", media_type=_JSON)


replay = Replay(pickle.loads(Path(os.environ[_PLAN]).read_bytes()))  # noqa: S301 - written by us
app = Starlette(routes=[Route("/readyz", ready), Route("/{name}", replay.answer, methods=["POST"])])


async def prepared(scope: Any, receive: Any, send: Any) -> None:
    if not hasattr(app.state, "pool"):
        where = Location(os.environ["REPLAY_HOST"], os.environ["REPLAY_DATABASE"])
        app.state.pool = await open_tenant_pool(where, "bailiwick_app", 8)
    await app(scope, receive, send)


if __name__ == "__main__":
    uvicorn.run(
        prepared,
        host="127.0.0.1",
        port=int(os.environ["REPLAY_PORT"]),
        access_log=False,
        log_level="warning",
        lifespan="off",
    )
