"""A table as it is written into a file: exact amounts, days, and texts that are no formulas."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from service.formulas import guarded

# False and true, in each language; read again as `rules.values` knows them.
TRUTH: Final = {"en": ("no", "yes"), "zh-Hant": ("否", "是"), "zh-Hans": ("否", "是")}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number by its exact text: a binary fraction would lose some of it."""

    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Attributes:
        title: what the sheet is called.
        rows: of texts, `Amount`s, days and None.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


def as_csv(sheet: Sheet) -> bytes:
    """Write a table as CSV in UTF-8, with the mark by which spreadsheets know it."""
    lines = (",".join(map(_said, row)) for row in (sheet.heads, *sheet.rows))
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8-sig")


def _said(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Amount):
        return cell.text
    if isinstance(cell, date):
        return cell.isoformat()
    # Always in quotation marks: who splits at semicolons would split a text without them there.
    return '"' + guarded(str(cell)).replace('"', '""') + '"'


def told(sheets: Sequence[Sheet]) -> list[dict[str, Any]]:
    """Return tables as the process that writes workbooks takes them."""
    return [
        {
            "title": sheet.title,
            "heads": list(sheet.heads),
            "rows": [[_kept(cell) for cell in row] for row in sheet.rows],
        }
        for sheet in sheets
    ]


def _kept(cell: object) -> str | list[str] | None:
    if cell is None:
        return None
    if isinstance(cell, Amount):
        return ["n", cell.text]
    if isinstance(cell, date):
        return ["d", cell.isoformat()]
    return guarded(str(cell))
