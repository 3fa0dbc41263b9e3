"""Disputes about a customer before he signs: who may begin one, and what an outcome does."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tests.model.books import Books, Entry
from tests.model.floor import Floor, Visit
from tests.model.quarrels import Quarrel, opened
from tests.model.tables import COMPANY


@dataclass
class Customers:
    """Every dispute about a customer, and whose name is known to the showroom.

    Attributes:
        named: the persons whose name somebody has written down.
    """

    floor: Floor
    books: Books
    quarrels: list[Quarrel] = field(default_factory=list)
    named: set[int] = field(default_factory=set)

    def dispute(self, person: int, two: list[str]) -> Quarrel | None:
        """Two reps dispute a customer whom one of them tracks or has received today."""
        policy, now = self.floor.policy, self.floor.now
        if not policy["dispute.customers"] or self._settled(person, two, now):
            return None
        if not self._has(person, two, now):
            return None
        quarrel = opened(policy, two, now)
        quarrel.person = person
        self.quarrels.append(quarrel)
        return quarrel

    def _settled(self, person: int, two: Sequence[str], now: datetime) -> bool:
        """One pair at a time; and between the same two as long as who got him tracks him."""
        for quarrel in self.quarrels:
            if quarrel.person != person:
                continue
            if quarrel.phase(now) != "OVER":
                return True
            mine = self._entries(person, [who for who in quarrel.award or {} if who != COMPANY])
            same = {quarrel.first, quarrel.second} == set(two)
            if same and any(entry.live(now) for entry in mine):
                return True
        return False

    def _has(self, person: int, two: Sequence[str], now: datetime) -> bool:
        if any(entry.live(now) for entry in self._entries(person, two)):
            return True
        return any(
            visit.person == person
            and visit.arrived.date() == now.date()
            and {visit.owner, visit.receiver} & set(two)
            for visit in self.floor.visits.values()
        )

    def _entries(self, person: int, reps: Sequence[str]) -> list[Entry]:
        mine = (e for e in self.books.entries if e.person == person and e.rep in reps)
        return sorted((e for e in mine if e.counts), key=lambda e: e.rank)

    def open_of(self, visit: Visit) -> Quarrel | None:
        """The dispute that becomes the deal's, where the visit is one of the two's."""
        for quarrel in self.quarrels:
            about = quarrel.person == visit.person and not quarrel.signed
            ours = visit.owner in {quarrel.first, quarrel.second}
            if about and ours and quarrel.phase(self.floor.now) != "OVER":
                return quarrel
        return None

    def waits(self, person: int | None) -> bool:
        """Nobody has said yet whose he is."""
        phases = {"PRIVATE", "MANAGER", "APPEAL"}
        return any(q.person == person and q.phase(self.floor.now) in phases for q in self.quarrels)

    def award(self, quarrel: Quarrel, sequence: int) -> None:
        """The registers and the visits say what the dispute has come to."""
        award, person = quarrel.award, quarrel.person
        if award is None or person is None or len(award) > 1:
            return
        (winner,) = award
        two = [quarrel.first, quarrel.second]
        if winner in self.floor.gone:
            winner = COMPANY
        entries = self._entries(person, two)
        if winner == COMPANY:
            for entry in entries:
                entry.replaced = True
        else:
            self._to_one(person, winner, entries, sequence)
        for visit in self.floor.visits.values():
            if visit.person == person and visit.owner in two and not visit.sold:
                visit.owner = winner
        for visit in list(self.floor.visits.values()):
            # Who waits in the hall waits for whose he is now, or for nobody any more.
            today = visit.arrived.date() == self.floor.now.date()
            if visit.waits and visit.person == person and today:
                self.floor.assign(visit)

    def _to_one(self, person: int, winner: str, entries: list[Entry], sequence: int) -> None:
        """Rank and window go over; whom neither tracks is entered from now."""
        now = self.floor.now
        self.floor.first_met[person] = winner
        own = [entry for entry in entries if entry.rep == winner]
        lost = [entry for entry in entries if entry.rep != winner]
        tracked = [entry for entry in entries if entry.live(now)]
        for entry in lost:
            if entry.live(now) and entry.visit not in [mine.visit for mine in own if mine.visit]:
                self.books.entries.append(replace(entry, rep=winner))
            entry.replaced = True
        if tracked:
            return
        if own:
            own[-1].replaced = True
        came = [visit for visit in self.floor.visits.values() if visit.person == person]
        last = max(came, key=lambda visit: (visit.arrived, visit.place), default=None)
        if not entries and (last is None or not self._registrable(person, last)):
            return
        of_visit = (own or lost)[-1].visit if entries else last and last.name
        rank = (now, sequence)
        visit = self.floor.visits[of_visit] if of_visit else None
        began = (visit.arrived, visit.place) if visit else rank
        fresh = Entry(winner, person, of_visit, rank, now, now, "VALID", began, rank)
        fresh.called = bool(entries) and (own or lost)[-1].called
        self.books.opened(fresh)

    def _registrable(self, person: int, last: Visit) -> bool:
        """No survey visitor, and enough is known of him."""
        if last.exposed or last.survey == "DECLARED":
            return False
        carded, faced = self.floor.known_by(person)
        named, numbered = person in self.named, self.floor.has_number(person)
        return {
            "PHONE": named and numbered,
            "EITHER": named or numbered,
            "ID_CARD": named and carded,
            "FACE": named and faced,
        }[self.floor.policy["register.match"]]
