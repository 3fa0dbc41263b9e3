"""Plain values made what a resolver would have been given: inputs, members of enumerations."""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache, partial
from typing import Any

from strawberry.types.base import (
    StrawberryContainer,
    StrawberryList,
    get_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from strawberry.utils.str_converters import to_camel_case

Make = Callable[[Any], Any]


def maker(kind: Any) -> Make | None:  # noqa: ANN401 - any annotation of strawberry's
    """Return what makes a plain value one of a type; None where it is one already."""
    if isinstance(kind, LazyType):
        kind = kind.resolve_type()
    if isinstance(kind, StrawberryContainer):
        inner = maker(kind.of_type)
        wrapped = _each if isinstance(kind, StrawberryList) else _optional
        return None if inner is None else partial(wrapped, inner)
    if isinstance(kind, StrawberryEnumDefinition):
        return partial(_optional, kind.wrapped_cls)
    if get_object_definition(kind) is not None:
        return partial(_input, kind)
    return None


def _optional(make: Make, value: Any) -> Any:  # noqa: ANN401 - of whatever type is made
    return None if value is None else make(value)


def _each(make: Make, values: Any) -> Any:  # noqa: ANN401 - of whatever type is made
    return None if values is None else [make(one) for one in values]


def _input(kind: type, plain: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - an object of the type
    if plain is None:
        return None
    made: Any = object.__new__(kind)
    known = _fields(kind)
    values = made.__dict__
    for name, value in plain.items():
        python_name, make = known[name]
        values[python_name] = value if make is None else make(value)
    return made


@cache
def _fields(kind: type) -> dict[str, tuple[str, Make | None]]:
    return {
        one.graphql_name or to_camel_case(one.python_name): (one.python_name, maker(one.type))
        for one in get_object_definition(kind, strict=True).fields
    }


@lru_cache(4_096)
def makers_of(field: StrawberryField) -> dict[str, tuple[str, Make | None]]:
    """Return, by GraphQL name, each argument's Python name and what makes its value."""
    return {
        one.graphql_name or to_camel_case(one.python_name): (one.python_name, maker(one.type))
        for one in field.arguments
    }
