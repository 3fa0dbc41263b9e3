"""What the second showroom answers of registers: entries, corrections, follow-ups, findings."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.model.books import Books, Entry, Sale, last_day
from tests.model.customers import Customers
from tests.model.floor import Floor, Visit
from tests.model.quarrels import Quarrel
from tests.model.tables import COMPANY, MANAGER, Policy
from tests.model.telling import Answers, Line, phones_of, yes


class Registers:
    """The verbs of registers, as a part of the showroom with its names."""

    policy: Policy
    numbers: Mapping[str, Sequence[str]]
    floor: Floor
    books: Books
    customers: Customers
    faces: dict[str, list[int]]
    customer_of: dict[str, str]
    sales: dict[str, Sale]
    quarrels: dict[str, Quarrel]
    sequence: int

    def on_reg(self, line: Line) -> Answers:
        visit = self.floor.visits.get(line.words[0])
        if visit is None:
            return {"reg": "REJECTED"}
        owner = None if visit.owner == COMPANY else visit.owner
        keeper = owner or visit.receiver
        if keeper in {None, MANAGER}:
            # A manager reads registers and keeps none.
            return {"reg": "DENIED"}
        missing = line.options.get("missing", "").split(",")
        numbers = () if "tel" in missing else (phones_of(line) or visit.phones)
        mine = self._of_visit(owner or str(keeper), visit)
        if self._of_another(visit, numbers) or any(entry.result == "VALID" for entry in mine):
            return {"reg": "REJECTED"}
        if visit.survey == "DECLARED" or visit.exposed:
            return {"reg": "REFUSED_SURVEY"}
        if owner is None:
            return {"reg": "REJECTED"}
        person = self._written_down(visit, numbers, line, named="name" not in missing)
        now, came = self.floor.now, (visit.arrived, visit.place)
        given = ("name" not in missing, bool(numbers))
        result = self._result(person, visit.arrived, *given)
        for entry in mine:
            entry.replaced = True
        received = max(visit.arrived, visit.left or visit.arrived)
        entry = Entry(owner, person, visit.name, (now, self._rank()), now, received, result, came)
        entry.came, entry.said = came, visit.said_of(person)
        self._enter(entry, told_later=entry.said is not None)
        return {"reg": result}

    def _of_another(self, visit: Visit, numbers: Sequence[str]) -> bool:
        """A number of somebody else is not his; one that he gave as he came was judged then."""
        holders = [self.floor.holder(number) for number in numbers if number not in visit.phones]
        his = {*visit.persons, visit.person or next((one for one in holders if one), None)}
        return any(holder is not None and holder not in his for holder in holders)

    def _written_down(
        self, visit: Visit, numbers: Sequence[str], line: Line, *, named: bool
    ) -> int:
        """Whoever said nothing at the door is now somebody: whose number it is, or somebody new."""
        if visit.person is None:
            self.floor.name_stranger(visit, numbers, (self.floor.now, self._rank()))
            assert visit.person is not None
        self._met(self.customer_of[visit.name], visit.person)
        self.floor.hold(visit.person, numbers)
        if named:
            self.customers.named.add(visit.person)
        self.floor.shows(visit.person, line.options.get("card"), line.options.get("face"))
        return visit.person

    def _enter(self, entry: Entry, *, told_later: bool) -> None:
        """What says only after the signing whose it is ranks from itself, not from a reception."""
        if entry.result != "VALID":
            self.books.entries.append(entry)
            return
        if told_later and any(
            sale.person == entry.person and not sale.cancelled for sale in self.sales.values()
        ):
            entry.came = None
        self.books.opened(entry, call=entry.called)

    def on_correct(self, line: Line) -> Answers:
        """A rep writes that an entry of his was wrong: of another customer, or just so (TR-9)."""
        rep, customer = line.words[:2]
        found = self._entries(rep, customer)
        if not found:
            return {"reg": "REJECTED", "expiry": "-", "active": "no"}
        old = found[0]
        visit = self.floor.visits.get(old.visit or "")
        person = self._whom(line, old.person, rep)
        known = visit is not None and person in {visit.person, *visit.persons, *visit.told}
        seen = person == old.person or known or rep in self.floor.met_by(person)
        if old.void or not seen:
            return {"reg": "REJECTED", "expiry": "-", "active": "no"}
        if visit is not None and (visit.survey == "DECLARED" or visit.exposed):
            return {"reg": "REFUSED_SURVEY", "expiry": "-", "active": "no"}
        entry = self._corrected(old, person, visit)
        if entry is None:
            return {"reg": "REJECTED", "expiry": "-", "active": "no"}
        until = entry.until
        return {
            "reg": entry.result,
            "expiry": last_day(until) if until else "-",
            "active": yes(entry.live(self.floor.now)),
        }

    def _whom(self, line: Line, person: int, rep: str) -> int:
        """Whose the entry is from now on; who was never met is entered by the rep himself."""
        name = line.options.get("to")
        if name is None:
            return person
        if name not in self.faces:
            fresh = self.floor.new_person(self.numbers.get(name, ()))
            self.customers.named.add(fresh)
            self.floor.first_met[fresh] = rep
            self._met(name, fresh)
        return self.faces[name][0]

    def _corrected(self, old: Entry, person: int, visit: Visit | None) -> Entry | None:
        """The same customer keeps rank and window; another, or what was not valid, is judged anew.

        The reception, or the call, stays what it was. Nobody stands twice in one register from
        one visit.
        """
        now, another = self.floor.now, person != old.person
        at = (now, self._rank())
        keeps = old.result == "VALID" and not another
        # What was in time once stays so.
        came = now if keeps else old.began[0]
        result = self._result(person, came, *self._on_file(person))
        if old.called and not keeps and result == "VALID" and not all(self._on_file(person)):
            # A call that registers needs the caller's name, and his number.
            result = "INVALID_INCOMPLETE"
        twice = visit and any(
            (e.rep, e.person, e.visit) == (old.rep, person, old.visit)
            for e in self.books.entries
            if e is not old and e.counts
        )
        if twice and result == "VALID":
            return None
        old.replaced = True
        entry = replace(old, person=person, result=result, replaced=False)
        if another:
            recognised = visit is not None and person in visit.persons
            entry.said = None if recognised else at
            self._follows(visit, old.person, person, at)
        if keeps and result == "VALID":
            self.books.entries.append(entry)
            return entry
        entry.rank, entry.entered, entry.came, entry.until, entry.due = (
            at,
            now,
            old.began,
            None,
            None,
        )
        entry.followed = None
        self._enter(entry, told_later=another or entry.said is not None)
        return entry

    def _on_file(self, person: int) -> tuple[bool, bool]:
        return person in self.customers.named, self.floor.has_number(person)

    def _follows(
        self, visit: Visit | None, was: int, person: int, at: tuple[datetime, int]
    ) -> None:
        """The visit goes with its entry to the right customer, unless it was sold."""
        if visit is not None and visit.person == was and not visit.sold:
            visit.person = person
            visit.name_as(person, at)

    def _of_visit(self, rep: str, visit: Visit) -> list[Entry]:
        """The entries that a rep made of a visit and that stand."""
        return [
            entry
            for entry in self.books.entries
            if (entry.rep, entry.person, entry.visit) == (rep, visit.person, visit.name)
            and not (entry.void or entry.replaced)
        ]

    def _result(
        self,
        person: int,
        came: datetime,
        named: bool,
        numbered: bool,
    ) -> str:
        policy, now = self.policy, self.floor.now
        carded, faced = self.floor.known_by(person)
        enough = {
            "PHONE": named and numbered,
            "EITHER": named or numbered,
            "ID_CARD": named and carded,
            "FACE": named and faced,
        }
        if not enough[policy["register.match"]]:
            return "INVALID_INCOMPLETE"
        minutes = int((now - came).total_seconds()) // 60
        late = {
            "END_OF_RECEPTION_DAY": now.date() > came.date(),
            "MINUTES": minutes > policy["register.deadline_minutes"],
            "NONE": False,
        }
        return "INVALID_LATE" if late[policy["register.deadline"]] else "VALID"

    def _entries(self, rep: str, customer: str) -> list[Entry]:
        persons = self.faces.get(customer, [])
        mine = [
            e for e in self.books.entries if e.rep == rep and e.person in persons and not e.replaced
        ]
        far = datetime.fromisoformat("9999-12-31")
        return sorted(
            mine,
            key=lambda e: (not e.counts, far - e.until if e.until else timedelta.max, e.rank),
        )

    def on_follow(self, line: Line) -> Answers:
        found = self._entries(*line.words[:2])
        if found:
            entry, now = found[0], self.floor.now
            reached = line.options.get("ok", "yes") != "no"
            self.books.contact(entry, now, reached=reached, reception=False)
            entry.followed = entry.followed or now
        return self.on_followsla(line)

    def on_followsla(self, line: Line) -> Answers:
        found = self._entries(*line.words[:2])
        if not found:
            return {"due": "-", "sla": "-", "active": "no"}
        entry, now = found[0], self.floor.now
        until = entry.followed or now
        days = (until.date() - entry.received.date()).days
        late = days > self.policy["followup.first_due_days"]
        sla = "BREACHED" if late else ("MET" if entry.followed else "DUE")
        return {
            "due": last_day(entry.due) if entry.due else "-",
            "sla": sla if entry.due else "-",
            "active": yes(entry.live(now)),
        }

    def on_window(self, line: Line) -> Answers:
        found = self._entries(*line.words[:2])
        if not found:
            return {"expiry": "-", "active": "no"}
        until = found[0].until
        return {
            "expiry": last_day(until) if until else "-",
            "active": yes(found[0].live(self.floor.now)),
        }

    def on_tamper(self, line: Line) -> Answers:
        now, rep = self.floor.now, line.words[0]
        mine = [entry for entry in self.books.entries if entry.rep == rep]
        named = self._entries(rep, line.options.get("cust", ""))[:1]
        if named and self.policy["tamper.scope"] == "ENTRY":
            mine = named
        if all(entry.false for entry in mine):
            # He has no register that could be false.
            return {}
        for entry in mine:
            entry.void = entry.false = True
        for quarrel in self.quarrels.values():
            if rep in {quarrel.first, quarrel.second} and quarrel.phase(now) == "PRIVATE":
                quarrel.handed_over = True
        self._drop_void_claims()
        return {}

    def _drop_void_claims(self) -> None:
        for sale in self.sales.values():
            sale.drop_void_claims(self.floor.now)

    def _rank(self) -> int:
        self.sequence += 1
        return self.sequence

    def _met(self, customer: str, person: int) -> None:
        known = self.faces.setdefault(customer, [])
        if person not in known:
            known.append(person)
