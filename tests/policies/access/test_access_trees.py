"""Sub-trees as slices."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policies.access.reference import climbs_to
from service.policies.access.trees import TreeCycle, plant

IDS = [UUID(int=number) for number in range(12)]


@given(st.lists(st.integers(-1, 11), min_size=12, max_size=12))
def test_inside_a_sub_tree_means_climbing_leads_to_its_root(choices: list[int]):
    # Each node's parent is an earlier node, or none.
    parents = {
        node: IDS[choice] if 0 <= choice < place else None
        for place, (node, choice) in enumerate(zip(IDS, choices, strict=True))
    }
    tree = plant(parents)

    for root in IDS:
        inside = {node for node in IDS if climbs_to(node, root, parents)}
        assert {node for node in IDS if tree.contains(root, node)} == inside
        assert set(tree.below(root)) == inside
        assert len(tree.below(root)) == len(inside)


@given(
    st.lists(st.integers(-1, 11), min_size=12, max_size=12),
    st.sets(st.sampled_from(IDS), max_size=4),
)
def test_the_lowest_node_that_has_some_is_the_nearest_that_all_of_them_climb_to(
    choices: list[int], some: set[UUID]
):
    parents = {
        node: IDS[choice] if 0 <= choice < place else None
        for place, (node, choice) in enumerate(zip(IDS, choices, strict=True))
    }
    above = [root for root in IDS if all(climbs_to(node, root, parents) for node in some)]
    lowest = [one for one in above if all(climbs_to(one, other, parents) for other in above)]

    found = plant(parents).holding(some)

    assert found == (lowest[0] if some and lowest else None)


def test_whom_no_tree_has_nothing_holds_but_himself():
    tree = plant({IDS[0]: None, IDS[1]: IDS[0]})

    assert tree.holding({IDS[2]}) == IDS[2]
    assert tree.holding({IDS[1], IDS[2]}) is None


def test_nothing_is_inside_nothing():
    tree = plant({IDS[0]: None})

    assert not tree.contains(None, IDS[0])
    assert not tree.contains(IDS[0], None)
    assert not tree.contains(IDS[0], IDS[1])
    assert not tree.contains(IDS[1], IDS[0])


def test_a_parent_that_is_gone_counts_as_none():
    tree = plant({IDS[1]: IDS[0]})

    assert tree.below(IDS[1]) == (IDS[1],)
    assert not tree.contains(IDS[0], IDS[1])


def test_a_chain_of_ten_thousand_stays_small_and_is_walked():
    chain = [UUID(int=number) for number in range(10_000)]
    tree = plant(dict(zip(chain, [None, *chain], strict=False)))

    assert len(tree.below(chain[0])) == 10_000
    assert tree.contains(chain[0], chain[-1])
    assert not tree.contains(chain[-1], chain[0])


def test_nodes_on_and_below_a_circle_are_named():
    parents = {IDS[0]: None, IDS[1]: IDS[2], IDS[2]: IDS[1], IDS[3]: IDS[1]}

    with pytest.raises(TreeCycle) as caught:
        plant(parents)

    assert caught.value.nodes == (IDS[1], IDS[2], IDS[3])
