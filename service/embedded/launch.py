"""Start a guard, from the side of the process that wants a server."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from service.embedded.accounts import ServerAccount
from service.embedded.binaries import Binaries
from service.embedded.cluster import socket_folder, temporary_socket_folder
from service.embedded.errors import StartFailed
from service.embedded.guard import READY, Order
from service.embedded.home import Home, socket_fits

SOURCE_ROOT = Path(__file__).resolve().parents[2]
LONGEST_LOG_BYTES = 10_000_000

# A killed postmaster leaves backends that notice it one by one; until then the data is in use.
SURVIVORS = "is still in use"
SURVIVOR_SECONDS = 30
RETRY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Launch:
    """One server to be started: which files, whose, with what settings, for how long."""

    home: Home
    binaries: Binaries
    account: ServerAccount
    settings: Mapping[str, str]
    grace_seconds: float
    throw_away: bool


def start_server(launch: Launch) -> Path:
    """Start a guard and its server and return the folder of the socket; needs the start lock.

    Raises:
        StartFailed: the server ended before it was ready.
        AccountShutOut: the temporary folder is closed to the server's account.
    """
    log = launch.home.log
    gives_up = time.monotonic() + SURVIVOR_SECONDS
    while True:
        begins = _rotate(log)
        word, _, serving = _start_guard(_order(launch), log).partition(" ")
        if word == READY:
            return Path(serving)
        said = _said_since(log, begins)
        # Anywhere in it: the survivors write their own farewells to the same log.
        if SURVIVORS not in said or time.monotonic() >= gives_up:
            raise StartFailed(_complaint(said), log)
        time.sleep(RETRY_SECONDS)


def _order(launch: Launch) -> Order:
    account, home = launch.account, launch.home
    folder = socket_folder(home, account)
    temporary = None if socket_fits(folder) else temporary_socket_folder(account)
    return Order(
        home=str(home.path),
        major=home.major,
        version=launch.binaries.version,
        program=str(launch.binaries.program("postgres")),
        arguments=_arguments(home, temporary or folder, launch.settings),
        uid=account.uid if account.switched else None,
        gid=account.gid if account.switched else None,
        temporary_socket_folder=None if temporary is None else str(temporary),
        grace_seconds=launch.grace_seconds,
        throw_away=launch.throw_away,
    )


def _arguments(home: Home, socket: Path, settings: Mapping[str, str]) -> list[str]:
    """Return the server's arguments; the data folder comes first, where `postmaster` looks."""
    quoted = str(socket).replace('"', '""')
    every = {
        **settings,
        "listen_addresses": "",
        # The setting is a list; quotes keep a comma or a blank in the path from dividing it.
        "unix_socket_directories": f'"{quoted}"',
        "unix_socket_permissions": "0700",
    }
    arguments = ["-D", str(home.cluster)]
    for name, value in every.items():
        arguments += ["-c", f"{name}={value}"]
    return arguments


def _start_guard(order: Order, log: Path) -> str:
    """Start a guard and return its one line, empty when its server ended instead."""
    # Isolated and without site packages: the guard needs the standard library and this folder.
    script = (
        f"import sys; sys.path.insert(0, {str(SOURCE_ROOT)!r}); "
        "from service.embedded.guard import main; main()"
    )
    with log.open("ab") as said:
        starting = subprocess.Popen(  # noqa: S603 - our own interpreter and script
            [sys.executable, "-I", "-S", "-c", script, order.to_text()],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            start_new_session=True,
        )
    with starting:
        # This ends early: the process forks the guard away and is reaped here.
        assert starting.stdout is not None  # noqa: S101 - tells the type checker about PIPE
        return os.fsdecode(starting.stdout.readline()).rstrip("\n")


def _rotate(log: Path) -> int:
    """Put an overlong log aside, once, and return where new lines will begin."""
    size = log.stat().st_size if log.exists() else 0
    if size > LONGEST_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
        return 0
    if size == 0:
        log.touch(mode=0o600)
    return size


def _said_since(log: Path, begins: int) -> str:
    with log.open("rb") as said:
        said.seek(begins)
        return said.read().decode(errors="replace")


def _complaint(said: str) -> str:
    """Return the first thing in a log that kept the server, or its guard, from running."""
    lines = [line for line in said.splitlines() if line.strip()]
    serious = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
    if serious:
        return serious[0].rpartition("FATAL:")[2].rpartition("PANIC:")[2].strip()
    # The guard's own trouble ends a traceback; a log line means that somebody killed them both.
    own = lines[-1:] if lines and "LOG:" not in lines[-1] else []
    return (own or ["it ended without giving a reason"])[0].strip()
