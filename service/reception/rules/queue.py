"""The live queue as a value, and what the operators pick from it (Q1 to Q7, 五(二); 2.9)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from uuid import UUID


class Standing(StrEnum):
    """What a rep in the queue is doing."""

    FREE = "FREE"
    BUSY = "BUSY"
    AWAY_BUSINESS = "AWAY_BUSINESS"
    AWAY_PRIVATE = "AWAY_PRIVATE"


class Order(StrEnum):
    """How the rotation is put in order, by the rulebook's word."""

    SIGN_IN = "SIGN_IN"
    FEWEST_NEW = "FEWEST_NEW"
    WEIGHTED = "WEIGHTED"
    OPEN_FLOOR = "OPEN_FLOOR"


class Hold(StrEnum):
    """Why the rotation gives a rep nobody, although he is signed in.

    Who owes a turn is passed over once; the others stand outside the rotation while it lasts.
    """

    AT_CAPACITY = "AT_CAPACITY"
    OFF_SHIFT = "OFF_SHIFT"
    BARRED = "BARRED"
    OWES_A_TURN = "OWES_A_TURN"


PRESENT = frozenset({Standing.FREE, Standing.BUSY})
IN_ROTATION = frozenset({None, Hold.OWES_A_TURN})


@dataclass(frozen=True, slots=True)
class Place:
    """One rep's place in the live queue.

    Attributes:
        load: visitors he is receiving now.
        turns: turns he has used today.
        weight: his share of the turns, where the order is WEIGHTED.
        hold: why the rotation gives him nobody, if it does not.
    """

    member_id: UUID
    standing: Standing = Standing.FREE
    load: int = 0
    turns: int = 0
    weight: int = 1
    hold: Hold | None = None

    @property
    def kept_from_it(self) -> str:
        """What keeps him from being next: that he is held off, or what he is doing."""
        held_off = self.hold not in IN_ROTATION or self.standing is Standing.FREE
        return (self.hold if self.hold is not None and held_off else self.standing).value


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A rep who was asked before the one picked, and why it was not he."""

    member_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Pick:
    """Whom an operator picked, if anybody, and whom it passed over on the way."""

    member_id: UUID | None
    passed_over: tuple[PassedOver, ...] = ()


NOBODY = Pick(None)


@dataclass(frozen=True, slots=True)
class Queue:
    """The live queue of a site, first in turn first.

    Attributes:
        taker_id: the rep who takes a visitor from the open floor, while he is decided on.
    """

    places: tuple[Place, ...] = ()
    order: Order = Order.SIGN_IN
    taker_id: UUID | None = None

    @property
    def rotation(self) -> "Queue":
        """Return the queue without those whom the rotation gives nobody."""
        if all(place.hold in IN_ROTATION for place in self.places):
            return self
        return replace(self, places=tuple(p for p in self.places if p.hold in IN_ROTATION))

    @property
    def for_obligations(self) -> "Queue":
        """Return the queue as those who may receive for another stand in it.

        It is no turn: who has had his number, owes a turn or is off shift is asked all the same.
        """
        order = Order.SIGN_IN if self.order is Order.OPEN_FLOOR else self.order
        if order is self.order and all(place.hold is None for place in self.places):
            return self
        return Queue(tuple(replace(place, hold=None) for place in self.places), order)

    @property
    def member_ids(self) -> tuple[UUID, ...]:
        """Return the live order."""
        return tuple(place.member_id for place in self.places)

    def place_of(self, member_id: UUID | None) -> Place | None:
        """Return a member's place, or None when he is not in the queue."""
        return next((place for place in self.places if place.member_id == member_id), None)

    def in_turn(self) -> tuple[Place, ...]:
        """Return the places as the rulebook has their turns come."""
        return _IN_TURN[self.order](self)

    def without(self, member_id: UUID | None) -> "Queue":
        """Return the queue as if one rep were not in it."""
        kept = tuple(place for place in self.places if place.member_id != member_id)
        return replace(self, places=kept)


def _as_signed_in(queue: Queue) -> tuple[Place, ...]:
    return queue.places


def _fewest_new(queue: Queue) -> tuple[Place, ...]:
    # Sorting is stable: equal numbers keep the order of the live queue.
    return tuple(sorted(queue.places, key=lambda place: place.turns))


def _by_weight(queue: Queue) -> tuple[Place, ...]:
    """Put first whose next turn is due first, of those not ahead of their share.

    The quota method of apportionment: while everybody is free, nobody is a whole turn away from
    his share of the day's turns. It needs no memory but the turns, so any replay agrees.
    """
    shared = queue.rotation.places
    whole = sum(place.weight for place in shared)
    used = sum(place.turns for place in shared)

    def due(place: Place) -> tuple[bool, Fraction]:
        ahead = place.turns * whole >= (used + 1) * place.weight
        return ahead, Fraction(place.turns + 1, place.weight)

    return tuple(sorted(queue.places, key=due))


def _first_to_take(queue: Queue) -> tuple[Place, ...]:
    return tuple(place for place in queue.places if place.member_id == queue.taker_id)


_IN_TURN: Mapping[Order, Callable[[Queue], tuple[Place, ...]]] = {
    Order.SIGN_IN: _as_signed_in,
    Order.FEWEST_NEW: _fewest_new,
    Order.WEIGHTED: _by_weight,
    Order.OPEN_FLOOR: _first_to_take,
}


def next_in_rotation(queue: Queue) -> Pick:
    """Pick the first free rep in turn; those before him are passed over (Q5).

    Who owes a turn is passed over while somebody does not. On an open floor it is who takes, also
    while he is busy: whether he may is another decision.
    """
    if queue.order is Order.OPEN_FLOOR:
        return _first(queue.in_turn(), _on_site_in_rotation)
    in_turn = queue.in_turn()
    if any(place.standing is Standing.FREE and place.hold is None for place in in_turn):
        return _first(in_turn, lambda place: place.standing is Standing.FREE and not place.hold)
    return _first(
        in_turn, lambda place: place.standing is Standing.FREE and place.hold in IN_ROTATION
    )


def _on_site_in_rotation(place: Place) -> bool:
    return place.standing in PRESENT and place.hold in IN_ROTATION


def last_in_rotation(queue: Queue) -> Pick:
    """Pick the last free rep, searching upwards from the tail (Q7)."""
    return _first(reversed(queue.places), lambda place: place.standing is Standing.FREE)


def first_present(queue: Queue) -> Pick:
    """Pick the first rep of the queue who is on site, free or busy."""
    return _first(queue.places, lambda place: place.standing in PRESENT)


def head(queue: Queue) -> Pick:
    """Pick the literal head of the rotation, whatever he is doing."""
    return _first(queue.rotation.places, lambda _place: True)


def least_loaded(queue: Queue) -> Pick:
    """Pick the rep on site with the fewest visitors; among equals the first queued (RR-14)."""
    present = [place for place in queue.places if _on_site_in_rotation(place)]
    if not present:
        return NOBODY
    picked = min(present, key=lambda place: place.load)
    others = (place for place in queue.places if place is not picked)
    return Pick(picked.member_id, tuple(_passed_over(place) for place in others))


def _first(places: Iterable[Place], fits: Callable[[Place], bool]) -> Pick:
    passed: list[PassedOver] = []
    for place in places:
        if fits(place):
            return Pick(place.member_id, tuple(passed))
        passed.append(_passed_over(place))
    return Pick(None, tuple(passed))


def _passed_over(place: Place) -> PassedOver:
    return PassedOver(place.member_id, place.kept_from_it)


def best_state(queue: Queue) -> str:
    """Return the best state anybody is in: FREE, BUSY, AWAY (all are out) or EMPTY."""
    standings = {place.standing for place in queue.places}
    if Standing.FREE in standings:
        return "FREE"
    if Standing.BUSY in standings:
        return "BUSY"
    return "AWAY" if standings else "EMPTY"


def whereabouts(queue: Queue, member_id: UUID | None) -> str:
    """Return where a rep is: FREE, BUSY, AWAY, OFF (not in the queue), NONE (nobody is asked)."""
    if member_id is None:
        return "NONE"
    place = queue.place_of(member_id)
    if place is None:
        return "OFF"
    return place.standing.value if place.standing in PRESENT else "AWAY"


def joined(order: tuple[UUID, ...], member_ids: Iterable[UUID]) -> tuple[UUID, ...]:
    """Return the order with reps signed in at its tail (Q2)."""
    return (*order, *(member_id for member_id in member_ids if member_id not in order))


def left(order: tuple[UUID, ...], member_id: UUID) -> tuple[UUID, ...]:
    """Return the order without a rep who signed out or took the day off (Q6)."""
    return tuple(one for one in order if one != member_id)


def to_tail(order: tuple[UUID, ...], member_id: UUID) -> tuple[UUID, ...]:
    """Return the order after a rep used his turn or lost it (Q3, Q5); no place, no change."""
    return (*left(order, member_id), member_id) if member_id in order else order


def to_head(order: tuple[UUID, ...], member_id: UUID) -> tuple[UUID, ...]:
    """Return the order after a rep was given his turn back (Q8); no place, no change."""
    return (member_id, *left(order, member_id)) if member_id in order else order
