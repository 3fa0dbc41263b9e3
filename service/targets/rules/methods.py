"""Where the weights of a division come from (targets page 4.3). Pure.

Every method comes down to the one exact rule: what a part has beforehand, and weights for the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, TypeAlias

from service.money import BASIS_POINTS
from service.targets.rules.distributing import Child, Distribution, distribute
from service.targets.rules.rounding import rounded

_ENOUGH_YEARS: Final = 3
_NONE: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a part when a target is divided.

    Attributes:
        current: what it has now.
        weight: its weight, as given.
        history: what it reached in earlier periods, latest first.
        potential: its market, beds, households, parc...
        headcount, productivity, ramp: who works there, what each of them makes, and which share of
            that the tenure allows; capacity is their product.
        proposal: what those who have it proposed; None counts as what it has.
        pinned, least, most: its fixed part, floor and cap.
    """

    current: int = 0
    weight: Fraction | None = None
    history: tuple[Fraction, ...] = ()
    potential: Fraction | None = None
    headcount: Fraction | None = None
    productivity: Fraction | None = None
    ramp: Fraction | None = None
    proposal: int | None = None
    pinned: int | None = None
    least: int | None = None
    most: int | None = None

    @property
    def past(self) -> Fraction:
        """The mean of earlier periods.

        Of three and more, one that is below half or above twice the median is left out: a year of
        a flood, or of one great order, says nothing of the next.
        """
        if not self.history:
            return _NONE
        from statistics import median  # noqa: PLC0415 - seldom asked for

        middle = median(self.history)
        usual = [one for one in self.history if middle <= 2 * one <= 4 * middle]
        counted = usual if len(self.history) >= _ENOUGH_YEARS and usual else list(self.history)
        return sum(counted, _NONE) / len(counted)

    @property
    def capacity(self) -> Fraction:
        """What those who work there can make; what is not given counts as one."""
        parts = (self.headcount, self.productivity, self.ramp)
        made = Fraction(1)
        for part in parts:
            made *= Fraction(1) if part is None else part
        return _NONE if self.headcount is None else made


@dataclass(frozen=True, slots=True)
class Terms:
    """What a method is told besides.

    Attributes:
        history_share: part of the history in a blend, in basis points; the rest is potential.
        growth_cap: how much a part may grow beyond its past, in basis points ("fast ox").
    """

    history_share: int = BASIS_POINTS
    growth_cap: int | None = None


Weigh: TypeAlias = Callable[[Sequence[Known], Terms], list[Fraction]]


def _blended(parts: Sequence[Known], terms: Terms) -> list[Fraction]:
    past = [part.past for part in parts]
    potential = [part.potential or _NONE for part in parts]
    return [
        terms.history_share * _share(one, past)
        + (BASIS_POINTS - terms.history_share) * _share(other, potential)
        for one, other in zip(past, potential, strict=True)
    ]


def _share(one: Fraction, of: Sequence[Fraction]) -> Fraction:
    whole = sum(of, _NONE)
    return one / whole if whole else _NONE


def _proposed(part: Known) -> int:
    # Who has said nothing stands by what was set: silence takes nobody's target away.
    return part.current if part.proposal is None else part.proposal


_WEIGHTS: Final[Mapping[str, Weigh]] = {
    "EVEN": lambda parts, _: [Fraction(1) for _ in parts],
    "CURRENT": lambda parts, _: [Fraction(max(part.current, 0)) for part in parts],
    "WEIGHTS": lambda parts, _: [part.weight or _NONE for part in parts],
    "SEASON": lambda parts, _: [part.weight or _NONE for part in parts],
    "HISTORY": lambda parts, _: [part.past for part in parts],
    "POTENTIAL": lambda parts, _: [part.potential or _NONE for part in parts],
    "BLEND": _blended,
    "CAPACITY": lambda parts, _: [part.capacity for part in parts],
    "GROWTH": lambda parts, _: [part.past for part in parts],
    "COMMITMENT": lambda parts, _: [Fraction(max(_proposed(part), 0)) for part in parts],
    "HEADROOM": lambda parts, _: [
        max((part.potential or _NONE) - _proposed(part), _NONE) for part in parts
    ],
}
_FROM_PROPOSALS: Final = frozenset({"COMMITMENT", "HEADROOM"})


def allocated(
    total: int, parts: Sequence[Known], method: str, step: int = 1, terms: Terms = Terms()
) -> Distribution:
    """Divide a total among parts by a method.

    PROPOSALS takes what was proposed; the gap stays unassigned. COMMITMENT and HEADROOM divide the
    gap on top of it, by what was proposed or by what the potential leaves open (Q08).

    Raises:
        ChildAtOddsWithItself, LimitsUnsatisfiable: see `distribute`.
    """
    if method == "PROPOSALS":
        amounts = tuple(
            part.pinned if part.pinned is not None else _proposed(part) for part in parts
        )
        return Distribution(amounts, total - sum(amounts))
    weights = _WEIGHTS[method](parts, terms)
    if method not in _FROM_PROPOSALS:
        capped = [_capped(part, method, terms) for part in parts]
        children = [_child(part, weight, 0) for part, weight in zip(capped, weights, strict=True)]
        return distribute(total, children, step)
    bases = [_proposed(part) for part in parts]
    children = [
        _child(part, weight, base) for part, weight, base in zip(parts, weights, bases, strict=True)
    ]
    gap = distribute(total - sum(bases), children, step)
    amounts = tuple(base + more for base, more in zip(bases, gap.amounts, strict=True))
    return Distribution(amounts, gap.unassigned)


def _child(part: Known, weight: Fraction, base: int) -> Child:
    return Child(
        weight,
        _less(part.pinned, base),
        _less(part.least, base),
        _less(part.most, base),
    )


def _less(limit: int | None, base: int) -> int | None:
    return None if limit is None else limit - base


def _capped(part: Known, method: str, terms: Terms) -> Known:
    if method != "GROWTH" or terms.growth_cap is None:
        return part
    cap = rounded(part.past * (BASIS_POINTS + terms.growth_cap) / BASIS_POINTS)
    return replace(part, most=cap if part.most is None else min(part.most, cap))
