"""The clients' real documents: planned whole, and answered the same both ways."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.api import SCHEMA
from graphql import OperationType, get_operation_ast, parse, print_ast
from graphql.utilities import separate_operations

from differential.both import Both
from differential.world import a_world
from service.clock import ManualClock
from service.schema.documents import Documents
from service.schema.planner.planner import Planner
from service.work import Transactions

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("docs/examples/*/documents/*.graphql", "tests/clients/documents/*.graphql")


def operations(*kinds: OperationType) -> Iterator[tuple[str, str]]:
    """Yield each operation of a kind with the fragments it spreads: its place and its text."""
    for file in (one for folder in FOLDERS for one in sorted(ROOT.glob(folder))):
        for name, document in separate_operations(parse(file.read_text("utf-8"))).items():
            operation = get_operation_ast(document, name)
            if operation is not None and operation.operation in kinds:
                yield f"{file.relative_to(ROOT)}: {name}", print_ast(document)


QUERIES = dict(operations(OperationType.QUERY))
PLANNED = dict(operations(OperationType.QUERY, OperationType.MUTATION))


def test_there_are_clients_whose_documents_are_looked_at() -> None:
    assert len(QUERIES) >= 10
    assert len(PLANNED) > len(QUERIES)


@pytest.mark.parametrize("place", PLANNED)
def test_whatever_a_client_asks_or_commands_is_planned(place: str) -> None:
    documents = Documents(SCHEMA._schema)
    (operation,) = documents.read(PLANNED[place]).operations

    refused = Planner(SCHEMA._schema).beforehand((operation.syntax, operation.position))

    assert refused is None


async def test_every_query_of_a_client_has_the_same_answer_both_ways(
    both: Both, transactions: Transactions, clock: ManualClock
) -> None:
    world = await a_world(transactions, clock)
    ids = world.material.ids
    visits = [one for one in ids if one.startswith("visit_")]
    site = next(one for one in ids if one.startswith("site_"))
    given = {
        "siteId": site,
        "id": visits[0],
        "ids": [*visits, site, "visit_nonsense"],
        "first": 2,
        "filter": {"siteId": {"eq": site}},
        "after": None,
    }
    for place, text in QUERIES.items():
        declared = get_operation_ast(parse(text))
        assert declared is not None
        names = {one.variable.name.value for one in declared.variable_definitions or ()}
        for claims in world.callers:
            planned, plain = await both.ask(claims, text, {name: given[name] for name in names})
            assert planned.plan == "sql", place
            assert planned.says() == plain.says(), place
