"""A field is never null only where its column cannot be and nothing can hide it."""

import re

from builders.api import SCHEMA
from graphql import GraphQLNonNull, GraphQLObjectType

from service.schema.planner.mapping import Column, Masked, ToOne, mappings

OWN_COLUMN = re.compile(r't\."?([a-z_]+)"?')


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def never_null() -> list[tuple[str, str, object]]:
    """Return type, field and source of each mapped field that says it is never null."""
    found = []
    for name, mapping in mappings().items():
        kind = SCHEMA._schema.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        for item, source in mapping.items.items():
            field = kind.fields.get(camel(item))
            if field is not None and isinstance(field.type, GraphQLNonNull):
                found.append((name, item, source))
    return found


def test_a_column_that_can_be_null_is_no_field_that_cannot() -> None:
    looked_at = 0
    for name, item, source in never_null():
        if not isinstance(source, Column):
            continue
        own = OWN_COLUMN.fullmatch(source.sql)
        columns = {one.name: one for one in mappings()[name].table.__table__.columns}  # type: ignore[attr-defined]  # SQLModel sets it
        if own is None or own[1] not in columns:
            continue
        looked_at += 1
        assert not columns[own[1]].nullable, f"{name}.{item}"
    assert looked_at > 50


def test_what_can_be_masked_or_out_of_sight_can_be_null() -> None:
    hidden = [
        f"{name}.{item}"
        for name, item, source in never_null()
        if isinstance(source, Masked | ToOne)
    ]
    assert hidden == []
