"""How a rulebook shares out the turns: order, weights, capacity, shifts, penalties (2.9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from service.policies.rulebooks.vocabulary.kinds import ParameterValue
from service.reception.rules.queue import Hold, Order

TermsWritten = Mapping[str, Any]
"""What is kept of a rep beside his place: `roles`, `shifts` as [starts, ends] of the site's day,
`owed` turns, and `barred_until`, the first day on which he is in the rotation again."""

NOTHING_KEPT: TermsWritten = {}


class HasTerms(Protocol):
    """What a rotation asks of a rulebook."""

    @property
    def order(self) -> str:
        """How turns come."""

    @property
    def rotation(self) -> Mapping[str, ParameterValue]:
        """The terms by which reps take part, as the document names them."""


@dataclass(frozen=True, slots=True)
class PerRep:
    """A number that is the same for everybody but some, named by staff code or code of a role."""

    usual: int
    others: Mapping[str, int] = field(default_factory=dict)

    def of(self, staff_code: str, kept: TermsWritten) -> int:
        """Return a rep's number: his own, or the highest of his roles', or everybody's."""
        if not self.others:
            return self.usual
        if staff_code in self.others:
            return self.others[staff_code]
        roles: Sequence[str] = kept.get("roles", ())
        named = [self.others[role] for role in roles if role in self.others]
        return max(named, default=self.usual)


@dataclass(frozen=True, slots=True)
class Rotation:
    """The terms of a rotation, as a rulebook has them.

    Attributes:
        weight: a rep's share of the turns.
        capacity: new customers he is given by turn on a day at most; 0 is no limit.
        by_shift: whether he stands in the rotation during his planned shifts only.
    """

    order: Order = Order.SIGN_IN
    weight: PerRep = PerRep(1)
    capacity: PerRep = PerRep(0)
    by_shift: bool = False

    def hold_of(
        self, turns: int, staff_code: str, kept: TermsWritten, local: datetime
    ) -> Hold | None:
        """Return why the rotation gives a rep nobody at an instant of the site, if it does not."""
        barred_until = kept.get("barred_until")
        if barred_until and barred_until > local.date().isoformat():
            return Hold.BARRED
        capacity = self.capacity.of(staff_code, kept)
        if capacity and turns >= capacity:
            return Hold.AT_CAPACITY
        if self.by_shift and _off_shift(kept.get("shifts", ()), local):
            return Hold.OFF_SHIFT
        return Hold.OWES_A_TURN if kept.get("owed", 0) else None


def _off_shift(shifts: Sequence[Sequence[str]], local: datetime) -> bool:
    """Tell whether a rep's day is planned, and not for now; without a plan he is never off."""
    clock = local.time().isoformat("seconds")
    return bool(shifts) and not any(starts <= clock < ends for starts, ends in shifts)


def rotation_of(rulebook: HasTerms) -> Rotation:
    """Return the terms a rulebook has for its rotation; what it does not name, it does not use."""
    terms = rulebook.rotation
    return Rotation(
        order=Order(rulebook.order),
        weight=_per_rep(terms, "weight", 1),
        capacity=_per_rep(terms, "capacity_per_day", 0),
        by_shift=terms.get("by_shift") is True,
    )


def _per_rep(terms: Mapping[str, ParameterValue], name: str, otherwise: int) -> PerRep:
    begins = f"{name}."
    others = {
        key.removeprefix(begins): value
        for key, value in terms.items()
        if key.startswith(begins) and isinstance(value, int)
    }
    usual = terms.get(name)
    return PerRep(usual if isinstance(usual, int) else otherwise, others)
