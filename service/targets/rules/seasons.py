"""How much of a period's season is over: by weeks, months or whatever steps a plan names (Q21).

A step's weight falls evenly on its working days, or on all its days where it has none. A period
that is a part of the season has the weights of its own days.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

LONGEST_STEP: Final = 92
"""Days: a quarter at the most."""


@dataclass(frozen=True, slots=True)
class SeasonStep:
    """A part of a season: its last day, and its weight beside the others'."""

    last_day: date
    weight: Fraction


@dataclass(frozen=True, slots=True)
class Span:
    """Days from one on, until another; `over` is the first of them that is not over."""

    first: date
    until: date
    over: date


def season_over(
    begins: date, steps: Sequence[SeasonStep], worked: Collection[date], span: Span
) -> Fraction | None:
    """Return how much of a span's weight is over; None where its days have no weight at all.

    Args:
        begins: the season's first day.
        steps: in order; each goes on from the day after the one before.
        worked: the working days of the whole season.
        span: what is looked at.
    """
    whole = over = Fraction(0)
    for each, inside in _bearing(begins, steps, worked, span.first, span.until):
        whole += each * len(inside)
        over += each * sum(day < span.over for day in inside)
    return over / whole if whole else None


def season_weight(
    begins: date, steps: Sequence[SeasonStep], worked: Collection[date], first: date, last: date
) -> Fraction:
    """Return what a part of a season weighs; without steps every working day weighs the same.

    Args:
        begins: the season's first day.
        steps: in order; each goes on from the day after the one before.
        worked: the working days of the whole season.
        first: the part's first day.
        last: its last day.
    """
    if not steps:
        return Fraction(sum(first <= day <= last for day in worked))
    parts = _bearing(begins, steps, worked, first, last + timedelta(days=1))
    return sum((each * len(inside) for each, inside in parts), Fraction(0))


def _bearing(
    begins: date, steps: Sequence[SeasonStep], worked: Collection[date], since: date, until: date
) -> Iterator[tuple[Fraction, list[date]]]:
    """Yield of each step what a day weighs, and those of its days from one on, until another."""
    first = begins
    for step in steps:
        days = [first + timedelta(days=n) for n in range((step.last_day - first).days + 1)]
        bearing = [day for day in days if day in worked] or days
        each = step.weight / len(bearing) if bearing else Fraction(0)
        yield each, [day for day in bearing if since <= day < until]
        first = step.last_day + timedelta(days=1)
