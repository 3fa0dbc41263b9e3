"""The rows of a workbook's first visible sheet; what could harm a reader is looked for before.

openpyxl reads cell by cell and tells formulas from values. What it does not tell is looked for in
the parts themselves: declared entities, links to other workbooks, macros, merged cells.
"""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from service.errors import Refusal
from service.exchange.errors import CellFault, CellIsMerged, ColumnUnknown, FileUnreadable
from service.exchange.rules.values import Cell

_MOST_PARTS: Final = 1_000
_MOST_UNPACKED: Final = 96 * 1024 * 1024
_PIECE: Final = 64 * 1024
_MOST_ODD: Final = 100
# Columns A to AZ are read; a row that reaches to the end of a sheet has 16,384.
_MOST_COLUMNS: Final = 52
# As many rows as are read, each as wide as is read: a single row of a million cells is read whole
# before anybody sees how wide it is.
MOST_CELLS: Final = 10_000 * _MOST_COLUMNS
_FAR: Final = re.compile(r"[B-Z][A-Z]|[A-Z]{3}", re.ASCII)
_CONTENTS: Final = frozenset({"v", "is", "f"})
_BEFORE_XLSX: Final = b"\xd0\xcf\x11\xe0"
_RANGE: Final = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::.*)?", re.ASCII)

XlsxRows = Iterator[tuple[int, Sequence[Cell | None]]]


@dataclass(slots=True)
class _Looked:
    """What was seen of a part: cells that are merged or too far to the right, and how many."""

    odd: list[CellFault] = field(default_factory=list)
    cells: int = 0


def xlsx_rows(path: Path) -> tuple[dict[str, str], XlsxRows, list[CellFault]]:
    """Return which sheet is read, its rows by number, and its merged cells by column place.

    Raises:
        FileUnreadable.
    """
    try:
        looked = _looked_through(path)
        sheet, part = _sheet_of(path)
    except Refusal:
        raise
    except Exception as error:
        # A stranger's file breaks a reader in any way it likes.
        raise FileUnreadable(fault="FILE_BROKEN") from error
    seen = looked.get(part, _Looked())
    if seen.cells > MOST_CELLS:
        raise FileUnreadable(fault="FILE_TOO_MANY_CELLS")
    return {"sheet": str(sheet.title)}, _rows(sheet), seen.odd


def _looked_through(path: Path) -> dict[str, _Looked]:
    """Look at every part of the archive once, and return what was seen of each."""
    with path.open("rb") as file:
        if file.read(4) == _BEFORE_XLSX:
            raise FileUnreadable(fault="FILE_LOCKED")
    looked: dict[str, _Looked] = {}
    with zipfile.ZipFile(path) as book:
        parts = book.infolist()
        names = {part.filename for part in parts}
        # What is read of a part is never more than its entry declares.
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
            raise FileUnreadable(fault="FILE_UNPACKS_TOO_LARGE")
        if any(part.flag_bits & 1 for part in parts):
            raise FileUnreadable(fault="FILE_LOCKED")
        if "[Content_Types].xml" not in names:
            raise FileUnreadable(fault="FILE_NO_WORKBOOK")
        if any("externalLinks/" in name for name in names):
            raise FileUnreadable(fault="FILE_LINKS_OUTSIDE")
        if any(name.endswith("vbaProject.bin") for name in names):
            raise FileUnreadable(fault="FILE_WITH_MACROS")
        for part in parts:
            if part.filename.endswith((".xml", ".rels", ".vml")):
                with book.open(part) as content:
                    looked[f"/{part.filename.lstrip('/')}"] = _looked_at(content)
    return looked


def _looked_at(content: Any) -> _Looked:  # noqa: ANN401 - an archive's open part
    """Return what of a sheet's cells is merged, or stands further to the right than is read."""
    seen = _Looked()
    found = seen.odd
    far = ""

    def declared(*_: object) -> None:
        raise FileUnreadable(fault="FILE_DECLARES_ENTITIES")

    def begun(name: str, attributes: dict[str, str]) -> None:
        nonlocal far
        kind = name.rpartition(":")[2]
        if kind == "c":
            seen.cells += 1
            at = attributes.get("r", "")
            far = at if _FAR.match(at) else ""
        elif kind in _CONTENTS and far and len(found) < _MOST_ODD:
            found.append(_fault(far, ColumnUnknown(heading=far)))
            far = ""
        elif kind == "mergeCell" and len(found) < _MOST_ODD:
            found.append(_fault(attributes.get("ref", ""), CellIsMerged()))

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = declared
    parser.EntityDeclHandler = declared
    parser.StartElementHandler = begun
    while piece := content.read(_PIECE):
        parser.Parse(piece)
    parser.Parse(b"", True)
    return seen


def _fault(at: str, refusal: Refusal) -> CellFault:
    place = _RANGE.fullmatch(at)
    if place is None:
        raise FileUnreadable(fault="FILE_BROKEN")
    return CellFault(int(place[2]), str(_column(place[1])), refusal)


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _sheet_of(path: Path) -> tuple[Any, str]:
    import openpyxl  # noqa: PLC0415 - a CSV is read without it

    # Not by its path: by the name of a temporary file it would judge the format.
    content = BytesIO(path.read_bytes())
    book = openpyxl.load_workbook(content, read_only=True, keep_links=False)
    for sheet in book.worksheets:
        if sheet.sheet_state == "visible":
            # A sheet declares its size, and may lie.
            sheet.reset_dimensions()
            part = sheet._worksheet_path  # noqa: SLF001 - nowhere else is told which part it is
            return sheet, f"/{part.lstrip('/')}"
    raise FileUnreadable(fault="FILE_NO_SHEET")


def _rows(sheet: Any) -> XlsxRows:  # noqa: ANN401 - openpyxl is untyped
    try:
        for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS), 1):
            yield number, [_cell(one) for one in cells]
    except Exception as error:
        raise FileUnreadable(fault="FILE_BROKEN") from error


def _cell(one: Any) -> Cell | None:  # noqa: ANN401 - openpyxl is untyped
    value = one.value
    if value is None:
        return None
    if one.data_type == "f":
        return Cell("FORMULA", "")
    if isinstance(value, bool):
        return Cell("TRUTH", str(value))
    if isinstance(value, int | float):
        return Cell("NUMBER", _written(value))
    if isinstance(value, date):
        # With a time of day it is no day, and is refused where one is wanted.
        return Cell("DAY", value.isoformat().removesuffix("T00:00:00"))
    return Cell("ERROR" if one.data_type == "e" else "TEXT", str(value))


def _written(value: float) -> str:
    """Return a number as its shortest text: a spreadsheet stores 4.1 as 4.0999999999999996."""
    if isinstance(value, int):
        # Longer than any number of ours; as text it would cost quadratic time.
        return str(value) if abs(value) < 10**40 else "∞"
    written = Decimal(repr(value))
    if not written.is_finite():
        return str(written)
    return format(
        written.to_integral_value() if written == written.to_integral_value() else written, "f"
    )
