"""What is answered ends when nobody is there to hear it: its statement is cancelled, too.

Only reads: whoever sent a command wanted it done, and on a bad line it is sent again with its key;
a command once begun therefore runs to its end, which the limits of its statements bound.
"""

import asyncio
from types import TracebackType
from typing import Final, Self
from weakref import WeakKeyDictionary

from service.schema.bodies import Receive
from service.web.whole import Exchange

# Most answers are sent before anybody looks: looking costs a task, and so would a timer for each.
_LOOK_AFTER_SECONDS: Final = 0.05


class ClientGone(Exception):
    """The client has hung up; there is nobody to answer."""


class _Lookout:
    """Has those look for a hang-up who have waited long enough; one timer for all of a loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._fresh: set[WhileAwaited] = set()
        self._older: set[WhileAwaited] = set()
        self._set = False

    def enter(self, one: "WhileAwaited") -> None:
        """Have one look after a while."""
        self._fresh.add(one)
        if not self._set:
            self._set = True
            self._loop.call_later(_LOOK_AFTER_SECONDS, self._turn)

    def leave(self, one: "WhileAwaited") -> None:
        """Forget one that is through."""
        self._fresh.discard(one)
        self._older.discard(one)

    def _turn(self) -> None:
        for one in self._older:
            one.begin_to_look()
        self._fresh, self._older = set(), self._fresh
        self._set = bool(self._older)
        if self._set:
            self._loop.call_later(_LOOK_AFTER_SECONDS, self._turn)


_LOOKOUTS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, _Lookout]] = WeakKeyDictionary()


def _lookout() -> _Lookout:
    loop = asyncio.get_running_loop()
    known = _LOOKOUTS.get(loop)
    if known is None:
        known = _LOOKOUTS[loop] = _Lookout(loop)
    return known


class WhileAwaited:
    """Cancels what runs inside it once the client has hung up.

    The request's body must have been read to its end, or be empty: what comes after it is the
    hanging up.
    """

    __slots__ = ("_answering", "_exchange", "_gone", "_looking", "_receive")

    def __init__(self, receive: Receive, exchange: Exchange | None = None) -> None:
        """Take how a hang-up is learned of: the exchange tells; else somebody has to look."""
        self._receive = receive
        self._exchange = exchange
        self._answering: asyncio.Task[object] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._gone = False

    def __enter__(self) -> Self:
        exchange = self._exchange
        if exchange is None:
            self._answering = asyncio.current_task()
            _lookout().enter(self)
        elif exchange.gone:
            raise ClientGone
        else:
            exchange.ends = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        exchange = self._exchange
        if exchange is not None:
            exchange.ends = False
            if not exchange.gone:
                return
            self._answering = exchange.task
        else:
            _lookout().leave(self)
            if self._looking is not None:
                self._looking.cancel()
            if not self._gone:
                return
        if self._answering is None:
            return
        # Somebody else may have cancelled the task besides: that one's wish is not ours to end.
        if self._answering.uncancel() == 0 and isinstance(error, asyncio.CancelledError):
            raise ClientGone from error

    def begin_to_look(self) -> None:
        """Look from now on until the end, or the hanging up."""
        self._looking = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if self._answering is not None:
            self._gone = True
            self._answering.cancel()
