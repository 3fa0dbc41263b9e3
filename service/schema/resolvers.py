"""Resolvers that are made when a field is first asked for in Python.

Strawberry makes nine functions for each of two thousand fields, three megabytes of them. The
planner answers nearly every question without one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from graphql import GraphQLWrappingType
from strawberry.schema import schema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from service.schema.one import NOTHING, as_small

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
    """Makes what is alike once, and what is said of it as small as it can be."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - the library's own
        super().__init__(*given, **named)
        self._wrapped: dict[tuple[type, object], Any] = {}

    def from_field(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's own
        """Return the field; nothing and one thing said of it take no dictionary."""
        made = super().from_field(*given, **named)
        if not made.args:
            made.args = NOTHING
        return _said_shortly(made)

    def from_input_field(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's own
        """Return the input's field."""
        return _said_shortly(super().from_input_field(*given, **named))

    def from_argument(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's own
        """Return the argument."""
        return _said_shortly(super().from_argument(*given, **named))

    def from_enum_value(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's own
        """Return the value."""
        return _said_shortly(super().from_enum_value(*given, **named))

    def from_maybe_optional(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's own
        """Return the type; what requires another is one object for all who do."""
        return self._once(super().from_maybe_optional(*given, **named))

    def from_list(self, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's own
        """Return the list of a type, one object for all of them."""
        return self._once(super().from_list(*given, **named))

    def _once(self, made: Any) -> Any:  # noqa: ANN401 - any type
        if isinstance(made, GraphQLWrappingType):
            return self._wrapped.setdefault((type(made), made.of_type), made)
        return made

    def from_resolver(self, field: StrawberryField) -> Callable[..., Any]:
        """Return what makes the field's resolver, or the resolver if it has a say in the schema."""
        return self.resolver_of(field) if field.extensions else _PutOff(self, field)

    def resolver_of(self, field: StrawberryField) -> Callable[..., Any]:
        """Make the field's resolver."""
        return super().from_resolver(field)


def _said_shortly(made: Any) -> Any:  # noqa: ANN401 - a part of a schema
    made.extensions = as_small(made.extensions)
    return made


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
