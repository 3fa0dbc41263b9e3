"""Each field answers when it is the only one asked for."""

from typing import Any

import pytest
from builders.api import Desk
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from service.schema.definition import build_schema

SCHEMA = build_schema()._schema


def lists() -> list[str]:
    """Return the root connections that need no argument."""
    query = SCHEMA.query_type
    assert query is not None
    return sorted(
        name
        for name, field in query.fields.items()
        if str(field.type).endswith("Connection!")
        and not any(arg.type.__class__.__name__ == "GraphQLNonNull" for arg in field.args.values())
    )


def fields_of(root: str) -> list[str]:
    """Return a selection of each single field of a connection's nodes."""
    query = SCHEMA.query_type
    assert query is not None
    connection: Any = get_named_type(query.fields[root].type)
    node = get_named_type(connection.fields["nodes"].type)
    assert isinstance(node, GraphQLObjectType)
    found = []
    for name, field in node.fields.items():
        if any(arg.type.__class__.__name__ == "GraphQLNonNull" for arg in field.args.values()):
            continue
        leaf = is_leaf_type(get_named_type(field.type))
        found.append(name if leaf else f"{name} {{ __typename }}")
    return found


async def a_short_day(desk: Desk) -> None:
    """Leave a row of everything a showroom makes."""
    await desk.showroom.sign_in("An", "Bo")
    arrived = await desk.arrives(customer={"phone": "13800000001"})
    visit = arrived["visit"]["id"]
    entry = await desk.does(
        "An",
        "registerCustomer",
        "registration { id decision { why } }",
        visitId=visit,
        fullName="王小明",
        phones=["13800000001"],
    )
    assert entry["registration"]["decision"]["why"]
    deal = await desk.does(
        "An", "recordDeal", "deal { id credit { decision { why } } }", visitId=visit
    )
    assert deal["deal"]["credit"]["decision"]["why"]


@pytest.mark.parametrize("root", lists())
async def test_a_field_alone_is_never_a_fault_of_ours(desk: Desk, root: str) -> None:
    await a_short_day(desk)
    for person in ("Mei", "An", "Lin"):
        for selection in fields_of(root):
            document = f"{{ {root}(first: 3) {{ nodes {{ {selection} }} }} }}"
            answer = (await desk.api.post(desk.token(person), document)).json()
            codes = {fault["extensions"]["code"] for fault in answer.get("errors", [])}
            assert "INTERNAL" not in codes, (person, document, answer)
