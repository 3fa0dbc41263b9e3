"""Numbers in a price that a request's variables decide: rows of a page, entries of a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import ListValueNode, NullValueNode, ObjectValueNode, ValueNode

from service.schema.planner.paging import MOST_ROWS, USUAL_ROWS

Variables: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entries:
    """How many entries a list has that comes by a variable.

    Attributes:
        path: the variable's name, and where the list stands in its value.
        usual: how many the variable's own default has.
    """

    path: tuple[str, ...]
    usual: int

    def of(self, variables: Variables) -> int:
        """Return the number; one value stands for a list of it."""
        if self.path[0] not in variables:
            return self.usual
        value: Any = variables
        for name in self.path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(value, list):
            return len(value)
        return int(value is not None)


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a page: of `first` or of `last`, each a variable with its own default, or given.

    A number out of bounds is refused later, so it is not paid for.
    """

    sides: tuple[tuple[str, int | None], ...]
    given: int | None

    def of(self, variables: Variables) -> int:
        """Return the number."""
        sizes = [] if self.given is None else [self.given]
        for name, usual in self.sides:
            size = variables.get(name, usual)
            # A whole number may be written as 200.0, and is taken as one.
            if isinstance(size, int) or (isinstance(size, float) and size.is_integer()):
                sizes.append(int(size))
        return min(max(max(sizes, default=USUAL_ROWS), 0), MOST_ROWS)


@dataclass(frozen=True, slots=True)
class Sum:
    """A number known already and others that variables decide."""

    known: int
    open: tuple[Entries, ...]

    def of(self, variables: Variables) -> int:
        """Return the number."""
        return self.known + sum(one.of(variables) for one in self.open)


Number: TypeAlias = int | Entries | Page | Sum


def amount(number: Number, variables: Variables) -> int:
    """Return a number under the variables of one request."""
    return number if isinstance(number, int) else number.of(variables)


def reached(value: ValueNode | None, path: Sequence[str]) -> tuple[ValueNode | None, Sequence[str]]:
    """Return what stands at a path in a written value, and what of the path leads beyond it."""
    while path and isinstance(value, ObjectValueNode):
        value = next((f.value for f in value.fields if f.name.value == path[0]), None)
        path = path[1:]
    return value, path


def length(value: ValueNode | None) -> int:
    """Count the entries of a written list; one value stands for a list of it."""
    if isinstance(value, ListValueNode):
        return len(value.values)
    return int(value is not None and not isinstance(value, NullValueNode))
