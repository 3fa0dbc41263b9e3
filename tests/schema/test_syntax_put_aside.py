"""A document's tree is put aside once it is planned, and read anew by whoever needs it."""

import pytest
from builders.api import SCHEMA, Api
from builders.tenants import TenantHandle
from graphql import DocumentNode, parse, print_ast

from service.schema.documents import Documents
from service.schema.planner import syntax as syntax_of
from service.schema.planner.cache import Weighed
from service.schema.planner.syntax import Syntax

TEXT = (
    "query One { viewer { locale } } query Two($x: Boolean!) { viewer @include(if: $x) { locale } }"
)
LEADS = "query ($n: Int!) { registrations(first: $n) { nodes { id member { name } } } }"


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep no more than the tree that was used last."""
    monkeypatch.setattr(syntax_of._recent, "_most", 1)


@pytest.mark.usefixtures("nothing_kept")
def test_a_tree_is_read_anew_from_its_text() -> None:
    first = Syntax(parse(TEXT, no_location=True), TEXT)
    before = print_ast(first.operation(1))

    Syntax(parse("{ viewer { locale } }"), "{ viewer { locale } }")

    assert first._node is None
    assert print_ast(first.operation(1)) == before


@pytest.mark.usefixtures("nothing_kept")
def test_a_tree_without_a_text_is_never_put_aside() -> None:
    made = Syntax(DocumentNode(definitions=parse(TEXT).definitions))

    made.put_aside()

    assert len(made.node.definitions) == 2


def test_all_trees_together_are_bounded() -> None:
    documents = Documents(SCHEMA._schema)
    for number in range(900):
        documents.read(f"query Number{number} {{ viewer {{ locale member {{ id name }} }} }}")

    assert len(documents._kept) == 900
    assert syntax_of._recent._length <= syntax_of._MOST_KEPT_CHARACTERS
    with_trees = [one for one in documents._kept.values() if one.syntax._node is not None]
    assert 0 < len(with_trees) < 700


@pytest.mark.usefixtures("nothing_kept")
async def test_other_callers_and_wrong_values_are_answered_after_the_tree_was_put_aside(
    api: Api, tenant: TenantHandle
) -> None:
    rep, head = await tenant.member("安娜"), await tenant.member("周經理", "sales-manager")
    tokens = [api.token(tenant.id, one) for one in (rep, head)]
    await api.ask(tokens[0], LEADS, n=3)
    await api.ask(tokens[0], "{ viewer { locale } }")
    api.endpoint._execution.planner._recent._values.clear()

    planned = await api.ask(tokens[1], LEADS, n=3)
    assert api.last is not None
    assert api.last.plan == "sql"
    refused = await api.post(tokens[0], LEADS, n="three")

    assert planned == {"registrations": {"nodes": []}}
    assert refused.json()["errors"][0]["extensions"]["field"] == ["n"]


def test_what_was_used_long_ago_makes_room_for_what_is_heavy() -> None:
    kept: Weighed[int, str] = Weighed(most=3, heaviest=10)
    for key in (1, 2, 3):
        kept.put(key, f"value {key}", 3)
    kept.get(1)

    kept.grow(3, 4)

    assert (kept.get(1), kept.get(2), kept.get(3)) == ("value 1", None, "value 3")
    assert kept.weight == 10
    kept.put(4, "value 4", 100)
    assert len(kept) == 1
    assert kept.weight == 100
