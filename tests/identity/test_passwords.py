"""Passwords: what they cost, and that strangers cost the same."""

import asyncio
import time

import pytest
from builders.identity import PASSWORD, PASSWORD_HASH

from service.errors import Busy
from service.identity.passwords import Passwords


async def test_a_password_fits_its_own_hash_only() -> None:
    passwords = Passwords()
    made = await passwords.hashed("梅花")

    assert await passwords.fits("梅花", made)
    assert not await passwords.fits("荷花", made)
    assert await passwords.fits(PASSWORD, PASSWORD_HASH)


def test_the_cost_is_the_one_we_chose() -> None:
    assert PASSWORD_HASH.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_a_broken_hash_and_none_fit_nothing() -> None:
    passwords = Passwords()

    assert not await passwords.fits("梅花", "not a hash")
    assert not await passwords.fits("a name that nobody has", None)


async def test_an_unknown_name_costs_as_much_as_a_known_one() -> None:
    passwords = Passwords()

    async def least_of(password_hash: str | None) -> float:
        times = []
        for _ in range(5):
            started = time.process_time()
            await passwords.fits("荷花", password_hash)
            times.append(time.process_time() - started)
        return min(times)

    known, unknown = await least_of(PASSWORD_HASH), await least_of(None)

    assert unknown == pytest.approx(known, rel=0.5)


async def test_the_queue_for_hashing_is_short_and_says_so() -> None:
    passwords = Passwords()
    entered = asyncio.Event()

    async def stay() -> None:
        async with passwords.turn():
            await entered.wait()

    waiting = [asyncio.create_task(stay()) for _ in range(102)]
    await asyncio.sleep(0)

    with pytest.raises(Busy):
        async with passwords.turn():
            pass

    entered.set()
    await asyncio.gather(*waiting)
    async with passwords.turn():
        pass
