"""The API on a real socket, on this worker's database."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from builders.api import Api
from builders.streams import Served, served

from service.database.connections import Location, open_pool
from service.database.security import RELAY


@pytest.fixture
async def relay(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    """A pool under the relay's role, which sees every tenant's outbox."""
    async with await open_pool(location, RELAY, 4) as opened:
        yield opened


@pytest.fixture
async def running(api: Api, relay: "asyncpg.Pool[Any]") -> AsyncIterator[Served]:
    """The running server."""
    async with served(api, relay) as opened:
        yield opened
