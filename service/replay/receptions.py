"""How a case was decided, with seats for people: of the few who decide it, and of a whole queue."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

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


# As many as a case can be about and more: seats behind the last place.
_OUTSIDE: Final = 8


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
        few = len(shown)
        if few == length:
            seats, moved, paid = self.seats, self.moved, self.paid
        else:
            # In their order: a seat of the few, one behind them, nobody's, which is the last.
            seat_of = (*shown, *range(length, length + _OUTSIDE), NOBODY).__getitem__
            receiver, owner, turn = self.seats
            seats = seat_of(receiver), seat_of(owner), seat_of(turn)
            moved, paid = tuple(map(seat_of, self.moved)), tuple(map(seat_of, self.paid))
        return Reception(self.words, seats, (moved, length), waits=self.waits, paid=paid)


class Reception:
    """How a case was decided, its people as seats.

    Attributes:
        receiver, owner, turn: seats: places of the queue first, then those who are not in it.
        paid: seats of those who owed a turn and were passed over for it.
        tail: the place of the one who goes to the tail, where he alone moves; else NOBODY.
        reorder: makes the order afterwards out of the order before, where several move.
        in_turn: nearly always: a rep of the queue receives for himself, and that is his turn.
        in_place: a rep of the queue receives for himself and stays where he stands.
    """

    __slots__ = (
        "in_place",
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
        moves: tuple[tuple[int, ...], int],
        *,
        waits: bool,
        paid: tuple[int, ...] = (),
    ) -> None:
        self.paid = paid
        self.words = words
        self.receiver, self.owner, self.turn = seats
        self.waits = waits
        moved, length = moves
        self.tail = NOBODY
        self.reorder: Callable[[Sequence[int]], Sequence[int]] | None = None
        last = length - 1
        if len(moved) == 1:
            # Who is the last already goes nowhere.
            last = moved[0]
            self.tail = NOBODY if last == length - 1 else last
        elif moved:
            self._move(moved, length)
            last = self.tail
        receiver = self.receiver
        his = 0 <= receiver < length and receiver == self.owner and not (waits or paid)
        self.in_turn = his and self.turn == receiver == last and self.reorder is None
        self.in_place = his and self.turn == NOBODY and not moved

    def _move(self, moved: tuple[int, ...], length: int) -> None:
        order = list(range(length))
        for seat in moved:
            order.remove(seat)
            order.append(seat)
        self.tail = _to_tail(tuple(order))
        self.reorder = None if self.tail != NOBODY else _reordering(tuple(order))


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
