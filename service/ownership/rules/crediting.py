"""Whose result a deal is: the rulebook's words turned into shares (CR-1 to CR-4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MEMBER, COMPANY, NOBODY = "MEMBER", "COMPANY", "NOBODY"
WHOLE = 10_000
_POINTS_IN_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Share:
    """A holder's part of a deal's credit, in basis points of the whole."""

    holder: str
    member_id: UUID | None
    basis_points: int


@dataclass(frozen=True, slots=True)
class AdmittedClaim:
    """A claim that counts: whose, filed when, and the rank of its registration."""

    claimant_id: UUID
    filed_at: datetime
    ranks_from: datetime
    registration_id: UUID
    claim_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """The closing visit as credit sees it: who received, and for whom."""

    receiver_id: UUID
    owner_kind: str
    owner_id: UUID | None
    obligation: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a dispute means for the credit.

    Attributes:
        word: of the fact `dispute`.
        shares: what was settled or decided, if something was.
    """

    word: str
    shares: tuple[Share, ...] = ()


UNDISPUTED = Resolution("NONE")


def credit_facts(
    closing: Closing, claims: Sequence[AdmittedClaim], dispute: Resolution = UNDISPUTED
) -> dict[str, bool | str]:
    """Return the facts of decision `credit`."""
    return {
        "dispute": dispute.word,
        "claimed": bool(claims),
        "closing_owner": MEMBER if closing.owner_kind == MEMBER else COMPANY,
        "obligation": closing.obligation,
    }


def shares_of(
    then: Mapping[str, int | str],
    closing: Closing,
    claims: Sequence[AdmittedClaim],
    dispute: Resolution = UNDISPUTED,
) -> tuple[Share, ...]:
    """Turn the rulebook's words into holders; the shares always sum to 10,000."""
    if then["to"] == "AS_RESOLVED":
        return dispute.shares
    points = int(then["percent"]) * _POINTS_IN_PERCENT
    parts = (
        (_holder(str(then["to"]), closing, claims), points),
        (_holder(str(then["rest"]), closing, claims), WHOLE - points),
    )
    sums: dict[tuple[str, UUID | None], int] = {}
    for holder, part in parts:
        if part:
            sums[holder] = sums.get(holder, 0) + part
    return tuple(Share(*holder, part) for holder, part in sums.items())


def _holder(
    word: str, closing: Closing, claims: Sequence[AdmittedClaim]
) -> tuple[str, UUID | None]:
    if word == "EARLIEST_CLAIMANT":
        first = min(claims, key=lambda claim: (claim.ranks_from, claim.registration_id))
        return MEMBER, first.claimant_id
    if word == "FIRST_CLAIMANT":
        first = min(claims, key=lambda claim: (claim.filed_at, claim.registration_id))
        return MEMBER, first.claimant_id
    if word == "CLOSING_OWNER" and closing.owner_kind == MEMBER:
        return MEMBER, closing.owner_id
    if word == "RECEIVER":
        return MEMBER, closing.receiver_id
    return (NOBODY, None) if word == NOBODY else (COMPANY, None)


def is_final(
    final: str, claims_close_at: datetime, now: datetime, appeal_until: datetime | None = None
) -> bool:
    """Tell by the clock whether a credit can no longer change (CR-1 to CR-4)."""
    if final == "APPEAL_WINDOW":
        return appeal_until is not None and now >= appeal_until
    return final == "AT_ONCE" or (final == "CLAIM_WINDOW" and now >= claims_close_at)
