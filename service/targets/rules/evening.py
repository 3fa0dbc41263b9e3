"""Months of several, each rounded alone, brought together: each month sums as well (I1). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heapify, heappop, heapreplace
from itertools import product


@dataclass(slots=True)
class Line:
    """A part's months.

    Attributes:
        amounts: what each has; they sum to the part, and do so afterwards.
        weights: what they are shared by.
        free: whether it may have another amount.
    """

    amounts: list[int]
    weights: Sequence[int]
    free: Sequence[bool]
    _season: Fraction = field(init=False)

    def __post_init__(self) -> None:
        """Know what one weight stands for; a unit that goes from month to month leaves it."""
        months = [n for n, free in enumerate(self.free) if free]
        total, whole = (sum([each[n] for n in months]) for each in (self.amounts, self.weights))
        self._season = Fraction(total, whole or 1)

    def gives(self, to: int, of: int) -> Fraction | None:
        """Return how much nearer to its season it comes by one unit; None where it has none."""
        if not (self.free[to] and self.free[of]) or self.amounts[of] <= 0:
            return None
        due = self._season * (self.weights[to] - self.weights[of])
        return due - (self.amounts[to] - self.amounts[of])


def evened(wanted: Sequence[int], lines: Sequence[Line]) -> None:
    """Move units between the months of lines until each month has what is wanted of it.

    Each unit goes where it comes nearest to a season; equals go to the earlier line. What can be
    moved nowhere, for what is pinned, bound or over, stays as it is.
    """
    missing = [want - sum(line.amounts[n] for line in lines) for n, want in enumerate(wanted)]
    short = [n for n, more in enumerate(missing) if more > 0]
    over = [n for n, more in enumerate(missing) if more < 0]
    for to, of in product(short, over):
        units = _units_moved(lines, to, of, min(missing[to], -missing[of]))
        missing[to] -= units
        missing[of] += units


def _units_moved(lines: Sequence[Line], to: int, of: int, most: int) -> int:
    """Move units from one month to another, and return how many found a place."""
    gains = [
        (-gain, at) for at, line in enumerate(lines) if (gain := line.gives(to, of)) is not None
    ]
    # Of a thousand lines, looking through all of them for each unit takes seconds.
    heapify(gains)
    units = 0
    while units < most and gains:
        at = gains[0][1]
        line = lines[at]
        line.amounts[to] += 1
        line.amounts[of] -= 1
        units += 1
        gain = line.gives(to, of)
        if gain is None:
            heappop(gains)
        else:
            heapreplace(gains, (-gain, at))
    return units
