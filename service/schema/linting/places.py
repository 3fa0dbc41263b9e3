"""Walks over a schema: what there is to judge, and where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    specified_directives,
)

_BUILT_IN: Final = {"String", "Int", "Float", "Boolean", "ID"}
Fielded = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True, slots=True)
class PlacedField:
    """A field that answers, and its type."""

    place: str
    parent: Fielded
    name: str
    field: GraphQLField

    @property
    def answers(self) -> str:
        """The name of the type it answers with, without lists and marks."""
        return get_named_type(self.field.type).name


@dataclass(frozen=True, slots=True)
class PlacedGiven:
    """Something a client gives: an argument or a field of an input."""

    place: str
    name: str
    given: GraphQLArgument | GraphQLInputField


def types(schema: GraphQLSchema) -> Iterator[GraphQLNamedType]:
    """Return the types that are not the language's own."""
    for name, kind in schema.type_map.items():
        if not name.startswith("__") and name not in _BUILT_IN:
            yield kind


def fields(schema: GraphQLSchema) -> Iterator[PlacedField]:
    """Return every field of every object and interface."""
    for kind in types(schema):
        if isinstance(kind, Fielded):
            for name, field in kind.fields.items():
                yield PlacedField(f"{kind.name}.{name}", kind, name, field)


def given(schema: GraphQLSchema) -> Iterator[PlacedGiven]:
    """Return every argument of every field, and every field of every input."""
    for one in fields(schema):
        for name, argument in one.field.args.items():
            yield PlacedGiven(f"{one.place}({name}:)", name, argument)
    for kind in types(schema):
        if isinstance(kind, GraphQLInputObjectType):
            for name, field in kind.fields.items():
                yield PlacedGiven(f"{kind.name}.{name}", name, field)


def described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Return everything that has a description, or should."""
    for kind in types(schema):
        yield kind.name, kind.description
        if isinstance(kind, GraphQLEnumType):
            for name, value in kind.values.items():
                yield f"{kind.name}.{name}", value.description
    for one in fields(schema):
        yield one.place, one.field.description
    for what in given(schema):
        yield what.place, what.given.description
    languages = {directive.name for directive in specified_directives}
    for directive in schema.directives:
        if directive.name not in languages:
            yield f"@{directive.name}", directive.description
