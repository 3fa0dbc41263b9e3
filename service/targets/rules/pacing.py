"""How far along a target one is, and what it still takes (targets page 4.5).

Amounts are whole units; everything that is divided stays an exact fraction until it is shown. Where
there is nothing to divide by the answer is None ("n/a"), never a number made up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Final

_WHOLE: Final = Fraction(1)
_GREEN: Final = Fraction(1)
_AMBER: Final = Fraction(9, 10)


class Colour(StrEnum):
    """What a pace index is shown as: from 100 % green, from 90 % amber, below red."""

    GREEN = "GREEN"
    AMBER = "AMBER"
    RED = "RED"


@dataclass(frozen=True, slots=True)
class Period:
    """How much of a period is over, as its working days or its season say.

    Attributes:
        elapsed: working days (weeks, shares of the season) that are over.
        whole: all of them.
        remaining: working days still to come, in which the gap can be closed.
        season: how much of the season is over; None where every working day weighs the same.
        week: working days of the usual week.
    """

    elapsed: Fraction
    whole: Fraction
    remaining: Fraction
    season: Fraction | None = None
    week: int = 5

    @property
    def over(self) -> Fraction:
        """How much of what is to come in the period should have come by now."""
        by_days = divided(self.elapsed, self.whole) or Fraction(0)
        return by_days if self.season is None else self.season


@dataclass(frozen=True, slots=True)
class Pace:
    """Where one stands against a target.

    Attributes:
        attainment: credited by the target; None where the target is 0.
        expected: what should be credited by now.
        index: credited by what is expected; None where nothing is expected yet.
        run_rate: credited a working day so far; None before the first.
        projection: what it comes to if it goes on so; None before the first working day.
        gap: what is still missing, 0 when nothing is.
        required: the gap by each remaining working day; None where none remains.
        required_in_a_week: the same for the working days of a usual week (Q22).
    """

    attainment: Fraction | None
    expected: Fraction
    index: Fraction | None
    run_rate: Fraction | None
    projection: Fraction | None
    gap: int
    required: Fraction | None
    required_in_a_week: Fraction | None

    @property
    def colour(self) -> Colour | None:
        """What the index is shown as; None where there is none."""
        if self.index is None:
            return None
        return (
            Colour.GREEN
            if self.index >= _GREEN
            else (Colour.AMBER if self.index >= _AMBER else Colour.RED)
        )


def pace(target: int, actual: int, period: Period) -> Pace:
    """Compare what is credited with a target at a point of its period."""
    expected = period.over * target
    gap = max(target - actual, 0)
    return Pace(
        attainment=divided(actual, target),
        expected=expected,
        index=divided(actual, expected),
        run_rate=divided(actual, period.elapsed),
        projection=divided(actual, period.over),
        gap=gap,
        required=divided(gap, period.remaining),
        required_in_a_week=divided(gap * period.week, period.remaining),
    )


def projection_by_history(actual: int, shares: Sequence[Fraction]) -> Fraction | None:
    """Project from the shares that earlier periods had booked by this day; None without any."""
    return divided(actual, divided(sum(shares, Fraction(0)), len(shares)) or Fraction(0))


def coverage(pipeline: int, gap: int) -> Fraction | None:
    """Return the open pipeline by the gap; None where no gap is left: it is covered."""
    return divided(pipeline, gap)


def weighted_forecast(actual: int, pipeline: Sequence[tuple[int, Fraction]]) -> Fraction:
    """Add to what is credited each open amount by the probability of its stage."""
    return actual + sum((amount * chance for amount, chance in pipeline), Fraction(0))


@dataclass(frozen=True, slots=True)
class Measure:
    """A part of a score.

    Attributes:
        weight: its part of the score.
        attainment: None where its target is 0: then it takes no part.
        cap: what counts of it at the most.
        floor: below it, it counts for nothing.
    """

    weight: Fraction
    attainment: Fraction | None
    cap: Fraction | None = None
    floor: Fraction | None = None

    @property
    def counted(self) -> Fraction | None:
        """The attainment as it counts, never below nothing."""
        if self.attainment is None:
            return None
        if self.floor is not None and self.attainment < self.floor:
            return Fraction(0)
        reached = max(self.attainment, Fraction(0))
        return reached if self.cap is None else min(reached, self.cap)


def score(measures: Sequence[Measure]) -> Fraction | None:
    """Weigh attainments into one; what has no target is left out of the weights too."""
    counting = [(each.weight, each.counted) for each in measures if each.counted is not None]
    reached = sum((weight * counted for weight, counted in counting if counted), Fraction(0))
    return divided(reached, sum((weight for weight, _ in counting), Fraction(0)))


def attained_linearly(target: Fraction, actual: Fraction) -> Fraction | None:
    """Return the attainment where lower is better: 2 less the actual by the target."""
    ratio = divided(actual, target)
    return None if ratio is None else 2 * _WHOLE - ratio


def attained_by_ratio(target: Fraction, actual: Fraction) -> Fraction | None:
    """Return the attainment where lower is better: the target by the actual."""
    return divided(target, actual)


@dataclass(frozen=True, slots=True)
class Stair:
    """What each unit earns from a share of the objective on, for all units at once."""

    from_share: Fraction
    each: int


def stair_bonus(objective: int, units: int, stairs: Sequence[Stair]) -> int:
    """Return the bonus of the highest stair that is reached, for every unit (Q30)."""
    reached = _reached(objective, units, stairs)
    return units * reached.each if reached else 0


def stepwise_bonus(objective: int, units: int, stairs: Sequence[Stair]) -> int:
    """Return the bonus where each unit earns what the stair says on which it was reached."""
    earned = [_reached(objective, unit, stairs) for unit in range(1, units + 1)]
    return sum(stair.each for stair in earned if stair)


def next_stair(objective: int, units: int, stairs: Sequence[Stair]) -> tuple[Stair, int] | None:
    """Return the next stair and how many units it still takes; None on the highest, or of 0."""
    above = [stair for stair in stairs if objective and objective * stair.from_share > units]
    if not above:
        return None
    stair = min(above, key=lambda one: one.from_share)
    return stair, ceil(objective * stair.from_share) - units


def _reached(objective: int, units: int, stairs: Sequence[Stair]) -> Stair | None:
    share = divided(units, objective)
    reached = [stair for stair in stairs if share is not None and share >= stair.from_share]
    return max(reached, key=lambda stair: stair.from_share, default=None)


def divided(amount: Fraction | int, by: Fraction | int) -> Fraction | None:
    """Divide exactly; None where there is nothing to divide by."""
    return Fraction(amount) / Fraction(by) if by else None
