"""Starts the API's processes: what `bailiwick serve` does."""

import contextlib
import sys
from collections.abc import Awaitable

from service.app.base import opened
from service.app.listening import address_of, listening
from service.app.processes import StoppedTogether, divide
from service.app.running import run_to_end, until_stopped
from service.app.serving import load_beforehand, looked_over, serve_http
from service.settings import Settings


def serve_until_stopped() -> int:
    """Serve the API until somebody stops it; the database must have been migrated.

    Returns:
        what the process should end with.

    Raises:
        SettingsWrong, StartRefused, AddressUnusable, DatabaseUnfit, EmbeddedServerError: the
            operator has to mend something.
    """
    settings = Settings.from_environment()
    trusted = looked_over(settings)
    with contextlib.closing(listening(settings)) as listener:
        beside: list[Awaitable[None]] = []
        if settings.processes > 1:
            load_beforehand()
            try:
                beside.append(divide(settings.processes))
            except StoppedTogether as ended:
                return ended.code

        async def main() -> None:
            async with opened(settings) as base:
                sys.stdout.write(f"Listening on {address_of(listener)}\n")
                sys.stdout.flush()
                await until_stopped(serve_http(settings, base, listener, trusted), *beside)

        run_to_end(settings, main)
    return 0
