"""Registers in a replay: entries, their windows, and who owns a customer at an instant."""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from typing import Any, Final, cast
from uuid import UUID

from service.ownership.rules import (
    Known,
    Relation,
    Terms,
    Tracking,
    are_one_customer,
    left_later,
)
from service.replay.days import Days, instant_of, milliseconds
from service.replay.entries import NO_ENTRIES, Entry, new_entry
from service.replay.history import NONE, EntryMade, Finding, History
from service.replay.play import A_DAY, A_MINUTE, SURVEYING, Play, Worth, givens_of
from service.replay.visitors import Visitors

MINUTE: Final = 60_000
# What is handed on was decided on with all that may be given; a survey, on the day itself.
_SURVEY_GIVEN_ALL: Final = A_MINUTE - 1


class Registers:
    """All entries of a replay, by customer.

    Attributes:
        by_number: the entries by their places in the history; None where it was refused.
        by_party: by the number of the customer. Behind the last stands nobody's, which NONE finds.
        days: by site.
        departed: the members who left the company.
    """

    def __init__(self, history: History) -> None:
        self.history = history
        self.days = [place.days for place in history.places]
        self.visits = history.visits
        self.by_number: list[Entry | None] = [None] * len(history.entries)
        self.by_party: list[list[Entry] | None] = [None] * (len(history.parties) + 1)
        self.relations: dict[int, list[Relation]] = {}
        self._party_numbers = {party: number for number, party in enumerate(history.parties)}
        self.departed: set[int] = set()
        self.pool: set[Entry] = set()
        # By visit: the entries that another took the place of, and those that took one.
        self._changed: defaultdict[int, list[Entry]] = defaultdict(list)
        self.buyers: Callable[[], Container[int]] = set
        self.visitors = Visitors(history.visits)

    def entries_of(self, party: int) -> list[Entry]:
        """Return a customer's own entries in the order in which they were kept; to be read only."""
        return self.by_party[party] or NO_ENTRIES

    def keep(self, entry: Entry) -> None:
        """Take an entry in."""
        if self.departed and entry.member in self.departed:
            entry.member_active = False
        self.by_number[entry.number] = entry
        entries = self.by_party[entry.party]
        if entries is None:
            self.by_party[entry.party] = [entry]
        else:
            entries.append(entry)

    def _keep_changed(self, entry: Entry) -> None:
        self._changed[entry.visit].append(entry)
        self.keep(entry)

    def supersede(self, entry: Entry) -> None:
        """Take an entry out of account: another took its place, or nobody has its customer."""
        self._changed[entry.visit].append(entry)
        entry.superseded = True
        self.entries_of(entry.party).remove(entry)

    def link(self, relation: Relation) -> None:
        """Take down that two parties are related."""
        for party_id in (relation.party_id, relation.other_party_id):
            party = self._party_numbers[party_id]
            self.relations.setdefault(party, []).append(relation)
            if self.by_party[party] is None:
                # Whoever has relatives is known, if only for them.
                self.by_party[party] = []

    def own(
        self, play: Play, parties: tuple[int, ...], unit_code: str | None, site: int
    ) -> list[Entry]:
        """Return the entries of parties, and of relatives who count as one with them (TR-2).

        Of other sites those alone that are of the same customer here (decision `identity`).
        """
        return self.counting(play, self._of_parties(play, parties, unit_code), site)

    def counting(self, play: Play, entries: list[Entry], site: int) -> list[Entry]:
        """Return a customer's entries without those of sites where he is another customer."""
        if not entries or len(self.days) == 1 or play.knows_elsewhere():
            return entries
        return [entry for entry in entries if entry.site == site]

    def _of_parties(
        self, play: Play, parties: tuple[int, ...], unit_code: str | None
    ) -> list[Entry]:
        if len(parties) == 1 and not self.relations:
            return self.entries_of(parties[0])
        found = [entry for party in parties for entry in self.entries_of(party)]
        for party in parties:
            for relation in self.relations.get(party, ()):
                relative = self._other(relation, party)
                if relative not in parties:
                    found += self._merged(play, relative, parties, unit_code)
        return list(dict.fromkeys(found))

    def _merged(
        self, play: Play, relative: int, parties: tuple[int, ...], unit_code: str | None
    ) -> list[Entry]:
        entries = self.entries_of(relative)
        if not entries:
            return []
        near = {self.history.parties[party] for party in parties}
        relative_id = self.history.parties[relative]
        related = [
            relation
            for relation in self.relations[relative]
            if {relation.party_id, relation.other_party_id} & near
        ]
        # The compiled rulebook and a play answer alike; the function asks no more of it.
        merged = are_one_customer(cast("Any", play), related, relative_id, unit_code)
        return entries if merged else []

    def _other(self, relation: Relation, party: int) -> int:
        own = self.history.parties[party]
        other = relation.other_party_id if relation.party_id == own else relation.party_id
        return self._party_numbers[other]

    def kin(self, party: int) -> list[Relation]:
        """Return the known relations of a customer."""
        return self.relations.get(party, [])

    def relatives(self, party: int) -> set[int]:
        """Return a customer and everybody known to be related to him."""
        if party not in self.relations:
            return {party}
        return {party, *(self._other(relation, party) for relation in self.kin(party))}

    def closes(self, play: Play, days: Days, day_zero: int, received_at: int) -> int:
        """Return the end of a window as the terms have it, with their cap (TR-3)."""
        closes = days.closes(day_zero, play.tracking_days)
        if play.most_days == 0:
            return closes
        return min(closes, days.closes(received_at, play.most_days))

    def _entered(self, made: EntryMade, number: int, at: int, old: tuple[int, int, int]) -> Entry:
        member, site, visit = old
        return new_entry(number, made.id, (member, made.party, site, visit), at)

    def _named_at(self, entry: Entry, old: Entry | None) -> int:
        if old is not None and old.party == entry.party:
            return old.named_at
        return self.visitors.named_at(
            entry.visit, entry.party, entry.made_at, corrected=old is not None
        )

    def _worth(
        self, play: Play, days: Days, made: EntryMade, span: tuple[int, int], *, surveying: bool
    ) -> Worth:
        arrived_at, at = span
        [given] = givens_of([made])
        asked = given + SURVEYING * surveying
        asked += A_DAY * max(0, days.day(at) - days.day(arrived_at))
        asked += A_MINUTE * (max(0, at - arrived_at) // MINUTE)
        return play.worths.get(asked) or play.worth(asked)

    def register_call(self, play: Play, number: int, at: int) -> None:
        """Enter who telephoned, where the rulebook lets a call do that and nothing live stands."""
        made = self.history.entries[number]
        call_days = self._call_days(play, made)
        tracked = any(
            entry.member == made.member and entry.site == made.site and entry.live_at(at)
            for entry in self.entries_of(made.party)
        )
        if not call_days or tracked:
            return
        entry = self._entered(made, number, at, (made.member, made.site, NONE))
        entry.valid = entry.of_call = True
        entry.protected_until = self._first_closes(play, entry, call_days)
        self.keep(entry)

    @staticmethod
    def _call_days(play: Play, made: EntryMade) -> int:
        """Return for how many days the rulebook lets a call register; 0 where it does not."""
        facts = {"name_given": made.name_given, "phone_given": made.phone_given}
        then = play.decide("call_right", facts).then
        return int(then["days"]) if then["right"] == "REGISTRATION" else 0

    def _first_closes(self, play: Play, entry: Entry, call_days: int) -> int:
        """Return when the tracking ends that begins with an entry; a call's has days of its own."""
        days, received_at = self.days[entry.site], entry.received_at
        if not call_days:
            return self.closes(play, days, received_at, received_at)
        closes = days.closes(received_at, call_days)
        return min(closes, days.closes(received_at, play.most_days)) if play.most_days else closes

    def correct(
        self, play: Play, number: int, at: int, *, surveying: bool, sold: Container[int]
    ) -> None:
        """Make the entry that corrects another, which counts no more (TR-9).

        To another customer its visit goes with it, unless sold; to a buyer it ranks from itself.
        """
        made = self.history.entries[number]
        old = self.by_number[made.corrects]
        if old is None or old.superseded or old.voided:
            return
        keeps = old.valid and made.party == old.party
        days, came_at = self.days[old.site], self._came_at(old)
        since = (old.received_at, old.entered_at) if keeps else (came_at, at)
        worth = self._worth(play, days, made, since, surveying=surveying)
        anew_of_call = old.visit == NONE and not keeps and worth.valid
        call_days = self._call_days(play, made) if anew_of_call else 0
        if anew_of_call and not call_days:
            # Without the days of a call an entry of one is incomplete.
            worth = replace(worth, valid=False)
        if not worth.kept:
            return
        self.supersede(old)
        entry = self._entered(made, number, at, (old.member, old.site, old.visit))
        if old.visit not in sold and made.party != old.party:
            self._move(old, made.party)
        entry.received_at = entry.day_zero = old.received_at
        entry.named_at = self._named_at(entry, old)
        if worth.valid:
            entry.valid, entry.survey_too = True, worth.survey_too
            if keeps:
                _take_over(entry, old)
            else:
                entry.of_call = anew_of_call
                entry.protected_until = self._first_closes(play, entry, call_days)
                new = made.party == old.party or made.party not in self.buyers()
                if play.by_reception and new:
                    entry.entered_at = came_at
        self._keep_changed(entry)

    def _came_at(self, entry: Entry) -> int:
        """Return when the visitor came, or called, of whom an entry tells."""
        visit = entry.visit
        return entry.received_at if visit == NONE else self.visits.arrived_at[visit]

    def _move(self, old: Entry, party: int) -> None:
        if old.visit != NONE and self.visitors.of(old.visit) == old.party:
            self.visitors.move(old.visit, party)

    def left(self, play: Play, visit: int, left_at: int) -> None:
        """Count the windows of a visit's entries from the day of leaving, if later (TR-3)."""
        days = self.days[self.visits.site[visit]]
        if days.day(left_at) <= days.day(self.visits.arrived_at[visit]):
            return
        parties = {*self.visits.parties_of.get(visit, ()), self.visitors.of(visit)}
        terms = Terms(play.tracking_days, play.most_days, play.first_due_days, days.zone)
        for party in parties:
            for entry in self.entries_of(party):
                if entry.visit == visit and entry.valid and not entry.voided:
                    received, until = entry.received_at, entry.protected_until
                    tracking = Tracking(instant_of(received), instant_of(until))
                    moved = left_later(tracking, instant_of(left_at), terms)
                    entry.received_at = milliseconds(moved.received_at)
                    if entry.day_zero == received:
                        entry.day_zero = entry.received_at
                    entry.protected_until = milliseconds(moved.protected_until)

    def void(self, member: int, site: int, finding: Finding, scope: str) -> list[Entry]:
        """Void what falls with a finding on a member's register at a site (TR-8).

        Args:
            member: whose.
            site: where.
            finding: what was found.
            scope: how much falls with it, as the rulebook says.

        Returns:
            the entries that are void from now on.
        """
        found = [
            entry
            for entry in self.by_number
            if entry is not None
            and entry.member == member
            and entry.site == site
            and not entry.voided
            and self._falls(entry, finding, scope)
        ]
        for entry in found:
            entry.voided = True
        return found

    def void_surveys(self, visit: int) -> list[Entry]:
        """Void what was registered of a visitor who is a survey, unless such ones are registered.

        Returns:
            the entries that are void from now on.
        """
        visits = self.visits
        parties = (visits.party[visit], *visits.parties_of.get(visit, ()))
        standing = [entry for party in parties for entry in self.entries_of(party)]
        found = [
            entry
            for entry in dict.fromkeys([*standing, *self._changed.get(visit, ())])
            if entry.visit == visit and entry.valid and not (entry.voided or entry.survey_too)
        ]
        for entry in found:
            entry.voided = True
        return found

    def _falls(self, entry: Entry, finding: Finding, scope: str) -> bool:
        if scope == "ENTRY":
            return entry.number in ((finding.entry,) if finding.entry != NONE else finding.fell)
        if scope == "PERIOD":
            if finding.first_day == NONE:
                return entry.number in finding.fell
            day = self.days[entry.site].day(entry.made_at)
            ended = finding.last_day != NONE and day > finding.last_day
            return day >= finding.first_day and not ended
        return True

    def switch(self, play: Play, site: int, at: int) -> None:
        """Count the trackings that run at a site by a version that takes them over as it begins."""
        days = self.days[site]
        for entry in self.by_number:
            if entry is None or entry.site != site or entry.superseded or not entry.live_at(at):
                continue
            fresh = entry.day_zero == entry.received_at
            length = play.call_days if entry.of_call and fresh else play.tracking_days
            closes = days.closes(entry.day_zero, length)
            if play.most_days:
                closes = min(closes, days.closes(entry.received_at, play.most_days))
            entry.protected_until = max(at, closes)

    def convert(self, party: int, at: int) -> None:
        """Note that a customer has signed; his entries keep their windows."""
        for entry in self.entries_of(party):
            if entry.valid and not entry.voided and not entry.converted:
                entry.converted = at

    def live_of(self, member: int, at: int) -> list[Entry]:
        """Return a member's live entries of customers who have not signed, first to end first."""
        live = {entry for entry in self._tracked(at) if entry.member == member}
        return sorted(live, key=lambda entry: (entry.protected_until, entry.id))

    def held_at(self, site: int, at: int) -> Counter[int]:
        """Return how many such entries each member has at a site."""
        return Counter(entry.member for entry in set(self._tracked(at)) if entry.site == site)

    def _tracked(self, at: int) -> Iterator[Entry]:
        for entry in self.by_number:
            if entry is None or entry.superseded or entry.converted:
                continue
            if entry.live_at(at):
                yield entry

    def pass_on(self, play: Play, old: Entry, member: int, place: tuple[int, int]) -> None:
        """Enter a live entry for another member, with its rank and its window.

        Args:
            play: the version that said so.
            old: the entry.
            member: the other.
            place: the new entry's number, and when it is made.
        """
        number, at = place
        self.supersede(old)
        entry_id = old.id if number == old.number else self.history.entries[number].id
        entry = new_entry(number, entry_id, (member, old.party, old.site, old.visit), at)
        entry.valid, entry.received_at = True, old.received_at
        entry.survey_too = play.worth(_SURVEY_GIVEN_ALL).valid
        _take_over(entry, old)
        self._keep_changed(entry)

    def release(self, old: Entry) -> None:
        """Give a live entry's customer to the company pool."""
        self.supersede(old)
        self.pool.add(old)

    def leave_pool(self, party: int, site: int) -> None:
        """Let a customer of a site no longer be the company's."""
        if self.pool:
            self.pool = {old for old in self.pool if (old.party, old.site) != (party, site)}

    def hand_out(self, play: Play, where: tuple[int, int], number: int, at: int) -> None:
        """Enter a customer of the pool for a member at a site, from now on."""
        member, site = where
        made = self.history.entries[number]
        entry = self._entered(made, number, at, (member, site, made.visit))
        entry.valid = True
        old = None if made.corrects == NONE else self.by_number[made.corrects]
        entry.named_at = self._named_at(entry, old)
        entry.survey_too = play.worth(_SURVEY_GIVEN_ALL).valid
        entry.protected_until = self.closes(play, self.days[site], at, at)
        self._keep_changed(entry)

    def stand_for(self, number: int, other: int) -> None:
        """Let an entry that was not made here be the one that stands in its place, if any does."""
        entry = self.by_number[other]
        if entry is not None and not entry.superseded:
            self.by_number[number] = entry

    def member_left(self, member: int) -> None:
        """Let the entries of a member who left the company count for nobody."""
        self.departed.add(member)
        for entry in self.by_number:
            if entry is not None and entry.member == member:
                entry.member_active = False

    def known(self, entry: Entry) -> Known:
        """Return an entry as claims are judged on it."""
        until = entry.protected_until
        return Known(
            id=entry.id,
            member_id=self.history.members[entry.member],
            party_id=self.history.parties[entry.party],
            register_book_id=entry.id,
            entered_at=instant_of(entry.entered_at),
            received_at=instant_of(entry.received_at),
            protected_until=instant_of(until) if until else None,
            valid=entry.valid,
            voided=entry.voided,
            member_active=entry.member_active,
            site_id=UUID(int=entry.site),
            began_at=instant_of(self._came_at(entry)),
            named_at=instant_of(entry.named_at) if entry.named_at else None,
        )


def _take_over(entry: Entry, old: Entry) -> None:
    """Give an entry the standing of the one it takes the place of."""
    entry.entered_at, entry.protected_until = old.entered_at, old.protected_until
    entry.day_zero, entry.of_call = old.day_zero, old.of_call
    entry.converted, entry.named_at = old.converted, old.named_at
