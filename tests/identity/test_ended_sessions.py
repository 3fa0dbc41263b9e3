"""Which sessions have ended is read for everybody at once, and so is that it cannot be read."""

import asyncio
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import asyncpg
import pytest

from service.clock import ManualClock, new_id
from service.errors import Unavailable
from service.identity.sessions import EndedSessions


class Directory:
    """A pool that answers when it is told to, or never."""

    def __init__(self) -> None:
        self.asked = 0
        self.ended: list[UUID] = []
        self.reached, self.answers = asyncio.Event(), asyncio.Event()
        self.fault: Exception | None = None

    async def fetch(self, _statement: str, *_values: object) -> list[dict[str, UUID]]:
        self.asked += 1
        self.reached.set()
        await self.answers.wait()
        if self.fault is not None:
            raise self.fault
        return [{"id": one} for one in self.ended]


class Watch:
    """Seconds that pass when the test says so."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def test_a_directory_that_stands_still_is_asked_once_and_everybody_told_the_same(
    clock: ManualClock,
) -> None:
    directory, watch = Directory(), Watch()
    pool = cast("asyncpg.Pool[Any]", directory)
    ended = EndedSessions(pool, clock, timedelta(minutes=10), stopwatch=watch)
    directory.fault = TimeoutError()
    waiting = [asyncio.create_task(ended.has(new_id())) for _ in range(20)]
    await directory.reached.wait()
    waiting.pop().cancel()
    directory.answers.set()

    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(one) for one in told} == {Unavailable}
    assert directory.asked == 1
    with pytest.raises(Unavailable):
        await ended.has(new_id())
    assert directory.asked == 1

    gone = new_id()
    directory.fault, directory.ended = None, [gone]
    watch.seconds += 0.3
    assert await ended.has(gone)
    assert not await ended.has(new_id())
    assert directory.asked == 2


async def test_a_session_that_ended_while_the_list_was_read_is_seen_two_seconds_later(
    clock: ManualClock,
) -> None:
    directory, watch = Directory(), Watch()
    pool = cast("asyncpg.Pool[Any]", directory)
    ended = EndedSessions(pool, clock, timedelta(minutes=10), stopwatch=watch)
    gone = new_id()
    asking = asyncio.create_task(ended.has(gone))
    await directory.reached.wait()
    watch.seconds += 1.5
    directory.answers.set()
    assert not await asking

    directory.ended = [gone]
    watch.seconds += 0.5
    assert await ended.has(gone)
