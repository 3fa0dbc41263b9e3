"""The door to the product: /auth on this worker's database."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from builders.identity import Door, identity_pool_of

from service.clock import ManualClock
from service.database.connections import Location


@pytest.fixture(scope="session")
async def identity_pool(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    """A pool under the sign-in role."""
    async with await identity_pool_of(location) as opened:
        yield opened


@pytest.fixture
def door(identity_pool: "asyncpg.Pool[Any]", clock: ManualClock) -> Door:
    """The door, from an address nobody else comes from."""
    return Door(identity_pool, clock)
