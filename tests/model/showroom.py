"""The second showroom: what every verb of a story answers, by the tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.model.books import Books, Court, Entry, Relation, Sale, after, credit
from tests.model.customers import Customers
from tests.model.disputing import Disputes
from tests.model.floor import Floor, Visit
from tests.model.quarrels import Quarrel
from tests.model.registering import Registers
from tests.model.tables import COMPANY, MANAGER, Policy
from tests.model.telling import YEAR, Answers, Line, phones_of, read_line, yes

REPS = ("An", "Bo", "Chu", "Dai", "Eve")
DESK = "Desk"


@dataclass
class Model(Registers, Disputes):
    """An empty showroom under a policy, and the names of one story.

    Attributes:
        numbers: every number a customer gives anywhere in the story.
        faces: the persons (as the showroom tells them apart) that a customer has been.
    """

    policy: Policy
    numbers: Mapping[str, Sequence[str]]
    floor: Floor = field(init=False)
    books: Books = field(init=False)
    customers: Customers = field(init=False)
    faces: dict[str, list[int]] = field(default_factory=dict)
    customer_of: dict[str, str] = field(default_factory=dict)
    calls_told: dict[str, dict[str, str]] = field(default_factory=dict)
    sales: dict[str, Sale] = field(default_factory=dict)
    quarrels: dict[str, Quarrel] = field(default_factory=dict)
    sequence: int = 0

    def __post_init__(self) -> None:
        self.books = Books(self.policy)
        self.floor = Floor(self.policy, self.books)
        self.customers = Customers(self.floor, self.books)

    def play(self, text: str) -> Answers:
        """Carry a step out and give every answer key of its verb."""
        line = read_line(text)
        self.floor.now = line.at
        verb: Callable[[Line], Answers] = getattr(self, f"on_{line.verb}")
        return verb(line)

    # A rep's day.

    def on_signin(self, line: Line) -> Answers:
        for name in line.words:
            self.floor.sign_in([name])
        return {}

    def on_signin_same(self, line: Line) -> Answers:
        self.floor.sign_in(sorted(line.words, key=REPS.index))
        return {}

    def on_signout(self, line: Line) -> Answers:
        self.floor.leave_queue(line.words[0], "OUT", only_if_in=True)
        return {}

    def on_dayoff(self, line: Line) -> Answers:
        self.floor.leave_queue(line.words[0], "OFF", only_if_in=False)
        return {}

    def on_away(self, line: Line) -> Answers:
        private = line.options.get("reason") == "personal"
        self.floor.go(line.words[0], "AWAY_PRIVATE" if private else "AWAY_BUSINESS")
        return {}

    def on_back(self, line: Line) -> Answers:
        self.floor.come_back(line.words[0])
        return {}

    def on_resign(self, line: Line) -> Answers:
        self.floor.gone.add(line.words[0])
        return {}

    def on_queue(self, _line: Line) -> Answers:
        return {"order": ",".join(self.floor.order)}

    # The telephone.

    def on_call(self, line: Line) -> Answers:
        told = self.calls_told.setdefault(line.words[0], {})
        told.update(line.options)
        customer = told.get("cust", "")
        phones = phones_of(line) or list(self.numbers.get(customer, ()))
        phone, taker = (phones or ["0"])[0], told.get("by", REPS[0])
        self.floor.calls.append((phone, taker))
        if self.policy["phone.creates_registration"] and customer and taker in REPS:
            self._register_caller(customer, phone, taker)
        late = int(told.get("rings", 0)) > self.policy["phone.max_rings"]
        long = int(told.get("secs", 0)) > self.policy["phone.max_seconds"]
        return {"ring": "BREACH" if late else "OK", "dur": "BREACH" if long else "OK"}

    on_callsla = on_call

    def _register_caller(self, customer: str, phone: str, taker: str) -> None:
        now = self.floor.now
        person = self.floor.holder(phone)
        if person is None:
            person = self.floor.new_person([phone])
        self.customers.named.add(person)
        self.floor.first_met.setdefault(person, taker)
        for entry in self.books.entries:
            if (entry.rep, entry.person) == (taker, person) and entry.live(now):
                return
        rank = (now, self._rank())
        self.books.opened(
            Entry(taker, person, None, rank, now, now, "VALID", rank, called=True), call=True
        )
        self._met(customer, person)

    # A visit.

    def on_arrive(self, line: Line) -> Answers:
        name, options = line.words[0], line.options
        ways = {"phone": "PHONE", "ref": "REFERRAL"}
        surveys = {"declared": "DECLARED", "suspected": "UNDECLARED", "undeclared": "UNDECLARED"}
        referrer = self.faces.get(options.get("ref", ""))
        visit = Visit(
            name=name,
            arrived=self.floor.now,
            phones=phones_of(line),
            survey=surveys.get(options.get("survey", ""), "NONE"),
            way=ways.get(options.get("via", ""), "WALK_IN"),
            said_old=options.get("said") == "old",
            named=options.get("names"),
            referrer=referrer[0] if referrer else None,
            greeter=options.get("taken_by"),
            unit=options.get("unit"),
            card=options.get("card"),
            face=options.get("face"),
            place=self._rank(),
            friend=options.get("with"),
        )
        self.floor.arrive(visit)
        self.customer_of[name] = options["cust"]
        for person in visit.persons:
            self._met(options["cust"], person)
        return {
            "receiver": visit.receiver or "-",
            "owner": visit.owner or "-",
            "mode": visit.mode,
            "turn": visit.turn or "-",
            "rule": visit.clause,
        }

    def on_take(self, line: Line) -> Answers:
        known = self.faces.get(line.options.get("cust", ""))
        why = self.floor.take(
            line.options["by"],
            self.floor.visits.get(line.words[0]),
            known[0] if known else None,
            phones_of(line),
        )
        return {"reject": why or "-"}

    def on_name(self, line: Line) -> Answers:
        visit = self.floor.visits.get(line.words[0])
        named = line.options.get("names") or line.words[1]
        if visit is None or visit.left is not None:
            return {"res": "REJECTED", "owner": "-"}
        if not visit.waits:
            return {"res": "TOO_LATE", "owner": visit.owner or "-"}
        if named in self.floor.gone:
            return {"res": "REJECTED", "owner": "-"}
        visit.named = named
        self.floor.assign(visit)
        return {"res": "OK", "owner": visit.owner or "-"}

    def on_reassign(self, line: Line) -> Answers:
        visit = self.floor.visits.get(line.words[0])
        if visit is None or not self.floor.reassign(visit, line.options["to"]):
            return {"res": "REJECTED", "owner": "-", "order": "-"}
        return {"res": "OK", "owner": visit.owner or "-", "order": ",".join(self.floor.order)}

    def on_leave(self, line: Line) -> Answers:
        visit = self.floor.visits.get(line.words[0])
        if visit is not None and visit.left is None:
            visit.left = self._left_at(visit)
            self.books.left(visit.name, visit.left)
            self.floor.serve_waiting()
        return {}

    def _left_at(self, visit: Visit) -> datetime:
        """Nobody stays the night: noted after nine in the morning it was the visit's own day."""
        now = self.floor.now
        reopens = datetime.combine(visit.arrived.date() + timedelta(days=1), time(9))
        return now if now < reopens else after(visit.arrived.date(), 0) - timedelta(milliseconds=1)

    def on_expose(self, line: Line) -> Answers:
        visit = self.floor.visits.get(line.words[0])
        if visit is None or visit.exposed:
            return {"order": "-"}
        admits = line.options.get("admits", "yes") != "no"
        self.floor.expose(visit, admits=admits)
        if admits:
            self.books.void_survey(visit.name)
            self._drop_void_claims()
        return {"order": ",".join(self.floor.order)}

    # Relations.

    def on_link(self, line: Line) -> Answers:
        one, other = (self._persons(name) for name in line.words[:2])
        by, kind, unit = line.options.get("by", DESK), line.options["rel"], line.options.get("unit")
        for first in one:
            for second in other:
                if first == second or (by != DESK and by not in self.floor.met_by(first, second)):
                    continue
                at = (self.floor.now, self._rank())
                self.books.relations.append(Relation(first, second, kind, unit, by, at))
        return {}

    def _persons(self, customer: str) -> list[int]:
        if customer not in self.faces:
            person = self.floor.new_person(self.numbers.get(customer, ()))
            self.customers.named.add(person)
            self.floor.first_met[person] = DESK
            self._met(customer, person)
        return self.faces[customer]

    # Results.

    def on_deal(self, line: Line) -> Answers:
        nothing = {"to": "-", "rule": "-", "final": "-"}
        visit = self.floor.visits.get(line.options["visit"])
        if visit is None or visit.person is None or visit.sold or self._waits_for_dispute(visit):
            return nothing
        closer = visit.receiver or visit.owner
        if closer is None:
            return nothing
        visit.sold = True
        owner = visit.owner if visit.owner not in {None, COMPANY} else None
        self.sales[line.words[0]] = Sale(
            visit=visit.name,
            person=visit.person,
            unit=line.options.get("unit") or visit.unit,
            arrived=visit.arrived,
            first_arrived=self._first_with(visit, closer),
            closer=closer,
            owner=owner,
            obligation=visit.obligation,
            days=self._claim_days(visit),
            starts=self._claims_start(visit, line),
            signed=(self.floor.now, self._rank()),
            quarrel=self.customers.open_of(visit),
        )
        if (carried := self.sales[line.words[0]].quarrel) is not None:
            carried.signed = True
        self.customer_of[line.words[0]] = self.customer_of[visit.name]
        return self.on_credit(line)

    def _waits_for_dispute(self, visit: Visit) -> bool:
        """The sale comes first, unless the tenant lets it wait (五(一))."""
        now = self.floor.now
        over_deals = any(
            sale.person == visit.person
            and sale.quarrel is not None
            and sale.quarrel.phase(now) in {"PRIVATE", "MANAGER", "APPEAL"}
            for sale in self.sales.values()
        )
        open_ = over_deals or self.customers.waits(visit.person)
        return not self.policy["deal.first"] and open_

    def _first_with(self, visit: Visit, closer: str) -> datetime:
        return min(
            one.arrived
            for one in self.floor.visits.values()
            if one is visit
            or (
                one.person == visit.person
                and one.receiver == closer
                and one.arrived <= visit.arrived
            )
        )

    def _claim_days(self, visit: Visit) -> int:
        unconfirmed = visit.said_old and visit.found_at_arrival == "NONE"
        days: int = self.policy["returning.unconfirmed_claim_days" if unconfirmed else "claim.days"]
        # Where the day of the deal counts, it is the first of them, and heard all of it at least.
        return days if self.policy["claim.exclude_start_day"] else max(0, days - 1)

    def _claims_start(self, visit: Visit, line: Line) -> date | None:
        start: date = self.floor.now.date()
        event = self.policy["claim.deal_event"]
        if event == "PROVISIONAL" and "prov" in line.options:
            told = date.fromisoformat(f"{YEAR}-{line.options['prov']}")
            start = min(max(told, min(visit.arrived.date(), told)), start)
        return None if event == "CONTRACT" else start

    def on_credit(self, line: Line) -> Answers:
        sale = self.sales.get(line.words[0])
        if sale is None:
            return {"to": "-", "rule": "-", "final": "-"}
        if sale.cancelled:
            return {"to": "NOBODY", "rule": "-", "final": "yes"}
        parts, clause = credit(self.policy, sale, self.floor.now)
        final = yes(sale.final(self.floor.now))
        if len(parts) == 1:
            return {"to": parts[0][0], "rule": clause, "final": final}
        parts = self._as_told(parts, sale)
        to = "+".join(f"{holder}:{percent}" for holder, percent in parts)
        return {"to": to, "rule": clause, "final": final}

    @staticmethod
    def _as_told(parts: list[tuple[str, int]], sale: Sale) -> list[tuple[str, int]]:
        """Claimant, then owner, then closer; of a dispute the first, then the second.

        The company comes last; of equals the larger part first.
        """
        parts = sorted(parts, key=lambda part: -part[1])
        if sale.quarrel is not None:
            second = sale.quarrel.second
            return sorted(parts, key=lambda part: (part[0] == COMPANY, part[0] == second))
        return sorted(
            parts,
            key=lambda part: (part[0] == COMPANY, part[0] == sale.closer, part[0] == sale.owner),
        )

    def on_claim(self, line: Line) -> Answers:
        sale, claimant = self.sales.get(line.words[0]), line.options["by"]
        if sale is None:
            return {"res": "REJECTED", "why": "NOT_FOUND"}
        if sale.cancelled:
            return {"res": "REJECTED", "why": "DEAL_IS_CANCELLED"}
        if any(claim[0] == claimant for claim in sale.claims):
            return {"res": "ADMITTED", "why": "-"}
        if credit(self.policy, sale, self.floor.now)[0] == [(claimant, 100)]:
            return {"res": "REJECTED", "why": "CREDIT_IS_CLAIMANTS"}
        mine = self._entries(claimant, self.customer_of[line.words[0]])
        stranger = bool(mine) and all(entry.person != sale.person for entry in mine)
        stated = stranger or line.options.get("vouched") == "yes"
        if stranger:
            heard = mine[:1]
        else:
            family = {sale.person}
            for one, other, *_ in self.books.relations:
                if sale.person in {one, other}:
                    family |= {one, other}
            heard = [
                e
                for e in self.books.entries
                if e.rep == claimant and e.person in family and not e.replaced
            ]
        now = self.floor.now
        answer, entry = Court(self.books, sale, now, stated=stated).judge(heard)
        if answer != "ADMITTED" or entry is None:
            return {"res": "REJECTED", "why": answer}
        sale.claims.append((claimant, self._rank(), entry))
        return {"res": "ADMITTED", "why": "-"}


def play_all(steps: Sequence[str], policy: Mapping[str, Any]) -> list[Answers]:
    """Play a whole story and give the answers of every step."""
    numbers: dict[str, list[str]] = {}
    for line in map(read_line, steps):
        if "cust" in line.options:
            known = numbers.setdefault(line.options["cust"], [])
            known += [phone for phone in phones_of(line) if phone not in known]
    model = Model(Policy(policy), numbers)
    return [model.play(step) for step in steps]


__all__ = ["MANAGER", "REPS", "Model", "play_all", "read_line"]
