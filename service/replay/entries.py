"""An entry of a register in a replay, and which of several decides."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, cast
from uuid import UUID

from service.ownership.rules import earliest_lapsed, earliest_live

NO_ENTRIES: Final[list["Entry"]] = []
Whose = tuple[int, int, int, int]
"""Of an entry: its member, its customer, the site, and the visit, or NONE of a call."""


class Entry:
    """An entry of a register; ownership's functions read it as they read a `Known`.

    Attributes:
        number: its place in the history's entries.
        made_at: when it was made; `entered_at` ranks it, which new hands and corrections keep.
        day_zero: when its days last began anew; `received_at` until something began them.
        protected_until: 0 where it gives no right.
        of_call: a call made it, and gave it days of its own.
        converted: when its customer signed; 0 as long as he has not.
        named_at: since when it is its own word alone whose it is; 0 where the reception knew.
        survey_too: it would have been valid also of a visitor who is a competitor's survey.
        id: of the entry it stands for; equal instants are ordered by it.
    """

    __slots__ = (
        "converted",
        "day_zero",
        "entered_at",
        "id",
        "made_at",
        "member",
        "member_active",
        "named_at",
        "number",
        "of_call",
        "party",
        "protected_until",
        "received_at",
        "site",
        "superseded",
        "survey_too",
        "valid",
        "visit",
        "voided",
    )

    number: int
    id: UUID
    member: int
    party: int
    site: int
    visit: int
    entered_at: int
    made_at: int
    received_at: int
    day_zero: int
    protected_until: int
    valid: bool
    voided: bool
    superseded: bool
    of_call: bool
    survey_too: bool
    converted: int
    named_at: int
    member_active: bool

    @property
    def counts(self) -> bool:
        """Whether it gives its member any standing with the customer."""
        return self.valid and not self.voided and self.protected_until != 0

    def live_at(self, at: int) -> bool:
        """Tell whether the tracking runs at an instant."""
        return self.valid and not self.voided and at < self.protected_until


def new_entry(number: int, id: UUID, whose: Whose, at: int) -> Entry:
    """Return an entry made at an instant that gives no right as yet."""
    entry = Entry()
    entry.number = number
    entry.id = id
    entry.member, entry.party, entry.site, entry.visit = whose
    entry.entered_at = entry.made_at = entry.received_at = entry.day_zero = at
    entry.protected_until = entry.converted = entry.named_at = 0
    entry.valid = entry.voided = entry.superseded = False
    entry.of_call = entry.survey_too = False
    entry.member_active = True
    return entry


# They compare and never compute, so they rank entries by whole milliseconds as well as `Known`s
# by instants; a test holds both against each other.
_First = Callable[[Iterable[Entry], int], Entry | None]
_earliest_live: Final = cast("_First", earliest_live)
_earliest_lapsed: Final = cast("_First", earliest_lapsed)


def best_of(entries: Sequence[Entry], at: int) -> tuple[Entry | None, bool]:
    """Return the entry that decides, and whether it is live: else the earliest lapsed one."""
    if len(entries) <= 1:
        # Nearly everybody: nothing to rank.
        only = entries[0] if entries and entries[0].member_active else None
        if only is None or not only.counts:
            return None, False
        return only, only.protected_until > at
    live = _earliest_live(entries, at)
    return (live, True) if live is not None else (_earliest_lapsed(entries, at), False)
