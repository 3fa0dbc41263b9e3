"""What a command of the reception shows its giver of the record he acted on."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import mapping_of


async def acted_on(reader: Reader, kind: type, row: UUID | None, *actions: str) -> Any:  # noqa: ANN401 - the kind's own
    """Return a record to whoever may see it, or may still give one of the commands for it.

    A delegate may have the command alone, without the right to look around; a repeated key is
    answered by the rights of the repetition.
    """
    mapping = mapping_of(kind)
    found = await reader.one(mapping, row)
    for action in actions:
        if found is None and row is not None:
            rows = await reader.rows(
                replace(mapping, action=action),
                lambda statement: f"AND t.id = {statement.place(row, 'uuid')}",
            )
            found = rows[0] if rows else None
    return found
