"""Numbers in a price that a request's variables decide: rows of a page, entries of a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from graphql import (
    GraphQLInputField,
    GraphQLInputObjectType,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
)

from service.schema.costs import DECLARED, RELATION
from service.schema.filters import FILTERED, Quantified, Related
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
            value = value.get(name) if isinstance(value, dict) else None
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
    usual: int = USUAL_ROWS
    most: int = MOST_ROWS

    def of(self, variables: Variables) -> int:
        """Return the number."""
        sizes = [] if self.given is None else [self.given]
        for name, usual in self.sides:
            size = variables.get(name, usual)
            # A whole number may be written as 200.0, and is taken as one.
            if isinstance(size, int) or (isinstance(size, float) and size.is_integer()):
                sizes.append(int(size))
        return min(max(max(sizes, default=self.usual), 0), self.most)


@dataclass(frozen=True, slots=True)
class Relations:
    """Points for the relations of a filter, or of a part of one, that comes by a variable.

    Attributes:
        variable: its name.
        kind: the filter it is.
        usual: the relations in the variable's own default.
    """

    variable: str
    kind: GraphQLInputObjectType
    usual: int

    def of(self, variables: Variables) -> int:
        """Return the points."""
        if self.variable not in variables:
            return RELATION * self.usual
        return RELATION * related(self.kind, variables[self.variable])


@dataclass(frozen=True, slots=True)
class Sum:
    """A number known already and others that variables decide."""

    known: int
    open: tuple["Entries | Relations", ...]

    def of(self, variables: Variables) -> int:
        """Return the number."""
        found = self.known
        for one in self.open:
            found += one.of(variables)
        return found


Number: TypeAlias = int | Entries | Page | Sum


def amount(number: Number, variables: Variables) -> int:
    """Return a number under the variables of one request."""
    return number if isinstance(number, int) else number.of(variables)


def plus(number: Number, more: Number) -> Number:
    """Add two numbers that both are sums, or known."""
    if isinstance(number, int) and isinstance(more, int):
        return number + more
    parts = [Sum(one, ()) if isinstance(one, int) else one for one in (number, more)]
    sums = [one for one in parts if isinstance(one, Sum)]
    return Sum(sum(one.known for one in sums), tuple(each for one in sums for each in one.open))


def related(kind: GraphQLInputObjectType, value: object) -> int:
    """Count the relations in the value of a filter; what does not fit is refused later."""
    if isinstance(value, list):
        return sum(related(kind, one) for one in value)
    found = 0
    if isinstance(value, Mapping):
        for name, inner in value.items():
            field = kind.fields.get(name)
            if field is None or inner is None:
                continue
            found += is_relation(field)
            below = get_named_type(field.type)
            if isinstance(below, GraphQLInputObjectType):
                found += related(below, inner)
    return found


def related_in(
    kind: GraphQLInputObjectType, value: ValueNode | None
) -> tuple[int, list[tuple[str, GraphQLInputObjectType]]]:
    """Count the relations in a written filter, and name the variables in it with what they are."""
    if isinstance(value, VariableNode):
        return 0, [(value.name.value, kind)]
    found, open_ = 0, []
    parts: list[tuple[GraphQLInputObjectType, ValueNode]] = []
    if isinstance(value, ListValueNode):
        parts = [(kind, one) for one in value.values]
    elif isinstance(value, ObjectValueNode):
        for written in value.fields:
            field = kind.fields.get(written.name.value)
            if field is None or isinstance(written.value, NullValueNode):
                continue
            found += is_relation(field)
            below = get_named_type(field.type)
            if isinstance(below, GraphQLInputObjectType):
                parts.append((below, written.value))
    for below, one in parts:
        inner, variables = related_in(below, one)
        found += inner
        open_ += variables
    return found, open_


def is_relation(field: GraphQLInputField) -> bool:
    """Tell whether a filter's field asks for a related record: `some` and `none` each do."""
    definition = field.extensions.get(DECLARED)
    how = definition.metadata.get(FILTERED) if definition is not None else None
    return isinstance(how, Quantified) or (isinstance(how, Related) and not how.several)


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
