"""Disputes as the page has them (五(五)8): the day of the two, the manager, the appeal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.model.books import after
from tests.model.tables import COMPANY, Policy

Award = Mapping[str, int]
HANDOVER = "HANDOVER"


def award_of(to: str) -> Award:
    """Read `An`, `COMPANY` or `An:60+Bo:40`."""
    parts = (part.partition(":") for part in to.split("+"))
    return {name: int(percent) if percent else 100 for name, _, percent in parts}


@dataclass(eq=False)
class Quarrel:
    """One dispute over one deal, or over a customer who has not signed.

    Attributes:
        wishes: what each of the two wanted last: an outcome, or that the manager decides.
        person: the customer it began about; none where it began about a deal.
        signed: he has signed since, and the dispute is the deal's.
        cancelled: its deal fell through.
    """

    first: str
    second: str
    private_until: datetime
    handed_over: bool = False
    wishes: dict[str, Award | str] = field(default_factory=dict)
    award: Award | None = None
    settled: bool = False
    appeal_until: datetime | None = None
    appealed: bool = False
    final_word: bool = False
    person: int | None = None
    signed: bool = False
    cancelled: bool = False

    @property
    def whole(self) -> bool:
        """A customer is one rep's; only the credit of a deal is divided."""
        return self.person is not None and not self.signed

    def phase(self, now: datetime) -> str:
        """PRIVATE, MANAGER, DECIDED (an appeal is possible), APPEAL or OVER."""
        if self.settled or self.final_word or self.cancelled:
            return "OVER"
        if self.appealed:
            return "APPEAL"
        if self.award is not None:
            return "DECIDED" if self.appeal_until and now < self.appeal_until else "OVER"
        return "MANAGER" if self.handed_over or now >= self.private_until else "PRIVATE"

    def status(self, now: datetime) -> str:
        phase = self.phase(now)
        if self.cancelled:
            return "CANCELLED"
        if phase == "OVER":
            return "SETTLED" if self.settled else ("FINAL" if self.final_word else "DECIDED")
        return "APPEALED" if phase == "APPEAL" else phase

    def want(self, who: str, wish: Award | str, now: datetime) -> str:
        """One of the two wants something; the same of both ends the private phase."""
        if who not in {self.first, self.second}:
            return "DENIED"
        if self.phase(now) != "PRIVATE" or (self.whole and wish != HANDOVER and len(wish) > 1):
            return "REJECTED"
        self.wishes[who] = wish
        other = self.second if who == self.first else self.first
        if self.wishes.get(other) == wish:
            self.handed_over = wish == HANDOVER
            if not self.handed_over:
                assert not isinstance(wish, str)
                self.award, self.settled = wish, True
        return "OK"

    def decide(self, who: str, award: Award, now: datetime, policy: Policy, *, bad: bool) -> str:
        """The manager decides, or after an appeal the region does."""
        phase = self.phase(now)
        if who != ("Region" if phase == "APPEAL" else "Mei"):
            return "DENIED"
        split = len(award) > 1 and (self.whole or not policy["dispute.allow_manager_split"])
        needs = policy["dispute.company_requires_aggravated"]
        if phase not in {"MANAGER", "APPEAL"} or split or (COMPANY in award and needs and not bad):
            return "REJECTED"
        if phase == "APPEAL":
            self.final_word = True
        elif policy["dispute.appeal"] == "REGIONAL_MANAGER" and policy["dispute.appeal_days"]:
            self.appeal_until = after(now.date(), policy["dispute.appeal_days"])
        self.award = award
        return "OK"

    def appeal(self, who: str, now: datetime) -> str:
        if who not in {self.first, self.second}:
            return "DENIED"
        if self.phase(now) != "DECIDED":
            return "REJECTED"
        self.appealed = True
        return "OK"


def opened(policy: Policy, two: list[str], now: datetime) -> Quarrel:
    """A dispute begins; the two have the rest of the day, or some hours."""
    until = after(now.date(), 0)
    if policy["dispute.private_until"] == "HOURS":
        until = now + timedelta(hours=policy["dispute.private_hours"])
    return Quarrel(two[0], two[1], until)
