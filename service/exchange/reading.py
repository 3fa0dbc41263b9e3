"""Reads a table of targets from a file, in a process of its own: a stranger's file may be anything.

Run as `python -m service.exchange.reading PATH KIND [ENCODING]`; what it found, or why it could
not, is JSON on standard output, a line for each row and each fault: whoever takes them over goes on
between two of them with whatever else he does. Memory and processor time are bounded before the
file is opened, so that the worst file costs a process that is gone, and never the one that answers.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from service.errors import Refusal
from service.exchange.csv_reading import csv_rows
from service.exchange.errors import CellFault, FileUnreadable, SheetTooLong, told
from service.exchange.limits import confine
from service.exchange.rules.values import Cell, SheetRow, read_headings, read_row, repeated_keys
from service.exchange.xlsx_reading import xlsx_rows

MOST_ROWS: Final = 10_000
# A sheet that was formatted to its end has a million of them.
MOST_BLANK: Final = 100_000
_MEMORY: Final = 768 * 1024 * 1024
_SECONDS: Final = 20

Rows = Iterable[tuple[int, Sequence[Cell | None]]]


def table_of(path: Path, kind: str, encoding: str | None) -> dict[str, Any]:
    """Return what a file says: its encoding or sheet, its rows, and what is wrong with them.

    Raises:
        Refusal: nothing of it can be read.
    """
    merged: list[CellFault] = []
    if kind == "csv":
        about, rows = csv_rows(path, encoding)
    else:
        about, rows, merged = xlsx_rows(path)
    read = _filled(rows)
    first = next(read, None)
    if first is None:
        raise FileUnreadable(fault="FILE_EMPTY")
    codes, faults = read_headings(first[1])
    found: list[SheetRow] = []
    if not faults:
        for number, cells in read:
            if len(found) == MOST_ROWS:
                raise SheetTooLong(at_most=MOST_ROWS)
            row, wrong = read_row(number, codes, cells)
            found.append(row)
            faults += wrong
        faults += repeated_keys(found)
    faults += [CellFault(fault.row, _at(codes, fault.column), fault.refusal) for fault in merged]
    return {
        "about": about,
        "rows": [[row.number, row.values] for row in found],
        "faults": [[fault.row, fault.column, *told(fault.refusal)] for fault in faults],
    }


def _filled(rows: Rows) -> Iterator[tuple[int, Sequence[Cell | None]]]:
    blank = 0
    for number, cells in rows:
        if any(
            cell is not None and (cell.text.strip() or cell.kind == "FORMULA") for cell in cells
        ):
            yield number, cells
            continue
        blank += 1
        if blank > MOST_BLANK:
            raise SheetTooLong(at_most=MOST_ROWS)


def _at(codes: Sequence[str | None], place: str) -> str:
    at = int(place)
    return (codes[at] or "") if at < len(codes) else ""


def main(path: str, kind: str, encoding: str | None = None) -> bytes:
    """Return what is told of a file: a line of the whole, of each row, of each fault."""
    try:
        table = table_of(Path(path), kind, encoding)
        told_of = {"table": table["about"]}, *table["rows"], *table["faults"]
        return b"\n".join([orjson.dumps(one) for one in told_of])
    except Refusal as refusal:
        return orjson.dumps({"refusal": told(refusal)})
    except MemoryError:
        return orjson.dumps({"refusal": told(FileUnreadable(fault="FILE_TAKES_TOO_LONG"))})


if __name__ == "__main__":
    confine(_MEMORY, _SECONDS)
    sys.stdout.buffer.write(main(*sys.argv[1:]))
