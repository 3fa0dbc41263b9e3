"""Recognise the live server of a data folder, and stop it.

A pid alone proves nothing: a copied folder carries the pid file of the original, after a reboot
low numbers come back, and a zombie still answers signals (database page 1.2).
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from service.embedded.home import SOCKET_NAME

POLL_SECONDS = 0.005
READY = ("ready", "standby")

# Lines of postmaster.pid, counted from 0.
_PID, _FOLDER, _SOCKET_FOLDER, _STATUS = 0, 1, 4, 7


@dataclass(frozen=True, slots=True)
class Process:
    """What the operating system says about a running process."""

    parent: int
    command: str


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a postmaster.pid claims; `is_live` tells whether it is true."""

    pid: int
    folder: str
    socket_folder: Path
    status: str

    @property
    def ready(self) -> bool:
        """Whether the server says it takes connections."""
        return self.status in READY


def process(pid: int) -> Process | None:
    """Return the process with this number, or None if there is none or only its zombie."""
    if sys.platform == "linux":
        return _linux_process(pid)
    return _listed_process(pid)


def _linux_process(pid: int) -> Process | None:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    if not command:
        return None
    # The name in parentheses may hold anything, blanks and parentheses included.
    parent = int(status.rpartition(")")[2].split()[1])
    return Process(parent, command.replace(b"\0", b" ").decode(errors="surrogateescape"))


def _listed_process(pid: int) -> Process | None:
    listed = subprocess.run(  # noqa: S603 - a fixed program and a number
        ["/bin/ps", "-ww", "-o", "ppid=,stat=,command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        check=False,
    ).stdout.split(maxsplit=2)
    if len(listed) < len(("parent", "state", "command")) or listed[1].startswith("Z"):
        return None
    return Process(int(listed[0]), listed[2])


def read_postmaster(cluster: Path) -> Postmaster | None:
    """Return what the pid file claims, or None when there is none that names a process.

    A server that is just starting writes the file in steps; what is not there yet is empty.
    """
    try:
        lines = (cluster / "postmaster.pid").read_text(errors="surrogateescape").splitlines()
    except OSError:
        return None
    lines += [""] * (_STATUS + 1 - len(lines))
    number = lines[_PID].strip().removeprefix("-")
    if not number.isdigit():
        return None
    return Postmaster(
        pid=int(number),
        folder=lines[_FOLDER],
        socket_folder=Path(lines[_SOCKET_FOLDER]),
        status=lines[_STATUS].strip(),
    )


def is_live(postmaster: Postmaster, cluster: Path) -> bool:
    """Tell whether the claim is true: a running postgres that was started for this folder."""
    if postmaster.folder != str(cluster):
        return False
    running = process(postmaster.pid)
    return running is not None and _serves(running, cluster)


def _serves(running: Process, cluster: Path) -> bool:
    program, _, arguments = running.command.partition(" -D ")
    return program.endswith("postgres") and f"{arguments} ".startswith(f"{cluster} ")


def live_postmaster(cluster: Path) -> Postmaster | None:
    """Return the live server of the folder, ready or not, or None."""
    found = read_postmaster(cluster)
    return found if found is not None and is_live(found, cluster) else None


def settled_postmaster(cluster: Path) -> Postmaster | None:
    """Return the folder's ready server, or None once there is surely no live one.

    Waits while the server is starting or stopping: both end by themselves.
    """
    while True:
        found = live_postmaster(cluster)
        if found is None or found.ready:
            return found
        time.sleep(POLL_SECONDS)


def remove_foreign_locks(cluster: Path) -> None:
    """Remove lock files whose pid is no server of this folder but would keep one from starting.

    Call it only under the start lock and after `settled_postmaster` returned None. A lock file
    that names no process at all stays: PostgreSQL itself then looks for surviving backends.
    """
    found = read_postmaster(cluster)
    if found is not None and (found.folder != str(cluster) or _exists(found.pid)):
        (cluster / "postmaster.pid").unlink(missing_ok=True)
    socket_lock = cluster / "socket" / f"{SOCKET_NAME}.lock"
    if socket_lock.exists():
        socket_lock.unlink()
        (cluster / "socket" / SOCKET_NAME).unlink(missing_ok=True)


def _exists(pid: int) -> bool:
    """Tell whether PostgreSQL would take the number for a live process; zombies count."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def stop(cluster: Path) -> None:
    """Stop the folder's live server, if any, by a fast shutdown, and wait until it is gone.

    SIGINT, never SIGTERM: that one waits until every client has left.
    """
    found = live_postmaster(cluster)
    if found is None:
        return
    try:
        os.kill(found.pid, signal.SIGINT)
    except ProcessLookupError:
        return
    while is_live(found, cluster):
        time.sleep(POLL_SECONDS)


def wait_for_end(pid: int, mark: str) -> None:
    """Wait until the process is gone, if the number still belongs to the one that bears the mark.

    The mark is a part of its command line.
    """
    while (running := process(pid)) is not None and mark in running.command:
        time.sleep(POLL_SECONDS)
