"""The hall in a replay: who comes, who is there, who receives whom, and until when."""

from collections.abc import Callable, Sequence
from typing import Final

from service.reception.rules.handover import handed_over
from service.reception.rules.queue import IN_ROTATION, Order
from service.replay.entries import Entry, best_of
from service.replay.floor import Floor
from service.replay.history import BREACHES, NONE, History, Said
from service.replay.people import People, buddies_of
from service.replay.places import AWAY_BUSINESS, AWAY_PRIVATE, FREE, LEFT, LOAD, NOBODY, TAKEN
from service.replay.play import HOLDS, Play
from service.replay.receptions import Reception, Words
from service.replay.registers import Registers

_DECLARED: Final = "DECLARED"
_PENALTY: Final = "penalty"
_ADMITTED: Final = 1
# Named, referring, greeting, stepping up, receiving the party he came with.
_OF_NOBODY_ELSE: Final = (NOBODY,) * 5
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
        self._survey: dict[int, str] = {}
        self.said = history.visits.said.tolist()
        self._unmet = set(history.visits.met_later)
        self._unregistered: set[int] = set()
        self._members = {member: number for number, member in enumerate(history.members)}
        self._plain = [said.words if said.plain else None for said in self.visits.said_words]
        self._declared = [said.words[0] == _DECLARED for said in self.visits.said_words]

    def _arriving(self) -> Callable[[int, Floor, int], None]:
        """Return what lets a visitor arrive: frequent, so all it reads is at hand."""
        visits, registers = self.visits, self.registers
        said, party_of, parties_of = self.said, visits.party, visits.parties_of
        known, related = registers.by_party, registers.relations
        plain, unconfirmed, words_of = self._plain, self.unconfirmed, self.words
        receivers, owners, turns = self.receiver, self.owner, self.turn

        def arrive(at: int, floor: Floor, visit: int) -> None:
            number, party = said[visit], party_of[visit]
            words = plain[number]
            if words is None or party in related or visit in parties_of:
                self._assign_concerned(at, floor.site, visit)
                return
            entries = known[party]
            if entries is not None:
                self._come_again(at, floor, visit, entries)
                return
            places = floor.places
            # Nearly every visitor: his pattern is known, and asking costs one look.
            reception = floor.receptions.get(floor.plain_keys[number] + places)
            if reception is None or floor.kept or floor.manager_queues:
                reception = floor.play.plain(words, floor)
            if reception.in_turn:
                seat, order = reception.receiver, floor.order
                member = order.pop(seat)
                order.append(member)
                places.append(TAKEN[places.pop(seat)])
                floor.open[visit] = receivers[visit] = owners[visit] = turns[visit] = member
                used = floor.used
                used[member] = used.get(member, 0) + 1
            else:
                applied = floor.apply(visit, reception, floor.others)
                receivers[visit], owners[visit], turns[visit] = applied
            words_of[visit] = reception.words
            if words[2]:
                unconfirmed.add(visit)

        return arrive

    def _come_again(self, at: int, floor: Floor, visit: int, entries: list[Entry]) -> None:
        """Let a visitor arrive who concerns nobody but those who have registered him."""
        if visit in self._unmet or visit in self.visits.buddies_of:
            self._assign_concerned(at, floor.site, visit)
            return
        play, number = floor.play, self.said[visit]
        words = self.visits.said_words[number].words
        several = len(entries) > 1 or (entries and entries[0].site != floor.site)
        if several and not play.knows_elsewhere():
            entries = [entry for entry in entries if entry.site == floor.site]
        best, live = best_of(entries, at)
        registered, manager, others = self._seats(floor, best)
        case = (number, registered, manager, live)
        beginning = floor.known_keys.get(case)
        if beginning is None:
            seats = (registered, *_OF_NOBODY_ELSE, manager)
            beginning = play.concerned_key(words, seats, (live, False, "NONE"))
            floor.known_keys[case] = beginning
        reception = floor.receptions.get(beginning + floor.places)
        if reception is None or floor.kept:
            seats = (registered, *_OF_NOBODY_ELSE, manager)
            reception = play.concerned(words, floor, seats, (live, False, "NONE"))
        if words[2] and not entries:
            self.unconfirmed.add(visit)
        if best is None and reception.waits:
            self._unregistered.add(visit)
        receiver, self.owner[visit], self.turn[visit] = floor.apply(visit, reception, others)
        self.receiver[visit] = receiver
        self.words[visit] = reception.words
        for entry in entries:
            if entry.member == receiver:
                self.registers.received(play, entry, at)

    def _seats(self, floor: Floor, best: Entry | None) -> tuple[int, int, Sequence[int]]:
        """Return the seats of who registered a visitor and of the manager; who is not queueing."""
        manager = NOBODY if floor.manager in self._gone else floor.manager_seat
        if best is None:
            return NOBODY, manager, floor.others
        member, order = best.member, floor.order
        if member in order:
            return order.index(member), manager, floor.others
        outside = len(order)
        if member == floor.manager:
            return outside, manager, floor.others
        return outside, manager + (manager == outside), (member, floor.manager)

    def _parties(self, visit: int) -> tuple[int, ...]:
        visits = self.visits
        several = visits.parties_of.get(visit)
        if several is not None:
            return several
        party = visits.party[visit]
        return () if party == NONE or visit in self._unmet else (party,)

    def _said(self, visit: int) -> Said:
        said: Said = self.visits.said_words[self.said[visit]]
        survey = self._survey.get(visit)
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
                self.registers.received(self.play, entry, at)

    def _decided(
        self, at: int, site: int, visit: int, steps_up: int = NOBODY
    ) -> tuple[Reception, Sequence[int], list[Entry]]:
        """Decide on a visitor who concerns somebody: he is known, names a rep, or was sent."""
        floor, registers = self.floors[site], self.registers
        words, named, referrer, taker, unit_code, together = self._said(visit)
        own = registers.own(self.play, self._parties(visit), unit_code, site)
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
        manager = NOBODY if floor.manager in self._gone else people.seat(floor.manager)
        buddies = self.visits.buddies_of.get(visit)
        friend = people.seat(floor.open.get(together, NOBODY))
        seats = (registered, named_seat, sender_seat, taker_seat, steps_up, friend, manager)
        near = buddies_of(people, buddies, {*floor.order, named, taker}) if buddies else None
        reception = self.play.concerned(words, floor, seats, (live, took_call, evidence), near)
        return reception, people.others, own

    def _serve_waiting(self, at: int, site: int) -> None:
        floor = self.floors[site]
        for visit in list(floor.waiting):
            decided = self._decided(at, site, visit)
            if not decided[0].waits:
                floor.waiting.remove(visit)
                self._assign(at, visit, floor, decided)

    def _leaving(self) -> Callable[[int, Floor, int], None]:
        """Return what lets a visitor leave, with all it reads at hand."""
        left_at, registers = self.visits.left_at, self.registers

        def leave(at: int, floor: Floor, visit: int) -> None:
            receiver = floor.open.pop(visit, NOBODY)
            order = floor.order
            if receiver in order:
                seat, places = order.index(receiver), floor.places
                places[seat] = LEFT[places[seat]]
            elif receiver != NOBODY:
                floor.one_less(receiver)
            elif visit in floor.waiting:
                floor.waiting.remove(visit)
            if receiver == NOBODY or left_at[visit] >= floor.ends:
                registers.left(floor.play, visit, left_at[visit])
            if floor.waiting:
                self._serve_waiting(at, floor.site)

        return leave

    def _surveying(self, visit: int) -> bool:
        survey = self._survey.get(visit) if self._survey else None
        if survey is None:
            return self._declared[self.said[visit]]
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
        self._survey[visit] = "DECLARED" if admitted == _ADMITTED else "UNDECLARED"
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
                self.registers.received(self.play, entry, at)
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
        self.floors[site].kept.pop(member, None)
        self._serve_waiting(at, site)
