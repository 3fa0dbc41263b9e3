"""Everything is read by one statement, apart from what is named here with the reason."""

from graphql import GraphQLObjectType

import service.schema.planner.planner  # noqa: F401 - knows the form of every declaration
from service.schema.definition import build_schema
from service.schema.planner.commanded import Command
from service.schema.planner.mapping import PLANNED, mappings
from service.schema.planner.sql import FORMS

OPERATORS = "operators are in no tenant: the directory stands under a role of its own"
COMPUTED = "worked out in Python from the input alone, or for a long time; few ask for it"
BEFORE = "a cursor is taken before what is read beside it, or what happens between is missed"

FIELD_BY_FIELD = {
    "Mutation.admit_person": OPERATORS,
    "Mutation.create_tenant": OPERATORS,
    "Mutation.restrict_tenant": OPERATORS,
    "Mutation.resume_tenant": OPERATORS,
    "Mutation.suspend_tenant": OPERATORS,
    "Mutation.upgrade_tenant": OPERATORS,
    "Query.check_rulebook": COMPUTED,
    "Query.event_cursor": BEFORE,
    "Query.platform_tenants": OPERATORS,
    "Query.preview_allocation": COMPUTED,
    "Query.preview_pace": COMPUTED,
    "Query.preview_target_allocation": COMPUTED,
    "Query.preview_target_change": COMPUTED,
    "Query.rulebook_comparison": COMPUTED,
}


def test_what_is_read_field_by_field_is_named_with_the_reason() -> None:
    """Fields of types without a table are plain: whatever makes their object gives them."""
    types = build_schema()._schema.type_map
    found = set()
    for name in ("Query", "Mutation", *mappings()):
        made = types[name]
        assert isinstance(made, GraphQLObjectType)
        for declared in made.extensions["strawberry-definition"].fields:
            if type(declared.metadata.get(PLANNED)) not in {*FORMS, Command}:
                found.add(f"{name}.{declared.python_name}")

    assert found == FIELD_BY_FIELD.keys()
