"""`pgbench` of recorded statements: what the database alone can give for them."""

import re
import resource
import subprocess
import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from time import sleep
from uuid import UUID

import orjson

from service.database.connections import Location
from service.embedded.binaries import locate
from tests.benchmarks.processor import tree_seconds
from tests.benchmarks.recording import Said, Turn

_PLACE = re.compile(r"\$(\d+)")
_HEARD_SECONDS = 0.5
_FIRST = 6
"""Transactions of a connection until it has its plan: PostgreSQL settles on one after five."""
_MOST_VARIABLES = 255
"""What pgbench takes in a statement, each as often as it is named."""
_TEXT = re.compile(r"'(?:[^']|'')*'")


def _written(value: object, *, as_json: bool = False) -> str:
    """Write a value as PostgreSQL reads it from text."""
    if as_json:
        return orjson.dumps(value).decode()
    if isinstance(value, list | tuple):
        return "{" + ",".join(_written(one) for one in value) + "}"
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
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
        # A variable of pgbench's is never null.
        empty = {str(place) for place, value in enumerate(one.values, 1) if value is None}

        def named(found: re.Match[str], number: int = number, empty: set[str] = empty) -> str:
            return "NULL" if found[1] in empty else f":v{number}x{found[1]}"

        lines.append(_PLACE.sub(named, text) + ";")
        for place, value in enumerate(one.values, 1):
            if value is not None:
                as_json = f"${place}::jsonb" in one.text
                options += ["-D", f"v{number}x{place}={_written(value, as_json=as_json)}"]
    return "\n".join(lines) + "\n", options


def script_of_long(said: Sequence[Said]) -> str:
    """Return the same where a statement names values more often than pgbench can: without options.

    It is prepared once by hand, which a connection is then told by a value of its script's.
    """
    texts = [_without_colons(" ".join(one.text.split())) for one in said]
    made = [f"PREPARE s{number} AS {text};" for number, text in enumerate(texts)]
    return "\n".join(
        [
            *("\\if :made = 0", *made, "\\set made 1", "\\endif"),
            *(f"EXECUTE s{number} ({_values(one)});" for number, one in enumerate(said)),
        ]
    )


def _values(one: Said) -> str:
    return ", ".join(
        "NULL" if value is None else _quoted(value, as_json=f"${place}::jsonb" in one.text)
        for place, value in enumerate(one.values, 1)
    )


def _quoted(value: object, *, as_json: bool) -> str:
    written = _written(value, as_json=as_json).replace("'", "''")
    return _without_colons(f"'{written}'")


def _is_long(said: Sequence[Said]) -> bool:
    return any(len(_PLACE.findall(one.text)) > _MOST_VARIABLES for one in said)


class Rounds:
    """Runs the statements of several requests over and over, each as its own tenant's application.

    One prepared connection for each of them, as the API has them in the same load: what is read
    is then as large, and as often in the processor's caches, for both.

    Attributes:
        a_cpu_second: transactions per second of the processor time of pgbench and database, by
            round; what connecting and planning cost is not in it.
    """

    def __init__(self, turns: Sequence[Turn], where: Location, seconds: int, database: int) -> None:
        """Take what is run.

        Args:
            turns: of each tenant, what one request said.
            where: the database.
            seconds: how long a round is.
            database: the server's main process, whose time is counted too.
        """
        self._turns = turns
        self._where = where
        self._seconds = seconds
        self._database = database
        self._beginning = 0.0
        self.a_cpu_second: list[float] = []

    def begin(self) -> None:
        """Find out what it costs to begin: connections, plans, and each statement a few times."""
        _, self._beginning = self._run(f"--transactions={_FIRST}")

    def round(self) -> None:
        """Run for a while."""
        count, cpu = self._run(f"--time={self._seconds}")
        counted = count - _FIRST * len(self._turns)
        self.a_cpu_second.append(counted / max(cpu - self._beginning, 1e-9))

    def _run(self, how_long: str) -> tuple[int, float]:
        with tempfile.TemporaryDirectory(prefix="bailiwick-pgbench-") as folder:
            before = tree_seconds(self._database), _children()
            running = [
                self._started(Path(folder, f"{number}.sql"), turn, how_long)
                for number, turn in enumerate(self._turns)
            ]
            told = [one.communicate() for one in running]
            # What a connection has used is its parent's to tell once that has heard of its end.
            sleep(_HEARD_SECONDS)
            cpu = tree_seconds(self._database) - before[0] + _children() - before[1]
        found = [re.search(r"actually processed: (\d+)", out) for out, _ in told]
        for one, (_, errors) in zip(running, told, strict=True):
            if one.returncode:
                raise RuntimeError(errors[-2000:])
        return sum(int(one[1]) for one in found if one is not None), cpu

    def _started(self, file: Path, turn: Turn, how_long: str) -> "subprocess.Popen[str]":
        protocol = "prepared"
        if _is_long(turn.said):
            protocol, text, options = "simple", script_of_long(turn.said), ["-D", "made=0"]
        else:
            text, options = script(turn.said)
        file.write_text(text, "utf-8")
        command = [
            *(str(locate().program("pgbench")), "--no-vacuum", f"--protocol={protocol}"),
            *("--client=1", "--jobs=1", how_long, f"--file={file}", *options),
            *(f"--host={self._where.host}", "--username=bailiwick_app", self._where.database),
        ]
        environment = {"PGOPTIONS": f"-c app.tenant_id={turn.tenant_id} -c jit=off"}
        return subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
