"""Until when a deal may be claimed: from which event the days are counted, and how many (四3)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from service.calendar import window_closes
from service.policies.rulebooks.rulebook import Rulebook

# Where the days to claim have not begun, no instant is outside them: one later than all is kept,
# so that everything that asks "is it over?" compares as ever.
NOT_BEGUN: Final = datetime(9999, 12, 31, tzinfo=UTC)

_CONTRACT = "CONTRACT"
_EXCLUDE_START_DAY = "claim.exclude_start_day"


@dataclass(frozen=True, slots=True)
class DealClock:
    """The instants from which a claim window may be counted (`claim.deal_event`)."""

    signed_at: datetime
    provisional_at: datetime | None = None
    contracted_at: datetime | None = None

    def counted_from(self, event: str) -> datetime | None:
        """Return the instant of an event; None while it is still to come.

        No sale need have a provisional deposit: without one the signature counts. A contract
        follows every subscription that stands.
        """
        if event == _CONTRACT:
            return self.contracted_at
        provisional = self.provisional_at if event == "PROVISIONAL" else None
        return provisional or self.signed_at


@dataclass(frozen=True, slots=True)
class ClaimWindow:
    """When claims on a deal are heard: its day 0 and the first instant outside.

    Attributes:
        counted_from: None while the days have not begun; `closes_at` is NOT_BEGUN then.
    """

    counted_from: datetime | None
    closes_at: datetime


def claim_window(
    rulebook: Rulebook, clock: DealClock, zone: ZoneInfo, *, unconfirmed_return: bool
) -> ClaimWindow:
    """Let the rulebook say until when a deal may be claimed (decision `claim_window`).

    Where the day of the deal counts (not `claim.exclude_start_day`), it is the first of the days,
    and never less than all of it.
    """
    then = rulebook.decide("claim_window", {"unconfirmed_return": unconfirmed_return}).then
    counted_from = clock.counted_from(str(then["counted_from"]))
    if counted_from is None:
        return ClaimWindow(None, NOT_BEGUN)
    days = int(then["days"])
    # A version published before the parameter existed does not count that day (TM-2).
    if not rulebook.parameters.get(_EXCLUDE_START_DAY, True):
        days = max(days - 1, 0)
    return ClaimWindow(counted_from, window_closes(counted_from, days, zone))
