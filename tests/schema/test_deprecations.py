"""What is to be removed is counted by name while somebody uses it."""

from typing import Any

import pytest
from builders.api import Desk
from graphql import build_schema, parse, validate

from service.schema import deprecations
from service.schema.definition import build_schema as ours
from service.schema.deprecations import NOTHING, USES, count_uses, uses_of

SCHEMA = build_schema(
    """
    type Query {
      visits(site: ID @deprecated(reason: "Use `filter`."), filter: Filter, mode: Mode): [Visit!]!
      calls: [Visit!]! @deprecated(reason: "Use `visits`.")
    }
    type Visit { id: ID!  old: String @deprecated(reason: "Use `id`.")  host: Visit }
    enum Mode { NEW  OLD @deprecated(reason: "Use `NEW`.") }
    input Filter { id: ID  state: String @deprecated(reason: "Use `id`.")  mode: Mode
      and: [Filter!] }
    """
)


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, ...], float]:
    values: dict[tuple[str, ...], float] = {}
    monkeypatch.setattr(USES, "values", values)
    return values


def used(text: str, **variables: Any) -> set[str]:
    node = parse(text)
    assert not validate(SCHEMA, node)
    USES.values.clear()
    count_uses(uses_of(SCHEMA, node), None, variables)
    return {element for element, _ in USES.values}


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("{ visits { id } }", set()),
        ("{ a: visits { b: old } }", {"Visit.old"}),
        ("{ visits { ...f } } fragment f on Visit { host { old } }", {"Visit.old"}),
        ("{ calls { id } }", {"Query.calls"}),
        ('{ visits(site: "x") { id } }', {"Query.visits(site:)"}),
        ("{ visits(mode: OLD) { id } }", {"Mode.OLD"}),
        ('{ visits(filter: {and: [{state: "x", mode: NEW}]}) { id } }', {"Filter.state"}),
        ("{ visits { id old @include(if: true) } calls { id } }", {"Visit.old", "Query.calls"}),
    ],
)
def test_what_a_document_says_is_found(text: str, elements: set[str]) -> None:
    assert used(text) == elements


@pytest.mark.parametrize(
    ("given", "elements"),
    [
        (None, set()),
        ({"id": "x"}, set()),
        ({"state": "x"}, {"Filter.state"}),
        ({"and": [{"mode": "OLD"}, {"and": {"state": None}}]}, {"Mode.OLD", "Filter.state"}),
        ({"mode": "NEW", "and": "no filter"}, set()),
        ([["nonsense"]], set()),
    ],
)
def test_so_is_what_its_variables_bring(given: Any, elements: set[str]) -> None:
    assert used("query V($f: Filter) { visits(filter: $f) { id } }", f=given) == elements


def test_each_is_counted_once_a_request_by_the_document_that_uses_it(
    counted: dict[tuple[str, ...], float],
) -> None:
    uses = uses_of(SCHEMA, parse("{ a: visits { old } b: visits { old } }"))

    for document in (None, "sha256:1", "sha256:1"):
        count_uses(uses, document, {})

    assert counted == {("Visit.old", "none"): 1, ("Visit.old", "sha256:1"): 2}


def test_where_nothing_is_deprecated_nothing_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deprecations, "visit", None)
    known = ours()._schema
    if not deprecations._deprecated(known):
        assert uses_of(known, parse("{ viewer { locale } }")) is NOTHING


async def test_requests_are_counted_the_first_time_and_every_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, counted: dict[tuple[str, ...], float]
) -> None:
    monkeypatch.setattr(deprecations, "_deprecated", lambda _schema: frozenset({"Viewer.locale"}))
    for _ in range(3):
        await desk.ask("An", "{ viewer { locale } }")
    await desk.ask("An", "{ viewer { member { name } } }")

    assert counted == {("Viewer.locale", "none"): 3}
