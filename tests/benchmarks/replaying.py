"""The bare references: starlette routes that say what the API said to the database, and no more.

Each route sends the statements recorded from the API with their values, and answers with what came
back; JSON made by PostgreSQL goes through as it is. A command's statements come in many copies with
fresh keys, made before the clock runs. There are two of each, and a third for a command:

- `/by-hand/…` is what somebody would write for this one question, with starlette and asyncpg, and
  be proud of: it checks who asks, reads the body it is sent, takes a connection of asyncpg's pool,
  sets the tenant where the connection is not set to it, and has the statement carried out. Token
  and body are checked by the product's own functions, which keep what they have seen.
- `/nothing/…` does not even that: no token, no body, no values, and the product's own pool. Nobody
  could use it; it says what HTTP and the driver cost.
- `/deciding/…` does what the first does, and decides: it checks the same, takes a connection of the
  same pool of asyncpg's, and asks by the same public calls for the same six statements, but they
  are made by the product's own command with all it decides and writes down, instead of being
  recorded (`deciding`). One statement written by hand reads what it answers.
- `/lean/…` is that on the product's own pool and by its own way to the driver.

What the API does besides them is GraphQL, with its limits, rights and figures.
"""

import gc
import os
import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.clock import SystemClock
from service.database.connections import Location, open_pool, open_tenant_pool
from service.identity.tokens import Tokens
from service.organisation.actors import Callers
from service.settings import Settings
from service.work import Transactions
from tests.benchmarks import deciding
from tests.benchmarks.house import KEY

Turn = tuple[UUID, list[tuple[str, tuple[Any, ...]]]]
_PLAN = "REPLAY_PLAN"
_OBJECTS_UNTIL_COLLECTED = 10_000
"""As the product has it."""
_JSON = "application/json"


def _plain(value: object) -> object:
    return value if isinstance(value, list | dict | tuple) else str(value)


def _body(rows: list[Any]) -> bytes:
    if len(rows) == 1:
        # A read's last column is the answer, written by PostgreSQL.
        found = rows[0][-1]
        if isinstance(found, bytes | str):
            return found if isinstance(found, bytes) else found.encode()
    return orjson.dumps([dict(row) for row in rows], default=_plain)


class Replay:
    """Each route's recordings, taken in turn by the number in its path."""

    def __init__(self, plan: dict[str, list[Turn]]) -> None:
        self._plan = plan
        self._next = dict.fromkeys(plan, 0)
        self._set_to: dict[int, UUID] = {}

    def _turn(self, request: Request) -> Turn:
        name = request.path_params["name"]
        turns = self._plan[name]
        number = self._next[name]
        self._next[name] = number + 1
        return turns[number % len(turns)]

    async def by_hand(self, request: Request) -> Response:
        """Check what any endpoint must, and answer with the rows of the recorded statements."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claims = request.app.state.tokens.verify(token) if scheme == "Bearer" else None
        if claims is None or claims.tenant_id is None:
            return Response(b"{}", 401, media_type=_JSON)
        try:
            body = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            return Response(b"{}", 400, media_type=_JSON)
        if not isinstance(body, dict) or not isinstance(body.get("variables"), dict):
            return Response(b"{}", 400, media_type=_JSON)
        tenant_id, statements = self._turn(request)
        bodies: list[bytes] = []
        async with request.app.state.plain_pool.acquire() as connection:
            process = connection.get_server_pid()
            if self._set_to.get(process) != tenant_id:
                await connection.execute(
                    "SELECT set_config('app.tenant_id', $1, false)", str(tenant_id)
                )
                self._set_to[process] = tenant_id
            for text, values in statements:
                if values:
                    bodies.append(_body(await connection.fetch(text, *values)))
                else:
                    await connection.execute(text)
        return Response(b"[%s]" % b",".join(bodies), media_type=_JSON)

    async def nothing(self, request: Request) -> Response:
        """Send the recorded statements and answer with the rows of those that read."""
        await request.body()
        tenant_id, statements = self._turn(request)
        bodies: list[bytes] = []
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
# To look through ten thousand recorded turns for what was given up would take half a slice.
gc.collect()
gc.freeze()
gc.set_threshold(_OBJECTS_UNTIL_COLLECTED, 20, 20)
app = Starlette(
    routes=[
        Route("/readyz", ready),
        Route("/by-hand/{name}", replay.by_hand, methods=["POST"]),
        Route("/nothing/{name}", replay.nothing, methods=["POST"]),
        Route("/deciding/arrival", deciding.plainly, methods=["POST"]),
        Route("/lean/arrival", deciding.leanly, methods=["POST"]),
    ]
)


async def prepared(scope: Any, receive: Any, send: Any) -> None:
    if not hasattr(app.state, "pool"):
        where = Location(os.environ["REPLAY_HOST"], os.environ["REPLAY_DATABASE"])
        app.state.pool = await open_tenant_pool(where, "bailiwick_app", 8)
        app.state.plain_pool = await open_pool(where, "bailiwick_app", 8)
        own = app.state.pool, SystemClock(), Callers()
        app.state.lean_transactions = Transactions(*own)
        app.state.transactions = deciding.OnPlainPool(*own, app.state.plain_pool)
        life = timedelta(hours=1)
        app.state.tokens = Tokens(KEY, Settings().issuer, life, SystemClock())
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
