"""Serves the metrics of this process to operators, beside the API or the worker."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Protocol

from starlette.applications import Starlette
from uvicorn.config import Config
from uvicorn.server import Server

from service.app.base import Base, StartRefused
from service.settings import Settings
from service.telemetry.metrics import Gauge
from service.worker.backlog import Backlog

_MOST_PROCESSES = 64
_PATIENCE_SECONDS = 2.0
_ENOUGH = 65536
_OURS = b"bailiwick_"

POOL = Gauge("pool_connections", "Database connections of this process.", ("state",))
WAITING = Gauge("pool_waiting", "Requests that wait for a connection.")
STREAMS = Gauge("streams_open", "Subscriptions open at this process.")
FEED = Gauge(
    "streams_behind_seconds", "How long events have waited for a transaction that still runs."
)
PLANS = Gauge("plans_bytes", "Bytes of the plans this process keeps, about.")
INFORMATION = Gauge("process_information", "1, with what this process is.", ("process",))


class Streams(Protocol):
    """What is read of the open streams. The worker, which has none, must not load the schema."""

    @property
    def open_count(self) -> int:
        """Streams open now."""

    @property
    def behind_seconds(self) -> float:
        """How long events have been waiting."""


class _Server(Server):
    """Leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def metrics_served(settings: Settings, base: Base, process: str) -> AsyncIterator[None]:
    """Serve /metrics meanwhile, if the operator wants it.

    Each process of a machine takes the first free port from the one that is set: Prometheus adds
    up what they say.

    Args:
        settings: the operator's.
        base: the database.
        process: what this process is.

    Raises:
        StartRefused: the address is none of this machine's, or another program has the port.
    """
    if settings.metrics_port is None:
        yield
        return
    from service.web.metrics import metrics_route  # noqa: PLC0415 - brings its library

    listener = await _listening(settings.metrics_host, settings.metrics_port)
    with contextlib.closing(listener):
        watch_pool(base)
        INFORMATION.set(1, process)
        app = Starlette(routes=[metrics_route(Backlog(base.relay_pool, base.clock).look)])
        config = Config(app, log_config=None, access_log=False, lifespan="off", server_header=False)
        server = _Server(config)
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        try:
            yield
        finally:
            server.should_exit = server.force_exit = True
            await serving


def watch_pool(base: Base) -> None:
    """Let the gauges read the application's pool."""
    pool = base.application_pool
    POOL.read_by(lambda: pool.in_use, "in_use")
    POOL.read_by(lambda: pool.size, "most")
    WAITING.read_by(lambda: pool.waiting)


def watch_answers(gate: Streams | None, plan_bytes: Callable[[], float]) -> None:
    """Let the gauges read what an API process keeps open, and keeps."""
    if gate is not None:
        STREAMS.read_by(lambda: gate.open_count)
        FEED.read_by(lambda: gate.behind_seconds)
    PLANS.read_by(plan_bytes)


async def _listening(host: str, first: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, min(first + _MOST_PROCESSES, 65536)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            # Two may bind a port that nobody listens on; one of them listens.
            listener.listen()
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise StartRefused(
                    f"BAILIWICK_METRICS_HOST {host} cannot be listened on ({error.strerror})."
                ) from error
            # Whoever reads the metrics would read another program's from the port that is set.
            if port == first and not await _is_ours(host, port):
                raise StartRefused(
                    f"BAILIWICK_METRICS_PORT {port} is taken by another program;"
                    " set it to a free port."
                ) from error
        else:
            return listener
    raise StartRefused(f"BAILIWICK_METRICS_PORT {first} and all after it are taken.")


async def _is_ours(host: str, port: int) -> bool:
    """Tell whether a process of ours has a port; one that says nothing yet is only starting."""
    told = b""
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            with contextlib.closing(writer):
                writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
                told = await reader.read(_ENOUGH)
                while _OURS not in told and (more := await reader.read(_ENOUGH)):
                    told += more
    return not told or _OURS in told
