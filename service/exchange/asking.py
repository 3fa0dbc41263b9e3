"""Has a file read by a process of its own, a few at a time, and gives up on one that takes long."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from service.errors import Busy
from service.exchange.errors import CellFault, FileUnreadable, heard
from service.exchange.rules.values import SheetRow
from service.exchange.sheets import Sheet, as_csv, told

MOST_BYTES: Final = 16 * 1024 * 1024
_AT_ONCE: Final = 2
_MOST: Final = 8
_SECONDS: Final = 40


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says.

    Attributes:
        about: the encoding or the sheet that was read.
        faults: what is wrong with its cells.
    """

    about: dict[str, str]
    rows: tuple[SheetRow, ...]
    faults: tuple[CellFault, ...]


class Turns:
    """Lets a few go on at once; who comes when many wait is told to come again."""

    def __init__(self, at_once: int = _AT_ONCE, most: int = _MOST) -> None:
        """Take how many go on at once, and how many may go on or wait."""
        self._free = asyncio.Semaphore(at_once)
        self._most = most
        self._here = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn, and give it on at the end.

        Raises:
            Busy: too many wait already.
        """
        if self._here >= self._most:
            raise Busy
        self._here += 1
        try:
            async with self._free:
                yield
        finally:
            self._here -= 1


class Processes:
    """Runs at most a few short-lived processes; who comes when many wait is told to come again.

    Attributes:
        reading: the turns of those who gather what is to be written: a file's rows are all held.
    """

    def __init__(self, at_once: int = _AT_ONCE, most: int = _MOST) -> None:
        """Take how many run at once, and how many may run or wait."""
        self._turns = Turns(at_once, most)
        self.reading = Turns(at_once, most)

    async def run(self, module: str, *arguments: str, sent: bytes = b"") -> bytes:
        """Return what a module writes to its standard output.

        Raises:
            Busy: too many wait already.
            FileUnreadable: it ran out of time or of memory.
        """
        async with self._turns.turn():
            return await _ran(module, arguments, sent)

    async def file_of(self, sheets: Sequence[Sheet], kind: str) -> bytes:
        """Return tables as a file: the first of them as CSV, or all of them as XLSX.

        Raises:
            Busy: too many wait already.
        """
        if kind == "csv":
            return await asyncio.to_thread(as_csv, sheets[0])
        sent = await asyncio.to_thread(lambda: orjson.dumps(told(sheets)))
        return await self.run("service.exchange.writing", sent=sent)


async def _ran(module: str, arguments: tuple[str, ...], sent: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        # Who is sent nothing may be gone before nothing is written to him, which is an error.
        stdin=asyncio.subprocess.PIPE if sent else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            output, _ = await process.communicate(sent or None)
    except TimeoutError as error:
        raise FileUnreadable(fault="FILE_TAKES_TOO_LONG") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise FileUnreadable(fault="FILE_TAKES_TOO_LONG")
    return output


async def read_table(
    processes: Processes, path: Path, kind: str, encoding: str | None = None
) -> Table:
    """Return the table of a file.

    Args:
        processes: where it is read.
        path: of the file.
        kind: `csv` or `xlsx`.
        encoding: what its sender says it is in.

    Raises:
        Refusal: nothing of it can be read.
    """
    arguments = [str(path), kind, *([encoding] if encoding else [])]
    output = await processes.run("service.exchange.reading", *arguments)
    # Not on the loop, and not in one go: ten thousand rows would keep everybody waiting meanwhile.
    return await asyncio.to_thread(_table, output)


def _table(output: bytes) -> Table:
    """Take over, line by line, what the process that read a file has told of it."""
    first, *lines = output.split(b"\n")
    answer: dict[str, Any] = orjson.loads(first)
    if "refusal" in answer:
        raise heard(*answer["refusal"])
    rows: list[SheetRow] = []
    faults: list[CellFault] = []
    for line in lines:
        match orjson.loads(line):
            case number, values:
                rows.append(SheetRow(number, values))
            case row, column, code, values:
                faults.append(CellFault(row, column, heard(code, values)))
    return Table(answer["table"], tuple(rows), tuple(faults))
