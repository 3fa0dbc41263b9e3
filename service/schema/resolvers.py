"""Resolvers that are made when a field is first asked for in Python.

Strawberry makes nine functions for each of two thousand fields, three megabytes of them. The
planner answers nearly every question without one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from strawberry.schema import schema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

_REPLACED = "GraphQLCoreConverter"


@contextmanager
def resolvers_put_off() -> Iterator[None]:
    """Let the schema built meanwhile make its resolvers when they are called."""
    made: type[GraphQLCoreConverter] = vars(schema)[_REPLACED]
    vars(schema)[_REPLACED] = _Converter
    try:
        yield
    finally:
        vars(schema)[_REPLACED] = made


class _Converter(GraphQLCoreConverter):
    def from_resolver(self, field: StrawberryField) -> Callable[..., Any]:
        """Return what makes the field's resolver, or the resolver if it has a say in the schema."""
        return self.resolver_of(field) if field.extensions else _PutOff(self, field)

    def resolver_of(self, field: StrawberryField) -> Callable[..., Any]:
        """Make the field's resolver."""
        return super().from_resolver(field)


class _PutOff:
    """A resolver that is made at its first call."""

    __slots__ = ("_converter", "_field", "_made")

    def __init__(self, converter: _Converter, field: StrawberryField) -> None:
        self._converter = converter
        self._field = field
        self._made: Callable[..., Any] | None = None

    def __call__(self, *source: object, **given: object) -> Any:  # noqa: ANN401 - as the field's
        """Resolve the field of a source."""
        if self._made is None:
            self._made = self._converter.resolver_of(self._field)
        return self._made(*source, **given)
