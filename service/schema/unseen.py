"""What a command names and its caller does not see is answered as if it were not there.

A command may refuse for what it finds in a record, and so tell that there is one. Whatever it
refused, who has no sight of a record that he named hears what he would hear of an id that nobody
has: `NOT_FOUND`, and where.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from strawberry.utils.str_converters import to_camel_case

from service.errors import FieldPath, NotFound
from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import mapping_of

# By the kind of the id. Of other records that are named more is known to who may name them.
_TYPES: Final = {
    "target_node": "TargetNode",
    "target_change": "TargetChange",
    "work_item": "WorkItem",
}


@dataclass(frozen=True, slots=True)
class Named:
    """A record that an input names.

    Attributes:
        field: where.
        kind: of its id.
    """

    field: FieldPath
    kind: str
    row: UUID


Names = Callable[[Any], Iterable[Named]]
"""Tells of an order which records it names."""


def nobody(_order: object) -> Iterable[Named]:
    """Tell of an order that names nothing to be hidden."""
    return ()


def named_by(ids: Mapping[str, str]) -> Names:
    """Return what tells which records an order names by its attributes.

    Args:
        ids: which of them are ids, and of what kind.
    """
    known = {name: kind for name, kind in ids.items() if kind in _TYPES}

    def named(order: object) -> Iterator[Named]:
        for name, kind in known.items():
            row = getattr(order, name)
            if row is not None:
                yield Named(("input", to_camel_case(name)), kind, row)

    return named if known else nobody


def parts_named_by(several: str, ids: Mapping[str, str]) -> Names:
    """Return the same of an order whose parts name them.

    Args:
        several: the attribute that holds the parts.
        ids: which of a part's attributes are ids, and of what kind.
    """
    each = named_by(ids)

    def named(order: object) -> Iterator[Named]:
        for place, part in enumerate(getattr(order, several)):
            for one in each(part):
                yield Named(("input", several, str(place), *one.field[1:]), one.kind, one.row)

    return named


def all_named(*several: Names) -> Names:
    """Return what tells of all that several tell of, in their order."""
    return lambda order: (one for names in several for one in names(order))


async def out_of_sight(
    reader: Reader, named: Iterable[Named], actions: Iterable[str]
) -> NotFound | None:
    """Return the refusal of the first record that its caller neither sees nor may act on."""
    several = list(named)
    seen = await asyncio.gather(*(reader.one(mapping_of(_TYPES[m.kind]), m.row) for m in several))
    for one, found in zip(several, seen, strict=True):
        if found is None and not await _acts_on(reader, one, actions):
            return NotFound(field=one.field)
    return None


async def _acts_on(reader: Reader, one: Named, actions: Iterable[str]) -> bool:
    """Tell whether the caller may do something to a record, also before he is told of it."""
    mapping = mapping_of(_TYPES[one.kind])
    for action in actions:
        if await reader.rows(
            replace(mapping, action=action, condition=""),
            lambda statement: f"AND t.id = {statement.place(one.row, 'uuid')}",
        ):
            return True
    return False
