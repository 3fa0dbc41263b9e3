"""Rows that a statement of ours wrote: objects of a type without a table behind it.

The columns of such a statement are the fields of the type by Python name; a field that is a record
has that record's id, a list of records their ids, amounts pairs of minor units and currency.
"""

import asyncio
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar
from uuid import UUID

import strawberry
from strawberry.types.base import get_object_definition

from service.money import exponent_of
from service.schema.context import Info
from service.schema.planner.forms import exponent
from service.schema.planner.mapping import PLANNED, Declared, Rows, ToOne, mapping_of, parts
from service.schema.planner.written import Among
from service.schema.scalars import BigInt, CurrencyCode, Money

IN_ROW: Final = "in_row"
_T = TypeVar("_T")
_C = TypeVar("_C", bound=type)
_AMOUNTS: Final = f"""
SELECT e.pair->>0 AS amount_minor, e.pair->>1 AS currency, {exponent("e.pair->>1")} AS exponent
FROM jsonb_array_elements({{array}}) WITH ORDINALITY e (pair, place) ORDER BY e.place
"""

parts(Money)


@dataclass(frozen=True, slots=True)
class _InRow:
    """A record, or several, whose ids the row holds."""

    target: str
    several: bool = False

    def planned(self, name: str) -> ToOne | Among:
        """Return how the planner reads it from the row's column."""
        column = f't."{name}"'
        return Among(self.target, column) if self.several else ToOne(column, self.target)


def in_rows(cls: _C) -> _C:
    """Let objects of a type be made of rows; stands above `strawberry.type`."""
    for declared in get_object_definition(cls, strict=True).fields:
        held = declared.metadata.get(IN_ROW)
        if isinstance(held, _InRow):
            item = held.planned(declared.python_name)
            declared.metadata = MappingProxyType({**declared.metadata, PLANNED: item})
    return parts(cls)


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
        resolver=resolve, description=description, metadata={IN_ROW: _InRow(target), **more}
    )


def records_in_row(target: str, description: str) -> Declared:
    """Declare a field that lists records whose ids the row holds."""

    async def resolve(root: Any, info: Info) -> Any:  # noqa: ANN401 - the field's own type
        reader = await info.context.reader()
        mapping = mapping_of(target)
        rows: Sequence[UUID] = root.__dict__[f"{info.python_name}:id"]
        found = await asyncio.gather(*(reader.one(mapping, row) for row in rows))
        return [one for one in found if one is not None]

    return strawberry.field(
        resolver=resolve,
        description=description,
        metadata={IN_ROW: _InRow(target, several=True)},
    )


def amounts_in_row(description: str, *, name: str = "amounts", **more: object) -> Declared:
    """Declare a field of sums that the row holds as pairs of minor units and currency.

    Args:
        description: the field's.
        name: the field's, in Python.
        more: metadata besides.
    """
    item = Rows("Money", _AMOUNTS, many=True, array=f't."{name}"')
    return strawberry.field(description=description, metadata={PLANNED: item, **more})


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
