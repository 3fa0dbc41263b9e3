"""Two members and a customer or a deal: where their dispute stands after each step (五(五)8).

Pure: recorded instants and the clock say the phase (TM-8); what may be done is the rulebook's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import end_of_day, window_closes
from service.ownership.rules.crediting import COMPANY, MEMBER, WHOLE, Resolution, Share
from service.policies.rulebooks.rulebook import Outcome


class Phase(StrEnum):
    """Where a dispute stands; a decided one without room for an appeal is over."""

    PRIVATE = "PRIVATE"
    MANAGER = "MANAGER"
    DECIDED = "DECIDED"
    APPEAL = "APPEAL"
    OVER = "OVER"


@dataclass(frozen=True, slots=True)
class Award:
    """How the whole credit is divided, in basis points: among the two, and to the company."""

    first: int
    second: int
    company: int = 0

    @property
    def whole(self) -> bool:
        """Whether it divides exactly the whole, and takes from nobody."""
        parts = (self.first, self.second, self.company)
        return min(parts) >= 0 and sum(parts) == WHOLE

    @property
    def splits(self) -> bool:
        """Whether more than one has a part."""
        return WHOLE not in {self.first, self.second, self.company}

    def shares(self, first_id: UUID, second_id: UUID) -> tuple[Share, ...]:
        """Return the parts there are; they sum to the whole."""
        parts = (
            Share(MEMBER, first_id, self.first),
            Share(MEMBER, second_id, self.second),
            Share(COMPANY, None, self.company),
        )
        return tuple(share for share in parts if share.basis_points)


@dataclass(frozen=True, slots=True)
class Standing:
    """A dispute as recorded."""

    id: UUID
    first_id: UUID
    second_id: UUID
    private_until: datetime
    handed_over_at: datetime | None = None
    settled_at: datetime | None = None
    decided_at: datetime | None = None
    decided_by: UUID | None = None
    appeal_until: datetime | None = None
    appealed_at: datetime | None = None
    appeal_decided_at: datetime | None = None
    cancelled_at: datetime | None = None
    award: Award | None = None

    def phase(self, now: datetime) -> Phase:
        """Return where it stands at an instant."""
        ended = (self.settled_at, self.appeal_decided_at, self.cancelled_at)
        if any(at is not None for at in ended):
            return Phase.OVER
        if self.appealed_at is not None:
            return Phase.APPEAL
        if self.decided_at is not None:
            open_ = self.appeal_until is not None and now < self.appeal_until
            return Phase.DECIDED if open_ else Phase.OVER
        handed_over = self.handed_over_at is not None or now >= self.private_until
        return Phase.MANAGER if handed_over else Phase.PRIVATE

    def resolution(self, now: datetime) -> Resolution:
        """Return what it means for the credit at an instant (CR-1, CR-2)."""
        phase = self.phase(now)
        shares = self.award.shares(self.first_id, self.second_id) if self.award else ()
        if phase is Phase.DECIDED:
            return Resolution("APPEALABLE", shares)
        if phase is Phase.OVER:
            return Resolution("DECIDED" if self.settled_at is None else "SETTLED", shares)
        return Resolution("OPEN")

    def other(self, member_id: UUID) -> UUID:
        """Return the other of the two."""
        return self.second_id if member_id == self.first_id else self.first_id


def private_until(then: Mapping[str, int | str], opened_at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant after the time the two have among themselves (TM-4, TM-5)."""
    if then["private_until"] == "HOURS":
        return opened_at + timedelta(hours=int(then["private_hours"]))
    return end_of_day(opened_at, zone)


def appeal_until(verdict: Outcome, decided_at: datetime, zone: ZoneInfo) -> datetime | None:
    """Return the first instant without an appeal against a verdict; None where none is heard."""
    days = int(verdict.then["appeal_days"])
    return window_closes(decided_at, days, zone) if days else None


@dataclass(frozen=True, slots=True)
class Wish:
    """What one of the two proposed last: an outcome, or to hand the case to the manager."""

    member_id: UUID
    award: Award | None

    @property
    def word(self) -> str:
        """The word of decision `private_phase`."""
        return "HANDOVER" if self.award is None else "SETTLEMENT"


def private_facts(
    standing: Standing, now: datetime, wish: Wish, earlier: Sequence[Wish]
) -> dict[str, bool | str]:
    """Return the facts of decision `private_phase`.

    Args:
        standing: the dispute.
        now: the instant of the wish.
        wish: what one of the two wants now.
        earlier: everything that was wished before, in its order; the other's last one counts.
    """
    phase = standing.phase(now)
    others = [one for one in earlier if one.member_id != wish.member_id]
    return {
        "phase": phase if phase in {Phase.PRIVATE, Phase.MANAGER} else Phase.OVER,
        "wish": wish.word,
        "split": wish.award is not None and wish.award.splits,
        "both_confirm": bool(others) and others[-1].award == wish.award,
    }


def verdict_facts(phase: Phase, award: Award, *, aggravated: bool) -> dict[str, bool | str]:
    """Return the facts of decision `verdict`; a verdict that may be appealed against is over."""
    return {
        "phase": Phase.OVER if phase is Phase.DECIDED else phase,
        "split": award.splits,
        "to_company": award.company > 0,
        "aggravated": aggravated,
    }


def appeal_facts(standing: Standing, now: datetime) -> dict[str, bool]:
    """Return the facts of decision `appeal`."""
    return {
        "decided": standing.decided_at is not None,
        "appealable": standing.appeal_until is not None and standing.appealed_at is None,
        "in_time": standing.appeal_until is not None and now < standing.appeal_until,
    }
