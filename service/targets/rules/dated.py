"""What passes on when some of it begins only later: each part of it on its own day (I5). Pure.

A target that is another's from a day on is his as it stands on each day: what a change adds to it
from a later day on passes on that day, and between the two neither has what is not in force yet.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeAlias
from uuid import UUID

from service.targets.rules.balancing import Balance, Move, merged

Later: TypeAlias = Sequence[tuple[date, Mapping[UUID, int]]]
"""What begins to count of targets' figures after a day, by day in their order."""
DayMoves: TypeAlias = Sequence[tuple[date, Sequence[Move]]]
"""Moves by their days, in their order; each day's are added to those before."""


def as_they_stand(balance: Balance, later: Later) -> Iterator[tuple[date, Balance]]:
    """Yield the targets as they stand on the balance's day, and on each on which one changes.

    Which periods are open is what it is on the balance's day.

    Args:
        balance: the targets with all that will ever be of them.
        later: what of that begins after its day.
    """
    parts = dict(balance.parts)
    for _, deltas in later:
        for node_id, delta in deltas.items():
            parts[node_id] = replace(parts[node_id], figure=parts[node_id].figure - delta)
    yield balance.on, replace(balance, parts=dict(parts))
    for day, deltas in later:
        for node_id, delta in deltas.items():
            parts[node_id] = replace(parts[node_id], figure=parts[node_id].figure + delta)
        yield day, replace(balance, parts=dict(parts))


def by_day(
    balance: Balance, later: Later, moves_of: Callable[[Balance], Sequence[Move]]
) -> tuple[Sequence[Move], DayMoves]:
    """Return the moves of the balance's day, and what is added to them on each day after it.

    Args:
        balance: the targets with all that will ever be of them.
        later: what of that begins after its day.
        moves_of: every move, were the targets for ever as they stand on a day.
    """
    return added([(day, moves_of(then)) for day, then in as_they_stand(balance, later)])


def added(whole: DayMoves) -> tuple[Sequence[Move], DayMoves]:
    """Return the first day's moves, and of each later day what it adds to those of the day before.

    Args:
        whole: of each day all moves, as if there were none on another.
    """
    (_, first), *rest = whole
    found: list[tuple[date, Sequence[Move]]] = []
    before = first
    for day, moves in rest:
        back = [replace(move, delta=-move.delta) for move in before]
        if more := merged([*moves, *back]):
            found.append((day, more))
        before = moves
    return first, found
