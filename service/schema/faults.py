"""What is wrong with a document or a variable, told in our words.

The reference implementation finds the faults, and its own words name our types and suggest our
fields; so each is read back into a code, the name the client wrote, and where that stands.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    Undefined,
    is_input_type,
    type_from_ast,
)
from graphql.utilities import validate_input_value

from service.errors import Expected, InvalidInput
from service.schema.refusals import DocumentFault, DocumentInvalid, VariablesInvalid
from service.schema.scalars import Unfit

_MOST_CHOICES: Final = 30

_DOCUMENT: Final[tuple[tuple[str, DocumentFault], ...]] = (
    (r"Syntax Error", "SYNTAX"),
    (r"Cannot query field '(\w+)'", "FIELD_UNKNOWN"),
    (r"Unknown argument '(\w+)'", "ARGUMENT_UNKNOWN"),
    (r"Argument '[^']*?(\w+):\)'.* is required", "ARGUMENT_MISSING"),
    (r"Field '(\w+)' must not have a selection", "SELECTION_UNWANTED"),
    (r"Field '(\w+)' of type .* must have", "SELECTION_MISSING"),
    (r"Variable '\$(\w+)' is not defined", "VARIABLE_UNDECLARED"),
    (r"Variable '\$(\w+)' is never used", "VARIABLE_UNUSED"),
    (r"Variable '\$?(\w+)' (?:of type|is of type|must be|cannot be)", "VARIABLE_MISPLACED"),
    (r"Unknown fragment '(\w+)'", "FRAGMENT_UNKNOWN"),
    (r"Fragment '(\w+)' is never used", "FRAGMENT_UNUSED"),
    (r"Cannot spread fragment '(\w+)' within itself", "FRAGMENT_IN_ITSELF"),
    (r"Fragment '(\w+)' cannot", "FRAGMENT_MISPLACED"),
    (r"Unknown type '(\w+)'", "TYPE_UNKNOWN"),
    (r"Unknown directive '@(\w+)'", "DIRECTIVE_UNKNOWN"),
    (r"(?:The directive|Directive) '@(\w+)'", "DIRECTIVE_MISPLACED"),
    (r"There can be only one [\w ]+ named '[$@]?(\w+)'", "NAMED_TWICE"),
    (r"Fields '(\w+)' conflict", "FIELDS_CONFLICT"),
    (r"This anonymous operation", "OPERATION_UNNAMED"),
    (r"Maximum introspection depth", "INTROSPECTION_DEEP"),
)
_EXPECTED: Final[tuple[tuple[str, Expected], ...]] = (
    (r"include required field '(?P<field>\w+)'", "GIVEN"),
    (r"unknown field '(?P<field>\w+)'", "KNOWN_FIELD"),
    (r"OneOf", "ONE_FIELD"),
    (r"non-null type|found null|must be non-null", "GIVEN"),
    (r"to be an object", "OBJECT"),
    (r"^Int cannot", "WHOLE_NUMBER"),
    (r"^Float cannot", "NUMBER"),
    (r"^String cannot", "TEXT"),
    (r"^Boolean cannot", "TRUTH_VALUE"),
    (r"^ID cannot", "ID"),
)
_WITHOUT_VALUE: Final = re.compile(r"Expected variable '\$(\w+)' provided to (?:non-null )?type '")
_ENUM: Final = re.compile(r"Enum '(\w+)' cannot|does not exist in '(\w+)' enum")


def document_fault(error: GraphQLError, schema: GraphQLSchema) -> DocumentInvalid:
    """Word a fault that parsing or validating a document found."""
    line, column = (
        (error.locations[0].line, error.locations[0].column) if error.locations else (0, 0)
    )
    for pattern, fault in _DOCUMENT:
        match = re.match(pattern, error.message)
        if match is not None:
            name = match[1] if match.groups() else ""
            return DocumentInvalid(fault=fault, name=name, line=line, column=column)
    value = expectation(error, schema, ())
    if value.expected == "FITTING":
        return DocumentInvalid(fault="OUT_OF_SCHEMA", line=line, column=column)
    name = ".".join(value.field)
    return DocumentInvalid(fault="VALUE", name=name, value=value, line=line, column=column)


def variable_without_value(error: GraphQLError) -> VariablesInvalid | None:
    """Word that a variable is null, or was left out, where a value is needed.

    Its own type may let it be: a default of the variable's or of the argument's stands for one
    that is left out, and not for null. So it is found only where it is used.
    """
    found = _WITHOUT_VALUE.search(error.message)
    if found is None:
        return None
    field = (found[1],)
    value = InvalidInput(field=field, expected="GIVEN")
    return VariablesInvalid(field=field, name=found[1], value=value)


def variable_faults(
    schema: GraphQLSchema, operation: OperationDefinitionNode, given: Mapping[str, Any]
) -> Iterator[VariablesInvalid]:
    """Yield what is wrong with the variables of an operation, each with its path."""
    for definition in operation.variable_definitions or ():
        name = definition.variable.name.value
        kind = type_from_ast(schema, definition.type)
        value = given.get(name, Undefined)
        if not is_input_type(kind) or (value is Undefined and definition.default_value):
            continue
        for found in _values(schema, kind, value, name):
            yield VariablesInvalid(field=found.field, name=".".join(found.field), value=found)


def _values(
    schema: GraphQLSchema, kind: GraphQLInputType, value: object, name: str
) -> list[InvalidInput]:
    found: list[InvalidInput] = []

    def note(error: GraphQLError, path: list[str | int]) -> None:
        found.append(expectation(error, schema, (name, *map(str, path))))

    validate_input_value(value, kind, note, hide_suggestions=True)
    return found


def expectation(error: GraphQLError, schema: GraphQLSchema, field: tuple[str, ...]) -> InvalidInput:
    """Read back what a value should have been.

    Args:
        error: as a scalar of ours or the reference implementation made it.
        schema: where the words of an enum are found.
        field: path of the value; a field below it that is missing or unknown is added.
    """
    for cause in (error, error.original_error):
        if isinstance(cause, Unfit):
            return replace(cause.refusal, field=field)
    enum = _ENUM.search(error.message)
    if enum is not None:
        kind = schema.type_map.get(enum[1] or enum[2])
        words = tuple(kind.values) if isinstance(kind, GraphQLEnumType) else ()
        if 0 < len(words) <= _MOST_CHOICES:
            return InvalidInput(field=field, expected="ONE_OF", choices=words)
    for pattern, expected in _EXPECTED:
        match = re.search(pattern, error.message)
        if match is not None:
            below = tuple(match.groupdict().values())
            return InvalidInput(field=(*field, *below), expected=expected)
    return InvalidInput(field=field, expected="FITTING")
