"""What files are refused with, whole or cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal

from service.errors import InvalidInput, NotFound, Refusal, phrase

FileFault = Literal[
    "FILE_BROKEN",
    "FILE_DECLARES_ENTITIES",
    "FILE_EMPTY",
    "FILE_LINKS_OUTSIDE",
    "FILE_LOCKED",
    "FILE_NO_SHEET",
    "FILE_NO_WORKBOOK",
    "FILE_TAKES_TOO_LONG",
    "FILE_TOO_MANY_CELLS",
    "FILE_UNPACKS_TOO_LARGE",
    "FILE_WITH_MACROS",
]


@dataclass(eq=False, kw_only=True)
class FileUnreadable(Refusal):
    """A file that is no table, or one that is dangerous to read: nothing of it was read."""

    code: ClassVar[str] = "FILE_UNREADABLE"

    fault: FileFault

    def worded(self, locale: str) -> dict[str, str]:
        """Return what is wrong in a person's words."""
        return {"fault": phrase(self.fault, locale, {})}


@dataclass(eq=False, kw_only=True)
class FileTooLarge(Refusal):
    """More bytes than a file may have; the rest was not read."""

    code: ClassVar[str] = "FILE_TOO_LARGE"

    at_most: int


@dataclass(eq=False, kw_only=True)
class FileTypeUnknown(Refusal):
    """Neither CSV nor XLSX by its media type."""

    code: ClassVar[str] = "FILE_TYPE_UNKNOWN"


@dataclass(eq=False, kw_only=True)
class FileEncodingUnknown(Refusal):
    """A CSV that is not UTF-8: what it may be is told, and never guessed silently."""

    code: ClassVar[str] = "FILE_ENCODING_UNKNOWN"

    possible: str


@dataclass(eq=False, kw_only=True)
class SheetTooLong(Refusal):
    """More rows than one import takes, blank ones among them."""

    code: ClassVar[str] = "SHEET_TOO_LONG"

    at_most: int


@dataclass(eq=False, kw_only=True)
class ColumnMissing(Refusal):
    """The first row lacks a column that is needed."""

    code: ClassVar[str] = "COLUMN_MISSING"

    column: str


@dataclass(eq=False, kw_only=True)
class ColumnUnknown(Refusal):
    """A heading that is no column's, or that stands twice."""

    code: ClassVar[str] = "COLUMN_UNKNOWN"

    heading: str


@dataclass(eq=False, kw_only=True)
class CellIsFormula(Refusal):
    """A formula: it is never worked out, so that what is imported is what was seen."""

    code: ClassVar[str] = "CELL_IS_FORMULA"


@dataclass(eq=False, kw_only=True)
class CellIsMerged(Refusal):
    """Merged cells: which rows they speak for is not certain."""

    code: ClassVar[str] = "CELL_IS_MERGED"


@dataclass(eq=False, kw_only=True)
class NumberNotPlain(Refusal):
    """A number written in another way than 1234.56."""

    code: ClassVar[str] = "NUMBER_NOT_PLAIN"

    value: str


@dataclass(eq=False, kw_only=True)
class NumberTooPrecise(Refusal):
    """More decimal places than the metric has, or more digits than a spreadsheet keeps."""

    code: ClassVar[str] = "NUMBER_TOO_PRECISE"

    places: int


@dataclass(eq=False, kw_only=True)
class DayNotPlain(Refusal):
    """A day written in another way than 2027-03-31."""

    code: ClassVar[str] = "DAY_NOT_PLAIN"

    value: str


@dataclass(eq=False, kw_only=True)
class SheetRowRepeated(Refusal):
    """Another row is the same target, or has the same key."""

    code: ClassVar[str] = "SHEET_ROW_REPEATED"

    row: int


@dataclass(eq=False, kw_only=True)
class ParentsInCircle(Refusal):
    """A target that is below itself."""

    code: ClassVar[str] = "PARENTS_IN_CIRCLE"


@dataclass(eq=False, kw_only=True)
class TargetAmbiguous(Refusal):
    """Several targets of the plan fit the row; one above them would tell them apart."""

    code: ClassVar[str] = "TARGET_AMBIGUOUS"


@dataclass(eq=False, kw_only=True)
class TargetCurrencyOther(Refusal):
    """A currency that is not the metric's."""

    code: ClassVar[str] = "TARGET_CURRENCY_OTHER"

    currency: str


@dataclass(eq=False, kw_only=True)
class TargetSumOpen(Refusal):
    """The parts of a target would not be what it has to give out (I1, I2); in whole units."""

    code: ClassVar[str] = "TARGET_SUM_OPEN"

    wanted: int
    found: int


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is wrong with one cell.

    Attributes:
        row: of the file, the headings' is 1.
        column: a column's code; empty where it is the row.
    """

    row: int
    column: str
    refusal: Refusal


@dataclass(eq=False, kw_only=True)
class SheetRefused(Refusal):
    """Rows that cannot be imported: none of them was."""

    code: ClassVar[str] = "SHEET_REFUSED"

    rows: int
    faults: Sequence[CellFault] = field(default=(), repr=False)

    def values(self) -> dict[str, str]:
        """Return how many rows are at fault."""
        return {"rows": str(self.rows)}


_BY_CODE: dict[str, type[Refusal]] = {
    kind.code: kind
    for kind in (
        CellIsFormula,
        CellIsMerged,
        ColumnMissing,
        ColumnUnknown,
        DayNotPlain,
        FileEncodingUnknown,
        FileUnreadable,
        InvalidInput,
        NotFound,
        NumberNotPlain,
        NumberTooPrecise,
        SheetRowRepeated,
        SheetTooLong,
    )
}


def told(refusal: Refusal) -> tuple[str, dict[str, Any]]:
    """Return a refusal as another process hears of it."""
    names = (one.name for one in fields(refusal))
    return refusal.code, {name: getattr(refusal, name) for name in names}


def heard(code: str, values: dict[str, Any]) -> Refusal:
    """Return a refusal that another process told."""
    given: dict[str, Any] = {
        name: tuple(one) if isinstance(one, list) else one for name, one in values.items()
    }
    return _BY_CODE[code](**given)
