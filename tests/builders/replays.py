"""Years of many showrooms, made up: everything a replay can meet, in the mix of a busy trade."""

import random
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from service.replay.days import Days, milliseconds
from service.replay.history import (
    CONNECTED,
    OF_HIS_OWN,
    ClaimFiled,
    DealMade,
    EntryMade,
    History,
    Kind,
    Place,
    Said,
)

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
BEGINS = milliseconds(datetime(2026, 3, 2, 1, tzinfo=UTC))
SURVEYS, WAYS = ("NONE", "UNDECLARED", "DECLARED"), ("WALK_IN", "PHONE", "REFERRAL")

Line = tuple[int, Kind, int, int, int, int]


class Town:
    """Showrooms and their customers; `lines` become a history once they stand in order."""

    def __init__(self, sites: int, reps: int, seed: int = 1) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - made up, and the same for the same seed
        zone = Days(ZoneInfo("Asia/Shanghai"))
        self.reps = reps
        self.history = History(
            members=[UUID(int=number + 1) for number in range(sites * (reps + 1))],
            staff_codes=[f"{number:04}" for number in range(sites * (reps + 1))],
            places=[Place(zone, sites * reps + site) for site in range(sites)],
        )
        self.lines: list[Line] = []
        self.regulars: list[list[int]] = [[] for _ in range(sites)]
        self._said: dict[Said, int] = {}

    def staff(self, site: int) -> range:
        return range(site * self.reps, (site + 1) * self.reps)

    def party(self) -> int:
        self.history.parties.append(UUID(int=(1 << 64) + len(self.history.parties)))
        return len(self.history.parties) - 1

    def said(self, said: Said) -> int:
        known = self._said.get(said)
        if known is None:
            known = self._said[said] = len(self.history.visits.said_words)
            self.history.visits.said_words.append(said)
        return known

    def day(self, number: int, site: int, visits: int) -> None:
        opens = BEGINS + number * _DAY
        staff = list(self.staff(site))
        self.chance.shuffle(staff)
        for position, rep in enumerate(staff[: self.reps - 1]):
            self.lines.append((opens + position * 1000, Kind.SIGN_IN, site, rep, -1, 0))
        for _ in range(2):
            rep, at = self.chance.choice(staff), opens + self.chance.randrange(9 * 60) * _MINUTE
            kind = self.chance.choice((Kind.AWAY_BUSINESS, Kind.AWAY_PRIVATE))
            self.lines.append((at, kind, site, rep, -1, 0))
            self.lines.append((at + 30 * _MINUTE, Kind.BACK, site, rep, -1, 0))
        for _ in range(visits):
            self.visit(site, opens + self.chance.randrange(1, 10 * 60 * 60) * 1000)

    def visit(self, site: int, at: int) -> None:
        dice = self.chance.random
        visits, regulars = self.history.visits, self.regulars[site]
        known = bool(regulars) and dice() < 0.2
        party = self.chance.choice(regulars) if known else self.party()
        survey = self.chance.choice(SURVEYS[1:]) if dice() < 0.02 else "NONE"
        named = self.chance.choice(self.staff(site)) if dice() < 0.05 else -1
        way = "PHONE" if named != -1 else "WALK_IN"
        words = (survey, way, known and dice() < 0.7)
        visit = visits.add(site, party, self.said(Said(words, named=named)), at)
        if named != -1 and dice() < 0.8:
            visits.calls_of[visit] = frozenset((named,))
        visits.left_at[visit] = at + self.chance.randrange(10, 90) * _MINUTE
        self.lines.append((at, Kind.ARRIVAL, site, -1, visit, 0))
        self.lines.append((visits.left_at[visit], Kind.LEFT, site, -1, visit, 0))
        if dice() < (0.2 if known else 0.6):
            self.entry(site, visit, party, at)
        if dice() < 0.03:
            self.deal(site, visit, party, at)

    def entry(self, site: int, visit: int, party: int, at: int) -> None:
        number = len(self.history.entries)
        made = EntryMade(
            visit, party, True, self.chance.random() < 0.97, False, False, UUID(int=number)
        )
        self.history.entries.append(made)
        self.regulars[site].append(party)
        entered = at + self.chance.randrange(5, 60) * _MINUTE
        self.lines.append((entered, Kind.REGISTERED, site, -1, number, 0))
        for _ in range(self.chance.randrange(2)):
            bits = OF_HIS_OWN + CONNECTED * (self.chance.random() < 0.7)
            later = entered + self.chance.randrange(1, 12) * _DAY
            self.lines.append((later, Kind.FOLLOWED_UP, site, -1, number, bits))

    def deal(self, site: int, visit: int, party: int, at: int) -> None:
        number = len(self.history.deals)
        self.history.deals.append(DealMade(visit, party, "3-1201", 0, 0, UUID(int=number)))
        signed = at + 9 * _MINUTE
        self.lines.append((signed, Kind.DEAL, site, -1, number, 0))
        if self.chance.random() < 0.3:
            claimant = self.chance.choice(self.staff(site))
            claim = ClaimFiled(number, claimant, -1, False, UUID(int=len(self.history.claims)))
            self.history.claims.append(claim)
            filed = signed + self.chance.randrange(1, 5) * _DAY
            self.lines.append((filed, Kind.CLAIM, site, -1, len(self.history.claims) - 1, 0))

    def told(self) -> History:
        self.lines.sort(key=lambda line: line[0])
        for at, kind, site, who, what, more in self.lines:
            self.history.tell(at, kind, site, who=who, what=what, more=more)
        return self.history


def a_history(sites: int, days: int, visits_a_day: int, reps: int = 9, seed: int = 1) -> History:
    """Make up the days of some showrooms; the same seed makes the same."""
    town = Town(sites, reps, seed)
    for number in range(days):
        for site in range(sites):
            town.day(number, site, visits_a_day)
    return town.told()
