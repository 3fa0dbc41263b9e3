"""Processor time of processes, from the kernel's own accounts."""

import os
from pathlib import Path

from tests.benchmarks.dataset import HOME

_TICKS = os.sysconf("SC_CLK_TCK")


def _accounts(pid: int) -> tuple[int, float, float] | None:
    """Return parent, own seconds, and seconds of the children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    except OSError:
        return None
    own, ended = (sum(int(fields[at]) for at in pair) / _TICKS for pair in ((11, 12), (13, 14)))
    return int(fields[1]), _exactly(pid) or own, ended


def _exactly(pid: int) -> float:
    """Return a process's seconds to the nanosecond, where the kernel keeps them so."""
    try:
        threads = [one / "schedstat" for one in Path(f"/proc/{pid}/task").iterdir()]
        return sum(int(one.read_text("ascii").split()[0]) for one in threads) / 1e9
    except OSError:
        return 0.0


def tree_seconds(pid: int) -> float:
    """Return the processor time used so far by a process and everything it started."""
    found = {
        int(entry.name): accounts
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and (accounts := _accounts(int(entry.name))) is not None
    }
    children: dict[int, list[int]] = {}
    for child, (parent, _, _) in found.items():
        children.setdefault(parent, []).append(child)
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        if one in found:
            total += found[one][1] + found[one][2]
            waiting += children.get(one, [])
    return total


def database_process() -> int:
    """Return the server's main process of the data sets' database."""
    (pid_file,) = HOME.glob("cluster-*/postmaster.pid")
    return int(pid_file.read_text("ascii").split()[0])
