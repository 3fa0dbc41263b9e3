"""Weeks of showrooms in which everything happens that a replay can meet, whether likely or not."""

from collections.abc import Callable
from uuid import UUID

from builders.replays import Line, Town

from service.ownership.rules import Relation
from service.replay.history import (
    BREACHES,
    NONE,
    Awarded,
    ClaimFiled,
    DealMade,
    Departed,
    EntryMade,
    Finding,
    HandedOut,
    History,
    Kind,
    Said,
    Settlement,
    ShiftPlanned,
)

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
_KINSHIPS = ("spouse", "parent", "colleague", "superior")
_DISPUTES = ("OPEN", "SETTLED", "APPEALABLE", "DECIDED")


class EventfulTown(Town):
    """Its days hold, beside visits, what people do about them in the days that follow."""

    def __init__(self, sites: int, reps: int, seed: int) -> None:
        super().__init__(sites, reps, seed)
        self._entered: list[int] = []
        self._sold: list[int] = []
        # Once each: who has left does not come back.
        self._leavers = [self.chance.choice(self.staff(site)) for site in range(sites)]
        for member in range(sites * (reps + 1)):
            spans = [(0, 1 << 60, code) for code in ("rep", "senior") if self.chance.random() < 0.4]
            self.history.roles[member] = spans

    def visit(self, site: int, at: int) -> None:
        dice, visits = self.chance.random, self.history.visits
        everywhere = [party for regulars in self.regulars for party in regulars]
        known = bool(everywhere) and dice() < 0.5
        party = self.chance.choice(everywhere) if known else self.party()
        if dice() < 0.1:
            party = NONE
        visit = visits.add(site, party, self.said(self._words(site, everywhere)), at)
        visits.left_at[visit] = at + self.chance.randrange(10, 200) * _MINUTE
        if dice() < 0.02:
            visits.left_at[visit] += _DAY
        self._circumstances(site, visit, party, everywhere)
        self.lines.append((at, Kind.ARRIVAL, site, NONE, visit, 0))
        if dice() < 0.95:
            self.lines.append((visits.left_at[visit], Kind.LEFT, site, NONE, visit, 0))
        if party != NONE and dice() < 0.7:
            self.entry(site, visit, party, at)
            self._entered.append(len(self.history.entries) - 1)
        if party != NONE and dice() < 0.1:
            self._sell(site, visit, party, at)
        for happens, share in self._ABOUT_VISITS:
            if dice() < share:
                later = at + self.chance.randrange(1, 90) * _MINUTE
                happens(self, site, visit, later)

    def _words(self, site: int, everywhere: list[int]) -> Said:
        dice, choice = self.chance.random, self.chance.choice
        survey = choice(("UNDECLARED", "DECLARED")) if dice() < 0.1 else "NONE"
        words = (survey, choice(("WALK_IN", "PHONE", "REFERRAL")), dice() < 0.4)
        visits, staff = len(self.history.visits), self.staff(site)
        return Said(
            words,
            named=choice(staff) if dice() < 0.1 else NONE,
            referrer=choice(everywhere) if everywhere and dice() < 0.1 else NONE,
            taker=choice(staff) if dice() < 0.05 else NONE,
            unit_code=choice(("3-1201", "3-1202")) if dice() < 0.3 else None,
            together=visits - self.chance.randrange(1, 6) if visits > 9 and dice() < 0.1 else NONE,
        )

    def _circumstances(self, site: int, visit: int, party: int, everywhere: list[int]) -> None:
        dice, visits, staff = self.chance.random, self.history.visits, self.staff(site)
        if dice() < 0.1:
            visits.calls_of[visit] = frozenset(self.chance.sample(staff, 2))
        if dice() < 0.3:
            visits.buddies_of[visit] = {rep: self.chance.choice(staff) for rep in staff[::2]}
        if everywhere and party != NONE and dice() < 0.1:
            visits.parties_of[visit] = (party, self.chance.choice(everywhere))
        elif party != NONE and dice() < 0.05:
            visits.met_later[visit] = visits.arrived_at[visit] + 10 * _MINUTE

    def _sell(self, site: int, visit: int, party: int, at: int) -> None:
        number, dice = len(self.history.deals), self.chance.random
        provisional, contracted = at - _DAY * (dice() < 0.3), at + _DAY * (dice() < 0.3)
        made = DealMade(
            visit,
            party,
            self.chance.choice(("3-1201", "3-1202", None)),
            provisional if provisional < at else 0,
            contracted if contracted > at else 0,
            UUID(int=number),
        )
        self.history.deals.append(made)
        signed = at + 9 * _MINUTE
        self.lines.append((signed, Kind.DEAL, site, NONE, number, 0))
        for _ in range(self.chance.randrange(4)):
            self._claim(site, number, signed)
        if dice() < 0.2:
            later = signed + self.chance.randrange(5 * _DAY)
            self.lines.append((later, Kind.CANCELLED, site, NONE, number, 0))
        if dice() < 0.3:
            self._dispute(site, number, signed + self.chance.randrange(4 * _DAY))

    def _claim(self, site: int, deal: int, signed: int) -> None:
        entry = self.chance.choice(self._entered) if self._entered else NONE
        number = len(self.history.claims)
        filed = ClaimFiled(
            deal,
            self.chance.choice(self.staff(site)),
            entry if self.chance.random() < 0.3 else NONE,
            self.chance.random() < 0.3,
            UUID(int=number),
        )
        self.history.claims.append(filed)
        later = signed + self.chance.randrange(5 * _DAY)
        self.lines.append((later, Kind.CLAIM, site, NONE, number, 0))

    def _dispute(self, site: int, deal: int, at: int) -> None:
        one, other = self.chance.sample(self.staff(site), 2)
        for word in _DISPUTES[: self.chance.randrange(1, 5)]:
            shares = (("MEMBER", one, 5000), ("MEMBER", other, 5000)) if word != "OPEN" else ()
            until = at + _DAY if word == "APPEALABLE" else NONE
            self.history.settlements.append(Settlement(word, shares, until))
            number = len(self.history.settlements) - 1
            self.lines.append((at, Kind.SETTLED, site, NONE, deal, number))
            at += self.chance.randrange(1, 600) * _MINUTE

    def day(self, number: int, site: int, visits: int) -> None:
        super().day(number, site, visits)
        opens = self.lines[-1][0] // _DAY * _DAY + 60 * _MINUTE
        for happens, share in self._OF_A_DAY:
            if self.chance.random() < share:
                happens(self, site, opens + self.chance.randrange(1, 600) * _MINUTE)
        if number == 5 and site % 2:
            self._departs(site, opens + 300 * _MINUTE, self._leavers[site], "LEAVING")

    def _tells(self, line: Line) -> None:
        self.lines.append(line)

    def _anew(self, visit: int, old: int, *, party: int, site: int, member: int = NONE) -> int:
        """Note an entry that was made of another, or of nothing; return its number."""
        number, dice = len(self.history.entries), self.chance.random
        given = (dice() < 0.9, dice() < 0.9, dice() < 0.5, dice() < 0.5)
        made = EntryMade(
            visit, party, *given, UUID(int=number), corrects=old, member=member, site=site
        )
        self.history.entries.append(made)
        return number

    def _named(self, site: int, visit: int, at: int) -> None:
        self._tells((at, Kind.NAMED, site, self.chance.choice(self.staff(site)), visit, 0))

    def _taken(self, site: int, visit: int, at: int) -> None:
        self._tells((at, Kind.TAKEN, site, self.chance.choice(self.staff(site)), visit, 0))

    def _exposed(self, site: int, visit: int, at: int) -> None:
        self._tells((at, Kind.EXPOSED, site, NONE, visit, self.chance.randrange(2)))

    def _reassigned(self, site: int, visit: int, at: int) -> None:
        self._tells((at, Kind.REASSIGNED, site, self.chance.choice(self.staff(site)), visit, 0))

    def _entered_again(self, site: int, visit: int, at: int) -> None:
        party = self.history.visits.party[visit]
        if party != NONE:
            self.entry(site, visit, party, at)

    _ABOUT_VISITS: tuple[tuple[Callable[["EventfulTown", int, int, int], None], float], ...] = (
        (_named, 0.1),
        (_taken, 0.2),
        (_exposed, 0.05),
        (_reassigned, 0.07),
        (_entered_again, 0.1),
    )

    def _corrected(self, site: int, at: int) -> None:
        if self._entered:
            old = self.chance.choice(self._entered)
            made = self.history.entries[old]
            party = made.party if self.chance.random() < 0.6 else self.party()
            number = self._anew(made.visit, old, party=party, site=made.site, member=made.member)
            self._tells((at, Kind.CORRECTED, site, NONE, number, 0))
            self._entered.append(number)

    def _called(self, site: int, at: int) -> None:
        everywhere = [party for regulars in self.regulars for party in regulars]
        known = everywhere and self.chance.random() < 0.3
        party = self.chance.choice(everywhere) if known else self.party()
        member = self.chance.choice(self.staff(site))
        number = self._anew(NONE, NONE, party=party, site=site, member=member)
        self._tells((at, Kind.CALL_REGISTERED, site, NONE, number, 0))
        self._entered.append(number)
        self.regulars[site].append(party)

    def _voided(self, site: int, at: int) -> None:
        member, named = self.chance.choice(self.staff(site)), self.chance.choice((1, 2, 3))
        entry = self.chance.choice(self._entered) if self._entered else NONE
        day = self.history.places[site].days.day(at)
        findings = (
            Finding("NOTHING", fell=(entry,)),
            Finding("ENTRY", entry=entry),
            Finding("PERIOD", first_day=day - 2, last_day=self.chance.choice((day, NONE))),
        )
        self.history.findings.append(findings[named - 1])
        number = len(self.history.findings) - 1
        self._tells((at, Kind.VOIDED, site, member, number, 0))

    def _linked(self, site: int, at: int) -> None:
        everywhere = [party for regulars in self.regulars for party in regulars]
        if len(everywhere) > 1:
            one, other = (
                self.history.parties[party] for party in self.chance.sample(everywhere, 2)
            )
            kind, unit = self.chance.choice(_KINSHIPS), self.chance.choice((None, "3-1201"))
            if one != other:
                self.history.relations.append(Relation(one, other, kind, unit))
                number = len(self.history.relations) - 1
                self._tells((at, Kind.LINKED, site, NONE, NONE, number))

    def _breached(self, site: int, at: int) -> None:
        member, breach = self.chance.choice(self.staff(site)), self.chance.randrange(len(BREACHES))
        self._tells((at, Kind.BREACHED, site, member, NONE, breach))
        if self.chance.random() < 0.3:
            self._tells((at + 60 * _MINUTE, Kind.PENALTY_LIFTED, site, member, NONE, 0))

    def _signs_out(self, site: int, at: int) -> None:
        member = self.chance.choice(self.staff(site))
        self._tells((at, Kind.SIGN_OUT, site, member, NONE, 0))
        if self.chance.random() < 0.5:
            self._tells((at + 45 * _MINUTE, Kind.SIGN_IN, site, member, NONE, 0))

    def _manager_queues(self, site: int, at: int) -> None:
        manager = self.history.places[site].manager
        self._tells((at, Kind.SIGN_IN, site, manager, NONE, 0))

    def _replanned(self, site: int, at: int) -> None:
        member, day = self.chance.choice(self.staff(site)), self.history.places[site].days.day(at)
        planned = ShiftPlanned(
            at, 1 << 60, "09:00:00", self.chance.choice(("12:00:00", "18:00:00"))
        )
        self.history.shifts.setdefault((site, member, day), []).append(planned)
        self._tells((at, Kind.ROSTER, site, member, NONE, 0))

    def _moves(self, site: int, at: int) -> None:
        self._departs(site, at, self.chance.choice(self.staff(site)), "TRANSFER")

    def _departs(self, site: int, at: int, member: int, kind: str) -> None:
        wish = self.chance.choice(("NONE", "POOL", "SUCCESSOR", "ROTATION"))
        successor = self.chance.choice(self.staff(site))
        several = self.chance.sample(self._entered, min(3, len(self._entered)))
        passed_on = tuple(
            (old, self._anew(one.visit, old, party=one.party, site=site, member=successor))
            for old, one in ((old, self.history.entries[old]) for old in several)
        )
        departed = Departed(kind, wish, successor, passed_on, frozenset())
        self.history.departures.append(departed)
        self._tells((at, Kind.DEPARTED, site, member, len(self.history.departures) - 1, 0))

    def _handed_out(self, site: int, at: int) -> None:
        if self._entered:
            released = self.chance.choice(self._entered)
            made = self.history.entries[released]
            member, former = self.chance.sample(self.staff(site), 2)
            number = self._anew(made.visit, released, party=made.party, site=site, member=member)
            handed = HandedOut(
                released if self.chance.random() < 0.7 else NONE,
                number,
                former,
                by_rotation=self.chance.random() < 0.5,
            )
            self.history.handed_out.append(handed)
            what = len(self.history.handed_out) - 1
            self._tells((at, Kind.HANDED_OUT, site, member, what, 0))

    def _awarded(self, site: int, at: int) -> None:
        if self._entered:
            old = self.chance.choice(self._entered)
            made, two = self.history.entries[old], self.chance.sample(self.staff(site), 2)
            number = self._anew(made.visit, old, party=made.party, site=site, member=two[0])
            winner = self.chance.choice((*two, NONE))
            entries = ((self.chance.choice((old, NONE)), number),)
            self.history.awarded.append(Awarded(made.party, (two[0], two[1]), winner, entries))
            self._tells((at, Kind.AWARDED, site, NONE, len(self.history.awarded) - 1, 0))

    _OF_A_DAY: tuple[tuple[Callable[["EventfulTown", int, int], None], float], ...] = (
        (_corrected, 0.9),
        (_called, 0.6),
        (_called, 0.6),
        (_voided, 0.2),
        (_linked, 0.5),
        (_breached, 0.4),
        (_signs_out, 0.6),
        (_manager_queues, 0.2),
        (_replanned, 0.4),
        (_moves, 0.1),
        (_handed_out, 0.6),
        (_awarded, 0.3),
    )


def an_eventful_history(
    sites: int, days: int, visits_a_day: int, *, reps: int = 6, seed: int = 1
) -> History:
    """Make up eventful days of some showrooms; the same seed makes the same."""
    town = EventfulTown(sites, reps, seed)
    for number in range(days):
        for site in range(sites):
            town.day(number, site, visits_a_day)
    return town.told()
