"""What a target becomes when people come, go or fall ill in its middle (targets page 4.4). Pure."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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


def ramp_by_month(full: int, start: date, ramp: Sequence[Fraction], month: date) -> Fraction:
    """Return a month's target by calendar months since the start (Q15).

    Args:
        full: a whole month's target.
        start: first day of work.
        ramp: share for the month of the start, the one after it...; full from its end on.
        month: any day of the month.
    """
    passed = (month.year - start.year) * _MONTHS_IN_YEAR + month.month - start.month
    return full * _share(ramp, passed)


def ramp_by_anniversary(full: int, start: date, ramp: Sequence[Fraction], month: date) -> Fraction:
    """Return a month's target by months of tenure, each day at its own share (Q15b)."""
    days = monthrange(month.year, month.month)[1]
    shares = (
        _share(ramp, _months_of_tenure(start, month.replace(day=day))) for day in range(1, days + 1)
    )
    return Fraction(full, days) * sum(shares, Fraction(0))


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


def _months_of_tenure(start: date, day: date) -> int:
    months = (day.year - start.year) * _MONTHS_IN_YEAR + day.month - start.month
    # Who began on the 31st has his month's day at the end of a shorter month.
    begins = min(start.day, monthrange(day.year, day.month)[1])
    return months if day.day >= begins else months - 1


def _share(ramp: Sequence[Fraction], passed: int) -> Fraction:
    if passed < 0:
        return Fraction(0)
    return ramp[passed] if passed < len(ramp) else Fraction(1)
