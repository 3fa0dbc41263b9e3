"""What fields say of themselves in little room reads like the dictionary it stands for."""

from collections.abc import Mapping
from typing import Any

import pytest
from builders.api import SCHEMA
from graphql import GraphQLNonNull, GraphQLObjectType

from service.schema.one import NOTHING, One, as_small


@pytest.mark.parametrize("given", [{}, {"a": 1}, {"a": None}, {"a": 1, "b": 2}])
def test_a_small_mapping_reads_like_the_dictionary(given: dict[str, Any]) -> None:
    small = as_small(given)

    assert small == given
    assert dict(small) == {**small} == small.copy() == given  # type: ignore[attr-defined]  # as a dictionary
    assert (list(small), len(small), bool(small)) == (list(given), len(given), bool(given))
    for name in ("a", "b", "c"):
        assert (name in small, small.get(name), small.get(name, 7)) == (
            name in given,
            given.get(name),
            given.get(name, 7),
        )
        if name not in given:
            with pytest.raises(KeyError):
                small[name]
    assert as_small(small) == small


def test_nothing_and_one_thing_are_small() -> None:
    assert as_small({}) is NOTHING
    assert type(as_small({"a": 1})) is One
    assert not hasattr(as_small({"a": 1}), "__dict__")


def test_what_requires_a_type_is_one_object_for_all_who_do() -> None:
    kinds = [one for one in SCHEMA._schema.type_map.values() if isinstance(one, GraphQLObjectType)]
    fields = [field for kind in kinds if kind.name[:2] != "__" for field in kind.fields.values()]
    required = [one.type for one in fields if isinstance(one.type, GraphQLNonNull)]

    # A list has a type of its own, the same for all who ask for that list.
    assert len({id(one) for one in required}) == len({str(one) for one in required})
    told: list[Mapping[str, Any]] = [one.extensions for one in fields]
    assert {type(one) for one in told} == {One}
