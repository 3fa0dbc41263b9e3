"""What a holder's periods give up, and what another takes of them (targets page 4.4). Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, TypeAlias
from uuid import UUID

from service.targets.rules.balancing import (
    BREAKDOWN,
    PERIOD,
    Balance,
    Days,
    Move,
    Part,
    make,
    merged,
)
from service.targets.rules.changing import ramp_by_anniversary, ramp_by_month, relief
from service.targets.rules.rounding import rounded

_DAY: Final = timedelta(days=1)
Worked: TypeAlias = frozenset[date]
Hold: TypeAlias = Callable[[Balance, UUID, int], list[Move]]


@dataclass(frozen=True, slots=True)
class Span:
    """Days from one to another, both of them."""

    first: date
    last: date

    def within(self, days: Days) -> "Span | None":
        """Return what of it lies in a period; None for nothing."""
        first, last = max(self.first, days[0]), min(self.last, days[1])
        return Span(first, last) if first <= last else None

    def worked(self, calendar: Worked | None) -> int:
        """Count its days; with a calendar, those that are worked."""
        length = (self.last - self.first).days + 1
        if calendar is None:
            return length
        return sum(self.first + _DAY * passed in calendar for passed in range(length))


def leaves(balance: Balance, node_id: UUID) -> list[Part]:
    """Return a node's smallest periods that are open on the day of the change, in their order."""
    found = _smallest(balance, balance.parts[node_id])
    kept = (one for one in found if one.days[1] >= balance.on and not one.is_unassigned)
    return sorted(kept, key=lambda one: one.days)


def _smallest(balance: Balance, part: Part) -> Iterator[Part]:
    periods = balance.periods(part)
    if not periods:
        yield part
    for one in periods:
        yield from _smallest(balance, one)


def after(balance: Balance, moves: Iterable[Move]) -> Balance:
    """Return what is around a node once moves are made; what is new by them is not in it."""
    parts = dict(balance.parts)
    make(parts, moves)
    return replace(balance, parts=parts)


def changed(balance: Balance, deltas: Iterable[tuple[UUID, int]], hold: Hold) -> list[Move]:
    """Return the moves when several periods change, one after the other.

    Args:
        balance: the parts around them.
        deltas: what each period gains.
        hold: from the balance and one of them, its moves: who holds the difference.
    """
    moves: list[Move] = []
    for node_id, delta in deltas:
        if delta:
            made = hold(balance, node_id, delta)
            balance = after(balance, made)
            moves += made
    return merged(moves)


@dataclass(frozen=True, slots=True)
class Relieved:
    """What a period has been relieved of before.

    Attributes:
        delta: what all reliefs have changed of it: taken off for its holder's own leaves, added
            for those of others.
        own: what they have for his own.
        away: the leaves it is relieved for already.
    """

    delta: int = 0
    own: int = 0
    away: tuple[Span, ...] = ()


NEVER_RELIEVED: Final = Relieved()


def relieved(
    parts: Sequence[Part], away: Span, calendar: Worked, before: Mapping[UUID, Relieved]
) -> list[tuple[UUID, int]]:
    """Return what a leave takes off each period: its part of the working days (Q14).

    It goes by the whole target and not by what earlier leaves have left of it, and is rounded for
    all days together: so a period is relieved of the same whichever leave is told first, and of all
    of it when every day is away.

    Args:
        parts: the periods.
        away: the leave; no day of it is relieved already.
        calendar: the days that are worked.
        before: what was relieved of each; what is not in it never was.
    """
    deltas = []
    for part in parts:
        absent = away.within(part.days)
        if absent is not None:
            known = before.get(part.id, NEVER_RELIEVED)
            target = part.figure - known.delta
            whole = Span(*part.days).worked(calendar)
            days = days_away(part, known, calendar)
            with_it = relief(target, days + absent.worked(calendar), whole)
            deltas.append((part.id, relief(target, days, whole) - with_it))
    return deltas


def opposed(balance: Balance, deltas: Mapping[UUID, int]) -> list[Move]:
    """Return the moves that take back what an act changed, whatever has changed since.

    What a level gives out more than it has was rounded then of other figures: the difference that
    makes now is held unassigned.

    Args:
        balance: the parts around all that it changed.
        deltas: what it changed of each.
    """
    moves = [Move(node_id, -delta) for node_id, delta in deltas.items()]
    gained = {move.node_id: move.delta for move in moves}
    undone = after(balance, moves)
    for part in balance.parts.values():
        if part.broken_down and part.over:
            due = undone.parts[part.id].to_give_out(undone.parts[part.id].figure)
            below = (balance.parts[one] for one in balance.below.get(part.id, ()))
            given = sum(
                gained.get(one.id, 0) for one in below if one.split == BREAKDOWN and not one.beside
            )
            rest = due - part.to_give_out(part.figure) - given
            moves += undone.unassigned(part.id, rest) if rest else []
    return merged(moves)


def days_away(part: Part, known: Relieved, calendar: Worked) -> int:
    """Count the working days of a period that are relieved already."""
    inside = (span.within(part.days) for span in known.away)
    return sum(one.worked(calendar) for one in inside if one is not None)


def ramped(
    parts: Sequence[Part],
    start: date,
    ramp: Sequence[Fraction],
    before: Mapping[UUID, int],
    *,
    by_anniversary: bool,
) -> list[tuple[UUID, int]]:
    """Return what a ramp takes off each period of somebody new (Q15).

    Args:
        parts: his open periods.
        start: his first day of work.
        ramp: share of the first month, of the second...
        before: what former ramps have taken off each, below 0: this one is in their place.
        by_anniversary: months count from his first day, and not by the calendar.
    """
    share = ramp_by_anniversary if by_anniversary else ramp_by_month
    return [
        (
            part.id,
            rounded(share(part.figure - before.get(part.id, 0), start, ramp, *part.days))
            - part.figure,
        )
        for part in parts
    ]


def kept_before(part: Part, day: date, calendar: Worked | None) -> int:
    """Return what a period's holder keeps for the days before he goes (Q13)."""
    if day <= part.days[0]:
        return 0
    whole = Span(*part.days).worked(calendar)
    before = Span(part.days[0], min(day - _DAY, part.days[1])).worked(calendar)
    return rounded(Fraction(part.figure * before, whole)) if whole else 0


def taken_from(part: Part, day: date, calendar: Worked | None) -> int:
    """Return what somebody takes over of a seat's period from a day on (Q13)."""
    if day <= part.days[0]:
        return part.figure
    whole = Span(*part.days).worked(calendar)
    after = Span(day, part.days[1]).worked(calendar)
    return rounded(Fraction(part.figure * after, whole)) if whole else 0


def remainders(parts: Sequence[Part], day: date, credited: int) -> list[tuple[UUID, int]]:
    """Return what a leaver leaves open in each period: all that he has not reached (Q16).

    Args:
        parts: his open periods.
        day: his last day is before it.
        credited: what he has reached in the period of that day; he keeps it.
    """
    left = []
    for part in parts:
        keeps = credited if part.days[0] <= day <= part.days[1] else 0
        left.append((part.id, max(part.figure - keeps, 0)))
    return left


def handed_over(
    balance: Balance, given: Sequence[tuple[UUID, int]], heirs: Mapping[UUID, UUID]
) -> list[Move]:
    """Return the moves when a holder's periods go to another who has the same periods.

    What is above both stays as it is.

    Args:
        balance: the parts around the holder.
        given: what each of his periods gives.
        heirs: the node that takes instead of each of his nodes.
    """
    moves: list[Move] = []
    for node_id, amount in given:
        if not amount:
            continue
        moves += balance.given(balance.parts[node_id], -amount)
        moves.append(Move(heirs[node_id], amount))
        here = balance.parts[node_id]
        while here.split == PERIOD and here.parent_id is not None:
            here = balance.parts[here.parent_id]
            moves += [Move(here.id, -amount), Move(heirs[here.id], amount)]
    return merged(moves)
