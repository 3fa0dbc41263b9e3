"""Root look-ups: missing, malformed, hidden and another tenant's id all answer null."""

from typing import Annotated, Any, TypeVar

import strawberry

from service.schema.context import Info
from service.schema.nodes import ID
from service.schema.planner.mapping import (
    PLANNED,
    Declared,
    Lookup,
    mapping_of,
    mapping_of_kind,
)
from service.schema.scalars import NO_ROW, found_id, split_id

_T = TypeVar("_T")


def one(kind: type, description: str) -> Declared:
    """Declare a root look-up by id."""

    async def resolve(
        info: Info, id: Annotated[strawberry.ID, strawberry.argument(description=ID)]
    ) -> Any:  # noqa: ANN401 - the field's own type
        return await look_up(info, kind, id)

    mapped = Lookup(mapping_of(kind).name)
    return strawberry.field(resolver=resolve, description=description, metadata={PLANNED: mapped})


async def look_up(info: Info, kind: type[_T], id: str) -> _T | None:
    """Return a record by its API id, or None."""
    mapping = mapping_of(kind)
    reader = await info.context.reader()
    found: _T | None = await reader.one(mapping, found_id(str(id), mapping.kind) or NO_ROW)
    return found


async def look_up_any(info: Info, id: str) -> object | None:
    """Return a record of any type by its API id, or None."""
    parts = split_id(str(id))
    mapping = mapping_of_kind(parts[0]) if parts else None
    if parts is None or mapping is None:
        return None
    reader = await info.context.reader()
    found: object | None = await reader.one(mapping, parts[1])
    return found
