"""Writes a workbook, in a process of its own; `python -m service.exchange.writing`, JSON to bytes.

Numbers of up to fifteen digits are numbers, longer ones text: a spreadsheet would lose the rest.
No cell is ever a formula.
"""

import re
import sys
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

import orjson

from service.exchange.limits import confine

_MEMORY: Final = 1024 * 1024 * 1024
_SECONDS: Final = 30
_DIGITS: Final = 15
_MOST_PLACES: Final = 10
_WIDE: Final = 0x2E80  # from here on, characters as wide as two
_WIDEST: Final = 40
_NOT_IN_TITLES: Final = re.compile(r"[\[\]:*?/\\']")
_LONGEST_TITLE: Final = 31


def workbook(sheets: Sequence[dict[str, Any]]) -> bytes:
    """Return the workbook of tables."""
    import xlsxwriter  # noqa: PLC0415 - tests import this module beside others

    target = BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    with book:
        for sheet in sheets:
            _written(book, sheet)
    return target.getvalue()


def _written(book: Any, sheet: dict[str, Any]) -> None:  # noqa: ANN401 - xlsxwriter is untyped
    title = _NOT_IN_TITLES.sub(" ", sheet["title"])[:_LONGEST_TITLE].strip() or "Sheet"
    page = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "bottom": 1})
    forms: dict[object, Any] = {
        places: book.add_format({"num_format": "#,##0" + "." * bool(places) + "0" * places})
        for places in range(_MOST_PLACES + 1)
    }
    forms["d"] = book.add_format({"num_format": "yyyy-mm-dd"})
    page.freeze_panes(1, 0)
    widths = [_width(head) for head in sheet["heads"]]
    for column, head in enumerate(sheet["heads"]):
        page.write_string(0, column, head, bold)
    for number, row in enumerate(sheet["rows"], 1):
        for column, cell in enumerate(row):
            if cell is not None:
                _cell(page, (number, column), cell, forms)
                widths[column] = max(widths[column], _width(cell))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width + 2, _WIDEST))
    if sheet["rows"]:
        page.autofilter(0, 0, len(sheet["rows"]), len(sheet["heads"]) - 1)


def _width(cell: str | list[str]) -> int:
    text = cell if isinstance(cell, str) else cell[1]
    return sum(2 if ord(character) > _WIDE else 1 for character in text)


def _cell(page: Any, at: tuple[int, int], cell: str | list[str], forms: Any) -> None:  # noqa: ANN401 - xlsxwriter is untyped
    if isinstance(cell, str):
        page.write_string(*at, cell)
        return
    kind, text = cell
    if kind == "d":
        midnight = datetime.combine(date.fromisoformat(text), datetime.min.time())
        page.write_datetime(*at, midnight, forms["d"])
    elif len(re.sub(r"\D", "", text).lstrip("0")) > _DIGITS:
        page.write_string(*at, text)
    else:
        page.write_number(*at, float(text), forms[len(text.partition(".")[2])])


if __name__ == "__main__":
    confine(_MEMORY, _SECONDS)
    sys.stdout.buffer.write(workbook(orjson.loads(sys.stdin.buffer.read())))
