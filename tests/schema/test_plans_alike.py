"""Plans of a thousand documents: what is alike in them is kept once, and of few values the last."""

from collections import OrderedDict

from builders.api import SCHEMA
from graphql import OperationDefinitionNode, parse
from hypothesis import given
from hypothesis import strategies as st

from service.schema.planner.cache import Few, Kept, shared
from service.schema.planner.plan import Operation
from service.schema.planner.variables import Variables

_SCHEMA = SCHEMA._schema
_LEADS = (
    "query {}($size: Int!, $after: String)"
    " {{ registrations(first: $size, after: $after) {{ {}: nodes {{ id }} }} }}"
)


def _operation(name: str, alias: str) -> Operation:
    document = parse(_LEADS.format(name, alias), no_location=True)
    node = document.definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    found = Operation(_SCHEMA, document, node, {})
    found.fields()
    return found


def test_documents_of_other_names_share_what_their_arguments_are_made_with() -> None:
    one, other = _operation("One", "rows"), _operation("Other", "leads")
    assert one.asks[0].names is other.asks[0].names
    assert one.asks[0].makers is other.asks[0].makers
    assert one.asks[0].names >= {"nodes", "id"}


def test_a_name_more_below_is_another_set() -> None:
    document = parse("{ registrations { nodes { id state } } }", no_location=True)
    node = document.definitions[0]
    assert isinstance(node, OperationDefinitionNode)
    found = Operation(_SCHEMA, document, node, {})
    found.fields()
    assert "state" in found.asks[0].names
    assert "state" not in _operation("One", "rows").asks[0].names


def test_an_argument_left_out_takes_its_default_and_a_null_one_does_not() -> None:
    asked = _operation("One", "rows").asks[0].arguments
    assert asked.of({"size": 3}) == {"first": 3}
    assert asked.of({"size": 3, "after": None}) == {"first": 3, "after": None}
    assert not asked.fixed


def test_variables_of_one_type_are_taken_by_one() -> None:
    first, second = (_operation(name, "rows").node for name in ("One", "Other"))
    taken = [Variables(_SCHEMA, node)._known["size"][0] for node in (first, second)]
    assert taken[0] is taken[1]


def test_what_is_shared_keeps_its_type() -> None:
    assert shared((1,)) is shared(tuple([1]))  # noqa: C409 - another tuple
    assert isinstance(shared(frozenset({"id"})), frozenset)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=60),
    st.integers(1, 4),
    st.sampled_from([Few, Kept]),
)
def test_the_values_used_last_are_kept(
    steps: list[tuple[bool, int]], most: int, kind: type[Few[int, object] | Kept[int, object]]
) -> None:
    kept, model = kind(most), OrderedDict[int, object]()
    for puts, key in steps:
        if puts:
            value = object()
            assert kept.put(key, value) is value
            model[key] = value
            model.move_to_end(key)
            if len(model) > most:
                model.popitem(last=False)
        else:
            assert kept.get(key) is model.get(key)
            if key in model:
                model.move_to_end(key)
        assert len(kept) == len(model)
