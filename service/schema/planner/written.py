"""Declarations of what functions write: rows of figures, and the records these name."""

from collections.abc import Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """Rows that a function writes: figures, trees, roll-ups.

    Attributes:
        write: from a statement, the arguments as a resolver is given them, and the names of the
            fields asked for anywhere below: the SELECT whose columns are the fields of the row
            type by Python name, in the order of the answer.
        many: whether the answer is a list.
        counts: the type whose rows it counts, where reading these is written down: then the
            SELECT has a column `owners` besides, with whose they are.
        counted_by: the fields of the row type, by Python name, that count them; none is all.
    """

    write: Callable[[Any, MappingType[str, Any], frozenset[str]], str]
    many: bool = True
    counts: str | None = None
    counted_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One record in sight whose key a function writes, from the same as `Written`."""

    target: str
    write: Callable[[Any, MappingType[str, Any], frozenset[str]], str]


@dataclass(frozen=True, slots=True)
class Among:
    """The records of a type, in sight, whose keys an array of the row holds, in its order."""

    target: str
    sql: str
