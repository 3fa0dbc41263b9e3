"""The hall of the second showroom: who is in the queue, who waits, who receives whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.model.books import Books
from tests.model.tables import COMPANY, MANAGER, Guest, Policy, Reception, Spot, Table

BEFORE = datetime.fromisoformat("2026-01-01")
NEW = frozenset({"TURN", "DOUBLE", "NAMED"})


@dataclass(eq=False)
class Visit:
    """A visitor, what he said, and what was decided of him.

    Attributes:
        persons: those whom the desk recognised him as; `person` is the visit's own.
        told: since when a register has said that he is somebody else.
        found_at_arrival: NONE, LIVE or LAPSED; `standing`: when he was decided on last.
        place: among those who came in the same minute.
    """

    name: str
    arrived: datetime
    phones: Sequence[str]
    survey: str
    way: str
    said_old: bool
    named: str | None
    referrer: int | None
    greeter: str | None
    unit: str | None
    card: str | None = None
    face: str | None = None
    friend: str | None = None
    persons: list[int] = field(default_factory=list)
    told: dict[int, tuple[datetime, int]] = field(default_factory=dict)
    person: int | None = None
    found_at_arrival: str = "NONE"
    standing: str = "NONE"
    receiver: str | None = None
    owner: str | None = None
    mode: str = "WAIT"
    clause: str = ""
    obligation: str = "NONE"
    turn: str | None = None
    left: datetime | None = None
    exposed: bool = False
    sold: bool = False
    place: int = 0

    @property
    def waits(self) -> bool:
        return self.receiver is None and self.left is None

    @property
    def is_new(self) -> bool:
        return self.mode in NEW or self.obligation in {"NAMED_REP", "DAY_OFF"}

    def name_as(self, person: int, at: tuple[datetime, int]) -> None:
        """A register says who he is."""
        self.person = person
        self.told[person] = at

    def said_of(self, person: int) -> tuple[datetime, int] | None:
        """Since when it is a register's word alone that he is somebody; none if the desk knew."""
        return None if person in self.persons else self.told.get(person)


@dataclass
class Floor:
    """Queue, presence, visits and calls of the site; `now` is local time."""

    policy: Policy
    books: Books
    now: datetime = BEFORE
    gone: set[str] = field(default_factory=set)
    visits: dict[str, Visit] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    first_met: dict[int, str] = field(default_factory=dict)
    _day: date = date.min
    _order: list[str] = field(default_factory=list)
    _turns: dict[str, int] = field(default_factory=dict)
    _doing: dict[tuple[date, str], str] = field(default_factory=dict)
    _held: dict[str, int] = field(default_factory=dict)
    _cards: dict[str, int] = field(default_factory=dict)
    _faces: dict[str, int] = field(default_factory=dict)
    _persons: int = 0

    # The queue of the day (Q1 to Q6).

    def _today(self) -> None:
        if self._day != self.now.date():
            self._day, self._order, self._turns = self.now.date(), [], {}

    @property
    def order(self) -> list[str]:
        self._today()
        return [name for name in self._order if name not in self.gone]

    def sign_in(self, names: Sequence[str]) -> None:
        if any(name in self.order or name in self.gone for name in names):
            return
        self._today()
        for name in names:
            self._doing[self._day, name] = "IN"
            self._order.append(name)
        self.serve_waiting()

    def leave_queue(self, name: str, state: str, *, only_if_in: bool) -> None:
        if (only_if_in and name not in self.order) or name in self.gone:
            return
        self._today()
        self._doing[self._day, name] = state
        if name in self._order:
            self._order.remove(name)

    def go(self, name: str, state: str) -> None:
        if name in self.order:
            self._doing[self._day, name] = state

    def come_back(self, name: str) -> None:
        if name in self.order and self._doing[self._day, name] != "IN":
            self._doing[self._day, name] = "IN"
            self.serve_waiting()

    def _to_tail(self, name: str) -> None:
        if name in self._order:
            self._order.remove(name)
            self._order.append(name)

    def _with(self, name: str) -> list[Visit]:
        """The visitors of today who are with a rep."""
        return [
            visit
            for visit in self.visits.values()
            if visit.receiver == name and visit.left is None and visit.arrived.date() == self._day
        ]

    def _spots(self) -> list[Spot]:
        limit = self.policy["rotation.capacity_per_day"]
        spots = []
        for name in self.order:
            state, load = self._doing[self._day, name], len(self._with(name))
            here = "BUSY" if load else "FREE"
            turns = self._turns.get(name, 0)
            full = bool(limit) and turns >= limit
            spots.append(Spot(name, here if state == "IN" else state, load, turns, full))
        return spots

    # Persons.

    def holder(self, phone: str) -> int | None:
        return self._held.get(phone)

    def new_person(self, phones: Sequence[str]) -> int:
        self._persons += 1
        for phone in phones:
            self._held.setdefault(phone, self._persons)
        return self._persons

    def _identify(self, visit: Visit) -> list[int]:
        """Whom the visitor is found to be by what the showroom goes by (register.match)."""
        by_phone = [self._held[one] for one in visit.phones if one in self._held]
        stronger = {
            "ID_CARD": self._cards.get(visit.card or ""),
            "FACE": self._faces.get(visit.face or ""),
        }.get(self.policy["register.match"])
        persons = by_phone if stronger is None else [stronger]
        # Once he is recorded, the desk knows who he is.
        known = [] if visit.person is None else [visit.person]
        return list(dict.fromkeys([*persons, *known]))

    def hold(self, person: int, phones: Sequence[str]) -> None:
        """A number that is nobody's yet is his."""
        for phone in phones:
            self._held.setdefault(phone, person)

    def shows(self, person: int, card: str | None, face: str | None) -> None:
        """What identifies nobody yet is his who shows it."""
        if card:
            self._cards.setdefault(card, person)
        if face:
            self._faces.setdefault(face, person)

    def known_by(self, person: int | None) -> tuple[bool, bool]:
        """Whether a card, and whether a face, is known of a person."""
        return person in self._cards.values(), person in self._faces.values()

    def has_number(self, person: int) -> bool:
        """Whether a number is his."""
        return person in self._held.values()

    # Decisions.

    def arrive(self, visit: Visit) -> None:
        self._today()
        persons = self._identify(visit)
        guest = self._guest(visit, persons)
        keeper_person = self._best(visit, persons)
        visit.found_at_arrival = guest.standing
        if keeper_person in persons:
            visit.person = keeper_person
        elif persons:
            visit.person = persons[0]
        elif self._says_who(visit):
            visit.person = self.new_person(visit.phones)
        if visit.person is not None:
            self.hold(visit.person, visit.phones)
            self.shows(visit.person, visit.card, visit.face)
            visit.persons = list(dict.fromkeys([visit.person, *persons]))
        self.visits[visit.name] = visit
        self._settle(visit, guest, persons)
        self._meets(visit, new=not persons)

    def _says_who(self, visit: Visit) -> bool:
        """Whether he gives anything of his own; another's card or face, alone, is nobody's."""
        card, face = visit.card, visit.face
        shown = (card and card not in self._cards) or (face and face not in self._faces)
        return bool(visit.phones or shown)

    def name_stranger(self, visit: Visit, phones: Sequence[str], at: tuple[datetime, int]) -> None:
        """Who said nothing at the door is whose number it is, or somebody new."""
        holder = next((self._held[one] for one in phones if one in self._held), None)
        visit.name_as(self.new_person(phones) if holder is None else holder, at)
        self._meets(visit, new=holder is None, at_the_door=False)

    def _meets(self, visit: Visit, *, new: bool, at_the_door: bool = True) -> None:
        """Who owns a visitor as he comes has met him; else who receives somebody new."""
        owner = visit.owner if visit.owner != COMPANY and (new or at_the_door) else None
        met = owner or (visit.receiver if new else None)
        if met is not None and visit.person is not None:
            self.first_met[visit.person] = met

    def met_by(self, *persons: int) -> set[str]:
        """Whose own some persons are to link."""
        return {self.first_met[person] for person in persons if person in self.first_met}

    def assign(self, visit: Visit, grabbed_by: str | None = None) -> None:
        """Decide on a recorded visitor as if he came now."""
        self._today()
        persons = self._identify(visit)
        self._settle(visit, self._guest(visit, persons, grabbed_by), persons)
        self._meets(visit, new=visit.person not in self.first_met)

    def _best(self, visit: Visit, persons: Sequence[int]) -> int | None:
        entries = self.books.of(persons, visit.unit)
        found = self.books.earliest(entries, self.now, self.gone)[1]
        return found.person if found else None

    def _guest(self, visit: Visit, persons: Sequence[int], grabbed: str | None = None) -> Guest:
        books, now, gone = self.books, self.now, self.gone
        standing, entry = books.earliest(books.of(persons, visit.unit), now, gone)
        referred = [e for e in books.entries if e.person == visit.referrer and not e.replaced]
        takers = {taker for phone, taker in self.calls if phone in visit.phones}
        evidence = "CALL" if takers else "NONE"
        if any(e.counts for e in referred):
            evidence = "REFERRAL"
        referrers = books.earliest(referred, now, gone)[1]
        named = visit.named if visit.named not in gone else None
        return Guest(
            survey="DECLARED" if visit.exposed else visit.survey,
            way=visit.way,
            said_old=visit.said_old,
            greeter=visit.greeter if visit.greeter not in self.order else None,
            standing=standing,
            keeper=entry.rep if entry else None,
            named=named,
            evidence=evidence,
            named_took_call=named in takers,
            referrers_rep=referrers.rep if referrers else None,
            grabbed_by=grabbed,
            friends_rep=self._receiving(visit.friend),
        )

    def _receiving(self, name: str | None) -> str | None:
        friend = self.visits.get(name or "")
        return None if friend is None or friend.left is not None else friend.receiver

    def _settle(self, visit: Visit, guest: Guest, persons: Sequence[int]) -> None:
        found = Table(self.policy, guest, self._spots()).decide()
        visit.standing = guest.standing
        visit.receiver, visit.owner, visit.mode = found.receiver, found.owner, found.mode
        visit.clause, visit.obligation, visit.turn = found.clause, found.obligation, found.turn
        self._move(found)
        if found.receiver is None:
            return
        self._renews(visit, persons)

    def _renews(self, visit: Visit, persons: Sequence[int]) -> None:
        """Who receives a customer of his again has met him on that day (TR-5)."""
        for entry in self.books.of(persons, visit.unit):
            if entry.rep == visit.receiver:
                self.books.contact(entry, self.now, reached=True, reception=True)

    def _move(self, found: Reception) -> None:
        for name in found.lost:
            self._to_tail(name)
        if found.turn is not None:
            self._to_tail(found.turn)
            self._turns[found.turn] = self._turns.get(found.turn, 0) + 1

    def serve_waiting(self) -> None:
        """Give those who wait, in their order, to whom the tables now give them."""
        self._today()
        for visit in list(self.visits.values()):
            if not visit.waits or visit.arrived.date() != self._day:
                continue
            guest = self._guest(visit, self._identify(visit))
            if Table(self.policy, guest, self._spots()).decide().receiver is not None:
                self.assign(visit)

    # Taking and exposing (Q8, Q9).

    def take(
        self, rep: str, visit: Visit | None, person: int | None, phones: Sequence[str]
    ) -> str | None:
        """Return why a rep may not take a visitor; a waiting one becomes his."""
        self._today()
        if visit is not None and not visit.waits:
            return "VISIT_CLOSED" if visit.left is not None else "VISIT_ALREADY_ASSIGNED"
        if rep not in self.order:
            return "NOT_ON_SHIFT"
        known = [self._held[one] for one in phones if one in self._held]
        if visit is not None:
            known = self._identify(visit)
        if visit is None and person is not None:
            known.append(person)
        if self._second_new_one(rep, known):
            return "五五6"
        return None if visit is None else self._taken(rep, visit, known)

    def _taken(self, rep: str, visit: Visit, persons: Sequence[int]) -> str | None:
        grabs = rep if self.policy["rotation.order"] == "OPEN_FLOOR" else None
        guest = self._guest(visit, persons, grabs)
        found = Table(self.policy, guest, self._spots()).decide()
        if found.receiver != rep:
            return found.clause
        self._settle(visit, guest, persons)
        self._meets(visit, new=visit.person not in self.first_met)
        return None

    def _second_new_one(self, rep: str, persons: Sequence[int]) -> bool:
        own = [e for e in self.books.entries if e.person in persons and not e.replaced]
        is_new = self.books.earliest(own, self.now, self.gone)[0] != "LIVE"
        serving = any(visit.is_new for visit in self._with(rep))
        free = any(s.doing == "FREE" and not s.full and s.name != rep for s in self._spots())
        return is_new and serving and free

    # What a manager gives to another rep.

    def reassign(self, visit: Visit, rep: str) -> bool:
        """Give a visitor to another rep; a turn used today goes with him."""
        self._today()
        if visit.left is not None or visit.receiver == rep or rep in self.gone:
            return False
        self._pass_turn(visit, rep)
        former, visit.receiver = visit.receiver, rep
        if visit.owner in {None, COMPANY, former}:
            self._becomes_his(visit, rep)
        elif visit.owner == rep:
            own = {"NAMED_REP": "NAMED", "DAY_OFF": "TURN", "OLD_CUSTOMER": "OWN_RETURN"}
            visit.mode, visit.obligation = own[self._received_for(visit)], "NONE"
        else:
            visit.mode, visit.obligation = "OBLIGATORY", self._received_for(visit)
        self._renews(visit, self._identify(visit))
        self.serve_waiting()
        return True

    @staticmethod
    def _received_for(visit: Visit) -> str:
        """Why somebody receives for another: who was no old customer waits for whom he named."""
        if visit.obligation != "NONE":
            return visit.obligation
        return "NAMED_REP" if visit.standing == "NONE" else "OLD_CUSTOMER"

    def _pass_turn(self, visit: Visit, rep: str) -> None:
        used = visit.turn
        if used is None or used != visit.receiver or visit.arrived.date() != self._day:
            return
        if used in self._order:
            self._order.remove(used)
            self._order.insert(0, used)
        self._to_tail(rep)
        self._turns[used] = max(0, self._turns.get(used, 0) - 1)
        self._turns[rep] = self._turns.get(rep, 0) + 1
        visit.turn = rep

    def _becomes_his(self, visit: Visit, rep: str) -> None:
        """Who was nobody's, or his who received him, is the new one's; a survey stays nobody's."""
        if visit.mode == "SURVEY":
            return
        if visit.owner == COMPANY or visit.mode == "WAIT":
            visit.mode = "TURN"
        visit.owner, visit.obligation = rep, "NONE"
        self._meets(visit, new=False)

    def expose(self, visit: Visit, *, admits: bool) -> None:
        self._today()
        visit.exposed = admits
        if not admits and visit.survey == "DECLARED":
            visit.survey = "UNDECLARED"
        if not admits and visit.survey == "NONE":
            visit.survey = "UNDECLARED"
        today = visit.arrived.date() == self._day
        if admits and today and visit.turn in self.order:
            name = str(visit.turn)
            self._order.remove(name)
            self._order.insert(0, name)
            self._turns[name] = max(0, self._turns.get(name, 0) - 1)


__all__ = ["COMPANY", "MANAGER", "Floor", "Visit"]
