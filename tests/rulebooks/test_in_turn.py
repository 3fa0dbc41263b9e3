"""Texts are worked on one at a time, and a long line is refused instead of made longer."""

import asyncio
import threading

import pytest

from service.rulebooks.errors import TextsWaiting
from service.rulebooks.in_turn import MOST_IN_LINE, in_turn


class Bench:
    """Where work is done: how much of it at once at most, and not before it is let go on."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.at_once = self.most_at_once = 0
        self._lock = threading.Lock()

    def work(self, text: str) -> str:
        with self._lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.go_on.wait()
        with self._lock:
            self.at_once -= 1
        return text.upper()


async def test_several_texts_are_worked_on_one_after_the_other() -> None:
    bench = Bench()
    asked = [asyncio.create_task(in_turn(bench.work, text)) for text in "abcd"]
    await asyncio.sleep(0)
    bench.go_on.set()

    assert await asyncio.gather(*asked) == ["A", "B", "C", "D"]
    assert bench.most_at_once == 1


async def test_whoever_finds_the_line_full_is_told_so_and_is_heard_later() -> None:
    bench = Bench()
    asked = [asyncio.create_task(in_turn(bench.work, "a")) for _ in range(MOST_IN_LINE)]
    await asyncio.sleep(0)

    with pytest.raises(TextsWaiting):
        await in_turn(bench.work, "b")

    bench.go_on.set()
    await asyncio.gather(*asked)
    assert await in_turn(bench.work, "b") == "B"


async def test_what_fails_leaves_the_line() -> None:
    for _ in range(MOST_IN_LINE + 1):
        with pytest.raises(ZeroDivisionError):
            await in_turn(lambda: 1 // 0)


async def test_who_gives_up_makes_room_when_the_work_is_done_and_not_before() -> None:
    bench = Bench()
    working, waiting = (asyncio.create_task(in_turn(bench.work, "a")) for _ in range(2))
    while not bench.at_once:
        await asyncio.sleep(0)
    for given_up in (working, waiting):
        given_up.cancel()
    await asyncio.gather(working, waiting, return_exceptions=True)

    later = asyncio.create_task(in_turn(bench.work, "b"))
    await asyncio.sleep(0)
    bench.go_on.set()

    assert await later == "B"
    assert bench.most_at_once == 1
