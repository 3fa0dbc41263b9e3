"""From cells to values, each by its column's form; a cell that is none is a fault of its own. Pure.

A number is read as it was meant in no country: digits, a point, decimals. `1.234,56` is somebody's
thousand and somebody else's one and a bit, so it is nobody's here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from service.errors import InvalidInput, Refusal
from service.exchange.errors import (
    CellFault,
    CellIsFormula,
    ColumnMissing,
    ColumnUnknown,
    DayNotPlain,
    NumberNotPlain,
    NumberTooPrecise,
    SheetRowRepeated,
)
from service.exchange.rules.columns import BY_CODE, CHOICES, NEEDED, column_of
from service.formulas import unguarded

LONGEST: Final = 64
_SHOWN: Final = 40
_NUMBER: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,10})?", re.ASCII)
# The year first, so that day and month are never mistaken; a spreadsheet writes slashes.
_DAY: Final = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)
_YES: Final = frozenset({"yes", "true", "1", "是", "y"})
_NO: Final = frozenset({"no", "false", "0", "否", "n"})
_DIGITS: Final = 15


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as a file has it.

    Attributes:
        kind: TEXT, NUMBER (of a spreadsheet: binary, as its shortest text), DAY, TRUTH or FORMULA.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that could be read: its number in the file, and what its cells say by column."""

    number: int
    values: Mapping[str, Any]


def read_headings(cells: Sequence[Cell | None]) -> tuple[list[str | None], list[CellFault]]:
    """Return each column's code by its place, and what is wrong with the first row."""
    codes: list[str | None] = []
    faults: list[CellFault] = []
    for cell in cells:
        text = cell.text.strip() if cell else ""
        code = column_of(text) if text else None
        if text and (code is None or code in codes):
            faults.append(CellFault(1, "", ColumnUnknown(heading=text[:_SHOWN])))
        codes.append(code)
    missing = [code for code in NEEDED if code not in codes]
    faults += [CellFault(1, code, ColumnMissing(column=code)) for code in missing]
    return codes, faults


def read_row(
    number: int, codes: Sequence[str | None], cells: Sequence[Cell | None]
) -> tuple[SheetRow, list[CellFault]]:
    """Return what a row says, and what is wrong with its cells."""
    values: dict[str, Any] = {}
    faults: list[CellFault] = []
    for place, cell in enumerate(cells):
        if cell is None:
            continue
        code = codes[place] if place < len(codes) else None
        if code is None:
            told = ColumnUnknown(heading=cell.text[:_SHOWN])
            faults.append(CellFault(number, "", told))
            continue
        try:
            found = _value(BY_CODE[code].form, cell)
        except Refusal as refusal:
            faults.append(CellFault(number, code, refusal))
            continue
        if found is not None:
            values[code] = found
    if "key" not in values and not any(fault.column == "key" for fault in faults):
        faults.append(CellFault(number, "key", InvalidInput(expected="GIVEN")))
    return SheetRow(number, values), faults


def repeated_keys(rows: Sequence[SheetRow]) -> list[CellFault]:
    """Return a fault for each row whose key an earlier one has."""
    first: dict[str, int] = {}
    faults: list[CellFault] = []
    for row in rows:
        key = row.values.get("key")
        if key is None:
            continue
        if key in first:
            faults.append(CellFault(row.number, "key", SheetRowRepeated(row=first[key])))
        first.setdefault(key, row.number)
    return faults


def _value(form: str, cell: Cell) -> Any:  # noqa: ANN401 - by the form
    if form == "IGNORED":
        return None
    if cell.kind == "FORMULA":
        raise CellIsFormula
    if not cell.text.strip():
        return None
    return _FORMS[form](cell)


def _line(cell: Cell) -> str:
    text = unguarded(cell.text.strip())
    if cell.kind not in {"TEXT", "NUMBER"} or not text.isprintable():
        raise InvalidInput(expected="PRINTABLE")
    if len(text) > LONGEST:
        raise InvalidInput(expected="CHARACTERS", least=1, most=LONGEST)
    return text


def _number(cell: Cell) -> str:
    text = cell.text.strip()
    if cell.kind not in {"TEXT", "NUMBER"} or not _NUMBER.fullmatch(text):
        raise NumberNotPlain(value=text[:_SHOWN])
    if cell.kind == "NUMBER" and len(re.sub(r"\D", "", text).lstrip("0")) > _DIGITS:
        # What the spreadsheet keeps of it is no longer what was typed.
        raise NumberTooPrecise(places=_DIGITS)
    return str(Decimal(text))


def _day(cell: Cell) -> str:
    text = cell.text.strip()
    found = _DAY.fullmatch(text)
    if cell.kind not in {"TEXT", "DAY"} or found is None:
        raise DayNotPlain(value=text[:_SHOWN])
    try:
        return date(int(found[1]), int(found[3]), int(found[4])).isoformat()
    except ValueError as error:
        raise DayNotPlain(value=text) from error


def _truth(cell: Cell) -> bool:
    text = cell.text.strip().casefold()
    if text not in _YES | _NO:
        raise InvalidInput(expected="TRUTH_VALUE")
    return text in _YES


def _one_of(choices: tuple[str, ...]) -> Callable[[Cell], str]:
    def read(cell: Cell) -> str:
        text = cell.text.strip().upper()
        if text not in choices:
            raise InvalidInput(expected="ONE_OF", choices=choices)
        return text

    return read


_FORMS: Final[Mapping[str, Callable[[Cell], Any]]] = {
    "LINE": _line,
    "NUMBER": _number,
    "DAY": _day,
    "TRUTH": _truth,
    **{form: _one_of(choices) for form, choices in CHOICES.items()},
}
