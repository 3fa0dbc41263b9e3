"""A database server that stands still: it takes whatever is sent, and answers nothing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from service.database.connections import Location


class _Way:
    """A way to the server on which nothing passes any more once it is told so."""

    def __init__(self, location: Location) -> None:
        self._socket = f"{location.host}/.s.PGSQL.{location.port}"
        self.passes = asyncio.Event()
        self.passes.set()
        self._ends: list[asyncio.StreamWriter] = []

    async def opened(self) -> asyncio.Server:
        return await asyncio.start_server(self._carry, "127.0.0.1", 0)

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_unix_connection(self._socket)
        self._ends += [back, forth]
        await asyncio.gather(self._pass(near, forth), self._pass(far, back))

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65_536):
                await self.passes.wait()
                target.write(piece)
        target.close()

    def close(self) -> None:
        for end in self._ends:
            end.transport.abort()


@asynccontextmanager
async def standing_still(location: Location) -> AsyncIterator[tuple[Location, asyncio.Event]]:
    """Give a way to a server, and the event that is cleared for it to stand still."""
    way = _Way(location)
    async with await way.opened() as listening:
        port = listening.sockets[0].getsockname()[1]
        try:
            yield replace(location, host="127.0.0.1", port=port), way.passes
        finally:
            way.passes.set()
            way.close()
