"""Several API processes on one address: the first loads everything and forks the others.

What is loaded before the fork is shared by all of them, so that a further process costs what it
makes of its own (about 40 MB) and not what the libraries are. The first serves nobody: it replaces
whoever dies, and takes all along when it is stopped.
"""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable

from service.clock import monotonic_seconds

_log = logging.getLogger(__name__)

# What `bailiwick` ends with when the operator has to mend something: a new one would end so too.
_REFUSED = 2
_SHORTEST_LIFE_SECONDS = 1.0
_STOPS = (signal.SIGTERM, signal.SIGINT)


class StoppedTogether(Exception):
    """Every process has ended; carries the exit code of the whole."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def divide(count: int) -> Awaitable[None]:
    """Fork into so many processes; returns in each of them what ends when the first has gone.

    In the first process it does not return. No thread and no event loop may be running.

    Raises:
        StoppedTogether: in the first process, once all others have ended.
    """
    crew = _Crew()
    while True:
        while len(crew.members) < count and not crew.stopping:
            if not crew.fork():
                return crew.left_alone()
        if not crew.members:
            raise StoppedTogether(crew.code)
        crew.wait_for_one()


class _Crew:
    """The processes forked, as the first one knows them."""

    def __init__(self) -> None:
        self.members: dict[int, float] = {}
        self.stopping = False
        self.code = 0
        # Nobody ever writes: its end is that the first process, the only writer, is no more.
        self._ended, self._held = os.pipe()
        for number in _STOPS:
            signal.signal(number, self._stop)

    def fork(self) -> bool:
        """Fork one; tells whether this is still the first process."""
        # A stop between the fork and its entry would miss the new one.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOPS)
        try:
            process = os.fork()
            if process:
                self.members[process] = monotonic_seconds()
                return True
            for number in _STOPS:
                signal.signal(number, signal.SIG_DFL)
            os.close(self._held)
            return False
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPS)

    def wait_for_one(self) -> None:
        """Wait until one ends, and note what that means for the others."""
        process, status = os.wait()
        began = self.members.pop(process, None)
        if began is None or self.stopping:
            return
        code = os.waitstatus_to_exitcode(status)
        if code == _REFUSED:
            self.code = code
            self._stop()
            return
        _log.error("API process %s ended with %s and is replaced", process, code)
        # One that dies at once would be forked as fast as the machine can.
        time.sleep(max(0.0, _SHORTEST_LIFE_SECONDS - (monotonic_seconds() - began)))

    async def left_alone(self) -> None:
        """Wait until the first process has gone, however it ended."""
        gone = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._ended, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(self._ended)

    def _stop(self, *_: object) -> None:
        self.stopping = True
        for process in list(self.members):
            os.kill(process, signal.SIGTERM)
