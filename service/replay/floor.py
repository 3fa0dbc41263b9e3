"""A site in a replay: the live order, what everybody in it is doing, who is with whom."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from service.reception.rules.queue import to_head, to_tail
from service.reception.rules.rotation import NOTHING_KEPT, Rotation, TermsWritten
from service.replay.days import instant_of
from service.replay.history import Place
from service.replay.places import FREE, LEFT, LOAD, NOBODY, TAKEN, place_of
from service.replay.play import HOLDS, Mark, Play
from service.replay.receptions import Reception

Case = tuple[int, int, int, int, bool, str]
"""Of a visitor whom somebody registered, or who asks for somebody: what he said, the seats of the
one, of the other and of the manager, whether the registration is live, and who took a call of his.
"""


class Floor:
    """One site's day. Order and places stand side by side, first in turn first.

    Attributes:
        site: its number.
        order: members in the live order.
        places: what each is doing and how many visitors he is with, a byte each.
        turned: who used a turn today since `used` was asked for, in order.
        open: today's visits that somebody receives and that have not ended.
        kept: what outlasts the day: turns owed, and until when somebody is barred.
        now: the instant at which it is asked about the terms of its rotation.
        play: the version in force, until `superseded_at`; `plain_keys` and `known_keys` are
            what the patterns of its visitors begin with: of strangers by what they said, of others
            by their case.
        receptions: what it has decided by places alone; nothing where its rotation counts more.
        waiting: today's visits that nobody receives yet, in their order of arrival.
        strangers: `receptions` for those who concern nobody; nothing where more than places and
            what they said decides, as where somebody owes turns or the manager queues.
        begins, ends: first instant of the day, and first after it.
        tracked_until: first instant outside a window that begins today, without a cap.
        entered_until: the same of one that a reception of today begins, with its cap.
    """

    __slots__ = (
        "_loads",
        "_staff_codes",
        "_today",
        "_used",
        "begins",
        "day",
        "days",
        "ends",
        "entered_until",
        "kept",
        "known_keys",
        "manager",
        "manager_queues",
        "now",
        "open",
        "order",
        "others",
        "places",
        "plain_keys",
        "play",
        "receptions",
        "site",
        "strangers",
        "superseded_at",
        "tracked_until",
        "turned",
        "waiting",
    )

    def __init__(self, place: Place, staff_codes: Sequence[str], play: Play, site: int = 0) -> None:
        self.site = site
        self.play = play
        self.plain_keys: list[bytes] = []
        self.known_keys: dict[Case, bytes] = {}
        self.receptions: dict[bytes, Reception] = {}
        self.strangers: dict[bytes, Reception] = {}
        self.superseded_at = 0
        self.tracked_until = self.entered_until = 0
        self.days = place.days
        self.manager = place.manager
        self.others = (place.manager,)
        self.day = self.begins = self.ends = 0
        self.manager_queues = False
        self.order: list[int] = []
        self.places = bytearray()
        self.turned: list[int] = []
        self._used: dict[int, int] = {}
        self.open: dict[int, int] = {}
        self.waiting: list[int] = []
        # With how many visitors those are who do not stand in the queue.
        self._loads: dict[int, int] = {}
        self.now = 0
        self.kept: dict[int, TermsWritten] = {}
        self._today: dict[int, TermsWritten] = {}
        self._staff_codes = staff_codes

    def turn_to(self, at: int) -> None:
        """Begin the day of an instant with an empty queue (Q1)."""
        self.day = self.days.day(at)
        self.begins, self.ends = self.days.begin(at), self.days.end(at)
        self.manager_queues = False
        self.order, self.places = [], bytearray()
        self.open, self.waiting = {}, []
        self._used, self._loads, self._today = {}, {}, {}
        self.turned.clear()
        self.settle()

    def settle(self) -> None:
        """Work out what hangs on the day, the version, who queues and what is kept of reps."""
        days, play = self.days, self.play
        self.strangers = {} if self.kept or self.manager_queues else self.receptions
        if self.ends:
            tracked = play.tracking_days
            self.tracked_until = days.closes(self.begins, tracked)
            entered = min(tracked, play.most_days or tracked)
            self.entered_until = days.closes(self.begins, entered)

    @property
    def used(self) -> dict[int, int]:
        """How many turns each member has used today."""
        used = self._used
        for member in self.turned:
            used[member] = used.get(member, 0) + 1
        self.turned.clear()
        return used

    def marks(self, rotation: Rotation) -> list[Mark]:
        """Return what else the rotation knows of each, by its terms at the floor's instant."""
        local = instant_of(self.now).astimezone(self.days.zone)
        marks: list[Mark] = []
        turns = self.used
        for member in self.order:
            used = turns.get(member, 0)
            kept = self._kept_of(member)
            staff_code = self._staff_codes[member]
            hold = rotation.hold_of(used, staff_code, kept, local)
            marks.append((used, rotation.weight.of(staff_code, kept), HOLDS.index(hold)))
        return marks

    def _kept_of(self, member: int) -> TermsWritten:
        return {**self._today.get(member, NOTHING_KEPT), **self.kept.get(member, NOTHING_KEPT)}

    def owe(self, member: int, more: int) -> None:
        """Let a rep owe turns, more or fewer."""
        kept = dict(self.kept.get(member, NOTHING_KEPT))
        owed = max(0, kept.pop("owed", 0) + more)
        if owed:
            kept["owed"] = owed
        self._keep(member, kept)

    def bar(self, member: int, days: int) -> None:
        """Let a rep stand outside the rotation for some days after this one; never shorten it."""
        kept = dict(self.kept.get(member, NOTHING_KEPT))
        until = date.fromordinal(self.day + days + 1).isoformat()
        self._keep(member, {**kept, "barred_until": max(until, kept.get("barred_until", ""))})

    def lift(self, member: int) -> None:
        """Let nothing be kept of a rep any more."""
        self._keep(member, NOTHING_KEPT)

    def _keep(self, member: int, kept: TermsWritten) -> None:
        if kept:
            self.kept[member] = kept
        else:
            self.kept.pop(member, None)
        self.settle()

    @property
    def manager_seat(self) -> int:
        """The manager's seat: his place where he has one, else the seat after the last place."""
        manager = self.manager
        if manager == NOBODY:
            return NOBODY
        return self.order.index(manager) if self.manager_queues else len(self.order)

    def _place(self, member: int) -> int:
        """Return a member's place in the queue, or NOBODY's."""
        try:
            return self.order.index(member)
        except ValueError:
            return NOBODY

    def join(self, member: int, known: TermsWritten = NOTHING_KEPT) -> None:
        """Let a rep join the tail of the live queue (Q2); `known` are his roles and shifts."""
        if member in self.order:
            return
        self._today[member] = known
        self.order.append(member)
        load = self._loads.pop(member, 0) if self._loads else 0
        self.places.append(place_of(FREE, load) if load else FREE)
        if member == self.manager:
            self.manager_queues = True
            self.settle()

    def replan(self, member: int, shifts: TermsWritten) -> None:
        """Let a rep of the queue be planned otherwise from now on."""
        if member in self.order:
            known = self._today.get(member, NOTHING_KEPT)
            others = {name: value for name, value in known.items() if name != "shifts"}
            self._today[member] = {**others, **shifts}

    def leave(self, member: int) -> None:
        """Take a rep out of the queue (Q6)."""
        seat = self._place(member)
        if seat == NOBODY:
            return
        del self.order[seat]
        load = self.places.pop(seat) // LOAD
        if load:
            self._loads[member] = load
        if member == self.manager:
            self.manager_queues = False
            self.settle()

    def stand(self, member: int, standing: int) -> None:
        """Let a rep of the queue be away, or back."""
        seat = self._place(member)
        if seat != NOBODY:
            self.places[seat] = place_of(standing, self.places[seat] // LOAD)

    def one_more(self, member: int) -> None:
        """Give a rep one visitor more."""
        seat = self._place(member)
        if seat != NOBODY:
            self.places[seat] = TAKEN[self.places[seat]]
        else:
            self._loads[member] = self._loads.get(member, 0) + 1

    def one_less(self, member: int) -> None:
        """Take one visitor from a rep."""
        seat = self._place(member)
        if seat != NOBODY:
            self.places[seat] = LEFT[self.places[seat]]
        else:
            self._loads[member] = max(0, self._loads.get(member, 0) - 1)

    def count_turn(self, member: int, by: int) -> None:
        """Count a turn that was used or given back outside a reception's own decision."""
        used = self.used
        used[member] = max(0, used.get(member, 0) + by)

    def close(self, visit: int) -> None:
        """End a visit of today: its receiver has one visitor less."""
        receiver = self.open.pop(visit, NOBODY)
        if receiver != NOBODY:
            self.one_less(receiver)
        elif visit in self.waiting:
            self.waiting.remove(visit)

    def give(self, visit: int, receiver: int) -> None:
        """Give a visit of today to a rep, out of whatever hands it is in."""
        self.close(visit)
        self.open[visit] = receiver
        self.one_more(receiver)

    def apply(
        self, visit: int, reception: Reception, others: Sequence[int]
    ) -> tuple[int, int, int]:
        """Let a reception take place; return receiver, owner and whose turn was used."""
        order = self.order
        if reception.in_place:
            seat = reception.receiver
            receiver = order[seat]
            self.places[seat] = TAKEN[self.places[seat]]
            self.open[visit] = receiver
            return receiver, receiver, NOBODY
        length = len(order)
        seat, owner, turn = reception.receiver, reception.owner, reception.turn
        receiver = NOBODY
        if 0 <= seat < length:
            receiver = order[seat]
            self.places[seat] = TAKEN[self.places[seat]]
            self.open[visit] = receiver
        elif seat >= 0:
            receiver = others[seat - length]
            self._loads[receiver] = self._loads.get(receiver, 0) + 1
            self.open[visit] = receiver
        if owner >= 0:
            owner = order[owner] if owner < length else others[owner - length]
        if turn >= 0:
            turn = order[turn]
            self.turned.append(turn)
        for seat in reception.paid:
            self.owe(order[seat], -1)
        tail, reorder = reception.tail, reception.reorder
        if tail >= 0:
            order.append(order.pop(tail))
            self.places.append(self.places.pop(tail))
        elif reorder is not None:
            self.order = list(reorder(order))
            self.places = bytearray(reorder(self.places))
        if reception.waits:
            self.waiting.append(visit)
        return receiver, owner, turn

    def to_head(self, member: int) -> None:
        """Give a rep the head of the queue (Q8)."""
        self._arrange(to_head(self._seats(), _as_seat(self._seat(member))))

    def to_tail(self, member: int) -> None:
        """Put a rep to the tail of the queue (Q3)."""
        self._arrange(to_tail(self._seats(), _as_seat(self._seat(member))))

    def _seat(self, member: int) -> int:
        place = self._place(member)
        return len(self.order) if place == NOBODY else place

    def _seats(self) -> tuple[UUID, ...]:
        return tuple(_as_seat(seat) for seat in range(len(self.order)))

    def _arrange(self, seats: Sequence[UUID]) -> None:
        order = [seat.int for seat in seats]
        self.order = [self.order[seat] for seat in order]
        self.places = bytearray(self.places[seat] for seat in order)


def _as_seat(seat: int) -> UUID:
    return UUID(int=seat)
