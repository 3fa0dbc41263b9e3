"""Runs what a command of the operator's starts, until it ends or somebody stops it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Final

import uvloop

from service.app.base import StartRefused
from service.app.listening import AddressUnusable
from service.database.connections import DatabaseSilent, DatabaseUnfit
from service.embedded.errors import EmbeddedServerError
from service.settings import Settings, SettingsWrong
from service.telemetry import configure_logging

# What a command ends with where the operator has to mend something; it says so in one sentence.
REFUSED: Final = 2
# And a process that lasts where the database may answer later: what looks after it starts it again.
# It is the number that sendmail gave to "try again".
AWAY: Final = 75
MENDED_BY_OPERATOR: Final = (
    SettingsWrong,
    StartRefused,
    DatabaseUnfit,
    EmbeddedServerError,
    AddressUnusable,
)


def code_of(error: Exception) -> int:
    """Return what a process that lasts ends with, when this is what ended it."""
    return AWAY if isinstance(error, DatabaseSilent) else REFUSED


async def until_stopped(*running: Awaitable[object]) -> None:
    """Run until the first signal, or until one of the parts ends by itself."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.ensure_future(part) for part in running]
    stopping = asyncio.ensure_future(stop.wait())
    done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in [*tasks, stopping]:
        task.cancel()
    await asyncio.gather(*tasks, stopping, return_exceptions=True)
    for task in done:
        if task is not stopping:
            task.result()


def run_to_end(settings: Settings, main: Callable[[], Awaitable[None]]) -> None:
    """Run a command's coroutine in an event loop of its own."""
    configure_logging(settings.log_level)

    async def awaited() -> None:
        await main()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(awaited())
