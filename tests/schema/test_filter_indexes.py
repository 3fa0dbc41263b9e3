"""What lists are narrowed by has an index that begins with the tenant."""

from collections.abc import Iterator
from typing import Any

import pytest
from builders.api import SCHEMA
from strawberry.types.base import get_object_definition

from service.schema.filters import FILTERED, Related
from service.schema.planner.mapping import Masked, mapping_of, mappings


def inputs() -> Iterator[type]:
    """Yield every input of the schema."""
    for known in SCHEMA.schema_converter.type_map.values():
        made = getattr(known.definition, "origin", None)
        if made is not None and get_object_definition(made) and known.definition.is_input:
            yield made


def declared() -> Iterator[tuple[str, Any]]:
    """Yield every filter field with how it is declared, by the input's and its own name."""
    for made in inputs():
        for field in get_object_definition(made, strict=True).fields:
            if FILTERED in field.metadata:
                yield f"{made.__name__}.{field.python_name}", field.metadata[FILTERED]


RELATED = {name: how for name, how in declared() if isinstance(how, Related)}


def leading(target: str) -> set[str]:
    """Return the columns that stand right behind the tenant in an index or key of a table."""
    table: Any = mapping_of(target).table.__table__  # type: ignore[attr-defined]  # SQLModel sets it
    found = [[column.name for column in one.columns] for one in table.indexes]
    found += [
        [column.name for column in one.columns]
        for one in table.constraints
        if type(one).__name__ in {"PrimaryKeyConstraint", "UniqueConstraint"}
    ]
    return {names[1] for names in found if names[0] == "tenant_id" and len(names) > 1}


def test_there_are_relations_to_look_at() -> None:
    assert len(RELATED) > 20


@pytest.mark.parametrize("name", sorted(RELATED))
def test_related_records_are_found_by_an_index(name: str) -> None:
    how = RELATED[name]

    assert how.there.removeprefix("t.") in leading(how.target)


def test_no_field_that_may_be_masked_is_a_filter() -> None:
    hidden = {
        item.sql.removeprefix("t.")
        for mapping in mappings().values()
        for item in mapping.items.values()
        if isinstance(item, Masked)
    }
    filters = {getattr(how, "sql", "").removeprefix("t.") for _, how in declared()}

    assert {"phone", "phones"} <= hidden
    assert not hidden & filters
