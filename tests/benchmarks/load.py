"""A lean HTTP/1.1 client for load: it shares two cores with what it measures."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import IO, Any

# A load is one member asking as fast as he is answered: nothing is left of any usual allowance.
ENDLESS = {
    "BAILIWICK_PRINCIPAL_POINTS": "1000000000000",
    "BAILIWICK_TENANT_POINTS": "1000000000000",
}


class Line:
    """One kept-alive connection."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self) -> None:
        """Connect, if it is not."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)

    async def post(self, path: str, body: bytes, token: str = "") -> tuple[int, bytes]:
        """Send one request and read its answer; a lost line raises ConnectionError."""
        await self.open()
        assert self._reader is not None
        assert self._writer is not None
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
            f"Accept: application/json\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            self._writer.write(head.encode() + body)
            answer = await self._reader.readuntil(b"\r\n\r\n")
            status = int(answer[9:12])
            found = re.search(rb"content-length: (\d+)", answer.lower())
            length = int(found.group(1)) if found else 0
            return status, await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, OSError) as error:
            self.close()
            raise ConnectionError(str(error)) from error

    def close(self) -> None:
        """Drop the connection; the next request opens another."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


async def rate(
    lines: Sequence[Line], seconds: float, once: Callable[[Line, int], Awaitable[None]]
) -> float:
    """Return requests a second, sent as fast as they are answered, one at a time on each line."""
    ends = perf_counter() + seconds
    counts = [0] * len(lines)

    async def run(number: int) -> None:
        while perf_counter() < ends:
            await once(lines[number], number)
            counts[number] += 1

    started = perf_counter()
    await asyncio.gather(*(run(number) for number in range(len(lines))))
    return sum(counts) / (perf_counter() - started)


def free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_SHOWN_BYTES = 4_000


class Serving:
    """A server process of its own, and the port it answers on."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], port: int) -> None:
        self.command = [sys.executable, *command]
        self.environment = {**os.environ, **environment}
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None
        # A file, not a pipe: nobody reads meanwhile, and a server whose log is full stands still.
        self._log: IO[bytes] | None = None
        self._said = ""

    def log(self) -> str:
        """Return the last of what the server said, of all its processes."""
        if self._log is None:
            return self._said
        file = self._log.fileno()
        # The processes write where the file's one position is: it must not be moved.
        begin = max(0, os.fstat(file).st_size - _SHOWN_BYTES)
        return os.pread(file, _SHOWN_BYTES, begin).decode(errors="replace")

    async def start(self, ready: str = "/readyz", seconds: float = 60) -> None:
        """Start the process and wait until it answers."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process has ended
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdout=subprocess.DEVNULL, stderr=self._log
        )
        ends = perf_counter() + seconds
        while perf_counter() < ends:
            if self.process.poll() is not None:
                raise RuntimeError(self.log())
            if await _answers(self.port, ready):
                return
            await asyncio.sleep(0.02)
        raise RuntimeError("the server did not answer in time")

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send a signal and wait for the end."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None
        if self._log is not None:
            self._said = self.log()
            self._log.close()
            self._log = None

    def memory_mb(self) -> float:
        """Return the resident memory of the process in MB (10^6 bytes)."""
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found.group(1)) * 1024 / 1e6

    def cpu_seconds(self) -> float:
        """Return the processor time the process has used."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _answers(port: int, path: str) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    try:
        line = await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()
    return b" 200 " in line


@contextmanager
def stopped_at_the_end(*servers: Serving) -> Iterator[None]:
    """Stop the servers whatever happens."""
    try:
        yield
    finally:
        for server in servers:
            server.kill(signal.SIGTERM)


def operation(query: str, variables: dict[str, Any]) -> bytes:
    """Return the body of a GraphQL request."""
    return json.dumps({"query": query, "variables": variables}).encode()
