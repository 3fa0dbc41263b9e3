"""Whatever changes in a tree of targets, every sum stays exact and no period that is over moves."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from types import FrameType
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from service.targets.rules.balancing import BREAKDOWN, PERIOD, Balance, Move, Part
from service.targets.rules.cascading import Bounds, PinnedBeyondTotal, Twig, cascaded

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
HALVES = ((date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 7, 1), date(2026, 12, 31)))
AMOUNTS = st.integers(0, 10**12)


def part(parent: Part | None, figure: int, split: str = BREAKDOWN, **more: object) -> Part:
    made = Part(uuid4(), parent.id if parent else None, split, YEAR, figure, 0, False, False)
    return replace(made, **more)  # type: ignore[arg-type]  # the test's own words


@st.composite
def trees(draw: st.DrawFn) -> list[Part]:
    """A company, its regions, their people, and halves of the year; every sum holds."""
    regions: list[Part] = []
    parts: list[Part] = []
    root = part(None, 0, broken_down=True)
    for _ in range(draw(st.integers(1, 3))):
        people = [part(root, draw(AMOUNTS)) for _ in range(draw(st.integers(1, 3)))]
        region = part(
            root, sum(one.figure for one in people), broken_down=True, is_unassigned=False
        )
        people = [replace(one, parent_id=region.id) for one in people]
        for one in people:
            if draw(st.booleans()):
                first = draw(st.integers(0, one.figure))
                parts += [
                    part(one, figure, PERIOD, days=days)
                    for figure, days in zip((first, one.figure - first), HALVES, strict=True)
                ]
        regions.append(region)
        parts += people
    return [replace(root, figure=sum(one.figure for one in regions)), *regions, *parts]


def moved(parts: Iterable[Part], moves: Iterable[Move]) -> list[Part]:
    """Carry moves out; what does not exist yet is made."""
    known = {one.id: one for one in parts}
    for move in moves:
        if move.node_id is None:
            parent = known[move.parent_id] if move.parent_id else None
            made = part(parent, move.delta, move.split, is_unassigned=True)
            known[made.id] = made
        else:
            one = known[move.node_id]
            known[one.id] = replace(one, figure=one.figure + move.delta)
    return list(known.values())


def broken(parts: Iterable[Part]) -> list[UUID]:
    """Return the nodes whose parts do not sum to what they have to give out."""
    known = list(parts)
    found = []
    for one in known:
        for split, due in ((BREAKDOWN, one.to_give_out(one.figure)), (PERIOD, one.figure)):
            below = [x.figure for x in known if x.parent_id == one.id and x.split == split]
            if below and sum(below) != due:
                found.append(one.id)
    return found


@given(
    tree=trees(),
    deltas=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=4),
    chosen=st.lists(st.integers(0, 10**6), min_size=4, max_size=4),
    up=st.booleans(),
    late=st.booleans(),
)
def test_sums_stay_exact_and_closed_periods_stay_as_they_were(
    tree: list[Part], deltas: list[int], chosen: list[int], up: bool, late: bool
) -> None:
    on = HALVES[1][0] if late else YEAR[0]
    assert broken(tree) == []
    parts = tree
    for delta, choice in zip(deltas, chosen, strict=False):
        open_nodes = [one for one in parts if one.days[1] >= on and not one.is_unassigned]
        node = open_nodes[choice % len(open_nodes)]
        balance = Balance({one.id: one for one in parts}, on)
        moves = balance.raised(node.id, delta) if up else balance.moved(node.id, delta)
        closed = {one.id: one.figure for one in parts if one.days[1] < on}
        company = parts[0].figure
        parts = moved(parts, moves)

        assert broken(parts) == []
        assert {one.id: one.figure for one in parts if one.id in closed} == closed
        if not up and node.parent_id is not None:
            assert next(one for one in parts if one.parent_id is None).figure == company


def test_what_one_period_gains_all_above_gain_in_the_same_period() -> None:
    company = part(None, 60, broken_down=True)
    region = part(company, 60, broken_down=True)
    nobodys = part(region, 20, is_unassigned=True)
    person = part(region, 40)
    halves = {
        one.id: [
            part(one, share, PERIOD, days=days)
            for share, days in zip((figure // 4, figure - figure // 4), HALVES, strict=True)
        ]
        for one, figure in ((company, 60), (region, 60), (nobodys, 20), (person, 40))
    }
    parts = [company, region, nobodys, person, *(one for each in halves.values() for one in each)]
    balance = Balance({one.id: one for one in parts}, YEAR[0])

    def gained(moves: Iterable[Move], of: Part) -> list[int]:
        after = {one.id: one.figure for one in moved(parts, moves)}
        return [after[one.id] - one.figure for one in halves[of.id]]

    raised = balance.raised(halves[person.id][0].id, -8)
    assert [gained(raised, one) for one in (company, region, nobodys, person)] == [
        *([[-8, 0]] * 2),
        *([0, 0], [-8, 0]),
    ]
    # What the region gains itself, and nobody below it.
    raised = balance.raised(halves[region.id][0].id, -8)
    assert [gained(raised, one) for one in (company, region, nobodys, person)] == [
        *([[-8, 0]] * 3),
        [0, 0],
    ]
    assert gained(balance.moved(halves[region.id][0].id, -8), nobodys) == [-8, 0]


@given(tree=trees(), total=st.integers(-(10**12), 10**13), late=st.booleans())
def test_a_total_pushed_down_a_tree_leaves_every_sum_exact(
    tree: list[Part], total: int, late: bool
) -> None:
    on = HALVES[1][0] if late else YEAR[0]
    twigs = [
        Twig(one.id, one.parent_id, one.split, one.days[1], one.figure, one.over) for one in tree
    ]

    figures = pushed_down(twigs, tree[0].id, total, on)
    if figures is None:
        # What is over is more than all that is left: never cut silently.
        assert sum(one.figure for one in tree if one.days[1] < on) > 0
        return

    pushed = [replace(one, figure=figures.get(one.id, one.figure)) for one in tree]
    assert pushed[0].figure == total
    assert broken(pushed) == []
    assert {one.id for one in pushed if one.days[1] < on}.isdisjoint(figures)


def pushed_down(twigs: list[Twig], root: UUID, total: int, on: date) -> dict[UUID, int] | None:
    try:
        return cascaded(twigs, {root: total}, on)
    except PinnedBeyondTotal:
        return None


@given(tree=trees(), delta=st.integers(-(10**9), 10**9), chosen=st.integers(0, 10**6))
def test_a_node_pushed_down_anew_and_what_is_around_it_leave_every_sum_exact(
    tree: list[Part], delta: int, chosen: int
) -> None:
    node = tree[chosen % len(tree)]
    twigs = [
        Twig(one.id, one.parent_id, one.split, one.days[1], one.figure, one.over) for one in tree
    ]
    company = tree[0].figure

    figures = pushed_down(twigs, node.id, node.figure + delta, YEAR[0])
    assert figures is not None
    balance = Balance({one.id: one for one in tree}, YEAR[0])
    pushed = [replace(one, figure=figures.get(one.id, one.figure)) for one in tree]
    after = moved(pushed, balance.around(node.id, delta))

    assert broken(after) == []
    assert after[0].figure == (company if node.parent_id else company + delta)


@given(
    figures=st.lists(st.integers(0, 1_000), min_size=2, max_size=5),
    least=st.integers(0, 1_000),
    step=st.integers(1, 50),
    total=st.integers(0, 6_000),
)
def test_what_is_pushed_down_keeps_the_floor_and_the_step_of_the_last_division(
    figures: list[int], least: int, step: int, total: int
) -> None:
    root = Twig(uuid4(), None, BREAKDOWN, YEAR[1], sum(figures))
    parts = [
        Twig(uuid4(), root.id, BREAKDOWN, YEAR[1], one, bounds=Bounds(step)) for one in figures
    ]
    parts[0] = parts[0]._replace(bounds=Bounds(step, least))

    made = pushed_down([root, *parts], root.id, total, YEAR[0])

    if made is None:
        assert least > total
        return
    got = [made.get(one.id, one.figure) for one in parts]
    assert sum(got) == total
    assert got[0] >= least
    # One part alone has what is no whole step; the one with a floor may have it instead.
    assert sum(part % step > 0 for part in got[1:]) <= 1


def test_a_part_that_nothing_binds_costs_a_cascade_no_call_of_its_own() -> None:
    def calls(children: int) -> int:
        root = Twig(uuid4(), None, BREAKDOWN, YEAR[1], children)
        parts = [Twig(uuid4(), root.id, BREAKDOWN, YEAR[1], 1) for _ in range(children)]
        counted = 0

        def seen(frame: FrameType, event: str, _argument: object) -> None:
            nonlocal counted
            counted += event == "call" and frame.f_globals["__name__"] == cascaded.__module__

        sys.setprofile(seen)
        try:
            cascaded([root, *parts], {root.id: 3 * children}, YEAR[0])
        finally:
            sys.setprofile(None)
        return counted

    assert calls(200) == calls(100)
