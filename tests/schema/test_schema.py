"""The schema as a product: the file that is committed, and what its mappings name."""

import inspect

import pytest

from service.policies.access import ACTIONS
from service.schema.planner.mapping import Actions, Masked, MaskedFields, ToMany, ToOne, mappings
from service.schema.printed import FILE, printed


def test_the_committed_schema_is_what_the_code_says() -> None:
    assert FILE.read_text("utf-8") == printed(), "python -m service.schema.printed --write"


@pytest.mark.parametrize("name", sorted(mappings()))
def test_a_mapping_names_actions_columns_and_types_there_are(name: str) -> None:
    mapping = mappings()[name]
    columns = {column.name for column in mapping.table.__table__.columns}  # type: ignore[attr-defined]  # SQLModel sets it
    assert mapping.action is None or mapping.action in ACTIONS
    assert "tenant_id" in columns
    for item in mapping.items.values():
        match item:
            case ToOne(target=target) | ToMany(target=target):
                assert target in mappings()
            case Masked(action=action):
                assert action in ACTIONS
            case MaskedFields(actions=actions):
                assert set(actions.values()) <= set(ACTIONS)
            case Actions(possible=possible):
                assert {one.action for one in possible.values()} <= set(ACTIONS)
            case _:
                continue
    for sql in (mapping.joins, mapping.places):
        tables = sql.count("app.")
        assert sql.count("tenant_id = $1") >= tables, "each table reference names the tenant"
    assert inspect.isclass(mapping.made)
