"""The hall in a replay: who comes, who is there, who receives whom, and until when."""

from array import array
from collections.abc import Sequence
from typing import Final

from service.reception.rules.handover import handed_over
from service.reception.rules.queue import IN_ROTATION, Order
from service.replay.entries import NO_ENTRIES, Entry, best_of
from service.replay.floor import Floor
from service.replay.history import BREACHES, NONE, History, Said
from service.replay.people import People, buddies_of
from service.replay.places import AWAY_BUSINESS, AWAY_PRIVATE, FREE, LEFT, LOAD, NOBODY
from service.replay.play import HOLDS, Play, Reception, Words
from service.replay.registers import Registers

_DECLARED: Final = "DECLARED"
_PENALTY: Final = "penalty"
_ADMITTED: Final = 1
_NOBODIES: Final[frozenset[int]] = frozenset()
_NEW_MODES: Final = frozenset({"TURN", "DOUBLE", "NAMED"})
_NEW_OBLIGATIONS: Final = frozenset({"NAMED_REP", "DAY_OFF"})


class Hall:
    """The sites of a history, their visitors and their reps: a line of it is a method here.

    Attributes:
        play: the version in force where the line at hand happened.
        receiver, owner, turn: by visit, as the replay left it; NOBODY where there is none.
        words: by visit: mode, obligation, rule; None for a visit that did not come to a decision.
        unconfirmed: visits of whom said he had come before and nobody could confirm it.
        seen: by site and member: the last day, as its ordinal, on which he was noted there.
    """

    def __init__(self, history: History, opening: Sequence[Play]) -> None:
        """Take the history, and for each of its sites the version that opens it."""
        self.history = history
        self.visits = history.visits
        count = len(history.visits)
        self.receiver = array("i", [NOBODY]) * count
        self.owner = array("i", [NOBODY]) * count
        self.turn = array("i", [NOBODY]) * count
        self.words: list[Words | None] = [None] * count
        self.unconfirmed: set[int] = set()
        self.seen: dict[tuple[int, int], int] = {}
        self.registers = Registers(history)
        self.floors = [
            Floor(place, history.staff_codes, play)
            for place, play in zip(history.places, opening, strict=True)
        ]
        if opening:
            self.play = opening[0]
        self._gone: set[int] = set()
        self._named: dict[int, int] = {}
        self._survey: dict[int, str] = {}
        self._unmet = set(history.visits.met_later)
        self._unregistered: set[int] = set()
        self._members = {member: number for number, member in enumerate(history.members)}
        self._plain = [said.words if said.plain else None for said in self.visits.said_words]
        self._declared = [said.words[0] == _DECLARED for said in self.visits.said_words]

    def _arrive(self, at: int, site: int, _who: int, visit: int, _more: int) -> None:
        visits, registers = self.visits, self.registers
        number = visits.said[visit]
        words = self._plain[number]
        party = visits.party[visit]
        if (
            words is None
            or party in registers.by_party
            or party in registers.relations
            or visit in visits.parties_of
        ):
            self._assign_concerned(at, site, visit)
            return
        floor = self.floors[site]
        if floor.manager_queues or floor.manager == NOBODY:
            seat = floor.manager_seat
            key = self.play.plain_key(words, seat)
        else:
            seat = len(floor.order)
            key = floor.plain_keys[number]
        play = self.play
        reception = None
        if play.by_sign_in and not floor.kept:
            # Nearly every visitor: his pattern is known, and asking costs one look.
            reception = play.receptions.get(key + floor.places)
        if reception is None:
            reception = play.plain_reception(key, words, floor, seat)
        self.receiver[visit], self.owner[visit], self.turn[visit] = floor.apply(
            visit, reception, floor.others
        )
        self.words[visit] = reception.words
        if words[2]:
            self.unconfirmed.add(visit)

    def _parties(self, visit: int) -> tuple[int, ...]:
        visits = self.visits
        several = visits.parties_of.get(visit)
        if several is not None:
            return several
        party = visits.party[visit]
        return () if party == NONE or visit in self._unmet else (party,)

    def _said(self, visit: int) -> Said:
        said: Said = self.visits.said_words[self.visits.said[visit]]
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
        referred = registers.by_party.get(referrer, NO_ENTRIES)
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

    def _leave(self, at: int, site: int, _who: int, visit: int, _more: int) -> None:
        floor = self.floors[site]
        receiver = floor.open.pop(visit, NOBODY)
        if receiver in floor.order:
            seat = floor.order.index(receiver)
            floor.places[seat] = LEFT[floor.places[seat]]
        elif receiver != NOBODY:
            floor.one_less(receiver)
        elif visit in floor.waiting:
            floor.waiting.remove(visit)
        left_at = self.visits.left_at[visit]
        if receiver == NOBODY or left_at >= floor.ends:
            self.registers.left(self.play, visit, left_at)
        if floor.waiting:
            self._serve_waiting(at, site)

    def _surveying(self, visit: int) -> bool:
        survey = self._survey.get(visit) if self._survey else None
        if survey is None:
            return self._declared[self.visits.said[visit]]
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
        own = [e for p in self._parties(visit) for e in self.registers.by_party.get(p, ())]
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
