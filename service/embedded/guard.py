"""The guard: the process that owns a server, and stops it when the last user is gone.

It runs in a session of its own, so that Ctrl-C in a terminal reaches the application and not the
server. Its main thread starts the server and always reaps it: an unreaped postmaster would look
alive to the next start. A second thread waits until it holds the lease file alone.

It is started as a fresh interpreter and not as a mere fork of the application: a fork would keep
the application's open connections, memory and threads' locks, and Python warns about it.
"""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from service.embedded import locks
from service.embedded.accounts import PLAIN_ENVIRONMENT
from service.embedded.home import Home, ServerRecord, discard_cluster
from service.embedded.postmaster import POLL_SECONDS, read_postmaster

GRACE_POLL_SECONDS = 0.1
READY = "ready"
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Order:
    """Everything the guard needs to know, as plain values for the way through a command line."""

    home: str
    major: str
    version: str
    program: str
    arguments: list[str]
    uid: int | None
    gid: int | None
    temporary_socket_folder: str | None
    grace_seconds: float
    throw_away: bool

    def to_text(self) -> str:
        """Write the order as one line of JSON."""
        return json.dumps(asdict(self))


class Guard:
    """One server and the process that answers for it."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._home = Home(Path(order.home), order.major)
        # Throw-away data needs no checkpoint: SIGQUIT ends the server without one.
        self._stop_signal = signal.SIGQUIT if order.throw_away else signal.SIGINT
        self._unused = False
        self._server = self._start_server()

    def run(self) -> None:
        """Report readiness, then stay until the server has ended."""
        for number in (signal.SIGINT, signal.SIGHUP):
            # A handler that does nothing: SIG_IGN would be inherited by programs started later.
            signal.signal(number, lambda _number, _frame: None)
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._stop_server())
        if self._wait_until_ready():
            threading.Thread(target=self._stop_when_unused, daemon=True).start()
        self._server.wait()
        self._clean_up()

    def _start_server(self) -> "subprocess.Popen[bytes]":
        order = self._order
        server = subprocess.Popen(  # noqa: S603 - the wheel's own program, no shell
            [order.program, *order.arguments],
            user=order.uid,
            group=order.gid,
            extra_groups=[] if order.uid is not None else None,
            cwd="/",
            env=PLAIN_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,  # the log; this process's own output is the pipe to the starter
            # Runs after the change of account, which would clear the death signal again.
            preexec_fn=_follow_parent(self._stop_signal),  # noqa: PLW1509 - no threads yet
        )
        self._home.write_record(ServerRecord(os.getpid(), server.pid, order.version))
        return server

    def _wait_until_ready(self) -> bool:
        """Wait for the server's own word and pass it on; False when it ended instead."""
        while self._server.poll() is None:
            found = read_postmaster(self._home.cluster)
            if found is not None and found.pid == self._server.pid and found.ready:
                _answer(f"{READY} {found.socket_folder}\n")
                return True
            time.sleep(POLL_SECONDS)
        return False

    def _stop_when_unused(self) -> None:
        lease = locks.open_lock(self._home.lease_lock)
        _wait_for_last_user(lease, self._order.grace_seconds)
        # The lock is held until this process ends: whoever comes now waits for a clean start.
        self._unused = True
        self._stop_server()

    def _stop_server(self) -> None:
        self._server.send_signal(self._stop_signal)

    def _clean_up(self) -> None:
        if self._order.temporary_socket_folder is not None:
            for left in Path(self._order.temporary_socket_folder).glob(".s.PGSQL.*"):
                left.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                Path(self._order.temporary_socket_folder).rmdir()
        if self._order.throw_away and self._unused:
            # The home itself may be gone already, with everything in it.
            with contextlib.suppress(FileNotFoundError):
                discard_cluster(self._home)


def _answer(line: str) -> None:
    """Send one line to the starting process and hang up."""
    # That process may be gone; the thread that watches the lease will see it.
    with contextlib.suppress(BrokenPipeError):
        os.write(1, os.fsencode(line))
    os.dup2(2, 1)


def _wait_for_last_user(lease: int, grace_seconds: float) -> None:
    """Return, holding the lease alone, when nobody has used the server for the time of grace."""
    while True:
        locks.wait_alone(lease)
        if grace_seconds == 0:
            return
        locks.let_go(lease)
        if _stays_unused(lease, grace_seconds):
            return


def _stays_unused(lease: int, grace_seconds: float) -> bool:
    ends = time.monotonic() + grace_seconds
    while True:
        time.sleep(min(GRACE_POLL_SECONDS, grace_seconds))
        if not locks.try_alone(lease):
            return False
        if time.monotonic() >= ends:
            return True
        locks.let_go(lease)


def _follow_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what makes a new child get a signal when this process dies; Linux only.

    macOS has nothing like it: there the next start finds the orphan and stops it.
    """
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    guard = os.getpid()

    def follow() -> None:
        library.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        # The parent may have died before the request was made.
        if os.getppid() != guard:
            os._exit(1)

    return follow


def main() -> None:
    """Detach from the starting process, which waits for the fork's parent alone, and guard."""
    order = Order(**json.loads(sys.argv[1]))
    if os.fork() != 0:
        os._exit(0)
    Guard(order).run()
