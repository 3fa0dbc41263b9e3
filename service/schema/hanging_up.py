"""What is answered ends when nobody is there to hear it: its statement is cancelled, too.

Only reads: whoever sent a command wanted it done, and on a bad line it is sent again with its key;
a command once begun therefore runs to its end, which the limits of its statements bound.
"""

import asyncio
from types import TracebackType
from typing import Final, Self

from service.schema.bodies import Receive

# Most answers are sent before anybody looks: looking costs a task.
_LOOK_AFTER_SECONDS: Final = 0.05


class ClientGone(Exception):
    """The client has hung up; there is nobody to answer."""


class WhileAwaited:
    """Cancels what runs inside it once the client has hung up.

    The request's body must have been read to its end, or be empty: what comes after it is the
    hanging up.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._answering: asyncio.Task[object] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._gone = False

    async def __aenter__(self) -> Self:
        self._answering = asyncio.current_task()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_LOOK_AFTER_SECONDS, self._begin_to_look)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
        if not self._gone or self._answering is None:
            return
        # Somebody else may have cancelled the task besides: that one's wish is not ours to end.
        if self._answering.uncancel() == 0 and isinstance(error, asyncio.CancelledError):
            raise ClientGone from error

    def _begin_to_look(self) -> None:
        self._looking = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if self._answering is not None:
            self._gone = True
            self._answering.cancel()
