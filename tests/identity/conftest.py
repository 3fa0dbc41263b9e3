"""Identity on this worker's database, and an identity provider on the loopback address."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
from builders.identity import identity_pool_of
from builders.issuer import Issuer, an_issuer

from service.database.connections import Location


@pytest.fixture(scope="session")
async def identity_pool(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    """A pool under the sign-in role."""
    async with await identity_pool_of(location) as opened:
        yield opened


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An identity provider of this test alone."""
    with an_issuer() as running:
        yield running
