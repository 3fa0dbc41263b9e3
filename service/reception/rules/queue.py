"""The live queue as a value, and what the operators pick from it (Q1 to Q7, 五(二))."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
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


PRESENT = frozenset({Standing.FREE, Standing.BUSY})


@dataclass(frozen=True, slots=True)
class Place:
    """One rep's place in the live queue.

    Attributes:
        load: visitors he is receiving now.
        turns: turns he has used today.
    """

    member_id: UUID
    standing: Standing = Standing.FREE
    load: int = 0
    turns: int = 0


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
    """The live queue of a site, first in turn first."""

    places: tuple[Place, ...] = ()
    order: Order = Order.SIGN_IN

    @property
    def member_ids(self) -> tuple[UUID, ...]:
        """Return the live order."""
        return tuple(place.member_id for place in self.places)

    def place_of(self, member_id: UUID | None) -> Place | None:
        """Return a member's place, or None when he is not in the queue."""
        return next((place for place in self.places if place.member_id == member_id), None)

    def in_turn(self) -> tuple[Place, ...]:
        """Return the places as the rulebook has their turns come."""
        return _IN_TURN[self.order](self.places)

    def without(self, member_id: UUID | None) -> "Queue":
        """Return the queue as if one rep were not in it."""
        kept = tuple(place for place in self.places if place.member_id != member_id)
        return Queue(kept, self.order)


def _as_signed_in(places: tuple[Place, ...]) -> tuple[Place, ...]:
    return places


def _fewest_new(places: tuple[Place, ...]) -> tuple[Place, ...]:
    # Sorting is stable: equal numbers keep the order of the live queue.
    return tuple(sorted(places, key=lambda place: place.turns))


_IN_TURN: Mapping[Order, Callable[[tuple[Place, ...]], tuple[Place, ...]]] = {
    Order.SIGN_IN: _as_signed_in,
    Order.FEWEST_NEW: _fewest_new,
}


def next_in_rotation(queue: Queue) -> Pick:
    """Pick the first free rep in turn; those before him are passed over (Q5)."""
    return _first(queue.in_turn(), lambda place: place.standing is Standing.FREE)


def last_in_rotation(queue: Queue) -> Pick:
    """Pick the last free rep, searching upwards from the tail (Q7)."""
    return _first(reversed(queue.places), lambda place: place.standing is Standing.FREE)


def first_present(queue: Queue) -> Pick:
    """Pick the first rep of the queue who is on site, free or busy."""
    return _first(queue.places, lambda place: place.standing in PRESENT)


def head(queue: Queue) -> Pick:
    """Pick the literal head of the queue, whatever he is doing."""
    return _first(queue.places, lambda _place: True)


def least_loaded(queue: Queue) -> Pick:
    """Pick the rep on site with the fewest visitors; among equals the first queued (RR-14)."""
    present = [place for place in queue.places if place.standing in PRESENT]
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
    return PassedOver(place.member_id, place.standing.value)


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
