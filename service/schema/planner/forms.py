"""How a value of each GraphQL type is written by PostgreSQL: byte for byte as `scalars` does it."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLScalarType,
)

from service.money import exponents
from service.schema.planner.unplannable import Unplannable

_INSTANT: Final = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""
_AS_IT_IS: Final = frozenset(
    {
        "Boolean",
        "CurrencyCode",
        "Date",
        "ID",
        "Int",
        "JSON",
        "LocaleTag",
        "PhoneNumber",
        "String",
        "TimeZone",
    }
)


def instant(sql: str) -> str:
    """Write an instant in UTC with three decimals and `Z`."""
    return f"to_char(({sql}) AT TIME ZONE 'UTC', {_INSTANT})"


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "BigInt": lambda sql: f"({sql})::text",
    "DateTime": instant,
    "Decimal": lambda sql: f"({sql})::text",
    "LocalTime": lambda sql: f"to_char({sql}, 'HH24:MI')",
}


def leaf(sql: str, kind: GraphQLOutputType) -> str:
    """Write an expression as JSON shows a value of a type.

    Raises:
        Unplannable: the type has no form here.
    """
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if isinstance(kind, GraphQLList):
        inner = leaf("e.value", kind.of_type)
        return sql if inner == "e.value" else _each(sql, inner)
    if isinstance(kind, GraphQLEnumType):
        return _words(sql, kind)
    if isinstance(kind, GraphQLScalarType):
        if kind.name in _AS_IT_IS:
            return sql
        form = _FORMS.get(kind.name)
        if form is not None:
            return form(sql)
    raise Unplannable("TYPE", str(kind))


def _each(sql: str, inner: str) -> str:
    return (
        f"(SELECT array_agg({inner} ORDER BY e.place)"
        f" FROM unnest({sql}) WITH ORDINALITY e (value, place))"
    )


def _words(sql: str, kind: GraphQLEnumType) -> str:
    words = {
        str(one.value.value if isinstance(one.value, Enum) else one.value): name
        for name, one in kind.values.items()
    }
    if all(kept == shown for kept, shown in words.items()):
        return sql
    # Both are constants of our own code, and GraphQL's names have no quotes.
    if any("'" in kept for kept in words):
        raise Unplannable("TYPE", kind.name)
    whens = " ".join(f"WHEN '{kept}' THEN '{shown}'" for kept, shown in words.items())
    return f"CASE {sql} {whens} END"


def exponent(currency: str) -> str:
    """Write the decimal places of a currency."""
    unusual, usual = exponents()
    whens = " ".join(f"WHEN '{code}' THEN {places}" for code, places in unusual.items())
    return f"CASE {currency} {whens} ELSE {usual} END"
