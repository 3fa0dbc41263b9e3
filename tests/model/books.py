"""Registers, windows and claims as the tables have them (TR-1 to TR-8, 2.5); local time only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from tests.model.tables import COMPANY, Policy

if TYPE_CHECKING:
    from tests.model.quarrels import Quarrel

# Whose own word does not count, from which signing on.
Unheard = tuple[str, tuple[datetime, int]]
MIRRORED = {
    "spouse": "spouse",
    "parent": "child",
    "child": "parent",
    "sibling": "sibling",
    "superior": "subordinate",
    "subordinate": "superior",
    "colleague": "colleague",
}


def after(day: date, days: int) -> datetime:
    """The first instant outside a window of so many days after a day (TM-2)."""
    return datetime.combine(day + timedelta(days=days + 1), time.min)


def last_day(closes: datetime) -> str:
    return (closes - timedelta(seconds=1)).strftime("%m-%d")


@dataclass(eq=False)
class Entry:
    """A line of a rep's register.

    Attributes:
        began: when the visitor came, or called, of whom it tells.
        said: since when it is its rep's word alone whose it is; none where the desk knew.
        called: it was made of a call, which tracks for days of its own.
        void: also of a survey's, which makes no register `false`.
    """

    rep: str
    person: int
    visit: str | None
    rank: tuple[datetime, int]
    entered: datetime
    received: datetime
    result: str
    began: tuple[datetime, int]
    came: tuple[datetime, int] | None = None
    until: datetime | None = None
    due: datetime | None = None
    said: tuple[datetime, int] | None = None
    called: bool = False
    followed: datetime | None = None
    void: bool = False
    false: bool = False
    replaced: bool = False

    @property
    def counts(self) -> bool:
        return self.result == "VALID" and not self.void and not self.replaced

    def live(self, now: datetime) -> bool:
        return self.counts and self.until is not None and now < self.until

    def live_on(self, arrival: datetime) -> bool:
        return self.live(arrival) and self.rank[0].date() <= arrival.date()

    def own_word(self, signed: tuple[datetime, int]) -> bool:
        """Whether its rep says only since a signing whose it is."""
        return self.said is not None and self.said > signed


class Relation(NamedTuple):
    """What somebody said of two persons, the first seen from the second."""

    one: int
    other: int
    kind: str
    unit: str | None
    by: str
    at: tuple[datetime, int]

    def own_word(self, rep: str, signed: tuple[datetime, int]) -> bool:
        return self.by == rep and self.at > signed


@dataclass
class Books:
    """Every register of the site, the relations, and what a contact does to a window."""

    policy: Policy
    entries: list[Entry] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)

    # Windows.

    def window(self, day_zero: datetime, received: datetime, days: int | None = None) -> datetime:
        length = self.policy["tracking.days"] if days is None else days
        closes = after(day_zero.date(), length)
        cap = self.policy["tracking.max_total_days"]
        return min(closes, after(received.date(), cap)) if cap else closes

    def opened(self, entry: Entry, *, call: bool = False) -> None:
        if self.policy["merge.order_by"] == "RECEPTION":
            entry.rank = entry.came or entry.rank
        days = self.policy["phone.registration_days"] if call else None
        entry.until = self.window(entry.received, entry.received, days)
        entry.due = after(entry.received.date(), self.policy["followup.first_due_days"])
        self.entries.append(entry)

    def contact(self, entry: Entry, now: datetime, *, reached: bool, reception: bool) -> None:
        """A follow-up or a second reception by the same rep (TR-4, TR-5)."""
        if not entry.live(now) or self.policy["tracking.renewal"] == "FIXED":
            return
        if not reception and self.policy["tracking.effective_only"] and not reached:
            return
        assert entry.until is not None
        entry.until = max(entry.until, self.window(now, entry.received))

    def left(self, visit: str, now: datetime) -> None:
        """The day of leaving is day 0, if it is a later one (TR-3)."""
        for entry in self.entries:
            if entry.visit != visit or not entry.counts or not entry.live(now):
                continue
            if now.date() > entry.received.date():
                assert entry.until is not None
                entry.received = now
                entry.until = max(entry.until, self.window(now, now))
                if entry.followed is None:
                    entry.due = after(now.date(), self.policy["followup.first_due_days"])

    # Who is one customer (五五3).

    def related(
        self, person: int, others: Iterable[int], unheard: Unheard | None = None
    ) -> list[tuple[str, str | None]]:
        """How a person is related to any of some others, read from him, with the unit."""
        found = []
        for relation in self.relations:
            if unheard and relation.own_word(*unheard):
                continue
            if relation.one == person and relation.other in others:
                found.append((relation.kind, relation.unit))
            elif relation.other == person and relation.one in others:
                found.append((MIRRORED[relation.kind], relation.unit))
        return found

    def one_customer(
        self,
        person: int,
        others: Iterable[int],
        unit: str | None,
        unheard: Unheard | None = None,
    ) -> bool:
        kinds = {*self.policy["merge.family"], *self.policy["merge.company"]}
        any_unit = not self.policy["merge.same_unit"]
        return any(
            kind in kinds and (any_unit or (unit is not None and wanted == unit))
            for kind, wanted in self.related(person, set(others), unheard)
        )

    def void_survey(self, visit: str) -> None:
        """Nobody registers a survey, and who did has nothing of it (五(五)2)."""
        for entry in self.entries:
            entry.void = entry.void or (entry.visit == visit and entry.result == "VALID")

    # Whose customer.

    def of(self, persons: Sequence[int], unit: str | None) -> list[Entry]:
        """The entries of a visitor and of those who are one customer with him."""
        return [
            entry
            for entry in self.entries
            if not entry.replaced
            and (entry.person in persons or self.one_customer(entry.person, persons, unit))
        ]

    @staticmethod
    def earliest(
        entries: Iterable[Entry], now: datetime, gone: Iterable[str]
    ) -> tuple[str, Entry | None]:
        """LIVE with the earliest live one, or LAPSED with the earliest lapsed one, or NONE."""
        mine = [entry for entry in entries if entry.rep not in gone and entry.counts]
        mine.sort(key=lambda entry: entry.rank)
        live = [entry for entry in mine if entry.live(now)]
        if live:
            return "LIVE", live[0]
        return ("LAPSED", mine[0]) if mine else ("NONE", None)


@dataclass(eq=False)
class Sale:
    """A deal and the claims on it."""

    visit: str
    person: int
    unit: str | None
    arrived: datetime
    first_arrived: datetime
    closer: str
    owner: str | None
    obligation: str
    days: int
    starts: date | None
    signed: tuple[datetime, int]
    claims: list[tuple[str, int, Entry]] = field(default_factory=list)
    quarrel: "Quarrel | None" = None
    cancelled: bool = False
    contracted: bool = False

    @property
    def closes(self) -> datetime:
        """Its claims close never while what they are counted from is still to come."""
        return after(self.starts or date(9000, 1, 1), self.days)

    def contract(self, today: date) -> str | None:
        """Its contract is recorded, once; why not, if not."""
        if self.cancelled or self.contracted:
            return "DEAL_IS_CANCELLED" if self.cancelled else "DEAL_HAS_CONTRACT"
        self.contracted, self.starts = True, self.starts or today
        return None

    def final(self, now: datetime) -> bool:
        if self.quarrel is not None:
            return self.quarrel.phase(now) == "OVER"
        return now >= self.closes

    def drop_void_claims(self, now: datetime) -> None:
        if not self.final(now):
            self.claims = [claim for claim in self.claims if not claim[2].void]


REASONS = (
    "NOT_REGISTERED",
    "NOT_SAME_CUSTOMER",
    "OWN_WORD",
    "REGISTER_VOID",
    "LAPSED",
    "AFTER_SIGNING",
    "EARLIER_REGISTRATION",
    "LATE",
    "ADMITTED",
)


class Court:
    """Claim admission, in the order of the page."""

    def __init__(self, books: Books, sale: Sale, now: datetime, *, stated: bool) -> None:
        self.books, self.sale, self.now, self.stated = books, sale, now, stated
        first = books.policy["tracking.test_event"] == "FIRST_WITH_CLOSER"
        self.test = sale.first_arrived if first else sale.arrived

    def judge(self, entries: Sequence[Entry]) -> tuple[str, Entry | None]:
        """The answer under the entry that comes furthest, the earliest of equals."""
        best: tuple[str, Entry | None] = ("NOT_REGISTERED", None)
        for entry in sorted(entries, key=lambda one: one.rank):
            answer = self._answer(entry)
            if best[1] is None or REASONS.index(answer) > REASONS.index(best[0]):
                best = (answer, entry)
        return best

    def _answer(self, entry: Entry) -> str:
        if entry.result != "VALID":
            return "NOT_REGISTERED"
        if not self._same(entry):
            vouchable = self._really_same(entry, vouched=True)
            return "OWN_WORD" if vouchable else "NOT_SAME_CUSTOMER"
        if entry.void:
            return "REGISTER_VOID"
        if not entry.live_on(self.test):
            return "LAPSED"
        return self._answer_while_tracked(entry)

    def _answer_while_tracked(self, entry: Entry) -> str:
        if entry.began > self.sale.signed:
            return "AFTER_SIGNING"
        if any(
            other.rank < entry.rank and other.live_on(self.test) and self._really_same(other)
            for other in self.books.entries
            if other.rep == self.sale.owner and not other.replaced
        ):
            return "EARLIER_REGISTRATION"
        return "LATE" if self.now >= self.sale.closes else "ADMITTED"

    def _same(self, entry: Entry) -> bool:
        if self._really_same(entry, vouched=self.stated):
            return True
        return self.stated and not self.books.related(entry.person, {self.sale.person})

    def _really_same(self, entry: Entry, *, vouched: bool = False) -> bool:
        """What he said of his own entry after the signing needs a manager to vouch for it."""
        if entry.result != "VALID" or (entry.own_word(self.sale.signed) and not vouched):
            return False
        buyer = self.sale.person
        return entry.person == buyer or self.books.one_customer(
            entry.person,
            {buyer},
            self.sale.unit,
            unheard=None if vouched else (entry.rep, self.sale.signed),
        )


def credit(policy: Policy, sale: Sale, now: datetime) -> tuple[list[tuple[str, int]], str]:
    """Whose result a deal is (CR-1 to CR-4): holders with percents, and the clause."""
    if sale.quarrel is not None:
        ended = sale.quarrel.phase(now) in {"OVER", "DECIDED"}
        award = sale.quarrel.award if ended else {"DISPUTED": 100}
        return list((award or {}).items()), "五五8"
    owner = sale.owner or COMPANY
    if sale.claims:
        first_filed = policy["claim.tie_break"] == "FIRST_TO_FILE"
        key = (lambda c: (c[1], c[2].rank)) if first_filed else (lambda c: (c[2].rank, c[1]))
        claimant = min(sale.claims, key=key)[0]
        return _split(claimant, policy["claim.split_owner"], owner), "四3"
    if owner == COMPANY:
        return [(COMPANY, 100)], "五二"
    clauses = {"OLD_CUSTOMER": "五五4", "NAMED_REP": "五五7", "DAY_OFF": "五五9"}
    if sale.obligation in clauses:
        parts = _split(owner, policy["obligatory.credit_split"], sale.closer)
        return parts, clauses[sale.obligation]
    return [(owner, 100)], "四2"


def _split(first: str, percent: int, rest: str) -> list[tuple[str, int]]:
    if first == rest:
        return [(first, 100)]
    return [part for part in ((first, percent), (rest, 100 - percent)) if part[1]]
