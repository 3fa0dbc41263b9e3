"""A tenant's past as it was read: what happened, and beside it what stands on record of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from service.database.session import Row
from service.replay.days import instant_of, milliseconds
from service.replay.history import History

Shares = frozenset[tuple[str, UUID | None, int]]
# What is on record of a visitor, in the words that a rulebook has for it.
SURVEYS: Final = {
    "NONE": "NONE",
    "SUSPECTED": "UNDECLARED",
    "DECLARED": "DECLARED",
    "EXPOSED": "DECLARED",
}
WAYS: Final = {"WALK_IN": "WALK_IN", "PHONE_FIRST": "PHONE", "REFERRAL": "REFERRAL"}


class AsDecided(NamedTuple):
    """What a visit came to at last, as it stands on record."""

    receiver: UUID | None
    owner_kind: str
    owner: UUID | None
    turn: UUID | None
    mode: str
    obligation: str
    rule: str


class Standing(NamedTuple):
    """How an entry of a register stands on record.

    Attributes:
        until: first instant outside its tracking; 0 where it gives no right.
        void: since when; 0 while it is not.
        ended: since when another entry stands in its place, or the pool has its customer; else 0.
    """

    member: UUID | None
    until: int
    void: int
    ended: int


@dataclass(slots=True)
class Recorded:
    """A tenant's past.

    Attributes:
        site_ids, visit_ids: by the numbers of the history.
        decided: of each visit, None where it was changed since and what stood before is not on
            record; `shares` of each deal, `results` of each claim.
        standing: of each entry of a register that was made.
        windows: of each deal, until when it may be claimed.
        instants: when each of them happened, by its id.
        until: first instant that was not read; `whole` where nothing has happened since.
    """

    history: History = field(default_factory=History)
    site_ids: list[UUID] = field(default_factory=list)
    visit_ids: list[UUID] = field(default_factory=list)
    decided: list[AsDecided | None] = field(default_factory=list)
    shares: list[Shares] = field(default_factory=list)
    results: list[str] = field(default_factory=list)
    standing: dict[int, Standing] = field(default_factory=dict)
    windows: list[int] = field(default_factory=list)
    instants: dict[UUID, int] = field(default_factory=dict)
    until: int = 0
    whole: bool = False

    def happened_at(self, subject_id: UUID) -> datetime:
        """Return when a visit came, an entry was made, a deal signed or a claim filed."""
        return instant_of(self.instants[subject_id])


def as_decided(row: Row) -> AsDecided | None:
    """Read what a visit had come to when the reading ends; None where that is not on record."""
    if row["changed"]:
        return None if row["stood"] is None else decided_by(row["stood"], row["stood"]["rule"])
    return AsDecided(
        row["receiver_id"],
        row["owner_kind"],
        row["owner_id"],
        row["turn_member_id"],
        row["mode"],
        row["obligation"],
        row["rule"],
    )


def decided_by(outcome: Mapping[str, Any], rule: str) -> AsDecided:
    """Read what a visit came to of the decision that received him."""

    def member(name: str) -> UUID | None:
        found = outcome.get(name)
        return UUID(found) if found else None

    return AsDecided(
        member("receiver_id"),
        str(outcome.get("owner_kind", "")),
        member("owner_id"),
        member("turn_member_id"),
        str(outcome.get("mode", "")),
        str(outcome.get("obligation", "")),
        rule,
    )


def standing_of(row: Row) -> Standing:
    """Read how an entry stands."""

    def at(name: str) -> int:
        return 0 if row[name] is None else milliseconds(row[name])

    return Standing(
        row["member_id"],
        at("protected_until"),
        at("voided_at"),
        at("superseded_at"),
    )
