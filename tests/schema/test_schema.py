"""The schema as a product: descriptions, shapes, and the file that is committed."""

import inspect
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    get_named_type,
)

from service.policies.access import ACTIONS
from service.schema.planner.mapping import Actions, Masked, MaskedFields, ToMany, ToOne, mappings
from service.schema.printed import FILE, printed

SCHEMA = build_schema(printed())
OURS = [kind for name, kind in SCHEMA.type_map.items() if not name.startswith("__")]
BUILT_IN = {"String", "Int", "Boolean", "ID"}


def parts(kind: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """Yield everything of a type that must be described."""
    yield kind.name, kind.description
    if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            yield f"{kind.name}.{name}", field.description
            for argument, given in field.args.items():
                yield f"{kind.name}.{name}({argument}:)", given.description
    elif isinstance(kind, GraphQLInputObjectType):
        for name, given in kind.fields.items():
            yield f"{kind.name}.{name}", given.description
    elif isinstance(kind, GraphQLEnumType):
        for name, value in kind.values.items():
            yield f"{kind.name}.{name}", value.description


def test_the_committed_schema_is_what_the_code_says() -> None:
    assert FILE.read_text("utf-8") == printed(), "python -m service.schema.printed --write"


def test_everything_is_described() -> None:
    bare = [name for kind in OURS for name, words in parts(kind) if not (words or "").strip()]
    assert not [name for name in bare if name not in BUILT_IN]


def test_a_mutation_takes_one_input_and_answers_one_payload() -> None:
    mutation = SCHEMA.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        kind = name[0].upper() + name[1:]
        assert list(field.args) == ["input"], name
        assert str(field.args["input"].type) == f"{kind}Input!", name
        assert str(field.type) == f"{kind}Payload!", name
        sent = get_named_type(field.args["input"].type)
        assert isinstance(sent, GraphQLInputObjectType)
        assert str(sent.fields["idempotencyKey"].type) == "String!", name
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        assert str(payload.fields["errors"].type) == "[CommandError!]!", name
        assert str(payload.fields["replayed"].type) == "Boolean!", name
        results = set(payload.fields) - {"errors", "replayed"}
        assert not [one for one in results if isinstance(payload.fields[one].type, GraphQLNonNull)]


def test_a_list_of_records_has_the_shape_of_all_lists() -> None:
    for kind in OURS:
        if not isinstance(kind, GraphQLObjectType):
            continue
        for name, field in kind.fields.items():
            found = get_named_type(field.type)
            if found.name.endswith("Connection"):
                assert str(field.type) == f"{found.name}!", f"{kind.name}.{name}"
                assert {"first", "after", "last", "before"} <= set(field.args)
                assert isinstance(found, GraphQLObjectType)
                assert set(found.fields) == {
                    "edges", "nodes", "pageInfo", "totalCount", "totalCountExact",
                }  # fmt: skip


def test_lists_hold_no_nulls_but_where_ids_are_looked_up() -> None:
    for kind in OURS:
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                inner = getattr(field.type, "of_type", field.type)
                if isinstance(inner, GraphQLList) and name != "nodes":
                    assert isinstance(inner.of_type, GraphQLNonNull), f"{kind.name}.{name}"


def test_a_root_look_up_is_nullable() -> None:
    query = SCHEMA.query_type
    assert query is not None
    for name, field in query.fields.items():
        if set(field.args) == {"id"}:
            assert not isinstance(field.type, GraphQLNonNull), name


def test_no_float_and_no_json_but_in_the_audit_of_decisions() -> None:
    json = [
        f"{kind.name}.{name}"
        for kind in OURS
        if isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items()
        if get_named_type(field.type).name in {"JSON", "Float"}
    ]
    assert json == ["Decision.inputs"]


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
