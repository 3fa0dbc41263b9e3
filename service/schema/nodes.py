"""What every record of the API has, and words for enumerations the features own."""

from enum import Enum
from typing import Any, TypeVar

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

_E = TypeVar("_E", bound=type[Enum])

VERSION = "Counts the record's changes; sent back as `expectedVersion` to edit it."
CREATED_AT = "When it was recorded."
ID = "The record's id."


@strawberry.interface(description="Anything with an id of its own.")
class Node:
    id: strawberry.ID = strawberry.field(description=ID)


def described(enum: _E, description: str, **words: str) -> _E:
    """Make a feature's enumeration one of the API, with a description for each value.

    Raises:
        ValueError: a value lacks its description, or a description its value.
    """
    made = strawberry.enum(enum, description=description)
    definition: Any = made.__strawberry_definition__  # type: ignore[attr-defined]  # set by the line above
    if not isinstance(definition, StrawberryEnumDefinition):
        raise TypeError(f"{enum} is no enumeration")
    if {value.name for value in definition.values} != set(words):
        raise ValueError(f"{enum.__name__}: values and descriptions differ")
    for value in definition.values:
        value.description = words[value.name]
    return enum
