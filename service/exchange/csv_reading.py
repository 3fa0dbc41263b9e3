"""The rows of a CSV file: its encoding is known or refused, its delimiter that of its headings."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Final

from service.exchange.errors import FileEncodingUnknown, FileUnreadable
from service.exchange.rules.columns import column_of
from service.exchange.rules.values import Cell

ENCODINGS: Final = {"utf-8": "UTF-8", "gb18030": "GB18030", "big5": "Big5", "utf-16": "UTF-16"}
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = (",", ";", "\t")
_LONGEST_CELL: Final = 32_767

CsvRows = Iterator[tuple[int, Sequence[Cell | None]]]


def csv_rows(path: Path, encoding: str | None) -> tuple[dict[str, str], CsvRows]:
    """Return what a CSV is written in, and its rows by number.

    Args:
        path: of the file.
        encoding: what the sender says it is, a key of `ENCODINGS`; None is UTF-8, or UTF-16 with
            its mark.

    Raises:
        FileEncodingUnknown: it is not UTF-8, and nobody says what else.
        FileUnreadable: it is no text, or not what the sender says.
    """
    raw = path.read_bytes()
    known = next((name for mark, name in _MARKS if raw.startswith(mark)), encoding or "utf-8")
    text = _decoded(raw, known, said=encoding is not None)
    if "\0" in text:
        raise FileUnreadable(fault="FILE_BROKEN")
    delimiter = max(_DELIMITERS, key=lambda one: _headings_by(text, one))
    return {"encoding": ENCODINGS[known]}, _rows(text, delimiter)


def _decoded(raw: bytes, encoding: str, *, said: bool) -> str:
    try:
        return raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as error:
        if said or encoding != "utf-8":
            raise FileUnreadable(fault="FILE_BROKEN") from error
        possible = [name for name in ("gb18030", "big5") if _decodes(raw, name)]
        if not possible:
            raise FileUnreadable(fault="FILE_BROKEN") from error
        names = ", ".join(ENCODINGS[name] for name in possible)
        raise FileEncodingUnknown(possible=names) from error


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        return "\0" not in raw.decode(encoding)
    except UnicodeDecodeError:
        return False


def _headings_by(text: str, delimiter: str) -> int:
    first = text.lstrip("\r\n").partition("\n")[0]
    return sum(column_of(one.strip('" \r')) is not None for one in first.split(delimiter))


def _rows(text: str, delimiter: str) -> CsvRows:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        # Numbered as a spreadsheet shows them: a cell with line breaks is still one row.
        for number, cells in enumerate(reader, 1):
            yield number, [_cell(one) for one in cells]
    except csv.Error as error:
        raise FileUnreadable(fault="FILE_BROKEN") from error


def _cell(text: str) -> Cell | None:
    if not text:
        return None
    # `=SUM(…)`: a spreadsheet would work it out. A minus is a number's.
    return Cell("FORMULA" if text.lstrip().startswith("=") else "TEXT", text)
