"""A database server that stands still: it takes whatever is sent, and answers nothing.

Or only the processes of the connections it has already: it takes new ones, and answers those.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
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
        passes = self.passes
        await asyncio.gather(self._pass(near, forth, passes), self._pass(far, back, passes))

    def block_those_open(self) -> None:
        """Let nothing pass on the ways that are open; those that are opened later are free."""
        self.passes.clear()
        self.passes = asyncio.Event()
        self.passes.set()

    async def _pass(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, passes: asyncio.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(65_536):
                await passes.wait()
                target.write(piece)
        target.close()

    def close(self) -> None:
        for end in self._ends:
            end.transport.abort()


@asynccontextmanager
async def _way_to(location: Location) -> AsyncIterator[tuple[Location, _Way]]:
    way = _Way(location)
    async with await way.opened() as listening:
        port = listening.sockets[0].getsockname()[1]
        try:
            yield replace(location, host="127.0.0.1", port=port), way
        finally:
            way.passes.set()
            way.close()


@asynccontextmanager
async def standing_still(location: Location) -> AsyncIterator[tuple[Location, asyncio.Event]]:
    """Give a way to a server, and the event that is cleared for it to stand still."""
    async with _way_to(location) as (near, way):
        yield near, way.passes


@asynccontextmanager
async def processes_standing_still(
    location: Location,
) -> AsyncIterator[tuple[Location, Callable[[], None]]]:
    """Give a way to a server, and what makes the processes it has by then stand still."""
    async with _way_to(location) as (near, way):
        yield near, way.block_those_open
