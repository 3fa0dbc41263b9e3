"""What sign-in forgets, and what it must not."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from builders.identity import Person, a_person

from service.clock import ManualClock, new_id
from service.identity import purging
from service.identity.attempts import COUNTED, Attempt, count_failure
from service.identity.purging import REMEMBERED, purge
from service.identity.sessions import end_session, start_session
from service.identity.tables import SessionEnd

Pool = asyncpg.Pool
NOBODYS = (None, None)


async def a_session(pool: Pool, clock: ManualClock, person: Person, days: int = 30) -> UUID:
    async with pool.acquire() as connection:
        session_id, _ = await start_session(
            connection, person.id, NOBODYS, place=b"here", now=clock.now(), days=days
        )
    return session_id


async def sessions_of(pool: Any, person: Person) -> list[UUID]:
    rows = await pool.fetch("SELECT id FROM app.platform_session WHERE user_id = $1", person.id)
    return [row["id"] for row in rows]


async def test_a_session_is_forgotten_ninety_days_after_its_end_and_its_tokens_with_it(
    identity_pool: Pool, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "_AT_ONCE", 1)
    person = await a_person(identity_pool, clock)
    ended = [await a_session(identity_pool, clock, person) for _ in range(2)]
    expired = await a_session(identity_pool, clock, person, days=1)
    living = await a_session(identity_pool, clock, person, days=365)
    for one in ended:
        await end_session(identity_pool, one, SessionEnd.SIGNED_OUT, clock.now())

    clock.advance(REMEMBERED)
    await purge(identity_pool, clock.now())
    assert set(await sessions_of(identity_pool, person)) == {*ended, expired, living}

    clock.advance(timedelta(days=1, milliseconds=1))
    assert await purge(identity_pool, clock.now()) >= 3
    assert await sessions_of(identity_pool, person) == [living]
    kept = await identity_pool.fetch(
        "SELECT session_id FROM app.platform_refresh_token WHERE session_id = ANY($1::uuid[])",
        [*ended, expired, living],
    )
    assert [row["session_id"] for row in kept] == [living]


async def test_a_failure_is_forgotten_when_it_counts_no_more(
    identity_pool: Pool, clock: ManualClock
) -> None:
    attempt = Attempt.of(f"li-{new_id()}", "198.51.100.7")
    await count_failure(identity_pool, attempt, clock.now())

    async def known() -> int:
        return int(
            await identity_pool.fetchval(
                "SELECT count(*) FROM app.platform_sign_in_failure WHERE key_hash = $1",
                attempt.name_key,
            )
        )

    clock.advance(COUNTED)
    await purge(identity_pool, clock.now())
    assert await known() == 1

    clock.advance(timedelta(milliseconds=1))
    await purge(identity_pool, clock.now())
    assert await known() == 0
