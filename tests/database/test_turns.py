"""Whose turn it is when a connection is given back and several wait."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from service.clock import new_id
from service.database.connections import Location
from service.database.pool import PooledConnection, TenantPool
from service.database.security import APPLICATION


@pytest.fixture
def two() -> tuple[UUID, UUID]:
    return new_id(), new_id()


def pool_of(location: Location, size: int) -> TenantPool:
    async def connect() -> "asyncpg.Connection[Any]":
        return await asyncpg.connect(**location.arguments(APPLICATION))

    return TenantPool(connect, size)


async def in_turn(pool: TenantPool, held: PooledConnection, waiting: list[UUID]) -> list[int]:
    """Let people wait for a tenant each; return the order in which they are given the connection.

    Whoever is given it leaves it set to the tenant it was set to.
    """
    turns: list[int] = []

    async def take(number: int, tenant_id: UUID) -> None:
        lent = await pool.take(tenant_id)
        turns.append(number)
        pool.give_back(lent)

    takers = [asyncio.ensure_future(take(*one)) for one in enumerate(waiting)]
    async with asyncio.timeout(10):
        while pool.waiting < len(takers):
            await asyncio.sleep(0)
    pool.give_back(held)
    await asyncio.gather(*takers)
    return turns


async def test_who_waits_for_the_tenant_a_connection_is_set_to_goes_first(
    location: Location, two: tuple[UUID, UUID]
) -> None:
    mine, other = two
    async with pool_of(location, 1) as pool:
        held = await pool.take(mine)
        await held.turn_to(mine)

        turns = await in_turn(pool, held, [other, mine, other, mine])

    assert turns == [1, 3, 0, 2]


async def test_nobody_is_passed_by_again_and_again(
    location: Location, two: tuple[UUID, UUID]
) -> None:
    mine, other = two
    async with pool_of(location, 1) as pool:
        held = await pool.take(mine)
        await held.turn_to(mine)

        turns = await in_turn(pool, held, [other, *[mine] * 20])

    assert turns == [*range(1, 9), 0, *range(9, 21)]


async def test_who_is_first_in_the_queue_passes_nobody_by(
    location: Location, two: tuple[UUID, UUID]
) -> None:
    mine, other = two
    async with pool_of(location, 1) as pool:
        held = await pool.take(mine)
        await held.turn_to(mine)

        turns = await in_turn(pool, held, [*[mine] * 8, other, mine])

    assert turns == [*range(8), 9, 8]


async def test_a_tenant_with_many_requests_leaves_a_connection_to_others(
    location: Location, two: tuple[UUID, UUID]
) -> None:
    mine, other = two
    async with pool_of(location, 3) as pool:
        lent = [await pool.take(mine) for _ in range(3)]
        for held in lent:
            await held.turn_to(mine)

        turns = await in_turn(pool, lent[0], [*[mine] * 40, other])

        for held in lent[1:]:
            pool.give_back(held)
    assert turns == [40, *range(40)]


@pytest.mark.parametrize(("further", "first"), [(1, "mine"), (2, "other"), (7, "other")])
async def test_within_a_quarter_of_the_connections_a_tenant_keeps_those_set_to_it(
    location: Location, two: tuple[UUID, UUID], further: int, first: str
) -> None:
    mine, other = two
    async with pool_of(location, 8) as pool:
        held = await pool.take(mine)
        await held.turn_to(mine)
        lent = [await pool.take(mine if number < further else new_id()) for number in range(7)]

        turns = await in_turn(pool, held, [other, mine])

        for one in lent:
            pool.give_back(one)
    assert turns == ([1, 0] if first == "mine" else [0, 1])
