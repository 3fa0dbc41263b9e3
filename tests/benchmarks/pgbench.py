"""`pgbench` of recorded statements: what the database alone can give for them."""

import re
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from time import sleep
from uuid import UUID

from service.database.connections import Location
from service.embedded.binaries import locate
from tests.benchmarks.processor import tree_seconds
from tests.benchmarks.recording import Said

_PLACE = re.compile(r"\$(\d+)")
_HEARD_SECONDS = 0.5
_TEXT = re.compile(r"'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to: transactions, its length, and the processor's time for all of it."""

    transactions: float
    seconds: float
    cpu_seconds: float


def _written(value: object) -> str:
    """Write a value as PostgreSQL reads it from text."""
    if isinstance(value, list | tuple):
        return "{" + ",".join(_written(one) for one in value) + "}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | UUID) else repr(value)


def _without_colons(text: str) -> str:
    # pgbench takes `:word` for a variable of its own, inside quotes too.
    def escaped(found: re.Match[str]) -> str:
        inside = found[0]
        return "E" + inside.replace("\\", "\\\\").replace(":", "\\x3a") if ":" in inside else inside

    return _TEXT.sub(escaped, text)


def script(said: Sequence[Said]) -> tuple[str, list[str]]:
    """Return a script of the statements and the options that give its variables."""
    lines: list[str] = []
    options: list[str] = []
    for number, one in enumerate(said):
        text = _without_colons(" ".join(one.text.split()))
        lines.append(_PLACE.sub(lambda found, n=number: f":v{n}x{found[1]}", text) + ";")
        for place, value in enumerate(one.values, 1):
            options += ["-D", f"v{number}x{place}={_written(value)}"]
    return "\n".join(lines) + "\n", options


def run(said: Sequence[Said], where: Location, tenant: UUID, seconds: int, database: int) -> Run:
    """Run the statements over and over on eight prepared connections, as the application's role.

    Args:
        said: the statements of one request, without those that begin and end it.
        where: the database.
        tenant: whose rows.
        seconds: how long.
        database: the server's main process, whose time is counted too.
    """
    text, options = script(said)
    with tempfile.TemporaryDirectory(prefix="bailiwick-pgbench-") as folder:
        file = Path(folder, "script.sql")
        file.write_text(text, "utf-8")
        command = [
            *(str(locate().program("pgbench")), "--no-vacuum", "--protocol=prepared"),
            *("--client=8", "--jobs=1", f"--time={seconds}", f"--file={file}", *options),
            *(f"--host={where.host}", "--username=bailiwick_app", where.database),
        ]
        before = tree_seconds(database), _children()
        done = subprocess.run(
            command,
            env={"PGOPTIONS": f"-c app.tenant_id={tenant}"},
            capture_output=True,
            text=True,
            check=False,
        )
        # What a connection has used is its parent's to tell once that has heard of its end.
        sleep(_HEARD_SECONDS)
        cpu = tree_seconds(database) - before[0] + _children() - before[1]
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    processed = re.search(r"actually processed: (\d+)", done.stdout)
    if done.returncode != 0 or found is None or processed is None:
        raise RuntimeError(done.stderr[-2000:])
    count = int(processed[1])
    return Run(count, count / float(found[1]), cpu)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
