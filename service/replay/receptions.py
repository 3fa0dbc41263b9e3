"""How a case was decided, with seats for people: of the few who decide it, and of a whole queue."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import NamedTuple

from service.replay.places import NOBODY


class Words:
    """The words of an answer, shared by all visits that got the same."""

    __slots__ = ("clause", "mode", "obligation", "owner_kind", "rule")

    def __init__(self, owner_kind: str, mode: str, obligation: str, rule: str, clause: str) -> None:
        self.owner_kind = owner_kind
        self.mode = mode
        self.obligation = obligation
        self.rule = rule
        self.clause = clause


class Decided(NamedTuple):
    """How a case was decided, its people as seats; `moved` went to the tail one after the other."""

    words: Words
    seats: tuple[int, int, int]
    moved: tuple[int, ...]
    waits: bool
    paid: tuple[int, ...]

    def among(self, shown: Sequence[int], length: int) -> "Reception":
        """Return the reception in a queue of which only some could decide.

        Args:
            shown: the seats, in the queue, of those whom the case was decided with.
            length: how many stand in the queue.
        """
        beside = length - len(shown)

        def seat_of(seat: int) -> int:
            if 0 <= seat < len(shown):
                return shown[seat]
            return seat if seat == NOBODY else seat + beside

        receiver, owner, turn = self.seats
        order = list(range(length))
        for seat in map(seat_of, self.moved):
            order.remove(seat)
            order.append(seat)
        return Reception(
            self.words,
            (seat_of(receiver), seat_of(owner), seat_of(turn)),
            tuple(order),
            waits=self.waits,
            paid=tuple(map(seat_of, self.paid)),
        )


class Reception:
    """How a case was decided, its people as seats.

    Attributes:
        receiver, owner, turn: seats: places of the queue first, then those who are not in it.
        paid: seats of those who owed a turn and were passed over for it.
        tail: the place of the one who goes to the tail, where he alone moves; else NOBODY.
        reorder: makes the order afterwards out of the order before, where several move.
        in_turn: nearly always: a rep of the queue receives for himself, and that is his turn.
    """

    __slots__ = (
        "in_turn",
        "owner",
        "paid",
        "receiver",
        "reorder",
        "tail",
        "turn",
        "waits",
        "words",
    )

    def __init__(
        self,
        words: Words,
        seats: tuple[int, int, int],
        order: tuple[int, ...],
        *,
        waits: bool,
        paid: tuple[int, ...] = (),
    ) -> None:
        self.paid = paid
        self.words = words
        self.receiver, self.owner, self.turn = seats
        self.tail = _to_tail(order)
        self.reorder = None if self.tail != NOBODY else _reordering(order)
        self.waits = waits
        last = len(order) - 1 if self.tail == NOBODY and self.reorder is None else self.tail
        all_his = self.receiver == self.owner == self.turn != NOBODY
        self.in_turn = all_his and self.turn == last and not waits and not paid


def _to_tail(order: tuple[int, ...]) -> int:
    """Return who alone went to the tail; NOBODY where none did, or others moved too."""
    last = len(order) - 1
    if last < 0 or order[-1] == last:
        return NOBODY
    seat = order[-1]
    alone = (*range(seat), *range(seat + 1, last + 1), seat)
    return seat if order == alone else NOBODY


def _reordering(order: tuple[int, ...]) -> Callable[[Sequence[int]], Sequence[int]] | None:
    """Return what brings a list into an order of its positions; None where it stands so already."""
    if order == tuple(range(len(order))):
        return None
    return itemgetter(*order)
