"""Whose customer, for how long, and who may claim him (TR-1 to TR-8, claim admission).

Pure: recorded instants, the tenant's rulebook and nothing else decide, so a late timer changes
nothing (TM-8). What the rulebook says is asked of its decisions; only clocks and orders are here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of, end_of_day, window_closes
from service.policies.rulebooks.rulebook import Outcome, Rulebook


@dataclass(frozen=True, slots=True)
class Known:
    """A registration of a customer, as far as owning him asks.

    Attributes:
        entered_at: the instant from which it counts and that ranks it among others (先登記): the
            entry's, or the reception's (`merge.order_by`).
        received_at: the instant whose local day is day 0.
        protected_until: first instant at which the customer is free for others.
        began_at: when the visitor came whose reception it was made of, whenever he left and it was
            made; of a call, from when it ranks. None where nobody asks.
        named_at: since when it is its member's word alone that the customer is its own; None where
            the reception knew him, or nobody asks.
    """

    id: UUID
    member_id: UUID
    party_id: UUID
    register_book_id: UUID
    entered_at: datetime
    received_at: datetime
    protected_until: datetime | None
    valid: bool
    voided: bool
    member_active: bool
    # Where it was made; None where one site is all there is.
    site_id: UUID | None = None
    began_at: datetime | None = None
    named_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether it gives its member any standing with the customer."""
        return self.valid and not self.voided and self.protected_until is not None

    def is_own_word(self, signed_at: datetime) -> bool:
        """Tell whether its member named its customer once he could know what it was good for."""
        return self.named_at is not None and self.named_at >= signed_at

    def live_at(self, instant: datetime) -> bool:
        """Tell whether the tracking runs at an instant (TR-3, TR-6)."""
        until = self.protected_until
        return self.counts and until is not None and instant < until


def known_from(found: Mapping[str, Any]) -> Known:
    """Read a registration from the JSON that `facts.REGISTRATIONS_OF` gives."""
    until = found["protected_until"]
    began, named = found.get("began_at"), found.get("named_at")
    return Known(
        id=UUID(found["id"]),
        member_id=UUID(found["member_id"]),
        party_id=UUID(found["party_id"]),
        register_book_id=UUID(found["register_book_id"]),
        entered_at=datetime.fromisoformat(found["entered_at"]),
        received_at=datetime.fromisoformat(found["received_at"]),
        protected_until=datetime.fromisoformat(until) if until else None,
        valid=found["valid"],
        voided=found["voided"],
        member_active=found["member_active"],
        site_id=UUID(found["site_id"]),
        began_at=datetime.fromisoformat(began) if began else None,
        named_at=datetime.fromisoformat(named) if named else None,
    )


def _rank(known: Known) -> tuple[datetime, UUID]:
    return known.entered_at, known.id


def earliest_live(knowns: Iterable[Known], now: datetime) -> Known | None:
    """Return the registration whose rep owns the customer now, or None (RR-4).

    Void and invalid ones and those of members who have left never count.
    """
    live = (known for known in knowns if known.member_active and known.live_at(now))
    return min(live, key=_rank, default=None)


def earliest_lapsed(knowns: Iterable[Known], now: datetime) -> Known | None:
    """Return the first registration that once counted and has lapsed, or None (RR-7)."""
    lapsed = (
        known for known in knowns if known.member_active and known.counts and not known.live_at(now)
    )
    return min(lapsed, key=_rank, default=None)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rulebook sets for tracking, and the zone that cuts its days.

    Attributes:
        days: `tracking.days`.
        most_days: `tracking.max_total_days`, counted from the reception; 0 is no cap.
        first_due_days: `followup.first_due_days`.
    """

    days: int
    most_days: int
    first_due_days: int
    zone: ZoneInfo


def terms_of(rulebook: Rulebook, zone: ZoneInfo) -> Terms:
    """Read the terms of tracking from a rulebook's parameters."""
    return Terms(
        days=int(str(rulebook.parameter("tracking.days"))),
        most_days=int(str(rulebook.parameter("tracking.max_total_days"))),
        first_due_days=int(str(rulebook.parameter("followup.first_due_days"))),
        zone=zone,
    )


@dataclass(frozen=True, slots=True)
class Tracking:
    """A tracking window: its day 0 and the first instant outside it (UTC)."""

    received_at: datetime
    protected_until: datetime

    def live_at(self, instant: datetime) -> bool:
        """Tell whether an instant lies inside; day 0 does."""
        return instant < self.protected_until


def tracking_from(received_at: datetime, terms: Terms) -> Tracking:
    """Open the window of a reception: its own day and the days of the terms (TR-3)."""
    return Tracking(received_at, closes(received_at, received_at, terms))


def closes(day_zero: datetime, received_at: datetime, terms: Terms) -> datetime:
    """Return the first instant outside a tracking that counts from a day, under its cap."""
    ends = window_closes(day_zero, terms.days, terms.zone)
    if terms.most_days == 0:
        return ends
    return min(ends, window_closes(received_at, terms.most_days, terms.zone))


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact with a registered customer: a follow-up, or a second reception (TR-4, TR-5)."""

    at: datetime
    kind: str = "FOLLOW_UP"
    connected: bool = True
    by_same_rep: bool = True


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a contact does to the tracking, and the facts the rulebook decided it on."""

    tracking: Tracking
    renewed: bool
    facts: Mapping[str, bool | str]
    outcome: Outcome


def renewal_by(rulebook: Rulebook, terms: Terms, tracking: Tracking, contact: Contact) -> Renewal:
    """Let the rulebook say whether a contact starts the days anew (decision `renewal`).

    It never shortens: of two contacts at once the earlier may get the lock last.
    """
    facts: dict[str, bool | str] = {
        "contact": contact.kind,
        "by_same_rep": contact.by_same_rep,
        "window": "LIVE" if tracking.live_at(contact.at) else "LAPSED",
        "connected": contact.connected,
    }
    outcome = rulebook.decide("renewal", facts)
    renewed = outcome.then["window"] == "RENEWED"
    if renewed:
        until = closes(contact.at, tracking.received_at, terms)
        tracking = replace(tracking, protected_until=max(tracking.protected_until, until))
    return Renewal(tracking, renewed, facts, outcome)


def protected_until(
    rulebook: Rulebook, terms: Terms, received_at: datetime, contacts: Iterable[Contact]
) -> datetime:
    """Return the first instant at which the customer is free, from the recorded contacts alone."""
    tracking = tracking_from(received_at, terms)
    for contact in sorted(contacts, key=lambda contact: contact.at):
        tracking = renewal_by(rulebook, terms, tracking, contact).tracking
    return tracking.protected_until


def left_later(tracking: Tracking, left_at: datetime, terms: Terms) -> Tracking:
    """Return the window once the visitor has left: a later day of leaving is day 0 (TR-3).

    A leave recorded after the lapse revives nothing.
    """
    later = day_of(left_at, terms.zone) > day_of(tracking.received_at, terms.zone)
    if not later or not tracking.live_at(left_at):
        return tracking
    moved = tracking_from(left_at, terms)
    return replace(moved, protected_until=max(moved.protected_until, tracking.protected_until))


def first_follow_up_due(received_at: datetime, terms: Terms) -> datetime:
    """Return the first instant after the first follow-up's term (TR-7)."""
    return window_closes(received_at, terms.first_due_days, terms.zone)


def first_follow_up_facts(
    received_at: datetime, followed_up_at: datetime | None, now: datetime, zone: ZoneInfo
) -> dict[str, bool | int]:
    """Return the facts of decision `first_follow_up`."""
    until = followed_up_at or now
    days = (day_of(until, zone) - day_of(received_at, zone)).days
    return {"made": followed_up_at is not None, "days_since_leaving": max(0, days)}


def registration_facts(
    reception_day_zero: datetime, now: datetime, zone: ZoneInfo
) -> dict[str, bool | int]:
    """Return the facts of decision `registration` that count time (TR-1)."""
    days = (day_of(now, zone) - day_of(reception_day_zero, zone)).days
    minutes = int((now - reception_day_zero).total_seconds()) // 60
    return {"days_since_reception": max(0, days), "minutes_since_reception": max(0, minutes)}


_ORDER_BY = "merge.order_by"


def ranks_from(rulebook: Rulebook, entered_at: datetime, arrived_at: datetime) -> datetime:
    """Return the instant that ranks a new entry among others of its customer (`merge.order_by`).

    The entry's own; the reception's where the rulebook counts that one.
    """
    # A version published before the parameter existed ranks by entry.
    if rulebook.parameters.get(_ORDER_BY, "ENTRY") == "RECEPTION":
        return arrived_at
    return entered_at


def live_on_day_of(known: Known, arrival: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a registration was live on an arrival's day.

    It lives from the day of its entry, whole days: who registered his customer in the evening was
    tracking him when he came back to buy that noon.
    """
    return known.live_at(arrival) and known.entered_at < end_of_day(arrival, zone)


_SEEN_FROM_OTHER = {
    "spouse": "spouse",
    "parent": "child",
    "child": "parent",
    "sibling": "sibling",
    "superior": "subordinate",
    "subordinate": "superior",
    "colleague": "colleague",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """How a party is related to another ("parent": it is the other's parent), and the unit.

    Attributes:
        recorded_at: when somebody said so; None where nobody asks.
        recorded_by: who said so, and for whom he stood in.
    """

    party_id: UUID
    other_party_id: UUID
    kind: str
    unit_code: str | None
    recorded_at: datetime | None = None
    recorded_by: frozenset[UUID] = frozenset()

    def facts(self, of_party: UUID, unit_code: str | None) -> dict[str, bool | str]:
        """Return the facts of decision `merge`, read from one of the two parties."""
        word = self.kind if self.kind in _SEEN_FROM_OTHER else "none"
        if self.party_id != of_party:
            word = _SEEN_FROM_OTHER.get(word, "none")
        same = unit_code is not None and self.unit_code == unit_code
        return {"relation": word, "same_unit": same}

    def is_own_word(self, member_id: UUID, signed_at: datetime) -> bool:
        """Tell whether a member recorded it himself once he could know what it was good for."""
        at = self.recorded_at
        return at is not None and at >= signed_at and member_id in self.recorded_by


def are_one_customer(
    rulebook: Rulebook, relations: Iterable[Relation], of_party: UUID, unit_code: str | None
) -> bool:
    """Tell whether any relation makes two parties one customer for a unit (五(五)3)."""
    return any(
        rulebook.decide("merge", relation.facts(of_party, unit_code)).then["customer"] == "ONE"
        for relation in relations
    )


@dataclass(frozen=True, slots=True)
class Purchase:
    """A deal as claims see it: who bought what, on which visit, whose, in which window."""

    party_id: UUID
    unit_code: str | None
    visit_arrived_at: datetime
    # The customer's first visit that the closing visit's receiver received.
    first_arrived_at: datetime
    signed_at: datetime
    owner_id: UUID | None
    claims_close_at: datetime
    zone: ZoneInfo
    site_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Kinship:
    """Everything known of how the buyer is related to others."""

    relations: Sequence[Relation]

    def between(self, party_id: UUID, buyer_id: UUID) -> list[Relation]:
        """Return the known relations of a party with the buyer."""
        return [
            relation
            for relation in self.relations
            if {relation.party_id, relation.other_party_id} == {party_id, buyer_id}
        ]

    def heard(self, known: Known, purchase: Purchase, *, vouched: bool) -> list[Relation]:
        """Return what speaks for an entry's customer being the buyer (五(五)3).

        What the entry's own member recorded at the signing or later is no word for it, unless
        somebody without a part in the credit vouched for him.
        """
        return [
            relation
            for relation in self.between(known.party_id, purchase.party_id)
            if vouched or not relation.is_own_word(known.member_id, purchase.signed_at)
        ]


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a claim is judged on: the deal, kinships, the closing owner's own registrations."""

    purchase: Purchase
    kinship: Kinship
    owners: Sequence[Known]
    filed_at: datetime
    stated_same_customer: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim's answer under one registration, with its facts."""

    known: Known | None
    facts: Mapping[str, bool | str]
    outcome: Outcome

    @property
    def admitted(self) -> bool:
        """Whether the claim counts."""
        return self.outcome.then["answer"] == "ADMITTED"


_SAME = frozenset({"SAME", "MERGED"})


def is_same_at(rulebook: Rulebook, known: Known, site_id: UUID | None) -> bool:
    """Tell whether a registration is of the same customer at a site (decision `identity`)."""
    same_site = known.site_id == site_id
    return rulebook.decide("identity", {"same_site": same_site}).then["customer"] == "ONE"


def basis(rulebook: Rulebook, hearing: Hearing, known: Known, *, vouched: bool) -> str:
    """Return how a registration's customer stands to the buyer: a word of decision `claim`.

    Whom its member named at the signing or later only, it is not, unless somebody vouched for it.
    """
    if not known.valid:
        return "NONE"
    if not is_same_at(rulebook, known, hearing.purchase.site_id):
        return "OTHER"
    if known.is_own_word(hearing.purchase.signed_at) and not vouched:
        return "OTHER"
    buyer = hearing.purchase.party_id
    if known.party_id == buyer:
        return "SAME"
    relations = hearing.kinship.heard(known, hearing.purchase, vouched=vouched)
    if relations:
        unit = hearing.purchase.unit_code
        merged = are_one_customer(rulebook, relations, known.party_id, unit)
        return "MERGED" if merged else "OTHER"
    return "STATED" if vouched else "OTHER"


def _is_own_word(rulebook: Rulebook, hearing: Hearing, known: Known) -> bool:
    """Tell whether an entry is of the buyer by its member's word since the signing alone (五(五)3).

    Then it lacks nothing but somebody else to vouch for it.
    """
    alone, vouched = (basis(rulebook, hearing, known, vouched=it) for it in (False, True))
    return alone == "OTHER" and vouched in _SAME


def _began_after(known: Known, signed_at: datetime) -> bool:
    """Tell whether a registration's reception or call came only after a deal was signed (五(四)3).

    What was made late that day of a reception before it did not.
    """
    return known.began_at is not None and known.began_at > signed_at


def _owner_is_earlier(rulebook: Rulebook, hearing: Hearing, known: Known, on: datetime) -> bool:
    return any(
        _rank(other) < _rank(known)
        and live_on_day_of(other, on, hearing.purchase.zone)
        # Nobody vouches for the owner: he claims nothing.
        and basis(rulebook, hearing, other, vouched=False) in _SAME
        for other in hearing.owners
        if other.id != known.id
    )


def _heard(rulebook: Rulebook, hearing: Hearing, known: Known | None) -> Judged:
    purchase = hearing.purchase
    facts: dict[str, bool | str] = {"filed_in_time": hearing.filed_at < purchase.claims_close_at}
    if known is not None:
        closing, first = purchase.visit_arrived_at, purchase.first_arrived_at
        facts |= {
            "basis": basis(rulebook, hearing, known, vouched=hearing.stated_same_customer),
            "own_word_after_signing": not hearing.stated_same_customer
            and _is_own_word(rulebook, hearing, known),
            "register_void": known.voided,
            "live_on_closing_day": live_on_day_of(known, closing, purchase.zone),
            "received_after_signing": _began_after(known, purchase.signed_at),
            "closing_owner_is_earlier": _owner_is_earlier(rulebook, hearing, known, closing),
            "live_on_first_day": live_on_day_of(known, first, purchase.zone),
            "closing_owner_was_earlier": _owner_is_earlier(rulebook, hearing, known, first),
        }
    return Judged(known, facts, rulebook.decide("claim", facts))


# How far a rejected claim came: of several registrations the claimant is told of the best.
_FURTHEST_LAST = [
    "NOT_REGISTERED",
    "NOT_SAME_CUSTOMER",
    "OWN_WORD",
    "REGISTER_VOID",
    "LAPSED",
    "AFTER_SIGNING",
    "EARLIER_REGISTRATION",
    "LATE",
    "NONE",
]


def judge_claim(rulebook: Rulebook, hearing: Hearing, candidates: Sequence[Known]) -> Judged:
    """Judge a claim under the best of the claimant's registrations (decision `claim`)."""
    judged = [_heard(rulebook, hearing, known) for known in sorted(candidates, key=_rank)]
    if not judged:
        return _heard(rulebook, hearing, None)
    return max(judged, key=lambda each: _FURTHEST_LAST.index(str(each.outcome.then["reason"])))


def may_claim(rulebook: Rulebook, hearing: Hearing, known: Known) -> bool:
    """Tell whether a claim on a registration would be admitted at this instant."""
    return _heard(rulebook, hearing, known).admitted


def void_later(rulebook: Rulebook, judged_on: Mapping[str, bool | str]) -> Judged:
    """Judge a claim again on its own facts after its register was found false (TR-8)."""
    facts = {**judged_on, "register_void": True}
    return Judged(None, facts, rulebook.decide("claim", facts))
