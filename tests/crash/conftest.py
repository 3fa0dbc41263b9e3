"""One house for all crashes: each test has a showroom of its own in it."""

import signal
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.benchmarks.house import House, Showroom, house
from tests.benchmarks.load import Serving
from tests.builders.servers import fastest_folder

SHOWROOMS = 4


@pytest.fixture(scope="session")
async def built() -> AsyncIterator[House]:
    """A lasting database that may be killed: whoever asks next starts it again.

    Processes are killed, the machine is not: what they have written stays in its memory as well.
    """
    async with house(SHOWROOMS, folder=fastest_folder()) as one:
        yield one


@pytest.fixture(scope="session")
def unused(built: House) -> Iterator[Showroom]:
    """The showrooms that no test has had yet."""
    return iter(built.showrooms)


@pytest.fixture
def room(unused: Iterator[Showroom]) -> Showroom:
    """A showroom in which nothing has happened yet."""
    return next(unused)


@pytest.fixture(scope="module")
async def serving(built: House) -> AsyncIterator[Serving]:
    """A server that answers, for the tests of a module; whoever kills it starts it again."""
    server = built.server()
    await server.start()
    try:
        yield server
    finally:
        server.kill(signal.SIGTERM)
