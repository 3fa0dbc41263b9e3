"""A version at play: each case is put to the commands' own functions once, then remembered.

A reception hangs on the pattern of the queue and on where the people the visitor is concerned with
stand in it, never on who they are. So a case is decided with numbered seats in the place of
members, and its answer names seats.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from service.ownership.rules import ranks_from, terms_of
from service.policies.rulebooks.rulebook import Outcome, Rulebook
from service.reception.rules.arrival import Facts, Visitor, decide_reception
from service.reception.rules.queue import Hold, Place, Queue
from service.reception.rules.rotation import Rotation, rotation_of
from service.replay.places import LOAD, NOBODY, STANDINGS, pattern_of

# The manager's place in a pattern where he stands in no queue.
OUTSIDE: Final = -2
# As many people as can be signed in at a site, and more; a place is a byte of the pattern.
_SEATS: Final = tuple(UUID(int=number) for number in range(250))
_ENTRY, _RECEPTION = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
_ANY_ZONE: Final = ZoneInfo("UTC")
_CALL_DAYS: Final = "phone.registration_days"
_PLAIN, _CONCERNED = b"\0", b"\1"


class Words:
    """The words of an answer, shared by all visits that got the same."""

    __slots__ = ("clause", "mode", "obligation", "owner_kind", "rule")

    def __init__(self, owner_kind: str, mode: str, obligation: str, rule: str, clause: str) -> None:
        self.owner_kind = owner_kind
        self.mode = mode
        self.obligation = obligation
        self.rule = rule
        self.clause = clause


class Reception:
    """How a case was decided, its people as seats.

    Attributes:
        receiver, owner, turn: seats: places of the queue first, then those who are not in it.
        paid: seats of those who owed a turn and were passed over for it.
        tail: the place of the one who goes to the tail, where he alone moves; else NOBODY.
        reorder: makes the order afterwards out of the order before, where several move.
    """

    __slots__ = ("owner", "paid", "receiver", "reorder", "tail", "turn", "waits", "words")

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


Mark = tuple[int, int, int]
"""Of a rep in the queue: turns used today, weight, and the number of his hold in HOLDS."""

HOLDS: Final = (None, *Hold)
_UNMARKED: Final[Mark] = (0, 1, 0)


class Queued(Protocol):
    """The live order, as a decision sees it."""

    @property
    def places(self) -> bytearray:
        """What each is doing, a byte each, first in turn first."""

    @property
    def kept(self) -> Mapping[int, Any]:
        """What the rotation keeps of reps beside their places, if anything."""

    def marks(self, rotation: Rotation) -> Sequence[Mark]:
        """What else the rotation knows of each, first in turn first."""


class Concerns:
    """The people a visitor's case is about, besides those in the queue; NOBODY where none is.

    Attributes:
        taker: the rep on his day off who greets him.
        steps_up: the rep who takes him from an open floor.
        companion: who receives the party he came with.
        registered: rep of the registration that decides, which is `live` or has lapsed.
        evidence: NONE, CALL or REFERRAL.
        buddies: the chosen stand-in of each rep who has one.
    """

    __slots__ = (
        "buddies",
        "companion",
        "evidence",
        "live",
        "named",
        "referrer",
        "registered",
        "rotation",
        "steps_up",
        "taker",
        "took_call",
    )

    def __init__(self) -> None:
        self.registered = self.named = self.referrer = NOBODY
        self.taker = self.steps_up = self.companion = NOBODY
        self.live = self.took_call = False
        self.evidence = "NONE"
        self.buddies: Mapping[int, int] = {}


Seats = tuple[int, int, int, int, int, int, int]
"""Of the registering rep, the named one, the referrer's, who greets, who steps up, who receives the
party he came with, the manager."""


def _about(
    seats: Seats, proofs: tuple[bool, bool, str], buddies: Mapping[int, int]
) -> tuple[int, Concerns]:
    about = Concerns()
    about.registered, about.named, about.referrer, about.taker, about.steps_up, *rest = seats
    about.companion, manager = rest
    about.live, about.took_call, about.evidence = proofs
    about.buddies = buddies
    return manager, about


RegistrationKey = tuple[bool, bool, bool, bool, bool, int, int]
_REGISTRATION_FACTS: Final = (
    "survey_visitor",
    "name_given",
    "phone_given",
    "document_given",
    "face_given",
    "days_since_reception",
    "minutes_since_reception",
)
_EVIDENCE: Final = ("NONE", "CALL", "REFERRAL")
NO_CONCERNS: Final = Concerns()


class Play:
    """A compiled rulebook and everything it has been asked so far.

    Attributes:
        rotation: the terms on which turns are shared out.
        by_reception: entries rank by their reception (`merge.order_by`).
        switches: it takes over what runs when it begins (`running: switch`).
        call_days: how long who telephoned is tracked, where a call registers him.
        by_sign_in: they are the plain ones: nothing but places decides.
        receptions: every pattern decided so far.
        registered: what every kind of entry asked about so far is worth.
    """

    __slots__ = (
        "_beginnings",
        "_decided",
        "_elsewhere",
        "_patterns",
        "_renews",
        "_said",
        "_words",
        "by_reception",
        "by_sign_in",
        "call_days",
        "first_due_days",
        "most_days",
        "receptions",
        "registered",
        "rotation",
        "rulebook",
        "switches",
        "tracking_days",
    )

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        terms = terms_of(rulebook, _ANY_ZONE)
        self.tracking_days = terms.days
        self.most_days = terms.most_days
        self.first_due_days = terms.first_due_days
        self.call_days = int(str(rulebook.parameters.get(_CALL_DAYS, terms.days)))
        self.switches = rulebook.meaning.document.running.raw == "switch"
        self._elsewhere: bool | None = None
        self._renews: dict[tuple[str, bool, bool, bool], bool] = {}
        self.registered: dict[RegistrationKey, str] = {}
        self.rotation = rotation_of(rulebook)
        self.by_reception = ranks_from(rulebook, _ENTRY, _RECEPTION) == _RECEPTION
        self.by_sign_in = self.rotation == Rotation()
        self._decided: dict[tuple[object, ...], Outcome] = {}
        self.receptions: dict[bytes, Reception] = {}
        self._patterns: dict[bytes, Reception] = {}
        self._beginnings: dict[tuple[object, ...], bytes] = {}
        self._said: dict[tuple[str, str, bool], bytes] = {}
        self._words: dict[tuple[str, ...], Words] = {}

    def decide(self, name: str, facts: Facts) -> Outcome:
        """Decide as the rulebook does; the same question is asked of it once."""
        key = (name, *facts.items())
        known = self._decided.get(key)
        if known is None:
            known = self._decided[key] = self.rulebook.decide(name, facts)
        return known

    def knows_elsewhere(self) -> bool:
        """Tell whether who is registered at another site is the same customer here."""
        known = self._elsewhere
        if known is None:
            then = self.decide("identity", {"same_site": False}).then
            known = self._elsewhere = then["customer"] == "ONE"
        return known

    def renews(self, kind: str, *, own: bool, live: bool, connected: bool) -> bool:
        """Tell whether a contact starts the days anew (decision `renewal`, TR-4)."""
        key = (kind, own, live, connected)
        known = self._renews.get(key)
        if known is None:
            facts: Facts = {
                "contact": kind,
                "by_same_rep": own,
                "window": "LIVE" if live else "LAPSED",
                "connected": connected,
            }
            renewed = self.rulebook.decide("renewal", facts).then["window"] == "RENEWED"
            known = self._renews[key] = renewed
        return known

    def registers(self, key: "RegistrationKey") -> str:
        """Return what an entry is worth (decision `registration`, TR-1).

        Args:
            key: whether he is surveying, gave his name, his phone, a document, and his face;
                whole days and whole minutes since the reception.
        """
        known = self.registered.get(key)
        if known is None:
            facts: Facts = dict(zip(_REGISTRATION_FACTS, key, strict=True))
            known = str(self.rulebook.decide("registration", facts).then["result"])
            self.registered[key] = known
        return known

    def words(self, owner_kind: str, mode: str, obligation: str, rule: str, clause: str) -> Words:
        """Return the one object of these words."""
        key = (owner_kind, mode, obligation, rule, clause)
        known = self._words.get(key)
        if known is None:
            known = self._words[key] = Words(*key)
        return known

    def plain_key(self, said: tuple[str, str, bool], manager_place: int) -> bytes:
        """Return what a plain visitor's pattern begins with.

        Args:
            said: survey, way and `said_before`, as the decision has them.
            manager_place: his place in the queue, OUTSIDE it, or NOBODY.
        """
        return _PLAIN + self._said_key(said) + bytes((manager_place + 3,))

    def plain_reception(
        self, key: bytes, said: tuple[str, str, bool], floor: "Queued", manager: int
    ) -> Reception:
        """Decide on a visitor who concerns nobody in particular.

        Args:
            key: what `plain_key` gives for him and the manager.
            said: survey, way and `said_before`, as the decision has them.
            floor: the live order.
            manager: his seat: a place, the one after the last, or NOBODY.
        """
        beginning = key
        key += floor.places
        marks = None
        if not self.by_sign_in or floor.kept:
            marks = floor.marks(self.rotation)
            key += _bytes(marks)
        known = self.receptions.get(key)
        if known is None:
            seen = None if marks else beginning + pattern_of(floor.places)
            known = self._decided_once(seen, (said, floor, marks), manager, NO_CONCERNS)
            self.receptions[key] = known
        return known

    def _decided_once(
        self,
        seen: bytes | None,
        case: "tuple[tuple[str, str, bool], Queued, Sequence[Mark] | None]",
        manager: int,
        about: Concerns,
    ) -> Reception:
        """Decide on a case, unless one was decided that differs in nothing that decides."""
        said, floor, marks = case
        known = None if seen is None else self._patterns.get(seen)
        if known is None:
            known = self._decided_now(said, (floor.places, marks), manager, about)
            if seen is not None:
                self._patterns[seen] = known
        return known

    def reception(
        self, said: tuple[str, str, bool], floor: "Queued", manager: int, about: Concerns
    ) -> Reception:
        """Decide on a visitor who concerns people; `about` and `manager` hold their seats."""
        seats = (
            about.registered,
            about.named,
            about.referrer,
            about.taker,
            about.steps_up,
            about.companion,
            manager,
        )
        proofs = (about.live, about.took_call, about.evidence)
        return self.concerned(said, floor, seats, proofs, about.buddies)

    def concerned(
        self,
        said: tuple[str, str, bool],
        floor: "Queued",
        seats: Seats,
        proofs: tuple[bool, bool, str],
        buddies: Mapping[int, int] | None = None,
    ) -> Reception:
        """Decide on a visitor who concerns people.

        Args:
            said: survey, way and `said_before`, as the decision has them.
            floor: the live order.
            seats: of whom it concerns: as `Concerns` names them, and the manager's.
            proofs: whether the registration is live; whether the rep he names took a call; and
                the evidence.
            buddies: the chosen stand-in of each rep who has one.
        """
        places, marks = floor.places, None
        if not self.by_sign_in or floor.kept:
            marks = floor.marks(self.rotation)
        if buddies:
            return self._decided_now(said, (places, marks), *_about(seats, proofs, buddies))
        beginning = self._beginnings.get((said, seats, proofs))
        if beginning is None:
            evidence = _EVIDENCE.index(proofs[2]) + 4 * proofs[1] + 8 * proofs[0]
            beginning = (
                _CONCERNED + self._said_key(said) + bytes((evidence, *(seat + 1 for seat in seats)))
            )
            self._beginnings[said, seats, proofs] = beginning
        key = beginning + places
        if marks is not None:
            key += _bytes(marks)
        known = self.receptions.get(key)
        if known is None:
            seen = None if marks else beginning + pattern_of(places, seats)
            case = (said, floor, marks)
            known = self._decided_once(seen, case, *_about(seats, proofs, {}))
            self.receptions[key] = known
        return known

    def _said_key(self, said: tuple[str, str, bool]) -> bytes:
        known = self._said.get(said)
        if known is None:
            known = self._said[said] = bytes((len(self._said),))
        return known

    def _decided_now(
        self,
        said: tuple[str, str, bool],
        queued: "tuple[bytearray, Sequence[Mark] | None]",
        manager: int,
        about: Concerns,
    ) -> Reception:
        """Put a case to the commands' own function, with seats for members."""
        survey, arrival, said_before = said
        visitor = Visitor(
            survey=survey,
            arrival=arrival,
            said_before=said_before,
            taker_id=_member(about.taker),
            registration=_registration(about),
            registered_by=_member(about.registered),
            named_id=_member(about.named),
            evidence=about.evidence,
            named_took_call=about.took_call,
            referrer_rep_id=_member(about.referrer),
            companion_rep_id=_member(about.companion),
            manager_id=_member(manager),
            buddies=MappingProxyType(
                {_SEATS[absent]: _SEATS[buddy] for absent, buddy in about.buddies.items()}
            ),
        )
        places, marks = queued
        marked = repeat(_UNMARKED, len(places)) if marks is None else marks
        queue = Queue(
            tuple(map(_place, range(len(places)), places, marked)),
            self.rotation.order,
            _member(about.steps_up),
        )
        outcome = decide_reception(self, visitor, queue)
        order = tuple(member.int for member in outcome.order)
        return Reception(
            self.words(
                outcome.owner_kind, outcome.mode, outcome.obligation, outcome.rule, outcome.clause
            ),
            (_seat(outcome.receiver_id), _seat(outcome.owner_id), _seat(outcome.turn_member_id)),
            order,
            waits=outcome.waits,
            paid=tuple(member.int for member in outcome.paid),
        )


@lru_cache(maxsize=65_536)
def _place(seat: int, byte: int, mark: Mark) -> Place:
    return Place(
        _SEATS[seat],
        STANDINGS[byte % LOAD],
        byte // LOAD,
        turns=mark[0],
        weight=mark[1],
        hold=HOLDS[mark[2]],
    )


def _bytes(marks: "Sequence[Mark]") -> bytes:
    """Return marks as part of a key; of two bytes each, so that no count is too many."""
    return array("H", [number for mark in marks for number in mark]).tobytes()


def _registration(about: Concerns) -> str:
    if about.registered == NOBODY:
        return "NONE"
    return "LIVE" if about.live else "LAPSED"


def _member(seat: int) -> UUID | None:
    return None if seat == NOBODY else _SEATS[seat]


def _seat(member_id: UUID | None) -> int:
    return NOBODY if member_id is None else member_id.int


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
