"""Months of several, each rounded alone, brought together: each month sums as well (I1). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction


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
    while (unit := _next(missing, lines)) is not None:
        line, to, of = unit
        line.amounts[to] += 1
        line.amounts[of] -= 1
        missing[to] -= 1
        missing[of] += 1


def _next(missing: Sequence[int], lines: Sequence[Line]) -> tuple[Line, int, int] | None:
    """Return the line of which a unit goes, to which month, and of which; None for none."""
    short = [n for n, more in enumerate(missing) if more > 0]
    over = [n for n, more in enumerate(missing) if more < 0]
    for to in short:
        for of in over:
            found = [(gain, line) for line in lines if (gain := line.gives(to, of)) is not None]
            if found:
                return max(found, key=lambda each: each[0])[1], to, of
    return None
