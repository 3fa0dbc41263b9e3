"""Who still uses what is to be removed: counted for each request, by what its document names.

What a document uses is found when it is read, once; what variables bring besides is looked for in
those alone whose type has something of the kind. As long as nothing is deprecated, neither is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    get_nullable_type,
    type_from_ast,
    visit,
)

from service.telemetry.metrics import Counter

USES = Counter(
    "deprecated_uses_total",
    "Requests that used a deprecated field, argument, input field or enum value, by its name and by"
    " the trusted document that did (`none`: a text).",
    ("element", "document"),
)


@dataclass(frozen=True, slots=True)
class Uses:
    """What a document uses of what is deprecated.

    Attributes:
        elements: by their names in it: `Visit.mode`, `Query.visits(site:)`, `VisitState.OPEN`.
        variables: names and types of its variables that may bring more.
    """

    elements: tuple[str, ...] = ()
    variables: tuple[tuple[str, Any], ...] = ()


NOTHING: Final = Uses()


def uses_of(schema: GraphQLSchema, node: DocumentNode) -> Uses:
    """Return what a valid document uses of what is deprecated."""
    deprecated = _deprecated(schema)
    if not deprecated:
        return NOTHING
    types = TypeInfo(schema)
    found = _Finding(schema, types, deprecated)
    visit(node, TypeInfoVisitor(types, found))
    if not found.elements and not found.variables:
        return NOTHING
    return Uses(tuple(sorted(found.elements)), tuple(found.variables))


def count_uses(uses: Uses, document_id: str | None, variables: Mapping[str, Any]) -> None:
    """Count what a request used."""
    if uses is NOTHING:
        return
    elements = set(uses.elements)
    for name, kind in uses.variables:
        elements.update(_brought(kind, variables.get(name)))
    for element in elements:
        USES.add(element, document_id or "none")


@lru_cache(maxsize=4)
def _deprecated(schema: GraphQLSchema) -> frozenset[str]:
    """Return the names of everything deprecated, and of the input types that hold some of it."""
    found: set[str] = set()
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in kind.fields.items():
                if field.deprecation_reason is not None:
                    found.add(f"{kind.name}.{name}")
                found.update(
                    f"{kind.name}.{name}({word}:)"
                    for word, argument in field.args.items()
                    if argument.deprecation_reason is not None
                )
        elif isinstance(kind, GraphQLInputObjectType):
            found.update(_named(kind.name, kind.fields))
        elif isinstance(kind, GraphQLEnumType):
            found.update(_named(kind.name, kind.values))
    return frozenset(found)


def _named(kind: str, parts: Mapping[str, Any]) -> Iterator[str]:
    for name, part in parts.items():
        if part.deprecation_reason is not None:
            yield f"{kind}.{name}"


class _Finding(Visitor):
    """Notes what is deprecated while a document is gone through."""

    def __init__(self, schema: GraphQLSchema, types: TypeInfo, deprecated: frozenset[str]) -> None:
        super().__init__()
        self._types = types
        self._schema = schema
        self._deprecated = deprecated
        self.elements: set[str] = set()
        self.variables: list[tuple[str, Any]] = []

    def _note(self, element: str) -> None:
        if element in self._deprecated:
            self.elements.add(element)

    def enter_field(self, node: Any, *_: Any) -> None:  # noqa: ANN401 - graphql-core's nodes
        """Note a field."""
        parent = self._types.get_parent_type()
        if parent is not None:
            self._note(f"{parent.name}.{node.name.value}")

    def enter_argument(self, node: Any, *_: Any) -> None:  # noqa: ANN401 - as above
        """Note an argument of a field."""
        parent: Any = self._types.get_parent_type()
        field = self._types.get_field_def()
        if parent is not None and field is not None and self._types.get_directive() is None:
            name = next((one for one, known in parent.fields.items() if known is field), None)
            self._note(f"{parent.name}.{name}({node.name.value}:)")

    def enter_object_field(self, node: Any, *_: Any) -> None:  # noqa: ANN401 - as above
        """Note a field of an input that is written out."""
        parent = get_named_type(self._types.get_parent_input_type())
        if parent is not None:
            self._note(f"{parent.name}.{node.name.value}")

    def enter_enum_value(self, node: Any, *_: Any) -> None:  # noqa: ANN401 - as above
        """Note a value of an enum."""
        kind = get_named_type(self._types.get_input_type())
        if kind is not None:
            self._note(f"{kind.name}.{node.value}")

    def enter_variable_definition(self, node: Any, *_: Any) -> None:  # noqa: ANN401 - as above
        """Note a variable whose value may hold something of the kind."""
        kind: Any = type_from_ast(self._schema, node.type)
        if kind is not None and self._holds(get_named_type(kind), set()):
            self.variables.append((node.variable.name.value, kind))

    def _holds(self, kind: Any, seen: set[str]) -> bool:  # noqa: ANN401 - as above
        if kind.name in seen:
            return False
        seen.add(kind.name)
        if isinstance(kind, GraphQLEnumType):
            return any(f"{kind.name}.{name}" in self._deprecated for name in kind.values)
        if not isinstance(kind, GraphQLInputObjectType):
            return False
        return any(
            f"{kind.name}.{name}" in self._deprecated
            or self._holds(get_named_type(field.type), seen)
            for name, field in kind.fields.items()
        )


def _brought(kind: Any, value: Any) -> Iterator[str]:  # noqa: ANN401 - graphql-core's types, JSON
    """Yield what is deprecated in a variable's value, which may be malformed."""
    kind = get_nullable_type(kind)
    if isinstance(kind, GraphQLList):
        for one in value if isinstance(value, list) else [value]:
            yield from _brought(kind.of_type, one)
    elif isinstance(kind, GraphQLEnumType):
        part = kind.values.get(value) if isinstance(value, str) else None
        if part is not None and part.deprecation_reason is not None:
            yield f"{kind.name}.{value}"
    elif isinstance(kind, GraphQLInputObjectType) and isinstance(value, dict):
        for name, field in kind.fields.items():
            if name in value:
                if field.deprecation_reason is not None:
                    yield f"{kind.name}.{name}"
                yield from _brought(field.type, value[name])
