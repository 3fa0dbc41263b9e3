"""Whose result each deal is in a replay, which claims were admitted, and who could have claimed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast
from uuid import UUID

from service.ownership.rules import (
    UNDISPUTED,
    AdmittedClaim,
    Closing,
    DealClock,
    Hearing,
    Kinship,
    Purchase,
    Resolution,
    Share,
    claim_window,
    credit_facts,
    judge_claim,
    may_claim,
    shares_of,
    void_later,
)
from service.replay.days import Days, instant_of, milliseconds
from service.replay.entries import Entry
from service.replay.history import NONE, DealMade, Settlement
from service.replay.places import NOBODY
from service.replay.play import Play
from service.replay.receptions import Words

if TYPE_CHECKING:
    from service.replay.hall import Hall

Shared = tuple[tuple[Share, ...], str]
"""The shares in a deal, and the rule that decided them."""

_OVER: Final = ("SETTLED", "DECIDED")


@dataclass(slots=True)
class Deal:
    """A deal in a replay.

    Attributes:
        number: its place in the history's deals.
        closing: the closing visit as credit sees it.
        first_at: when its customer first came to whom received him when he bought.
        signed_at: when it was signed.
        admitted: the claims that count, and the facts each was judged on.
        crossing: others who could have claimed when it was signed.
        dispute: what a dispute on it means for its credit.
        appeal_until: when a verdict that can be appealed against becomes final, or NONE.
        cancelled: it fell through; nobody has a share of it.
    """

    number: int
    closing: Closing
    first_at: int
    signed_at: int
    closes_at: int
    shares: tuple[Share, ...]
    rule: str
    crossing: tuple[UUID, ...] = ()
    admitted: list[tuple[AdmittedClaim, Mapping[str, bool | str]]] = field(default_factory=list)
    dispute: Resolution = UNDISPUTED
    appeal_until: int = NONE
    cancelled: bool = False

    def final_at(self, at: int) -> bool:
        """Tell whether nothing that is found out later changes its credit."""
        if self.cancelled:
            return True
        if self.dispute == UNDISPUTED:
            return at >= self.closes_at
        lapsed = self.appeal_until != NONE and at >= self.appeal_until
        return lapsed or self.dispute.word in _OVER


@dataclass(frozen=True, slots=True)
class Answer:
    """How a claim was judged.

    Attributes:
        result: ADMITTED or REJECTED.
        reason: why it was rejected.
    """

    result: str
    reason: str
    rule: str


class Credits:
    """The deals of a replay and everything claimed of them."""

    def __init__(self, replay: "Hall") -> None:
        self._replay = replay
        self._history = replay.history
        self._registers = replay.registers
        self._registers.buyers = self.buyers
        self.deals: list[Deal | None] = [None] * len(self._history.deals)
        self.answers: list[Answer | None] = [None] * len(self._history.claims)
        self._claims = {claim.id: number for number, claim in enumerate(self._history.claims)}
        self._windows: dict[tuple[Play, Days, int, bool], int] = {}
        self._unclaimed: dict[tuple[Play, int, int, Words], tuple[Closing, Shared]] = {}
        self._site_ids = [UUID(int=site) for site in range(len(self._history.places))]
        buyers = (deal.party for deal in self._history.deals)
        self._visits_of = self._history.visits.of_parties(buyers)

    @property
    def sold(self) -> set[int]:
        """The visits that were sold so far."""
        made = zip(self._history.deals, self.deals, strict=True)
        return {known.visit for known, deal in made if deal is not None and not deal.cancelled}

    def buyers(self) -> set[int]:
        """The customers who have signed so far, and whose deal stands."""
        made = zip(self._history.deals, self.deals, strict=True)
        return {known.party for known, deal in made if deal is not None and not deal.cancelled}

    def sign(self, play: Play, number: int, at: int) -> None:
        """Record a deal: its claim window, its first shares, and who could claim it."""
        replay, made = self._replay, self._history.deals[number]
        words, visit = replay.words[made.visit], made.visit
        receiver = replay.receiver[visit]
        if receiver == NOBODY:
            receiver = replay.owner[visit]
        if words is None or receiver == NOBODY:
            return
        owner = replay.owner[visit]
        closing, (shares, rule) = self._as_signed(play, receiver, owner, words)
        closes_at, first_at = self._closes(play, number, at), self._first_at(made)
        self._registers.convert(made.party, at)
        deal = Deal(number, closing, first_at, at, closes_at, shares, rule)
        deal.crossing = self._crossing(play, deal, (receiver, owner), at)
        self.deals[number] = deal

    def _as_signed(
        self, play: Play, receiver: int, owner: int, words: Words
    ) -> tuple[Closing, Shared]:
        """Return whose result a deal is that nobody has claimed, decided once for all alike."""
        known = self._unclaimed.get((play, receiver, owner, words))
        if known is None:
            members = self._history.members
            owner_id = None if owner == NOBODY else members[owner]
            closing = Closing(members[receiver], words.owner_kind, owner_id, words.obligation)
            known = closing, _shared(play, closing, (), UNDISPUTED)
            self._unclaimed[play, receiver, owner, words] = known
        return known

    def cancel(self, number: int) -> None:
        """Let a deal fall through: its customer is tracked as if it had not been."""
        deal, party = self.deals[number], self._history.deals[number].party
        if deal is None:
            return
        deal.cancelled, deal.shares = True, ()
        others = (
            other.signed_at
            for made, other in zip(self._history.deals, self.deals, strict=True)
            if made.party == party and other is not None and not other.cancelled
        )
        until = min((at for at in others if at > deal.signed_at), default=0)
        for entry in self._registers.entries_of(party):
            if entry.converted == deal.signed_at:
                entry.converted = until

    def _closes(self, play: Play, number: int, at: int) -> int:
        made = self._history.deals[number]
        days = self._history.places[self._history.visits.site[made.visit]].days
        unconfirmed = made.visit in self._replay.unconfirmed
        key = (play, days, days.day(at), unconfirmed)
        plain = not (made.provisional_at or made.contracted_at)
        known = self._windows.get(key) if plain else None
        if known is None:
            provisional = instant_of(made.provisional_at) if made.provisional_at else None
            contracted = instant_of(made.contracted_at) if made.contracted_at else None
            clock = DealClock(instant_of(at), provisional, contracted)
            window = claim_window(play.rulebook, clock, days.zone, unconfirmed_return=unconfirmed)
            known = milliseconds(window.closes_at)
            if plain:
                self._windows[key] = known
        return known

    def _first_at(self, made: DealMade) -> int:
        arrivals, receiver = self._history.visits.arrived_at, self._replay.receiver
        closer, first = receiver[made.visit], arrivals[made.visit]
        came = self._visits_of[made.party]
        for visit in self._registers.visitors.visits_of(came, made.party):
            if receiver[visit] == closer:
                first = min(first, arrivals[visit])
        return first

    def _purchase(self, deal: Deal) -> Purchase:
        history, made = self._history, self._history.deals[deal.number]
        site = history.visits.site[made.visit]
        return Purchase(
            party_id=history.parties[made.party],
            unit_code=made.unit_code,
            visit_arrived_at=instant_of(history.visits.arrived_at[made.visit]),
            first_arrived_at=instant_of(deal.first_at),
            signed_at=instant_of(deal.signed_at),
            owner_id=deal.closing.owner_id,
            claims_close_at=instant_of(deal.closes_at),
            zone=history.places[site].days.zone,
            site_id=self._site_ids[site],
        )

    def _decide(self, play: Play, deal: Deal) -> None:
        claims = [claim for claim, _ in deal.admitted]
        deal.shares, deal.rule = _shared(play, deal.closing, claims, deal.dispute)

    def _crossing(self, play: Play, deal: Deal, two: tuple[int, int], at: int) -> tuple[UUID, ...]:
        registers, party = self._registers, self._history.deals[deal.number].party
        others = [
            entry
            for relative in sorted(registers.relatives(party))
            for entry in registers.entries_of(relative)
            if entry.member_active and entry.member not in two
        ]
        if not others:
            return ()
        hearing = self._hearing(deal, party, (), instant_of(at), stated=False)
        may = (
            self._history.members[entry.member]
            for entry in others
            if may_claim(cast("Any", play), hearing, self._registers.known(entry))
        )
        return tuple(dict.fromkeys(may))

    def _hearing(
        self, deal: Deal, party: int, owners: Sequence[Entry], at: datetime, *, stated: bool
    ) -> Hearing:
        known = [self._registers.known(entry) for entry in owners]
        return Hearing(self._purchase(deal), Kinship(self._registers.kin(party)), known, at, stated)

    def claim(self, play: Play, number: int, at: int) -> None:
        """Judge a claim; an admitted one decides the credit again."""
        filed = self._history.claims[number]
        deal = self.deals[filed.deal]
        if deal is None:
            return
        claimant_id = self._history.members[filed.claimant]
        if any(claim.claimant_id == claimant_id for claim, _ in deal.admitted):
            self.answers[number] = Answer("ADMITTED", "", deal.rule)
            return
        party = self._history.deals[filed.deal].party
        relatives = self._registers.relatives(party)
        candidates = self._entries_of(claimant_id, relatives)
        named = None if filed.entry == NONE else self._registers.by_number[filed.entry]
        if named is not None and named.party not in relatives and not named.superseded:
            # Only an entry of the claimant's own can have been named, by whoever filed it.
            candidates = [named] if named.member == filed.claimant else []
        owners = self._entries_of(deal.closing.owner_id, relatives)
        hearing = self._hearing(
            deal, party, owners, instant_of(at), stated=filed.stated_same_customer
        )
        known = [self._registers.known(entry) for entry in candidates]
        judged = judge_claim(cast("Any", play), hearing, known)
        then = judged.outcome.then
        self.answers[number] = Answer(
            "ADMITTED" if judged.admitted else "REJECTED",
            "" if judged.admitted else str(then["reason"]),
            judged.outcome.rule_id,
        )
        if judged.admitted and judged.known is not None:
            admitted = AdmittedClaim(
                claimant_id, instant_of(at), judged.known.entered_at, judged.known.id, filed.id
            )
            deal.admitted.append((admitted, judged.facts))
            self._decide(play, deal)

    def _entries_of(self, member_id: UUID | None, parties: set[int]) -> list[Entry]:
        return [
            entry
            for party in sorted(parties)
            for entry in self._registers.entries_of(party)
            if self._history.members[entry.member] == member_id
        ]

    def fail(self, play: Play, void: Sequence[Entry], at: int) -> None:
        """Judge again the claims that rest on entries found false, while their deals are open."""
        ids = {entry.id for entry in void}
        for deal in self.deals:
            if deal is None or deal.final_at(at):
                continue
            left = []
            for claim, facts in deal.admitted:
                judged = void_later(cast("Any", play), facts)
                if claim.registration_id not in ids or judged.admitted:
                    left.append((claim, facts))
                elif claim.claim_id is not None:
                    reason = str(judged.outcome.then["reason"])
                    answer = Answer("REJECTED", reason, judged.outcome.rule_id)
                    self.answers[self._claims[claim.claim_id]] = answer
            if len(left) < len(deal.admitted):
                deal.admitted = left
                self._decide(play, deal)

    def switch(self, play: Play, site: int, at: int) -> None:
        """Count the claim windows that run at a site by a version that takes them over."""
        sites = self._history.visits.site
        for number, deal in enumerate(self.deals):
            if deal is None or at >= deal.closes_at:
                continue
            if sites[self._history.deals[number].visit] == site:
                deal.closes_at = max(at, self._closes(play, number, deal.signed_at))

    def settle(self, play: Play, number: int, settlement: Settlement) -> None:
        """Let a dispute that was opened, or ended by people, decide the credit again."""
        deal = self.deals[number]
        if deal is not None:
            members = self._history.members
            shares = tuple(
                Share(holder, None if member == NONE else members[member], points)
                for holder, member, points in settlement.shares
            )
            deal.dispute = Resolution(settlement.word, shares)
            deal.appeal_until = settlement.appeal_until
            self._decide(play, deal)


def _shared(
    play: Play, closing: Closing, claims: Sequence[AdmittedClaim], dispute: Resolution
) -> Shared:
    outcome = play.decide("credit", credit_facts(closing, claims, dispute))
    return shares_of(outcome.then, closing, claims, dispute), outcome.rule_id
