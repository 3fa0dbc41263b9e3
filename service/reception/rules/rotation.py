"""How a rulebook shares out the turns: order, weights, capacity, shifts, penalties (2.9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from service.policies.rulebooks.vocabulary.kinds import ParameterValue
from service.reception.rules.queue import Hold, Order

CAPACITY = "rotation.capacity_per_day"
BY_SHIFT = "rotation.by_shift"
WEIGHT = "rotation.weight"

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
    def parameters(self) -> Mapping[str, ParameterValue]:
        """Every parameter's value."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """The terms of a rotation, as a rulebook has them.

    Attributes:
        capacity: new customers a rep is given by turn on a day at most; 0 is no limit.
        by_shift: whether a rep stands in the rotation during his planned shifts only.
        weights: weights by staff code, or by code of a role; `weight` is everybody else's.
    """

    order: Order = Order.SIGN_IN
    capacity: int = 0
    by_shift: bool = False
    weight: int = 1
    weights: Mapping[str, int] | None = None

    def weight_of(self, staff_code: str, kept: TermsWritten) -> int:
        """Return a rep's weight: his own, or the highest of his roles', or everybody's."""
        if not self.weights:
            return self.weight
        if staff_code in self.weights:
            return self.weights[staff_code]
        roles: Sequence[str] = kept.get("roles", ())
        return max((self.weights[role] for role in roles if role in self.weights), default=0) or (
            self.weight
        )

    def hold_of(self, turns: int, kept: TermsWritten, local: datetime) -> Hold | None:
        """Return why the rotation gives a rep nobody at an instant of the site, if it does not."""
        barred_until = kept.get("barred_until")
        if barred_until and barred_until > local.date().isoformat():
            return Hold.BARRED
        if self.capacity and turns >= self.capacity:
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
    parameters = rulebook.parameters
    order = Order(rulebook.order)
    weights = None
    if order is Order.WEIGHTED:
        begins = WEIGHT + "."
        weights = {
            name.removeprefix(begins): _number(value, 1)
            for name, value in parameters.items()
            if name.startswith(begins)
        }
    return Rotation(
        order=order,
        capacity=_number(parameters.get(CAPACITY), 0),
        by_shift=parameters.get(BY_SHIFT) is True,
        weight=_number(parameters.get(WEIGHT), 1),
        weights=weights,
    )


def _number(value: object, otherwise: int) -> int:
    # A document may declare the name otherwise than the product reads it: then it says nothing.
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
