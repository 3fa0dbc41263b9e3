"""From a valid operation to what is selected: fragments merged, directives settled."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any, Final, NamedTuple, TypeAlias

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)

from service.schema.costs import DECLARED
from service.schema.planner.cache import shared
from service.schema.planner.inputs import Make, makers_of
from service.schema.planner.mapping import PLANNED, Plain
from service.schema.planner.mapping import Mapping as TypeMapping
from service.schema.planner.unplannable import Unplannable
from service.schema.planner.variables import Arguments

TYPENAME: Final = "__typename"
Truths: TypeAlias = Mapping[str, bool]
"""The values of the variables that directives ask for."""


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """One field of an answer.

    Attributes:
        key: its name in the answer.
        name: its Python name; `__typename` for the type's own name.
        item: how it is mapped; None for what a type without table keeps as it is.
        type: its GraphQL type.
        nodes: the fields of the document that ask for it.
        ask: which of the operation's asks its arguments are; None without arguments.
    """

    key: str
    name: str
    item: Any
    type: GraphQLOutputType
    nodes: tuple[FieldNode, ...]
    ask: int | None = None

    @property
    def named(self) -> GraphQLNamedType:
        """Return the type without its lists and bangs."""
        return get_named_type(self.type)


class Asked(NamedTuple):
    """One field's arguments, read.

    Attributes:
        shape: what of them the SQL's text depends on.
        values: what is bound.
        through: types of audited records that decide what is shown.
    """

    shape: Hashable
    values: tuple[object, ...]
    through: tuple[TypeMapping, ...] = ()


@dataclass(slots=True, eq=False)
class Asking:
    """A field whose SQL depends on arguments.

    Attributes:
        makers: by GraphQL name, each argument's Python name and what makes a resolver's value.
        names: every field name that stands anywhere below.
        settled: what they came to once, where they are the same on every request of anybody.
    """

    item: Any
    arguments: Arguments
    makers: Mapping[str, tuple[str, Make | None]]
    names: frozenset[str]
    settled: Asked | None = None


class Operation:
    """An operation whose directives are settled.

    Attributes:
        root: the type its root fields are of.
        asks: the fields with arguments, in the order they were met.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        node: OperationDefinitionNode,
        truths: Truths,
    ) -> None:
        self.schema = schema
        self.node = node
        self.asks: list[Asking] = []
        self._truths = truths
        self._fragments = fragments_of(document)
        self._known: dict[tuple[object, ...], list[Selected]] = {}

    @property
    def root(self) -> GraphQLObjectType:
        """Return the root type."""
        writes = self.node.operation is OperationType.MUTATION
        root = self.schema.mutation_type if writes else self.schema.query_type
        if root is None:
            raise Unplannable("OPERATION")
        return root

    def fields(self) -> list[Selected]:
        """Return the root fields."""
        return self._selected(self.root, [self.node.selection_set])

    def below(self, field: Selected, kind: GraphQLObjectType | None = None) -> list[Selected]:
        """Return what is selected of a field's object, or of one type it can be."""
        named = kind or field.named
        if not isinstance(named, GraphQLObjectType):
            raise Unplannable("TYPE", named.name)
        sets = [node.selection_set for node in field.nodes if node.selection_set is not None]
        return self._selected(named, sets)

    def all_below(self, field: Selected) -> list[Selected]:
        """Return what is selected of a field's object, whichever of its types it is."""
        named = field.named
        if isinstance(named, GraphQLInterfaceType):
            kinds = self.schema.get_possible_types(named)
            return [one for kind in kinds for one in self.below(field, kind)]
        return self.below(field) if isinstance(named, GraphQLObjectType) else []

    def _selected(self, kind: GraphQLObjectType, sets: list[SelectionSetNode]) -> list[Selected]:
        # The same selection is met once for its text and again for what is finished in it.
        key = (kind.name, *map(id, sets))
        known = self._known.get(key)
        if known is None:
            found: dict[str, list[FieldNode]] = {}
            spread: set[str] = set()
            for one in sets:
                self._collect(kind, one.selections, found, spread)
            known = [self._field(kind, name, nodes) for name, nodes in found.items()]
            self._known[key] = known
        return known

    def _collect(
        self,
        kind: GraphQLObjectType,
        selections: Iterable[SelectionNode],
        found: dict[str, list[FieldNode]],
        spread: set[str],
    ) -> None:
        for one in selections:
            if not self._included(one.directives or ()):
                continue
            if isinstance(one, FieldNode):
                found.setdefault((one.alias or one.name).value, []).append(one)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in spread:
                spread.add(one.name.value)
                fragment = self._fragments[one.name.value]
                if self._applies(fragment.type_condition.name.value, kind):
                    self._collect(kind, fragment.selection_set.selections, found, spread)
            elif isinstance(one, InlineFragmentNode):
                condition = one.type_condition
                if condition is None or self._applies(condition.name.value, kind):
                    self._collect(kind, one.selection_set.selections, found, spread)

    def _applies(self, name: str, kind: GraphQLObjectType) -> bool:
        if name == kind.name:
            return True
        wanted = self.schema.type_map[name]
        return isinstance(wanted, GraphQLInterfaceType) and wanted in kind.interfaces

    def _included(self, directives: Iterable[DirectiveNode]) -> bool:
        for directive in directives:
            name = directive.name.value
            if name in {"skip", "include"}:
                value = _condition(directive)
                truth = (
                    self._truths[value.name.value]
                    if isinstance(value, VariableNode)
                    else bool(getattr(value, "value", None))
                )
                if truth is (name == "skip"):
                    return False
        return True

    def _names_below(self, nodes: Iterable[FieldNode]) -> frozenset[str]:
        names: set[str] = set()
        spread: set[str] = set()
        waiting: list[SelectionNode] = list(nodes)
        while waiting:
            one = waiting.pop()
            if isinstance(one, FieldNode):
                names.add(one.name.value)
            if isinstance(one, FragmentSpreadNode):
                if one.name.value not in spread:
                    spread.add(one.name.value)
                    waiting += self._fragments[one.name.value].selection_set.selections
            elif isinstance(one, FieldNode | InlineFragmentNode) and one.selection_set is not None:
                waiting += one.selection_set.selections
        return shared(frozenset(map(intern, names)))

    def _field(self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Selected:
        name = nodes[0].name.value
        if name == TYPENAME:
            return Selected(key, TYPENAME, None, _typename(self.schema), tuple(nodes))
        if name.startswith("__"):
            raise Unplannable("INTROSPECTION")
        declared = kind.fields[name]
        item, python_name = mapped(declared)
        ask: int | None = None
        if declared.args:
            ask = len(self.asks)
            makers = makers_of(declared.extensions[DECLARED])
            self.asks.append(
                Asking(item, Arguments(nodes[0], declared), makers, self._names_below(nodes))
            )
        return Selected(key, python_name, item, declared.type, tuple(nodes), ask)


def _typename(schema: GraphQLSchema) -> GraphQLOutputType:
    kind = schema.type_map["String"]
    if not is_leaf_type(kind):
        raise Unplannable("TYPE", "String")
    return kind


def mapped(declared: GraphQLField) -> tuple[Any, str]:
    """Return how a field is mapped, if it is, and its Python name."""
    field = declared.extensions[DECLARED]
    item = field.metadata.get(PLANNED)
    if item is None and field.base_resolver is None:
        item = Plain(field.python_name)
    return item, field.python_name


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Return a document's fragments by name."""
    found = (one for one in document.definitions if isinstance(one, FragmentDefinitionNode))
    return {one.name.value: one for one in found}


def deciding_variables(document: DocumentNode, node: OperationDefinitionNode) -> tuple[str, ...]:
    """Return the variables that decide what is selected, in the order of their names."""
    fragments = fragments_of(document)
    seen: set[str] = set()
    names: set[str] = set()
    waiting: list[SelectionNode] = list(node.selection_set.selections)
    while waiting:
        one = waiting.pop()
        names.update(_named_in(one.directives or ()))
        if isinstance(one, FragmentSpreadNode):
            if one.name.value not in seen:
                seen.add(one.name.value)
                waiting += fragments[one.name.value].selection_set.selections
        elif isinstance(one, FieldNode | InlineFragmentNode) and one.selection_set is not None:
            waiting += one.selection_set.selections
    return tuple(sorted(names))


def _named_in(directives: Iterable[DirectiveNode]) -> Iterator[str]:
    for directive in directives:
        if directive.name.value in {"skip", "include"}:
            value = _condition(directive)
            if isinstance(value, VariableNode):
                yield value.name.value


def _condition(directive: DirectiveNode) -> ValueNode:
    arguments = directive.arguments or ()
    return arguments[0].value
