"""The real server for clients of others' making: embedded database, small demo, HTTP, worker.

`python -m tests.clients.serving HOME PORT MANIFESTS` serves until it is told to stop and says in
one line of JSON where it answers; MANIFESTS is the folder of the clients' trusted documents. A
second process may share HOME: it finds the same database, and each can be killed without the other.
"""

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.app.base import opened
from service.app.serving import looked_over, serve_http
from service.app.simulations import demo_loan
from service.app.working import worker
from service.clock import SystemClock
from service.settings import Settings
from service.simulation.demo.companies import HUATING, PASSWORD
from service.simulation.demo.loading import load_demo
from service.telemetry import configure_logging

COMPANY = replace(HUATING, days=2)
# Monday, 10:00 in Shanghai: the showroom is open, whatever the hour at which the tests run.
MONDAY = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
POINTS = 10_000_000


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """The machine's clock, moved by a fixed span: it goes on, but a test's day never changes."""

    ahead: timedelta

    def now(self) -> datetime:
        """Return the machine's instant, moved."""
        return SystemClock().now() + self.ahead


def clock_of(home: Path) -> ShiftedClock:
    """Return the clock of a home folder; the first who asks fixes it for all who come later."""
    kept = home / "clients.clock"
    if not kept.exists():
        home.mkdir(parents=True, exist_ok=True)
        kept.write_text(str((MONDAY - SystemClock().now()).total_seconds()), "ascii")
    return ShiftedClock(timedelta(seconds=float(kept.read_text("ascii"))))


async def _until_told(*running: Awaitable[object]) -> None:
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


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


async def serve(home: Path, port: int, manifests: Path) -> None:
    """Load the small demo where it is missing, then serve until a signal comes."""
    clock = clock_of(home)
    settings = Settings(
        # The clock and the log lie beside it: a home is the product's alone.
        home=home / "database",
        port=port,
        password_sign_in=True,
        documents=manifests,
        metrics_port=free_port(),
        # Here a few people do in a minute what they do in a day.
        principal_points=POINTS,
        tenant_points=POINTS,
    )
    with contextlib.closing(socket.create_server((settings.host, port))) as listener:
        async with opened(settings, clock, throw_away=True) as base:
            await load_demo(demo_loan(base), companies=[COMPANY])
            host, taken = listener.getsockname()
            about = {
                "url": f"http://{host}:{taken}",
                "metrics": f"http://{settings.metrics_host}:{settings.metrics_port}/metrics",
                "password": PASSWORD,
                "aheadSeconds": clock.ahead.total_seconds(),
            }
            sys.stdout.write(json.dumps(about) + "\n")
            sys.stdout.flush()
            await _until_told(
                serve_http(settings, base, listener, looked_over(settings)),
                worker(base).run_forever(),
            )


def main(arguments: list[str]) -> int:
    """Serve from the folder and on the port that are named; port 0 takes any."""
    home, port, manifests = arguments
    configure_logging("warning")
    asyncio.run(serve(Path(home), int(port), Path(manifests)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
