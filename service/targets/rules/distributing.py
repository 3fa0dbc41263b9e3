"""A total divided among children, exactly (targets page 4.2).

Amounts are whole units: minor units of a currency, or pieces. Nothing is lost and nothing made: the
children and what is expressly left unassigned sum to the total.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Final

from service.money import spread

_NO_LIMIT: Final = None


@dataclass(frozen=True, slots=True)
class Child:
    """A node that is to get a part.

    Attributes:
        weight: its part in proportion to the others' (history, potential, capacity, season...).
        pinned: its part where somebody has fixed it; it takes no part in the division.
        least: a floor for its part.
        most: a cap for its part.
    """

    weight: Fraction = Fraction(1)
    pinned: int | None = None
    least: int | None = _NO_LIMIT
    most: int | None = _NO_LIMIT

    def negated(self) -> "Child":
        """Return the child as a reduction sees it: floors are caps and caps are floors."""
        return Child(self.weight, _negated(self.pinned), _negated(self.most), _negated(self.least))


@dataclass(frozen=True, slots=True)
class Distribution:
    """What each child gets, in the children's order, and what nobody does."""

    amounts: tuple[int, ...]
    unassigned: int


class ChildAtOddsWithItself(Exception):
    """A weight below zero, or a floor above its cap.

    Attributes:
        index: the child's place.
    """

    def __init__(self, index: int) -> None:
        super().__init__(f"child {index}")
        self.index = index


class LimitsUnsatisfiable(Exception):
    """Pins, floors and caps leave no way to reach the total.

    Attributes:
        least: what the children take at the least.
        most: what they take at the most; None where it is unlimited.
    """

    def __init__(self, least: int, most: int | None) -> None:
        super().__init__(f"from {least} to {most}")
        self.least = least
        self.most = most


def distribute(total: int, children: Sequence[Child], step: int = 1) -> Distribution:
    """Divide a total in proportion to weights, in whole steps, within everybody's limits.

    Pinned children are taken out first. Each other's ideal part is cut to whole steps; the steps
    left over go to the largest fractions, equal ones to the larger weight, then to the earlier
    child; what is no whole step goes to the largest weight. If every weight is 0 they are equal.
    Caps that are exceeded are then fixed and the rest is divided again; then floors, until nothing
    is violated. A negative total is the negated division of its absolute value. What no child is
    there to take (all are pinned, or there is none) is unassigned.

    Args:
        total: in whole units.
        children: who gets a part.
        step: the smallest part, in units; 1 or more.

    Raises:
        ChildAtOddsWithItself: see there.
        LimitsUnsatisfiable: no division keeps all limits; nothing is cut silently.
        ValueError: the step is below 1.
    """
    if step < 1:
        raise ValueError("a step is one unit or more")
    if total < 0:
        done = distribute(-total, [child.negated() for child in children], step)
        return Distribution(tuple(-amount for amount in done.amounts), -done.unassigned)
    _check(children)
    amounts = {
        place: child.pinned for place, child in enumerate(children) if child.pinned is not None
    }
    free = [place for place in range(len(children)) if place not in amounts]
    rest = total - sum(amounts.values())
    if free:
        amounts |= _Division(children, step).within_limits(rest, free)
    elif rest < 0:
        raise LimitsUnsatisfiable(total - rest, total - rest)
    ordered = tuple(amounts[place] for place in range(len(children)))
    return Distribution(ordered, total - sum(ordered))


def _check(children: Sequence[Child]) -> None:
    for place, child in enumerate(children):
        crossed = child.least is not None and child.most is not None and child.least > child.most
        if child.weight < 0 or crossed:
            raise ChildAtOddsWithItself(place)


@dataclass(frozen=True, slots=True)
class _Division:
    children: Sequence[Child]
    step: int

    def within_limits(self, rest: int, free: Sequence[int]) -> dict[int, int]:
        """Divide a rest among the children that are not pinned.

        Raises:
            LimitsUnsatisfiable: their limits do not reach it.
        """
        self._require_reachable(rest, free)
        literal = self._caps_then_floors(rest, free)
        # Fixing caps first can leave the floors more than there is, though a division exists in
        # which a capped child takes less than its cap.
        return literal if literal is not None else self._evened_out(rest, free)

    def _require_reachable(self, rest: int, free: Sequence[int]) -> None:
        pinned = sum(child.pinned or 0 for child in self.children)
        least = sum(self._least(place) for place in free)
        caps = [self.children[place].most for place in free]
        most = None if None in caps else sum(cap for cap in caps if cap is not None)
        if rest < least or (most is not None and rest > most):
            raise LimitsUnsatisfiable(pinned + least, None if most is None else pinned + most)

    def _caps_then_floors(self, rest: int, free: Sequence[int]) -> dict[int, int] | None:
        fixed: dict[int, int] = {}
        while True:
            left = [place for place in free if place not in fixed]
            remaining = rest - sum(fixed.values())
            if not left or remaining < sum(self._least(place) for place in left):
                return fixed if not left and not remaining else None
            parts = self._parts(remaining, left)
            violated = self._above(parts) or self._below(parts)
            if not violated:
                return fixed | parts
            fixed |= violated

    def _evened_out(self, rest: int, free: Sequence[int]) -> dict[int, int]:
        """Cut each part to its limits, then divide the difference among those with room for it."""
        parts = self._parts(rest, free)
        amounts = parts | self._above(parts) | self._below(parts)
        while difference := rest - sum(amounts.values()):
            more = difference > 0
            room = [place for place in free if self._room(place, amounts[place], more=more)]
            for place, part in self._parts(abs(difference), room).items():
                moved = min(part, self._room(place, amounts[place], more=more))
                amounts[place] += moved if more else -moved
        return amounts

    def _room(self, place: int, amount: int, *, more: bool) -> int:
        cap = self.children[place].most
        if not more:
            return amount - self._least(place)
        # Without a cap there is room for whatever it may be.
        return sys.maxsize if cap is None else cap - amount

    def _parts(self, rest: int, places: Sequence[int]) -> dict[int, int]:
        if not places:
            return {}
        weights = whole_weights(self.children[place].weight for place in places)
        steps, odd = divmod(rest, self.step)
        parts = [part * self.step for part in spread(steps, weights)]
        if odd:
            parts[max(range(len(places)), key=lambda i: (weights[i], -i))] += odd
        return dict(zip(places, parts, strict=True))

    def _above(self, parts: Mapping[int, int]) -> dict[int, int]:
        caps = ((place, self.children[place].most) for place in parts)
        return {place: cap for place, cap in caps if cap is not None and parts[place] > cap}

    def _below(self, parts: Mapping[int, int]) -> dict[int, int]:
        floors = ((place, self.children[place].least) for place in parts)
        return {
            place: floor for place, floor in floors if floor is not None and parts[place] < floor
        }

    def _least(self, place: int) -> int:
        child = self.children[place]
        # Nobody is given less than nothing, unless his cap says so.
        return max(child.least or 0, 0) if child.most is None or child.most >= 0 else child.most


def whole_weights(weights: Iterable[Fraction]) -> list[int]:
    """Return weights in the same proportions as whole numbers."""
    exact = list(weights)
    common = lcm(*(weight.denominator for weight in exact))
    return [int(weight * common) for weight in exact]


def _negated(amount: int | None) -> int | None:
    return None if amount is None else -amount
