"""What the API says to the database for one request: the statements a bare route then repeats."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from pydantic import SecretStr

from service.app.base import opened
from service.app.serving import web_app
from service.organisation.actors import CALLER_COLUMNS
from service.settings import Settings
from tests.benchmarks.dataset import HOME, Dataset, Staff
from tests.benchmarks.house import KEY

_TOLD_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Said:
    """One statement with its values."""

    text: str
    values: tuple[Any, ...]

    @property
    def reads(self) -> bool:
        """Tell whether it reads what was asked for: not who asks, and no command's writing.

        A read writes down in its own statement what of it is audited.
        """
        rest = self.text.replace(CALLER_COLUMNS, "")
        own = len(rest) > len("SELECT  AS caller\n")
        return bool(self.values) and own and "AS data" in self.text


@dataclass(frozen=True, slots=True)
class Turn:
    """What one request took: the tenant the connection is set to, and the statements."""

    tenant_id: UUID
    said: list[Said]

    @property
    def reading(self) -> list[Said]:
        """Return the statements that read what was asked for."""
        return [one for one in self.said if one.reads]


@dataclass(slots=True)
class Recorder:
    """The API in this process, and what it said since the last question."""

    client: httpx.AsyncClient
    said: list[Said] = field(default_factory=list)

    async def ask(self, request: Callable[[], tuple[bytes, Staff]]) -> Turn:
        """Answer a request twice; returns what it took once all was warm."""
        for _ in range(2):
            self.said.clear()
            body, staff = request()
            headers = {"Authorization": f"Bearer {staff.token}", "Content-Type": "application/json"}
            answer = await self.client.post("/graphql", content=body, headers=headers)
            # asyncpg tells of a statement in a later turn of the loop: COMMIT must be the last of
            # these, not the first of the next, or whoever repeats them leaves locks behind.
            await asyncio.sleep(_TOLD_SECONDS)
            if answer.status_code != 200 or "errors" in answer.json():
                raise RuntimeError(answer.text)
        # Whoever repeats it turns a connection to the tenant himself, if it is not.
        said = [one for one in self.said if not one.text.startswith("SET app.tenant_id")]
        return Turn(staff.tenant_id, said)


@asynccontextmanager
async def recorder(data: Dataset) -> AsyncIterator[Recorder]:
    """Run the API in this process on a data set, listening to its connections."""
    settings = Settings(
        home=HOME,
        database=data.name,
        token_key=SecretStr(KEY),
        pool_size=1,
        log_level="warning",
    )
    connect = asyncpg.connect
    made = Recorder(httpx.AsyncClient())

    async def listening(**arguments: Any) -> "asyncpg.Connection[Any]":
        connection = await connect(**arguments)
        if arguments["user"] == "bailiwick_app":
            connection.add_query_logger(
                lambda one: made.said.append(Said(one.query, tuple(one.args or ())))
            )
        return connection

    asyncpg.connect = listening
    try:
        async with opened(settings) as base:
            transport = httpx.ASGITransport(app=web_app(settings, base, {}))
            async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
                made.client = client
                yield made
    finally:
        asyncpg.connect = connect
