"""What else changes when one target changes, so that every sum stays exact (I1, I2). Pure.

What a node gains its siblings lose: those who are named, or the unassigned child of the node above,
which its manager holds. What a node has to give out changes with it: that is held by its own
unassigned child, and its periods that are still open share it by the same season.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Final, TypeAlias
from uuid import UUID

from service.money import BASIS_POINTS, spread
from service.targets.rules.rounding import rounded

Days: TypeAlias = tuple[date, date]
BREAKDOWN: Final = "BREAKDOWN"
PERIOD: Final = "PERIOD"


@dataclass(frozen=True, slots=True)
class Part:
    """A node as balancing sees it.

    Attributes:
        figure: what is in force of it.
        over: its over-assignment in basis points.
        broken_down: it has children by place, person, channel or product.
        beside: it stands beside what its parent gives out (OVERLAY), and is in no sum there.
    """

    id: UUID
    parent_id: UUID | None
    split: str
    days: Days
    figure: int
    over: int
    is_unassigned: bool
    broken_down: bool
    beside: bool = False

    def to_give_out(self, figure: int) -> int:
        """Return what its children have together, if it had a figure."""
        if not self.over:
            return figure
        return rounded(Fraction(figure * (BASIS_POINTS + self.over), BASIS_POINTS))


@dataclass(frozen=True, slots=True)
class Move:
    """A change of one node; of the unassigned child of `parent_id` where it does not exist yet.

    Attributes:
        node_id: the node; None is the missing unassigned child.
        split: how that child is a part of its parent.
    """

    node_id: UUID | None
    delta: int
    parent_id: UUID | None = None
    split: str = BREAKDOWN


@dataclass(frozen=True, slots=True)
class Balance:
    """Works out moves on the nodes around the one that changes.

    Attributes:
        parts: the node, everything above it, who holds the difference, and below each of them the
            periods and the unassigned children.
        on: first day of the change: periods that are over by then stay as they are.
        below: the children of each: looked for among all, those of many nodes take for ever.
    """

    parts: Mapping[UUID, Part]
    on: date
    below: Mapping[UUID | None, Sequence[UUID]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Find the children of each."""
        below: dict[UUID | None, list[UUID]] = {}
        for part in self.parts.values():
            below.setdefault(part.parent_id, []).append(part.id)
        object.__setattr__(self, "below", below)

    def moved(
        self, node_id: UUID, delta: int, holders: Sequence[tuple[UUID, int]] = ()
    ) -> list[Move]:
        """Return every move when a node gains, and its siblings or its manager give.

        Args:
            node_id: the node.
            delta: what it gains; below 0, what it loses.
            holders: siblings with what each of them gains instead; nobody means the manager.
        """
        here = self.given(self.parts[node_id], delta)
        return merged([*here, *self.around(node_id, delta, holders)])

    def around(
        self, node_id: UUID, delta: int, holders: Sequence[tuple[UUID, int]] = ()
    ) -> list[Move]:
        """Return the same moves without those of the node and of what is below it."""
        top, path = self._top(node_id)
        moves = list(self._climbed(node_id, delta))
        if top.parent_id is None:
            return merged(moves)
        for holder_id, share in holders:
            moves += self._held(self.parts[holder_id], share, path)
        rest = -delta - sum(share for _, share in holders)
        if rest and not top.beside:
            moves += self._to_unassigned(self.parts[top.parent_id], rest, path)
        return merged(moves)

    def raised(self, node_id: UUID, delta: int) -> list[Move]:
        """Return every move when a node gains and nobody gives: all above it gain as well.

        Where a level gives out more than it has, the level above gains in that proportion.
        """
        moves, _ = self.raised_below(node_id, delta, None)
        return merged(moves)

    def raised_below(
        self, node_id: UUID, delta: int, top_id: UUID | None
    ) -> tuple[list[Move], int]:
        """Return the same moves up to a node above, which stays; and what its child gains by them.

        Args:
            node_id: the node.
            delta: what it gains.
            top_id: the node that stays; None for all above it.
        """
        moves = self.given(self.parts[node_id], delta)
        here, change = self.parts[node_id], delta
        path: tuple[Days, ...] = ()
        while here.parent_id is not None and here.parent_id != top_id and not here.beside:
            above = self.parts[here.parent_id]
            gained = change
            if here.split == BREAKDOWN and above.over:
                gained = rounded(Fraction(change * BASIS_POINTS, BASIS_POINTS + above.over))
            moves.append(Move(above.id, gained))
            if here.split == PERIOD:
                path = (here.days, *path)
                moves += self._below_breakdown(above, gained, path)
            else:
                moves += self._completed(above, gained, change, path)
            here, change = above, gained
        return moves, change

    def unassigned(self, parent_id: UUID, delta: int) -> list[Move]:
        """Return the moves when what nobody is assigned below a node changes."""
        return self._to_unassigned(self.parts[parent_id], delta, ())

    def given(self, part: Part, delta: int) -> list[Move]:
        """Return the move of a node, and of what is below it."""
        return [
            Move(part.id, delta),
            *self._below_breakdown(part, delta),
            *self._below_periods(part, delta),
        ]

    def _completed(
        self, above: Part, gained: int, change: int, path: tuple[Days, ...]
    ) -> list[Move]:
        """Return what the rest of a parent's children gain, when one of them gained `change`."""
        due = above.to_give_out(above.figure + gained) - above.to_give_out(above.figure)
        rest = self._to_unassigned(above, due - change, path) if due != change else []
        return [*rest, *self._in_periods(above, gained, path)]

    def _top(self, node_id: UUID) -> tuple[Part, tuple[Days, ...]]:
        """Return the node that is a piece of the business, and the periods from it down."""
        here = self.parts[node_id]
        path: tuple[Days, ...] = ()
        while here.split == PERIOD and here.parent_id is not None:
            path = (here.days, *path)
            here = self.parts[here.parent_id]
        return here, path

    def _climbed(self, node_id: UUID, delta: int) -> Iterator[Move]:
        here = self.parts[node_id]
        path: tuple[Days, ...] = ()
        while here.split == PERIOD and here.parent_id is not None:
            path = (here.days, *path)
            here = self.parts[here.parent_id]
            yield Move(here.id, delta)
            yield from self._below_breakdown(here, delta, path)

    def _held(self, part: Part, delta: int, path: tuple[Days, ...]) -> list[Move]:
        """Return the moves of a holder: in the same periods, where he has them."""
        return [
            Move(part.id, delta),
            *self._below_breakdown(part, delta, path),
            *self._in_periods(part, delta, path),
        ]

    def _in_periods(self, part: Part, delta: int, path: tuple[Days, ...]) -> list[Move]:
        """Return the moves of a node's periods: of the same ones, where it has them."""
        same = [one for one in self.periods(part) if path and one.days == path[0]]
        return self._held(same[0], delta, path[1:]) if same else self._below_periods(part, delta)

    def _below_breakdown(self, part: Part, delta: int, path: tuple[Days, ...] = ()) -> list[Move]:
        if not part.broken_down:
            return []
        due = part.to_give_out(part.figure + delta) - part.to_give_out(part.figure)
        return self._to_unassigned(part, due, path) if due else []

    def _to_unassigned(self, parent: Part, delta: int, path: tuple[Days, ...]) -> list[Move]:
        for part in self._children(parent):
            if part.is_unassigned and part.split == BREAKDOWN:
                return self._held(part, delta, path)
        return [Move(None, delta, parent.id)]

    def _below_periods(self, part: Part, delta: int) -> list[Move]:
        periods = self.periods(part)
        if not periods:
            return []
        still_open = [one for one in periods if one.days[1] >= self.on and not one.is_unassigned]
        if not still_open:
            carried = [one for one in periods if one.is_unassigned]
            if carried:
                return self.given(carried[0], delta)
            return [Move(None, delta, part.id, PERIOD)]
        shares = spread(delta, [max(one.figure, 0) for one in still_open])
        moves: list[Move] = []
        for one, share in zip(still_open, shares, strict=True):
            moves += self.given(one, share) if share else []
        return moves

    def periods(self, part: Part) -> list[Part]:
        """Return the parts of a node's time, in their order."""
        found = (one for one in self._children(part) if one.split == PERIOD)
        return sorted(found, key=lambda one: one.days)

    def _children(self, part: Part) -> Iterator[Part]:
        return (self.parts[one] for one in self.below.get(part.id, ()))


def whole_of(balance: Balance, node_id: UUID) -> UUID:
    """Return the target that a node is a period of; itself where it is none."""
    top = balance.parts[node_id]
    while top.split == PERIOD and top.parent_id is not None:
        top = balance.parts[top.parent_id]
    return top.id


def fallen_below_zero(
    balance: Balance, moves: Iterable[Move], holders: Collection[UUID]
) -> tuple[Part, int] | None:
    """Return the first of those who give, or of their periods, that would have less than nothing.

    Args:
        balance: the parts before.
        moves: what changes; each node once.
        holders: who gives.

    Returns:
        The part and what it would have; None where each has enough.
    """
    for move in moves:
        part = balance.parts.get(move.node_id) if move.node_id is not None else None
        if part is None or part.is_unassigned or move.delta >= 0:
            continue
        if whole_of(balance, part.id) in holders and part.figure + move.delta < 0:
            return part, part.figure + move.delta
    return None


def make(parts: dict[UUID, Part], moves: Iterable[Move]) -> None:
    """Make moves on parts; what is new by them is not among them."""
    for move in moves:
        if move.node_id is not None and move.node_id in parts:
            part = parts[move.node_id]
            parts[part.id] = replace(part, figure=part.figure + move.delta)


def merged(moves: Sequence[Move]) -> list[Move]:
    """Add up the moves of each node; what comes to nothing is no move."""
    sums: dict[tuple[UUID | None, UUID | None, str], int] = {}
    for move in moves:
        place = (move.node_id, move.parent_id, move.split)
        sums[place] = sums.get(place, 0) + move.delta
    return [
        Move(node_id, delta, parent_id, split)
        for (node_id, parent_id, split), delta in sums.items()
        if delta
    ]
