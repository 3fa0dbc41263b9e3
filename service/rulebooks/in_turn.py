"""Whole texts are worked on one at a time: a process has one interpreter, and others ask too.

Six checks at once kept everybody else's requests waiting for more than half a second. In turn they
take no longer, and others are served in between. Who finds a long line is told to come again.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from service.rulebooks.errors import TextsWaiting

# One is worked on, the others wait; a command that waits holds a connection meanwhile.
MOST_IN_LINE: Final = 6
_P = ParamSpec("_P")
_R = TypeVar("_R")


class _Line:
    """Those of one loop who have a text to be worked on."""

    __slots__ = ("door", "length")

    def __init__(self) -> None:
        self.door = asyncio.Lock()
        self.length = 0

    def next_one(self, done: "asyncio.Future[Any]") -> None:
        """Let the next one in; a failure that nobody waits for any more is nobody's."""
        self.length -= 1
        self.door.release()
        if not done.cancelled():
            done.exception()


_lines: WeakKeyDictionary[asyncio.AbstractEventLoop, _Line] = WeakKeyDictionary()


async def in_turn(work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Do work on a text away from the loop, when it is its turn, and return what it returns.

    Raises:
        TextsWaiting: too many are in line already.
    """
    line = _lines.setdefault(asyncio.get_running_loop(), _Line())
    if line.length >= MOST_IN_LINE:
        raise TextsWaiting
    line.length += 1
    try:
        await line.door.acquire()
    except asyncio.CancelledError:
        line.length -= 1
        raise
    working = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    working.add_done_callback(line.next_one)
    # Who gives up stops waiting, not the thread: its place is free when the thread is.
    return await asyncio.shield(working)
