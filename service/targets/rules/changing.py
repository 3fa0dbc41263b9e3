"""What a target becomes when people come, go or fall ill in its middle (targets page 4.4). Pure."""

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from service.targets.rules.distributing import Child, distribute
from service.targets.rules.rounding import rounded

_MONTHS_IN_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Transfer:
    """A seat's month when somebody moves between two nodes.

    Attributes:
        kept: what he carries at the old node, for the days before the move.
        taken: what he carries at the new node, from the day on.
        vacated: what is left of the old node's target, with nobody to carry it.
    """

    kept: int
    taken: int
    vacated: int


def transferred(old: int, new: int, days: int, days_before: int) -> Transfer:
    """Divide two full targets by the days of the period at each node, rounded half up (Q13).

    Args:
        old: full target of the node that is left.
        new: full target of the node that is joined.
        days: days of the period.
        days_before: those before the move.
    """
    kept = rounded(Fraction(old * days_before, days))
    taken = rounded(Fraction(new * (days - days_before), days))
    return Transfer(kept, taken, old - kept)


def relief(target: int, leave_days: int, working_days: int) -> int:
    """Return what a leave takes off a target: its part of the working days (Q14)."""
    return rounded(Fraction(target * leave_days, working_days)) if working_days else 0


def relieved_to_peers(amount: int, peers: int) -> tuple[int, ...]:
    """Divide a relief among the rest of the team, where a tenant wants that (Q14)."""
    return distribute(amount, [Child()] * peers).amounts


def ramp_by_month(
    full: int, start: date, ramp: Sequence[Fraction], first: date, last: date
) -> Fraction:
    """Return a period's target by calendar months since the start (Q15).

    Args:
        full: the whole period's target; of a longer one than a month each day has the same part.
        start: first day of work.
        ramp: share for the month of the start, the one after it...; full from its end on.
        first: the period's first day.
        last: its last.
    """
    return _by_days(full, first, last, lambda day: _share(ramp, _months_since(start, day)))


def ramp_by_anniversary(
    full: int, start: date, ramp: Sequence[Fraction], first: date, last: date
) -> Fraction:
    """Return a period's target by months of tenure, each day at its own share (Q15b)."""
    return _by_days(full, first, last, lambda day: _share(ramp, _months_of_tenure(start, day)))


def _by_days(full: int, first: date, last: date, share_on: Callable[[date], Fraction]) -> Fraction:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return Fraction(full, len(days)) * sum(map(share_on, days), Fraction(0))


def revised(total: int, closed: Mapping[int, int], season: Sequence[Fraction]) -> dict[int, int]:
    """Spread what is left of a revised plan on its open periods by the same season (Q31).

    Args:
        total: the revised total.
        closed: what each closed period keeps (its target), or has reached where the shortfall is
            to be carried, by its place.
        season: weight of every period.
    """
    still_open = [place for place in range(len(season)) if place not in closed]
    parts = distribute(
        total - sum(closed.values()), [Child(season[place]) for place in still_open]
    ).amounts
    return dict(zip(still_open, parts, strict=True))


def _months_since(start: date, day: date) -> int:
    return (day.year - start.year) * _MONTHS_IN_YEAR + day.month - start.month


def _months_of_tenure(start: date, day: date) -> int:
    months = _months_since(start, day)
    # Who began on the 31st has his month's day at the end of a shorter month.
    begins = min(start.day, monthrange(day.year, day.month)[1])
    return months if day.day >= begins else months - 1


def _share(ramp: Sequence[Fraction], passed: int) -> Fraction:
    if passed < 0:
        return Fraction(0)
    return ramp[passed] if passed < len(ramp) else Fraction(1)
