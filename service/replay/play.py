"""A version at play: each case is put to the commands' own functions once, then remembered.

A reception hangs on the pattern of the queue and on where the people the visitor is concerned with
stand in it, never on who they are. So a case is decided with numbered seats in the place of
members, and its answer names seats.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import product, repeat
from types import MappingProxyType
from typing import Any, Final, Protocol, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from service.ownership.rules import ranks_from, terms_of
from service.policies.rulebooks.rulebook import Outcome, Rulebook
from service.reception.rules.arrival import Facts, Visitor, decide_reception
from service.reception.rules.queue import Hold, Place, Queue
from service.reception.rules.rotation import Rotation, rotation_of
from service.replay.history import CONNECTED, OF_HIS_OWN, EntryMade
from service.replay.places import LOAD, NOBODY, STANDINGS, deciding, telling
from service.replay.receptions import Decided, Reception, Words

# The manager's place in a pattern where he stands in no queue.
OUTSIDE: Final = -2
# As many people as can be signed in at a site, and more; a place is a byte of the pattern.
_SEATS: Final = tuple(UUID(int=number) for number in range(250))
_ENTRY, _RECEPTION = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
_ANY_ZONE: Final = ZoneInfo("UTC")
_CALL_DAYS: Final = "phone.registration_days"
_PLAIN, _CONCERNED = b"\0", b"\1"


# What else of a contact decides, beside the bits of a follow-up: the tracking ran, he came himself.
LIVE, RECEPTION = 4, 8


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


class Seated(Queued, Protocol):
    """A live order that knows where its manager is."""

    @property
    def manager_seat(self) -> int:
        """His place where he has one, else the seat after the last place; NOBODY without one."""


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


@dataclass(frozen=True, slots=True)
class Worth:
    """What an entry is worth: whether it is kept, counts, and would count of a survey as well."""

    kept: bool
    valid: bool
    survey_too: bool


# What decides of an entry what it is worth, as one number, which is looked up the quickest: a bit
# for each flag, then the whole minutes since the reception, then the whole days.
_REGISTRATION_FLAGS: Final = (
    "survey_visitor",
    "name_given",
    "phone_given",
    "document_given",
    "face_given",
)
SURVEYING: Final = 1
A_MINUTE: Final = 1 << len(_REGISTRATION_FLAGS)
A_DAY: Final = A_MINUTE << 32


def givens_of(entries: Iterable[EntryMade]) -> list[int]:
    """Return the bits of what each visitor gave, as `Play.worth` is asked."""
    bits = {
        given: sum(flag << place for place, flag in enumerate(given, 1))
        for given in product((False, True), repeat=len(_REGISTRATION_FLAGS) - 1)
    }
    return [
        bits[made.name_given, made.phone_given, made.document_given, made.face_given]
        for made in entries
    ]


_VALID: Final = "VALID"
_RESULTS: Final = frozenset({_VALID, "INVALID_INCOMPLETE", "INVALID_LATE"})
_EVIDENCE: Final = ("NONE", "CALL", "REFERRAL")
_NOBODY_AT_ALL: Final = (NOBODY,) * 6
_NO_PROOFS: Final = (False, False, "NONE")


class Play:
    """A compiled rulebook and everything it has been asked so far.

    Attributes:
        rotation: the terms on which turns are shared out.
        by_reception: entries rank by their reception (`merge.order_by`).
        switches: it takes over what runs when it begins (`running: switch`).
        call_days: how long who telephoned is tracked, where a call registers him.
        by_sign_in: they are the plain ones: nothing but places decides.
        receptions: every pattern decided so far.
        renewals: what it says of each contact, by its bits; None as long as nobody has asked.
        worths: what every kind of entry asked about so far is worth.
    """

    __slots__ = (
        "_beginnings",
        "_decided",
        "_elsewhere",
        "_patterns",
        "_said",
        "_told",
        "_words",
        "by_reception",
        "by_sign_in",
        "call_days",
        "first_due_days",
        "most_days",
        "receptions",
        "renewals",
        "rotation",
        "rulebook",
        "switches",
        "tracking_days",
        "worths",
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
        self.renewals: list[bool | None] = [None] * (2 * RECEPTION)
        self.worths: dict[int, Worth] = {}
        self.rotation = rotation_of(rulebook)
        self.by_reception = ranks_from(rulebook, _ENTRY, _RECEPTION) == _RECEPTION
        self.by_sign_in = self.rotation == Rotation()
        self._decided: dict[tuple[object, ...], Outcome] = {}
        self.receptions: dict[bytes, Reception] = {}
        self._told: dict[bytes, Reception] = {}
        self._patterns: dict[bytes, Decided] = {}
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

    def renews(self, case: int) -> bool:
        """Tell whether a contact starts the days anew (decision `renewal`, TR-4).

        Args:
            case: the bits of the history's follow-ups, and LIVE and RECEPTION.
        """
        facts: Facts = {
            "contact": "RECEPTION" if case & RECEPTION else "FOLLOW_UP",
            "by_same_rep": bool(case & OF_HIS_OWN),
            "window": "LIVE" if case & LIVE else "LAPSED",
            "connected": bool(case & CONNECTED),
        }
        renewed = self.rulebook.decide("renewal", facts).then["window"] == "RENEWED"
        self.renewals[case] = renewed
        return renewed

    def worth(self, asked: int) -> Worth:
        """Return what an entry is worth (decision `registration`, TR-1).

        Args:
            asked: what the visitor gave, by `givens_of`, and SURVEYING of a survey; A_MINUTE and
                A_DAY for each whole minute and whole day since the reception.
        """
        result = self._registers(asked)
        also_of_survey = self._registers(asked | SURVEYING) == _VALID
        known = Worth(result in _RESULTS, result == _VALID, also_of_survey)
        self.worths[asked] = known
        return known

    def _registers(self, asked: int) -> str:
        days, since = divmod(asked, A_DAY)
        facts: Facts = {
            **{name: bool(asked >> place & 1) for place, name in enumerate(_REGISTRATION_FLAGS)},
            "days_since_reception": days,
            "minutes_since_reception": since // A_MINUTE,
        }
        return str(self.rulebook.decide("registration", facts).then["result"])

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

    def plain(self, said: tuple[str, str, bool], floor: "Seated") -> Reception:
        """Decide on a visitor who concerns nobody in particular, of a floor's present order."""
        seat = floor.manager_seat
        outside = seat == len(floor.places)
        return self.plain_reception(
            self.plain_key(said, OUTSIDE if outside else seat), said, floor, seat
        )

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
        key += floor.places
        marks = None
        if not self.by_sign_in or floor.kept:
            marks = floor.marks(self.rotation)
            key += _bytes(marks)
        known = self.receptions.get(key)
        if known is None:
            seats = (*_NOBODY_AT_ALL, manager)
            known = self._decided_once((said, floor.places, marks), seats, _NO_PROOFS)
            self.receptions[key] = known
        return known

    def _decided_once(
        self,
        case: "tuple[tuple[str, str, bool], bytearray, Sequence[Mark] | None]",
        seats: Seats,
        proofs: tuple[bool, bool, str],
    ) -> Reception:
        """Decide on a case, unless one was decided that differs in nothing that decides."""
        said, places, marks = case
        length = len(places)
        if marks is not None:
            decided = self._decided_now(said, (places, marks), *_about(seats, proofs, {}))
            return decided.among(range(length), length)
        shown, standings = deciding(places, seats)
        near = seats
        beside = length - len(shown)
        if beside:
            nearer = {seat: seat - beside if seat >= length else seat for seat in set(seats)}
            nearer.update(zip(shown, range(length), strict=False))
            near = cast("Seats", tuple(map(nearer.__getitem__, seats)))
        key = self.concerned_key(said, near, proofs) + standings
        known = self._patterns.get(key)
        if known is None:
            known = self._decided_now(said, (standings, None), *_about(near, proofs, {}))
            self._patterns[key] = known
        return known.among(shown, length)

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
            decided = self._decided_now(said, (places, marks), *_about(seats, proofs, buddies))
            return decided.among(range(len(places)), len(places))
        beginning = self.concerned_key(said, seats, proofs)
        key = beginning + places
        if marks is not None:
            key += _bytes(marks)
        known = self.receptions.get(key)
        if known is None:
            # Half of the queues that are new are so in nobody who could decide.
            near = beginning + telling(places, seats) if marks is None else key
            known = self._told.get(near)
            if known is None:
                known = self._decided_once((said, places, marks), seats, proofs)
                self._told[near] = known
            self.receptions[key] = known
        return known

    def concerned_key(
        self, said: tuple[str, str, bool], seats: Seats, proofs: tuple[bool, bool, str]
    ) -> bytes:
        """Return what the pattern of a visitor begins with who concerns people, as `concerned`."""
        beginning = self._beginnings.get((said, seats, proofs))
        if beginning is None:
            evidence = _EVIDENCE.index(proofs[2]) + 4 * proofs[1] + 8 * proofs[0]
            beginning = (
                _CONCERNED + self._said_key(said) + bytes((evidence, *(seat + 1 for seat in seats)))
            )
            self._beginnings[said, seats, proofs] = beginning
        return beginning

    def _said_key(self, said: tuple[str, str, bool]) -> bytes:
        known = self._said.get(said)
        if known is None:
            known = self._said[said] = bytes((len(self._said),))
        return known

    def _decided_now(
        self,
        said: tuple[str, str, bool],
        queued: "tuple[bytes | bytearray, Sequence[Mark] | None]",
        manager: int,
        about: Concerns,
    ) -> Decided:
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
        return Decided(
            self.words(
                outcome.owner_kind, outcome.mode, outcome.obligation, outcome.rule, outcome.clause
            ),
            (_seat(outcome.receiver_id), _seat(outcome.owner_id), _seat(outcome.turn_member_id)),
            moved=tuple(move.member_id.int for move in outcome.moved),
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
