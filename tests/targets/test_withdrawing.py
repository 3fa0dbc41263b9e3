"""What an act changed is taken back, whatever has changed since, and every sum stays exact."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

from hypothesis import example, given
from hypothesis import strategies as st

from service.targets.rules.balancing import BREAKDOWN, PERIOD, Balance, Move, Part
from service.targets.rules.leaves import opposed

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
HALVES = ((date(2026, 1, 1), date(2026, 6, 30)), (date(2026, 7, 1), date(2026, 12, 31)))
OVER = st.integers(0, 10_000)
DELTAS = st.integers(-10_000, 10_000)


def part(parent: Part | None, figure: int, split: str = BREAKDOWN, over: int = 0) -> Part:
    return Part(uuid4(), parent.id if parent else None, split, YEAR, figure, over, False, False)


def company(total: int, overs: tuple[int, int]) -> list[Part]:
    """A company and a team that give out more than they have, two people, halves of the first's."""
    root = replace(part(None, total, over=overs[0]), broken_down=True)
    team = part(root, root.to_give_out(total), over=overs[1])
    team = replace(team, broken_down=True)
    out = team.to_give_out(team.figure)
    people = [part(team, out // 3), part(team, out - out // 3)]
    halves = [
        replace(part(people[0], figure, PERIOD), days=days)
        for figure, days in zip(
            (people[0].figure // 2, people[0].figure - people[0].figure // 2), HALVES, strict=True
        )
    ]
    spare = [replace(part(one, 0), is_unassigned=True) for one in (root, team)]
    return [root, team, *people, *halves, *spare]


def moved(parts: Sequence[Part], moves: Sequence[Move]) -> list[Part]:
    gains: dict[UUID | None, int] = {move.node_id: move.delta for move in moves}
    assert len(gains) == len(moves)
    assert None not in gains
    return [replace(one, figure=one.figure + gains.get(one.id, 0)) for one in parts]


def broken(parts: Sequence[Part]) -> list[UUID]:
    found = []
    for one in parts:
        for split, due in ((BREAKDOWN, one.to_give_out(one.figure)), (PERIOD, one.figure)):
            below = [x.figure for x in parts if x.parent_id == one.id and x.split == split]
            if below and sum(below) != due:
                found.append(one.id)
    return found


@example(total=10, overs=(5_000, 5_000), delta=-1, between=-2)
@given(total=st.integers(0, 10_000), overs=st.tuples(OVER, OVER), delta=DELTAS, between=DELTAS)
def test_what_is_taken_back_leaves_every_sum_exact_and_each_person_what_he_would_have(
    total: int, overs: tuple[int, int], delta: int, between: int
) -> None:
    before = company(total, overs)
    root, team, first, second, half, *_ = before
    assert broken(before) == []
    around = Balance({one.id: one for one in before}, YEAR[0])
    for act in (around.raised(half.id, delta), around.moved(half.id, delta)):
        changed = {move.node_id: move.delta for move in act if move.node_id is not None}
        acted = moved(before, act)
        assert broken(acted) == []

        # At once: every figure is again what it was.
        undone = opposed(Balance({one.id: one for one in acted}, YEAR[0]), changed)
        assert moved(acted, undone) == before

        # After another change: people have what that one alone would have left them.
        other = Balance({one.id: one for one in acted}, YEAR[0]).raised(second.id, between)
        later = moved(acted, other)
        undone = opposed(Balance({one.id: one for one in later}, YEAR[0]), changed)
        after = {one.id: one.figure for one in moved(later, undone)}
        assert broken(moved(later, undone)) == []
        assert after[first.id] == first.figure
        assert after[half.id] == half.figure
        assert after[second.id] == second.figure + between
        raised = {move.node_id: move.delta for move in other}
        for one in (root, team):
            assert after[one.id] == one.figure + raised.get(one.id, 0)
