"""A period as it is replayed: who came, said and did what, and when. People are numbers here.

Columns, not objects: a year of fifty showrooms is millions of lines and stays below a gigabyte.
"""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from service.ownership.rules import Relation
from service.reception.rules.rotation import NOTHING_KEPT, TermsWritten
from service.replay.days import Days


class Kind(IntEnum):
    """What happened. `who` is a member and `what` a visit, unless said otherwise.

    ARRIVAL carries only the visit. SIGN_IN's `more` says how many sign in with him, after him.
    EXPOSED's `more` is 1 where the visitor admits it. REGISTERED, CORRECTED and FOLLOWED_UP are
    about the registration in `what`; FOLLOWED_UP's `more` holds the bits CONNECTED and OF_HIS_OWN.
    LINKED's `more` is a relation, DEAL's `what` a deal, CLAIM's `what` a claim, SETTLED's `what` a
    deal and `more` a settlement, BREACHED's `more` a place in BREACHES, VOIDED's `what` a finding,
    DEPARTED's `what` a departure, HANDED_OUT's `what` a customer handed out of the company pool,
    AWARDED's `what` a customer whose dispute has ended, CANCELLED's `what` a cancelled deal. ROSTER
    says that shifts of `who` were planned, moved or called off.
    """

    ARRIVAL = 0
    LEFT = 1
    REGISTERED = 2
    FOLLOWED_UP = 3
    SIGN_IN = 4
    SIGN_OUT = 5
    AWAY_BUSINESS = 6
    AWAY_PRIVATE = 7
    BACK = 8
    NAMED = 9
    TAKEN = 10
    EXPOSED = 11
    REASSIGNED = 12
    CORRECTED = 13
    CALL_REGISTERED = 14
    VOIDED = 15
    LINKED = 16
    DEAL = 17
    CLAIM = 18
    MEMBER_LEFT = 19
    SETTLED = 20
    BREACHED = 21
    DEPARTED = 22
    HANDED_OUT = 23
    PENALTY_LIFTED = 24
    AWARDED = 25
    CANCELLED = 26
    ROSTER = 27


CONNECTED, OF_HIS_OWN = 1, 2
BREACHES = ("FIRST_VISIT_NOT_ASKED", "VISITOR_REFUSED")
NONE = -1


class Said(NamedTuple):
    """What a visitor said and the desk saw, shared by all who said the same.

    Attributes:
        words: survey (NONE, UNDECLARED, DECLARED), way (WALK_IN, PHONE, REFERRAL), `said_before`.
        named: the rep he asked for.
        referrer: the party who sent him.
        taker: the rep on his day off who greeted him.
        together: the visit he came with.
    """

    words: tuple[str, str, bool]
    named: int = NONE
    referrer: int = NONE
    taker: int = NONE
    unit_code: str | None = None
    together: int = NONE

    @property
    def asks_only(self) -> bool:
        """Whether it concerns nobody but the rep he may have asked for."""
        return self.referrer == self.taker == self.together == NONE

    @property
    def plain(self) -> bool:
        """Whether it concerns nobody in particular."""
        return self.named == NONE and self.asks_only


@dataclass(slots=True)
class Place:
    """A site: its zone and its manager."""

    days: Days
    manager: int = NONE


@dataclass(slots=True)
class Visits:
    """The visits, one column each; more than one party recognised stands in `parties_of`.

    Attributes:
        party: the visit's customer; before a correction gave it to another.
        said: index into `said_words`.
        met_later: who said nothing of himself when he came, and when he was named after all.
        calls_of: who had taken a call of the visitor's numbers at the site before he came.
        left_at: when he left; 0 while nobody said so.
    """

    site: "array[int]" = field(default_factory=lambda: array("i"))
    party: "array[int]" = field(default_factory=lambda: array("i"))
    said: "array[int]" = field(default_factory=lambda: array("i"))
    arrived_at: "array[int]" = field(default_factory=lambda: array("q"))
    left_at: "array[int]" = field(default_factory=lambda: array("q"))
    said_words: list[Said] = field(default_factory=list)
    parties_of: dict[int, tuple[int, ...]] = field(default_factory=dict)
    met_later: dict[int, int] = field(default_factory=dict)
    calls_of: dict[int, frozenset[int]] = field(default_factory=dict)
    buddies_of: dict[int, Mapping[int, int]] = field(default_factory=dict)

    def add(self, site: int, party: int, said: int, arrived_at: int) -> int:
        """Add a visit and return its number."""
        self.site.append(site)
        self.party.append(party)
        self.said.append(said)
        self.arrived_at.append(arrived_at)
        self.left_at.append(0)
        return len(self.site) - 1

    def __len__(self) -> int:
        return len(self.site)

    def of_parties(self, parties: Iterable[int]) -> dict[int, list[int]]:
        """Return the visits of each of some customers, in their order."""
        found: dict[int, list[int]] = {party: [] for party in parties}
        if found:
            for visit, party in enumerate(self.party):
                if party in found:
                    found[party].append(visit)
        return found


class EntryMade(NamedTuple):
    """An entry of a register as it was made.

    Attributes:
        visit: NONE for one that a call made; then `member` took it at `site`.
        corrects: the entry it corrects, or was made from when the customer found new hands.
    """

    visit: int
    party: int
    name_given: bool
    phone_given: bool
    document_given: bool
    face_given: bool
    id: UUID
    corrects: int = NONE
    member: int = NONE
    site: int = NONE


class DealMade(NamedTuple):
    """A deal as it was signed.

    Attributes:
        provisional_at: 0 where no deposit came earlier.
        contracted_at: when its contract was recorded; 0 where it was not. To know it beforehand
            changes nothing: a claim until then is in time with it and without.
    """

    visit: int
    party: int
    unit_code: str | None
    provisional_at: int
    contracted_at: int
    id: UUID


class ClaimFiled(NamedTuple):
    """A claim as it was filed; `entry` is the one it was judged on, if any."""

    deal: int
    claimant: int
    entry: int
    stated_same_customer: bool
    id: UUID


class Settlement(NamedTuple):
    """What a dispute on a deal means for its credit from now on.

    Attributes:
        word: of the fact `dispute`.
        shares: what was settled or decided: holder words, members and basis points.
        appeal_until: when what may still be appealed against becomes final, or NONE.
    """

    word: str
    shares: tuple[tuple[str, int, int], ...]
    appeal_until: int = NONE


class Finding(NamedTuple):
    """A manager found a register falsified.

    Attributes:
        names: what he named: NOTHING, ENTRY or PERIOD.
        entry: the entry he named.
        first_day, last_day: the days he named, as ordinals; `last_day` is NONE for "until now".
        fell: what fell, where it was not kept what he named.
    """

    names: str
    entry: int = NONE
    first_day: int = NONE
    last_day: int = NONE
    fell: tuple[int, ...] = ()


class Departed(NamedTuple):
    """A member left the company or moved.

    Attributes:
        kind: LEAVING or TRANSFER.
        wish: where his registrations were to go, by whoever planned it; NONE where nobody said.
        passed_on: the entries of his that were entered for others, each with its new one.
        unreceived: the sites at which the successor did not receive any more.
    """

    kind: str
    wish: str
    successor: int
    passed_on: tuple[tuple[int, int], ...]
    unreceived: frozenset[int] = frozenset()


class ShiftPlanned(NamedTuple):
    """Hours of a day that a member was planned for, and from when until when that stood."""

    begins: int
    ends: int
    starts_at: str
    ends_at: str


class HandedOut(NamedTuple):
    """A customer of the company pool got a new representative.

    Attributes:
        released: his former entry; NONE for one who came to the company himself.
        entry: his new one.
        former: whose he was, if anybody's.
    """

    released: int
    entry: int
    former: int
    by_rotation: bool


class Awarded(NamedTuple):
    """A dispute about a customer has ended.

    Attributes:
        two: who disputed him.
        winner: whose he is from now on; NONE for the company.
        made: the entries that were made of it, each after the one it took the place of, if any.
    """

    party: int
    two: tuple[int, int]
    winner: int
    made: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class History:
    """Everything a replay needs; the numbers of members and parties are places in their lists.

    Attributes:
        staff_codes: by member.
        roles: by member: the role he held from an instant until another, by its code.
        shifts: whatever was planned by site, member and day (its ordinal), in the order of hours.
        leaving: by member: from when until when his departure was planned.
        going: by member: from when on a plan let him leave, whether or not that was done by then.
    """

    members: list[UUID] = field(default_factory=list)
    staff_codes: list[str] = field(default_factory=list)
    roles: dict[int, list[tuple[int, int, str]]] = field(default_factory=dict)
    shifts: dict[tuple[int, int, int], list[ShiftPlanned]] = field(default_factory=dict)
    leaving: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    going: dict[int, list[int]] = field(default_factory=dict)
    parties: list[UUID] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    visits: Visits = field(default_factory=Visits)
    entries: list[EntryMade] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    deals: list[DealMade] = field(default_factory=list)
    claims: list[ClaimFiled] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    departures: list[Departed] = field(default_factory=list)
    handed_out: list[HandedOut] = field(default_factory=list)
    awarded: list[Awarded] = field(default_factory=list)
    at: "array[int]" = field(default_factory=lambda: array("q"))
    kind: "array[int]" = field(default_factory=lambda: array("b"))
    site: "array[int]" = field(default_factory=lambda: array("i"))
    who: "array[int]" = field(default_factory=lambda: array("i"))
    what: "array[int]" = field(default_factory=lambda: array("i"))
    more: "array[int]" = field(default_factory=lambda: array("i"))

    def tell(
        self, at: int, kind: Kind, site: int, *, who: int = NONE, what: int = NONE, more: int = 0
    ) -> None:
        """Add what happened next; lines come in the order of their instants."""
        self.at.append(at)
        self.kind.append(kind)
        self.site.append(site)
        self.who.append(who)
        self.what.append(what)
        self.more.append(more)

    def known_of(self, member: int, site: int, day: int, at: int) -> TermsWritten:
        """Return what a rotation may ask of a member who signs in: his roles and shifts."""
        if not self.roles and not self.shifts:
            return NOTHING_KEPT
        spans = self.roles.get(member, ())
        known: dict[str, object] = {
            "roles": sorted({code for begins, ends, code in spans if begins <= at < ends})
        }
        return {**known, **self.shifts_of(member, site, day, at)}

    def shifts_of(self, member: int, site: int, day: int, at: int) -> TermsWritten:
        """Return the hours of a day that a member is planned for at an instant; none, nothing."""
        planned = self.shifts.get((site, member, day), ())
        shifts = sorted(
            [one.starts_at, one.ends_at] for one in planned if one.begins <= at < one.ends
        )
        return {"shifts": shifts} if shifts else NOTHING_KEPT

    def __len__(self) -> int:
        return len(self.at)

    def lines(self, begin: int, end: int) -> Iterable[tuple[int, int, int, int]]:
        """Give the lines from `begin` to before `end`: at, kind, site, what."""
        columns = (self.at, self.kind, self.site, self.what)
        # As lists they are gone through faster than as arrays.
        return zip(*(column[begin:end].tolist() for column in columns), strict=True)
