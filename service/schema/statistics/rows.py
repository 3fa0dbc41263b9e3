"""Rows that a statement of ours wrote: objects of a type without a table behind it."""

import asyncio
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

import strawberry
from strawberry.types.base import get_object_definition

from service.money import exponent_of
from service.schema.context import Info
from service.schema.planner.mapping import Declared, mapping_of
from service.schema.scalars import BigInt, CurrencyCode, Money

IN_ROW: Final = "in_row"
_T = TypeVar("_T")


def record_in_row(target: str, description: str, **more: object) -> Declared:
    """Declare a field that is a record whose id the row holds; null when out of sight.

    Args:
        target: its type, by GraphQL name.
        description: the field's.
        more: metadata besides.
    """

    async def resolve(root: Any, info: Info) -> Any:  # noqa: ANN401 - the field's own type
        row: UUID | None = root.__dict__[f"{info.python_name}:id"]
        reader = await info.context.reader()
        return await reader.one(mapping_of(target), row)

    return strawberry.field(
        resolver=resolve, description=description, metadata={IN_ROW: target, **more}
    )


def records_in_row(target: str, description: str) -> Declared:
    """Declare a field that lists records whose ids the row holds."""

    async def resolve(root: Any, info: Info) -> Any:  # noqa: ANN401 - the field's own type
        reader = await info.context.reader()
        mapping = mapping_of(target)
        rows: Sequence[UUID] = root.__dict__[f"{info.python_name}:id"]
        found = await asyncio.gather(*(reader.one(mapping, row) for row in rows))
        return [one for one in found if one is not None]

    return strawberry.field(resolver=resolve, description=description, metadata={IN_ROW: target})


def made_of(kind: type[_T], values: MappingType[str, Any]) -> _T:
    """Make an object of a type from a row's values by Python name; ids stand for records."""
    made = object.__new__(kind)
    held = {
        one.python_name
        for one in get_object_definition(kind, strict=True).fields
        if IN_ROW in one.metadata
    }
    made.__dict__.update(
        {f"{name}:id" if name in held else name: value for name, value in values.items()}
    )
    return made


def amounts(sums: Sequence[Sequence[str]]) -> list[Money]:
    """Make amounts from the sums of a statement: minor units as text, and their currency."""
    return [
        Money(
            amount_minor=BigInt(int(minor)),
            currency=CurrencyCode(currency),
            exponent=exponent_of(currency),
        )
        for minor, currency in sums
    ]
