"""The hall in a replay: who comes, who is there, who receives whom, and until when."""

from collections.abc import Sequence
from typing import Final

from service.reception.rules.handover import handed_over
from service.reception.rules.queue import IN_ROTATION, Order
from service.replay.contacts import RECEIVED, contact
from service.replay.entries import NO_ENTRIES, Entry, best_of
from service.replay.floor import Case, Floor
from service.replay.history import BREACHES, NONE, History, Said
from service.replay.people import People, buddies_of
from service.replay.places import AWAY_BUSINESS, AWAY_PRIVATE, FREE, LOAD, NOBODY, TAKEN
from service.replay.play import HOLDS, Play, Seats
from service.replay.receptions import Reception, Words
from service.replay.registers import Registers

_DECLARED: Final = "DECLARED"
_PENALTY: Final = "penalty"
_ADMITTED: Final = 1
# Referring, greeting, stepping up, receiving the party he came with.
_OF_NOBODY_ELSE: Final = (NOBODY,) * 4
_ASKS_FOR_ONE: Final = -2
# Who took a call of a visitor's before he came, where anybody did: whom he asks for, or another.
_HIMSELF, _ANOTHER = "HIMSELF", "ANOTHER"
_NOBODY_NAMED: Final = (NOBODY, "")
_NOBODIES: Final[frozenset[int]] = frozenset()
_NEW_MODES: Final = frozenset({"TURN", "DOUBLE", "NAMED"})
_NEW_OBLIGATIONS: Final = frozenset({"NAMED_REP", "DAY_OFF"})


class Hall:
    """The sites of a history, their visitors and their reps: a line of it is a method here.

    Attributes:
        play: the version in force where the line at hand happened.
        receiver, owner, turn: by visit, as the replay left it; NOBODY where there is none.
        words: by visit: mode, obligation, rule; None for a visit that did not come to a decision.
        said: by visit: index into the words said.
        party_of, arrived_at, left_at: by visit, as in the history.
        declared: by what was said: whether a survey was declared.
        survey: by visit: what it was exposed as.
        unmet: who came unknown, as long as nobody has entered him.
        unconfirmed: visits of whom said he had come before and nobody could confirm it.
        seen: by site and member: the last day, as its ordinal, on which he was noted there.
    """

    def __init__(self, history: History, opening: Sequence[Play]) -> None:
        """Take the history, and for each of its sites the version that opens it."""
        self.history = history
        self.visits = history.visits
        count = len(history.visits)
        # Lists, for speed: a number of theirs is one that a queue holds anyway.
        self.receiver = [NOBODY] * count
        self.owner = [NOBODY] * count
        self.turn = [NOBODY] * count
        self.words: list[Words | None] = [None] * count
        self.unconfirmed: set[int] = set()
        self.seen: dict[tuple[int, int], int] = {}
        self.registers = Registers(history)
        self.floors = [
            Floor(place, history.staff_codes, play, site)
            for site, (place, play) in enumerate(zip(history.places, opening, strict=True))
        ]
        if opening:
            self.play = opening[0]
        self._gone: set[int] = set()
        self._named: dict[int, int] = {}
        self.survey: dict[int, str] = {}
        self.said = history.visits.said.tolist()
        self.party_of = history.visits.party.tolist()
        self.arrived_at = history.visits.arrived_at.tolist()
        self.left_at = history.visits.left_at.tolist()
        self.unmet = set(history.visits.met_later)
        self._unregistered: set[int] = set()
        self._members = {member: number for number, member in enumerate(history.members)}
        self._asked = self._asked_plainly()
        self._words_of = [said.words for said in self.visits.said_words]
        self._asked_for = [said.named for said in self.visits.said_words]
        self.declared = [said.words[0] == _DECLARED for said in self.visits.said_words]

    def _asked_plainly(self) -> list[int]:
        """Return by visit what was said, as `said`: where it concerns nobody in particular.

        Else _ASKS_FOR_ONE of who asks for a rep and says nothing more, NONE of everybody else. Who
        comes with more than one customer known concerns all who have registered them.
        """
        asked_so = [
            number if said.plain else _ASKS_FOR_ONE if said.asks_only else NONE
            for number, said in enumerate(self.visits.said_words)
        ]
        asked = [asked_so[number] for number in self.said]
        for visit in self.visits.parties_of:
            asked[visit] = NONE
        return asked

    def _arrive(self, at: int, floor: Floor, visit: int) -> None:
        number = self._asked[visit]
        entries = self.registers.by_party[self.party_of[visit]]
        if entries is not None or number < 0:
            if number == NONE:
                self._assign_concerned(at, floor.site, visit)
            else:
                self._come_again(at, floor, visit, entries or NO_ENTRIES)
            return
        places, said = floor.places, self._words_of[number]
        # Nearly every visitor: his pattern is known, and asking costs one look.
        reception = floor.strangers.get(floor.plain_keys[number] + places)
        if reception is None:
            floor.now = at
            reception = floor.play.plain(said, floor)
        if reception.in_turn:
            seat, order = reception.receiver, floor.order
            member = order.pop(seat)
            order.append(member)
            places.append(TAKEN[places.pop(seat)])
            floor.open[visit] = member
            self.receiver[visit] = self.owner[visit] = self.turn[visit] = member
            floor.turned.append(member)
        else:
            applied = floor.apply(visit, reception, floor.others)
            self.receiver[visit], self.owner[visit], self.turn[visit] = applied
            if reception.waits:
                self._unregistered.add(visit)
        self.words[visit] = reception.words
        if said[2]:
            self.unconfirmed.add(visit)

    def _come_again(self, at: int, floor: Floor, visit: int, entries: list[Entry]) -> None:
        """Let one arrive who concerns who registered him, or whom he asks for."""
        party = self.party_of[visit]
        if (
            party in self.registers.relations
            or visit in self.unmet
            or visit in self.visits.buddies_of
        ):
            self._assign_concerned(at, floor.site, visit)
            return
        play, number = floor.play, self.said[visit]
        if len(entries) > 1 or (entries and entries[0].site != floor.site):
            entries = self.registers.counting(play, entries, floor.site)
        best, live = best_of(entries, at)
        asked, said = self._asked_for[number], self._words_of[number]
        named, called = _NOBODY_NAMED if asked == NOBODY else self._named_of(visit, asked)
        (registered, asked_for, manager), others = self._seats(floor, best, named)
        case = (number, registered, asked_for, manager, live, called)
        beginning = floor.known_keys.get(case)
        if beginning is None:
            beginning = play.concerned_key(said, *_whole(case))
            floor.known_keys[case] = beginning
        reception = floor.receptions.get(beginning + floor.places)
        if reception is None or floor.kept:
            floor.now = at
            reception = play.concerned(said, floor, *_whole(case))
        if not entries and said[2]:
            self.unconfirmed.add(visit)
        if best is None and reception.waits:
            self._unregistered.add(visit)
        receiver, owner, turn = floor.apply(visit, reception, others)
        self.receiver[visit], self.owner[visit], self.turn[visit] = receiver, owner, turn
        self.words[visit] = reception.words
        for entry in entries:
            if entry.member == receiver:
                contact(self.registers, at, floor, entry, RECEIVED)

    def _named_of(self, visit: int, named: int) -> tuple[int, str]:
        """Return who is asked for, if he is with us yet, and who took a call of the visitor's."""
        if named in self._gone:
            return _NOBODY_NAMED
        takers = self.visits.calls_of.get(visit)
        return named, "" if not takers else _HIMSELF if named in takers else _ANOTHER

    def _seats(
        self, floor: Floor, best: Entry | None, named: int
    ) -> tuple[tuple[int, int, int], Sequence[int]]:
        """Return the seats of whom a visitor concerns, and who has those behind the queue.

        They are of who registered him, of whom he asks for and of the manager.
        """
        order, member = floor.order, NOBODY if best is None else best.member
        if floor.manager_queues or not (
            (member == NOBODY or member in order) and (named == NOBODY or named in order)
        ):
            people = People(floor)
            seats = (people.seat(member), people.seat(named), people.seat(floor.manager))
            return seats, people.others
        return (
            NOBODY if member == NOBODY else order.index(member),
            NOBODY if named == NOBODY else order.index(named),
            NOBODY if floor.manager == NOBODY else len(order),
        ), floor.others

    def _parties(self, visit: int) -> tuple[int, ...]:
        visits = self.visits
        several = visits.parties_of.get(visit)
        if several is not None:
            return several
        party = visits.party[visit]
        return () if party == NONE or visit in self.unmet else (party,)

    def _said(self, visit: int) -> Said:
        said: Said = self.visits.said_words[self.said[visit]]
        survey = self.survey.get(visit)
        if survey is not None:
            said = said._replace(words=(survey, *said.words[1:]))
        named = self._named.get(visit)
        return said if named is None else said._replace(named=named)

    def _assign_concerned(self, at: int, site: int, visit: int) -> None:
        reception, others, own = self._decided(at, site, visit)
        if not own and self.words[visit] is None and self._said(visit).words[2]:
            self.unconfirmed.add(visit)
        self._assign(at, visit, self.floors[site], (reception, others, own))

    def _assign(
        self,
        at: int,
        visit: int,
        floor: Floor,
        decided: tuple[Reception, Sequence[int], list[Entry]],
    ) -> None:
        reception, others, own = decided
        receiver, owner, turn = floor.apply(visit, reception, others)
        self.receiver[visit], self.owner[visit], self.turn[visit] = receiver, owner, turn
        self.words[visit] = reception.words
        if reception.waits and best_of(own, at)[0] is None:
            self._unregistered.add(visit)
        for entry in own:
            if entry.member == receiver:
                contact(self.registers, at, floor, entry, RECEIVED)

    def _decided(
        self, at: int, site: int, visit: int, steps_up: int = NOBODY
    ) -> tuple[Reception, Sequence[int], list[Entry]]:
        """Decide on a visitor who concerns somebody: he is known, names a rep, or was sent."""
        floor, registers = self.floors[site], self.registers
        floor.now = at
        words, named, referrer, taker, unit_code, together = self._said(visit)
        own = registers.own(floor.play, self._parties(visit), unit_code, site)
        best, live = best_of(own, at)
        referred = registers.entries_of(referrer)
        sender, _ = best_of(referred, at)
        people = People(floor)
        steps_up = people.seat(steps_up)
        registered = NOBODY if best is None else people.seat(best.member)
        taker_seat = NOBODY if taker in floor.order else people.seat(taker)
        sender_seat = NOBODY if sender is None else people.seat(sender.member)
        named_seat, took_call, evidence = NOBODY, False, "NONE"
        if named != NOBODY and named not in self._gone:
            takers = self.visits.calls_of.get(visit, _NOBODIES)
            named_seat = people.seat(named)
            took_call = named in takers
            evidence = "CALL" if takers else "NONE"
            if any(entry.counts for entry in referred):
                evidence = "REFERRAL"
        manager = people.seat(floor.manager)
        buddies = self.visits.buddies_of.get(visit)
        friend = people.seat(floor.open.get(together, NOBODY))
        seats = (registered, named_seat, sender_seat, taker_seat, steps_up, friend, manager)
        near = buddies_of(people, buddies, {*floor.order, named, taker}) if buddies else None
        reception = floor.play.concerned(words, floor, seats, (live, took_call, evidence), near)
        return reception, people.others, own

    def _serve_waiting(self, at: int, site: int) -> None:
        floor = self.floors[site]
        for visit in list(floor.waiting):
            decided = self._decided(at, site, visit)
            if not decided[0].waits:
                floor.waiting.remove(visit)
                self._assign(at, visit, floor, decided)

    def _leave(self, at: int, floor: Floor, visit: int) -> None:
        receiver = floor.open.pop(visit, NOBODY)
        if receiver == NOBODY:
            if visit in floor.waiting:
                floor.waiting.remove(visit)
            self.registers.left(floor.play, visit, self.left_at[visit])
        else:
            floor.one_less(receiver)
            left_at = self.left_at[visit]
            if left_at >= floor.ends:
                self.registers.left(floor.play, visit, left_at)
        if floor.waiting:
            self._serve_waiting(at, floor.site)

    def surveying(self, visit: int) -> bool:
        """Tell whether a visitor is known for a competitor's survey."""
        survey = self.survey.get(visit) if self.survey else None
        if survey is None:
            return self.declared[self.said[visit]]
        return survey == _DECLARED

    def _sign_in(self, at: int, site: int, member: int, _what: int, more: int) -> None:
        floor = self.floors[site]
        self.seen[site, member] = floor.day
        floor.join(member, self.history.known_of(member, site, floor.day, at))
        if floor.waiting and not more:
            self._serve_waiting(at, site)

    def _replan(self, at: int, site: int, member: int, _what: int, _more: int) -> None:
        floor = self.floors[site]
        floor.replan(member, self.history.shifts_of(member, site, floor.day, at))

    def _sign_out(self, _at: int, site: int, member: int, _what: int, _more: int) -> None:
        floor = self.floors[site]
        self.seen[site, member] = floor.day
        floor.leave(member)

    def _go_on_business(self, _at: int, site: int, member: int, _what: int, _more: int) -> None:
        self.floors[site].stand(member, AWAY_BUSINESS)

    def _go_privately(self, _at: int, site: int, member: int, _what: int, _more: int) -> None:
        self.floors[site].stand(member, AWAY_PRIVATE)

    def _come_back(self, at: int, site: int, member: int, _what: int, _more: int) -> None:
        floor = self.floors[site]
        floor.stand(member, FREE)
        if floor.waiting:
            self._serve_waiting(at, site)

    def _name(self, at: int, site: int, member: int, visit: int, _more: int) -> None:
        floor = self.floors[site]
        if visit not in floor.waiting or member in self._gone:
            return
        self._named[visit] = member
        self._decide_again(at, site, visit)

    def _decide_again(self, at: int, site: int, visit: int) -> None:
        """Decide anew on a visitor who waits, whether he waits on or not."""
        floor = self.floors[site]
        place = floor.waiting.index(visit)
        floor.waiting.remove(visit)
        self._assign(at, visit, floor, self._decided(at, site, visit))
        if floor.waiting and floor.waiting[-1] == visit:
            # Who waits on keeps his place among those who wait.
            floor.waiting.insert(place, floor.waiting.pop())

    def _take(self, at: int, site: int, member: int, visit: int, _more: int) -> None:
        floor = self.floors[site]
        if visit not in floor.waiting or member not in floor.order:
            return
        own = [e for p in self._parties(visit) for e in self.registers.entries_of(p)]
        facts = {
            "customer_is_new": best_of(own, at)[0] is None or not best_of(own, at)[1],
            "serving_new_customer": self._serves_new(floor, member),
            "another_is_free": self._another_is_free(floor, member),
            "manager_override": False,
        }
        if self.play.decide("take", facts).then["answer"] != "ALLOWED":
            return
        open_floor = self.play.rotation.order is Order.OPEN_FLOOR
        decided = self._decided(at, site, visit, member if open_floor else NOBODY)
        seat = decided[0].receiver
        if 0 <= seat < len(floor.order) and floor.order[seat] == member:
            floor.waiting.remove(visit)
            self._assign(at, visit, floor, decided)

    def _another_is_free(self, floor: Floor, member: int) -> bool:
        marks = floor.marks(self.play.rotation)
        return any(
            other != member and byte % LOAD == FREE and HOLDS[mark[2]] in IN_ROTATION
            for other, byte, mark in zip(floor.order, floor.places, marks, strict=True)
        )

    def _serves_new(self, floor: Floor, member: int) -> bool:
        for visit, receiver in floor.open.items():
            words = self.words[visit]
            new = words is not None and (
                words.mode in _NEW_MODES or words.obligation in _NEW_OBLIGATIONS
            )
            if receiver == member and new:
                return True
        return False

    def _exposed(self, site: int, visit: int, admitted: int) -> list[Entry]:
        """Note that a visitor is a survey; returns what is void of it from now on."""
        floor = self.floors[site]
        turn = self.turn[visit]
        today = floor.days.day(self.visits.arrived_at[visit]) == floor.day
        facts = {"admitted": bool(admitted), "turn_used": today and turn in floor.order}
        outcome = self.play.decide("expose", facts)
        self.survey[visit] = "DECLARED" if admitted == _ADMITTED else "UNDECLARED"
        if outcome.then["turn"] == "RESTORED" and turn != NOBODY:
            floor.to_head(turn)
            floor.count_turn(turn, -1)
        return self.registers.void_surveys(visit) if admitted == _ADMITTED else []

    def _reassign(self, at: int, site: int, member: int, visit: int, _more: int) -> None:
        receiver, words = self.receiver[visit], self.words[visit]
        if receiver == member or words is None or member in self._gone:
            return
        floor = self.floors[site]
        owner = self.owner[visit]
        members = self.history.members
        handover = handed_over(
            members[member],
            owner_id=None if owner == NOBODY else members[owner],
            received_for=owner not in {NOBODY, receiver},
            mode=words.mode,
            obligation=words.obligation,
            registered=visit not in self._unregistered,
        )
        outcome = self.play.decide("take", {"manager_override": True})
        today = floor.days.day(self.visits.arrived_at[visit]) == floor.day
        if today:
            floor.give(visit, member)
        used = self.turn[visit]
        if used not in {NOBODY, receiver} or used == NOBODY or not today:
            used = NOBODY
        if used != NOBODY:
            floor.to_head(used)
            floor.to_tail(member)
            floor.count_turn(used, -1)
            floor.count_turn(member, 1)
            self.turn[visit] = member
        self.receiver[visit] = member
        new = handover.owner_id
        self.owner[visit] = NOBODY if new is None else self._members[new]
        self.words[visit] = self.play.words(
            "NOBODY" if new is None else "MEMBER",
            handover.mode,
            handover.obligation,
            outcome.rule_id,
            outcome.clause,
        )
        unit_code = self._said(visit).unit_code
        for entry in self.registers.own(self.play, self._parties(visit), unit_code, site):
            if entry.member == member:
                contact(self.registers, at, floor, entry, RECEIVED)
        if floor.waiting:
            self._serve_waiting(at, site)

    def _breach(self, _at: int, site: int, member: int, _what: int, breach: int) -> None:
        if _PENALTY not in self.play.rulebook.meaning.decisions:
            return
        then = self.play.decide(_PENALTY, {"breach": BREACHES[breach]}).then
        self.floors[site].owe(member, int(then["turns"]))
        if then["days"]:
            self.floors[site].bar(member, int(then["days"]))

    def _lift(self, at: int, site: int, member: int, _what: int, _more: int) -> None:
        self.floors[site].lift(member)
        self._serve_waiting(at, site)


def _whole(case: Case) -> tuple[Seats, tuple[bool, bool, str]]:
    """Return the seats of a case, and what is proved: as `Play.concerned` has them."""
    _, registered, asked_for, manager, live, called = case
    seats = (registered, asked_for, *_OF_NOBODY_ELSE, manager)
    return seats, (live, called == _HIMSELF, "CALL" if called else "NONE")
