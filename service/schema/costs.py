"""What a field costs, declared beside it: `strawberry.field(…, metadata=costs(AGGREGATE))`.

Undeclared fields are priced by their type: a scalar nothing, an object 1, a connection its page
times what is selected of a row, another list `SHORT_LIST` times. Points are what rate limits
count, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Declared: TypeAlias = Any
"""What a declaration returns: it stands for the field's own type, whatever that is."""

COST: Final = "cost"
DECLARED: Final = "strawberry-definition"
"""Under this name graphql-core's field carries the declaration it was made from."""
MOST_POINTS: Final = 20_000
SHORT_LIST: Final = 5
_LONG_LIST: Final = 40
RELATION: Final = 20
"""A relation in a filter: it is looked up for whatever the rest of the filter leaves."""

REFUSED: Final = 50
"""What is looked at and refused: to read a document takes longer than to answer most requests."""

NEW_FIELD: Final = 3
"""A field of a document that is new to the process: to check and to plan it takes as long as to
read some rows."""


@dataclass(frozen=True, slots=True)
class FieldCost:
    """What one field costs.

    Attributes:
        own: points of the field itself, wherever it stands.
        times: how often its selection is counted; None leaves that to its type.
        counted: argument whose number of entries is how often, instead of `times`.
        entries: how many a list is taken to have that grows with the company.
        rows: how many rows of figures there are at most, fewer where `first` says so. The figures
            are paid by `own`; what is selected of records counts for each row.
        bulk: a command of thousands of items, whose body may be longer.
        items: each entry of a list in the input is a point, as in every command.
    """

    own: int
    times: int | None = None
    counted: str | None = None
    bulk: bool = False
    entries: int | None = None
    rows: int | None = None
    items: bool = False


AGGREGATE: Final = FieldCost(10, times=1)
BOARD: Final = FieldCost(10, rows=200)
"""Rows of figures that come in no pages: as many are counted as the longest page of a list has."""
SEARCH: Final = FieldCost(20)
COMMAND: Final = FieldCost(10, times=1)
BULK_COMMAND: Final = FieldCost(10, times=1, bulk=True)
WORKED_OUT: Final = FieldCost(10, times=1, items=True)
"""What is worked out of the input alone, however long that is."""
# Part of a bigger whole that is paid for already.
FREE: Final = FieldCost(0, times=0)


def costs(cost: FieldCost) -> Mapping[str, FieldCost]:
    """Return what a field's `metadata` says of its cost."""
    return {COST: cost}


def long_list(declared: Declared) -> Declared:
    """Say of a list of records that it grows with the company: its entries are priced as many.

    From each entry a document can come back to the list, and what is answered then grows with the
    square of it, and with the cube.
    """
    declared.metadata = {**declared.metadata, **costs(FieldCost(0, entries=_LONG_LIST))}
    return declared


REFERENCE: Final = "reference"


def reference(declared: Declared) -> Declared:
    """Say of a root field that its answer hardly ever changes.

    An operation of nothing else, asked by GET, may be kept by its client for a minute.
    """
    declared.metadata = {**declared.metadata, REFERENCE: True}
    return declared
