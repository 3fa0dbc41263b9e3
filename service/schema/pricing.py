"""What an operation costs, known before the database is touched.

A price is worked out once for a document, after fragments are expanded; only page sizes, entries
and conditions that hang on variables are left open, and those a request fills in within
microseconds.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    NullValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from service.schema.costs import (
    AGGREGATE,
    COMMAND,
    COST,
    DECLARED,
    REFERENCE,
    RELATION,
    SEARCH,
    SHORT_LIST,
    FieldCost,
)
from service.schema.planner.paging import MOST_ROWS, USUAL_ROWS
from service.schema.quantities import (
    Entries,
    Number,
    Page,
    Relations,
    Sum,
    Variables,
    amount,
    length,
    plus,
    reached,
    related_in,
)
from service.schema.refusals import CostLimit

_Fielded: TypeAlias = GraphQLObjectType | GraphQLInterfaceType
_COUNTS: Final = {"totalCount", "totalCountExact"}
_ROWS: Final = {"nodes", "edges"}


@dataclass(frozen=True, slots=True)
class _Term:
    """One field: `own + times * (each + what is below)`."""

    name: str
    own: Number
    each: int
    times: Number
    below: tuple["_Term", ...]
    conditions: tuple[tuple[str, bool], ...] = ()
    settled: int | None = None

    def of(self, variables: Variables) -> int:
        """Return its points."""
        if self.settled is not None:
            return self.settled
        if any(bool(variables.get(name, wanted)) is not wanted for name, wanted in self.conditions):
            return 0
        inner = self.each
        for term in self.below:
            inner += term.of(variables)
        return amount(self.own, variables) + amount(self.times, variables) * inner


def rows_in(answer: bytes | None) -> int:
    """Count the objects in the JSON text of `data`, itself left out: each is one priced."""
    # Not `count`: it looks at each byte by itself, a tenth of what 36 kB cost the process.
    return 0 if answer is None else len(answer) - len(answer.replace(b"{", b"")) - 1


@dataclass(frozen=True, slots=True)
class Price:
    """What an operation costs.

    Attributes:
        settled: the points, where no variable has a say.
        floor: points that are spent however little is found: commands, aggregates, searches,
            relations in filters.
    """

    terms: tuple[_Term, ...]
    floor: Number
    settled: int | None

    def of(self, variables: Variables) -> int:
        """Return the points of a request."""
        if self.settled is not None:
            return self.settled
        return sum(term.of(variables) for term in self.terms)

    def spent(self, requested: int, rows: int, variables: Variables) -> int:
        """Return what was really spent: no more rows are paid for than were answered.

        Args:
            requested: the points known before.
            rows: of the answer (`rows_in`).
            variables: of the request.
        """
        return min(requested, amount(self.floor, variables) + rows)

    def heaviest(self, variables: Variables) -> tuple[str, int]:
        """Return the path and points of the innermost field that makes up most of the price."""
        path: list[str] = []
        terms, points = self.terms, self.of(variables)
        share, times = points, 1
        while terms:
            weighed = [(times * term.of(variables), term) for term in terms]
            found, term = max(weighed, key=lambda one: one[0])
            if path and 2 * found < points:
                break
            path.append(term.name)
            share, terms = found, term.below
            times *= amount(term.times, variables)
        return ".".join(path), share


def price_of(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Price:
    """Work out the price of an operation of a valid document."""
    root = schema.get_root_type(operation.operation)
    if root is None:
        return Price((), 0, 0)
    pricing = _Pricing(schema, document, operation)
    terms = pricing.below(root, [operation.selection_set.selections])
    settled = [term.settled for term in terms]
    known = [one for one in settled if one is not None]
    total = sum(known) if len(known) == len(settled) else None
    floor: Number = 0
    for term in terms:
        floor = plus(floor, term.own)
    return Price(terms, floor, total)


def is_reference(schema: GraphQLSchema, operation: OperationDefinitionNode) -> bool:
    """Tell whether an operation asks for nothing but reference data."""
    root = schema.get_root_type(operation.operation)
    fields = operation.selection_set.selections
    return root is not None and all(
        isinstance(one, FieldNode)
        and one.name.value in root.fields
        and _said(root.fields[one.name.value], REFERENCE) is True
        for one in fields
    )


def is_bulk(schema: GraphQLSchema, operation: OperationDefinitionNode) -> bool:
    """Tell whether an operation is a command of thousands of items."""
    root = schema.get_root_type(operation.operation)
    declared = (
        _declared(root.fields[one.name.value])
        for one in operation.selection_set.selections
        if root is not None and isinstance(one, FieldNode) and one.name.value in root.fields
    )
    return any(one is not None and one.bulk for one in declared)


def check_cost(points: int, price: Price, variables: Variables, most: int) -> None:
    """Refuse an operation that costs too much.

    Raises:
        CostLimit: names the field that weighs most.
    """
    if points > most:
        heaviest, weight = price.heaviest(variables)
        raise CostLimit(found=points, at_most=most, heaviest=heaviest, weight=weight)


@dataclass(slots=True)
class _Merged:
    """The field nodes that are answered under one name, which are one field."""

    field: GraphQLField
    node: FieldNode
    conditions: tuple[tuple[str, bool], ...]
    selections: list[Sequence[SelectionNode]]


class _Pricing:
    """Turns selections into terms."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> None:
        self._schema = schema
        self._command = operation.operation is not OperationType.QUERY
        found = (d for d in document.definitions if isinstance(d, FragmentDefinitionNode))
        self._fragments = {fragment.name.value: fragment for fragment in found}
        self._defaults = {
            one.variable.name.value: one.default_value
            for one in operation.variable_definitions or ()
        }
        self._root: _Fielded | None = schema.get_root_type(operation.operation)

    def below(
        self, parent: _Fielded, selections: Iterable[Sequence[SelectionNode]]
    ) -> tuple[_Term, ...]:
        """Return the terms of what is selected of a type."""
        parts = self._merged(parent, selections)
        return tuple(term for one in parts for term in self._terms(parent, one))

    def _merged(
        self, parent: _Fielded, selections: Iterable[Sequence[SelectionNode]]
    ) -> Collection[_Merged]:
        merged: dict[tuple[str, str], _Merged] = {}
        for one in selections:
            self._collect(parent, one, (), merged, set())
        return merged.values()

    def _collect(
        self,
        parent: _Fielded,
        selections: Sequence[SelectionNode],
        conditions: tuple[tuple[str, bool], ...],
        merged: dict[tuple[str, str], _Merged],
        spread: set[tuple[str, tuple[tuple[str, bool], ...]]],
    ) -> None:
        for selection in selections:
            added = self._conditions(selection)
            if added is None:
                continue
            under = (*conditions, *added)
            if isinstance(selection, FieldNode):
                self._merge(parent, selection, under, merged)
                continue
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                fragment = self._fragments.get(name)
                # A second spread adds nothing that costs, unless the first hangs on a condition.
                if fragment is None or not spread.isdisjoint({(name, ()), (name, under)}):
                    continue
                spread.add((name, under))
                inner, on = fragment.selection_set.selections, fragment.type_condition.name.value
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = selection.selection_set.selections
                on = condition.name.value if condition else parent.name
            else:
                continue
            kind = self._schema.get_type(on)
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
                self._collect(kind, inner, under, merged, spread)

    def _merge(
        self,
        parent: _Fielded,
        node: FieldNode,
        conditions: tuple[tuple[str, bool], ...],
        merged: dict[tuple[str, str], _Merged],
    ) -> None:
        field = parent.fields.get(node.name.value)
        if field is None and not node.name.value.startswith("__"):
            return
        key = (parent.name, (node.alias or node.name).value)
        known = merged.get(key)
        inner = node.selection_set.selections if node.selection_set else ()
        if known is None:
            if field is not None:
                merged[key] = _Merged(field, node, conditions, [inner])
            elif node.name.value != "__typename":
                described = GraphQLField(parent, extensions={DECLARED: None})
                merged[key] = _Merged(described, node, conditions, [])
            return
        known.selections.append(inner)
        if known.conditions != conditions:
            known.conditions = ()

    def _conditions(self, selection: SelectionNode) -> tuple[tuple[str, bool], ...] | None:
        """Return the variables a selection hangs on; None when it is never answered."""
        found: list[tuple[str, bool]] = []
        for directive in selection.directives or ():
            if directive.name.value not in {"include", "skip"}:
                continue
            wanted = directive.name.value == "include"
            value = directive.arguments[0].value if directive.arguments else None
            if isinstance(value, VariableNode):
                # A variable's own default would have to be looked up: then it counts as answered.
                if self._defaults.get(value.name.value) is None:
                    found.append((value.name.value, wanted))
            elif isinstance(value, BooleanValueNode) and value.value is not wanted:
                return None
        return tuple(found)

    def _terms(self, parent: _Fielded, merged: _Merged) -> Iterator[_Term]:
        field, node = merged.field, merged.node
        name = (node.alias or node.name).value
        if node.name.value.startswith("__"):
            yield _settled(_Term(name, AGGREGATE.own, 0, 0, (), merged.conditions))
            return
        declared = _declared(field)
        kind = get_named_type(field.type)
        if is_leaf_type(kind):
            if declared is not None and declared.own:
                yield _settled(_Term(name, declared.own, 0, 0, (), merged.conditions))
            return
        if declared is None and self._command and parent is self._root:
            declared = COMMAND
        if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            return
        term = self._object(name, merged, kind, declared)
        yield _settled(term)

    def _object(
        self, name: str, merged: _Merged, kind: _Fielded, declared: FieldCost | None
    ) -> _Term:
        asked = declared.own if declared else 0
        if "search" in merged.field.args and self._given(merged.node, "search"):
            asked = max(asked, SEARCH.own)
        own = plus(asked, self._relations(merged))
        if declared is not None and declared.rows is not None:
            rows = self._page(merged.node, declared.rows, declared.rows)
            below = self._records(kind, merged.selections)
            return _Term(name, own, 0, rows, below, merged.conditions)
        if declared is not None and declared.times is not None:
            counts = self._command or declared.items
            points = plus(own, self._items(merged) if counts else 0)
            below = self.below(kind, merged.selections) if declared.times else ()
            return _Term(name, points, 0, declared.times, below, merged.conditions)
        if _is_connection(kind):
            return self._connection(name, merged, kind, own)
        times: Number = SHORT_LIST if _is_list(merged.field) else 1
        if declared is not None and declared.entries is not None:
            times = declared.entries
        elif declared is not None and declared.counted is not None:
            times = self._entries(merged.node, declared.counted)
        below = self.below(kind, merged.selections)
        return _Term(name, own, 1, times, below, merged.conditions)

    def _records(
        self, kind: _Fielded, selections: Iterable[Sequence[SelectionNode]]
    ) -> tuple[_Term, ...]:
        """Return the terms of the records in a row of figures; the figures are no records."""
        found: list[_Term] = []
        for part in self._merged(kind, selections):
            inner = get_named_type(part.field.type)
            if isinstance(inner, GraphQLObjectType) and "id" not in inner.fields:
                found += self._records(inner, part.selections)
            else:
                found += self._terms(kind, part)
        return tuple(found)

    def _connection(self, name: str, merged: _Merged, kind: _Fielded, own: Number) -> _Term:
        parts: dict[tuple[str, str], _Merged] = {}
        for one in merged.selections:
            self._collect(kind, one, (), parts, set())
        rows: list[_Term] = []
        counts = 0
        listed = False
        for part in parts.values():
            of = part.node.name.value
            if of in _COUNTS:
                counts = AGGREGATE.own
            elif of in _ROWS:
                listed = True
                inner = get_named_type(part.field.type)
                if isinstance(inner, GraphQLObjectType | GraphQLInterfaceType):
                    rows += self._rows(of, inner, part)
        if not listed:
            return _Term(name, plus(own, counts + 1), 0, 0, (), merged.conditions)
        times = self._page(merged.node)
        return _Term(name, plus(own, counts), 1, times, tuple(rows), merged.conditions)

    def _rows(self, of: str, kind: _Fielded, part: _Merged) -> tuple[_Term, ...]:
        """Return the terms of a row; `edges { node }` is the row, and not one more object."""
        if of == "nodes":
            return self.below(kind, part.selections)
        inner: dict[tuple[str, str], _Merged] = {}
        for one in part.selections:
            self._collect(kind, one, (), inner, set())
        rows: list[_Term] = []
        for found in inner.values():
            record = get_named_type(found.field.type)
            if isinstance(record, GraphQLObjectType | GraphQLInterfaceType):
                rows += self.below(record, found.selections)
        return tuple(rows)

    def _page(self, node: FieldNode, usual: int = USUAL_ROWS, most: int = MOST_ROWS) -> Number:
        sides: list[tuple[str, int | None]] = []
        given: int | None = None
        for name in ("first", "last"):
            value = self._value(node, name)
            if isinstance(value, IntValueNode):
                given = int(value.value)
            elif isinstance(value, VariableNode):
                own = self._defaults.get(value.name.value)
                unasked = int(own.value) if isinstance(own, IntValueNode) else None
                sides.append((value.name.value, unasked))
        page = Page(tuple(sides), given, usual, most)
        return page if sides else page.of({})

    def _relations(self, merged: _Merged) -> Number:
        """Return the points of the relations in a field's filter, wherever they stand."""
        found = merged.field.args.get("filter")
        kind = None if found is None else get_named_type(found.type)
        if not isinstance(kind, GraphQLInputObjectType):
            return 0
        known, variables = related_in(kind, self._value(merged.node, "filter"))
        if not variables:
            return known * RELATION
        open_ = (
            Relations(name, of, related_in(of, self._defaults.get(name))[0])
            for name, of in variables
        )
        return Sum(known * RELATION, tuple(open_))

    def _items(self, merged: _Merged) -> Number:
        """Return a point for each entry of the lists of objects in an input."""
        found = merged.field.args.get("input")
        if found is None:
            return 0
        kind = get_named_type(found.type)
        if not isinstance(kind, GraphQLInputObjectType):
            return 0
        lists = [
            name
            for name, one in kind.fields.items()
            if _is_list(one) and not is_leaf_type(get_named_type(one.type))
        ]
        known, open_ = 0, []
        for name in lists:
            entries = self._entries(merged.node, "input", name)
            if isinstance(entries, Entries):
                open_.append(entries)
            else:
                known += entries
        return Sum(known, tuple(open_)) if open_ else known

    def _entries(self, node: FieldNode, argument: str, *path: str) -> int | Entries:
        """Return how many entries a list has that is written out or comes by a variable."""
        value, names = reached(self._value(node, argument), path)
        if isinstance(value, VariableNode):
            usual, further = reached(self._defaults.get(value.name.value), names)
            return Entries((value.name.value, *names), 0 if further else length(usual))
        return 0 if names else length(value)

    def _given(self, node: FieldNode, name: str) -> bool:
        value = self._value(node, name)
        return value is not None and not isinstance(value, NullValueNode)

    def _value(self, node: FieldNode, name: str) -> ValueNode | None:
        return next((a.value for a in node.arguments or () if a.name.value == name), None)


def _settled(term: _Term) -> _Term:
    """Return a term with its points, where no variable has a say."""
    inside = [one.settled for one in term.below]
    known = [one for one in inside if one is not None]
    if term.conditions or len(known) < len(inside):
        return term
    if not isinstance(term.own, int) or not isinstance(term.times, int):
        return term
    points = term.own + term.times * (term.each + sum(known))
    return _Term(term.name, term.own, term.each, term.times, term.below, (), points)


def _declared(field: GraphQLField) -> FieldCost | None:
    found = _said(field, COST)
    return found if isinstance(found, FieldCost) else None


def _said(field: GraphQLField, name: str) -> object:
    definition = (field.extensions or {}).get(DECLARED)
    return definition.metadata.get(name) if definition is not None else None


def _is_connection(kind: _Fielded) -> bool:
    return kind.name.endswith("Connection") and "pageInfo" in kind.fields


def _is_list(field: Any) -> bool:  # noqa: ANN401 - a field of either direction
    kind = field.type.of_type if is_non_null_type(field.type) else field.type
    return is_list_type(kind)
