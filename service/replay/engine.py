"""The replay itself: every line of a history in its order, each handled as its command would."""

import gc
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from service.reception.rules.handover import handed_over
from service.reception.rules.queue import IN_ROTATION, Order
from service.replay.credits import Credits
from service.replay.departing import Departures
from service.replay.floor import Floor
from service.replay.history import BREACHES, NONE, History, Kind, Said
from service.replay.people import People, buddies_of
from service.replay.places import AWAY_BUSINESS, AWAY_PRIVATE, FREE, LEFT, LOAD, NOBODY
from service.replay.play import HOLDS, OUTSIDE, Play, Reception, Words
from service.replay.registers import NO_ENTRIES, Entry, Registers, best_of
from service.replay.succession import NEVER, Takeovers, Timeline, at_instant, in_order

_DECLARED: Final = "DECLARED"
_PENALTY: Final = "penalty"
_FALSIFICATION: Final = "falsification"
_LEAVING: Final = "LEAVING"
_STEP: Final = 4096
_ADMITTED: Final = 1
_NOBODIES: Final[frozenset[int]] = frozenset()
_NEW_MODES: Final = frozenset({"TURN", "DOUBLE", "NAMED"})
_NEW_OBLIGATIONS: Final = frozenset({"NAMED_REP", "DAY_OFF"})

Handler = Callable[[int, int, int, int, int], None]


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the collector from looking through what a replay makes: nothing of it is a circle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Replay:
    """A history under the versions in force, one line after the other.

    Attributes:
        receiver, owner, turn: by visit, as the replay left it; NOBODY where there is none.
        words: by visit: mode, obligation, rule; None for a visit that did not come to a decision.
    """

    def __init__(
        self, history: History, versions: Sequence[Timeline], company: Timeline | None = None
    ) -> None:
        """Take the history and the versions in force.

        Args:
            history: what happened.
            versions: for each of its sites those in force there.
            company: those in force where no site is asked about; the first site's if left out.
        """
        self.history = history
        self.visits = history.visits
        count = len(history.visits)
        self.receiver = array("i", [NOBODY]) * count
        self.owner = array("i", [NOBODY]) * count
        self.turn = array("i", [NOBODY]) * count
        self.words: list[Words | None] = [None] * count
        self.registers = Registers(history)
        self.floors = [
            Floor(place, history.staff_codes, timeline[0][1])
            for place, timeline in zip(history.places, versions, strict=True)
        ]
        self.credits = Credits(self)
        self._gone: set[int] = set()
        self.departures = Departures(history, self.registers, self._gone)
        self._named: dict[int, int] = {}
        self._survey: dict[int, str] = {}
        self.unconfirmed: set[int] = set()
        self._members = {member: number for number, member in enumerate(history.members)}
        self._entry_visits = array("i", (made.visit for made in history.entries))
        self._handlers = self._handled()
        self._plain = [said.words if said.plain else None for said in self.visits.said_words]
        self._declared = [said.words[0] == _DECLARED for said in self.visits.said_words]
        self._keys: dict[Play, list[bytes]] = {}
        self._timelines = [in_order(timeline) for timeline in versions]
        self._company = in_order(company or versions[0]) if versions else []
        self._takeovers = Takeovers(self._timelines)
        for site, floor in enumerate(self.floors):
            self._put_in_force(floor, self._timelines[site].pop(0)[1], site)

    def _handled(self) -> list[Handler]:
        by_kind: dict[Kind, Handler] = {
            Kind.ARRIVAL: self._arrive,
            Kind.LEFT: self._leave,
            Kind.REGISTERED: self._register,
            Kind.FOLLOWED_UP: self._follow_up,
            Kind.SIGN_IN: self._sign_in,
            Kind.SIGN_OUT: self._sign_out,
            Kind.AWAY_BUSINESS: self._go_on_business,
            Kind.AWAY_PRIVATE: self._go_privately,
            Kind.BACK: self._come_back,
            Kind.NAMED: self._name,
            Kind.TAKEN: self._take,
            Kind.EXPOSED: self._expose,
            Kind.REASSIGNED: self._reassign,
            Kind.CORRECTED: self._correct,
            Kind.CALL_REGISTERED: self._register_call,
            Kind.VOIDED: self._void,
            Kind.LINKED: self._link,
            Kind.DEAL: self._deal,
            Kind.CLAIM: self._claim,
            Kind.MEMBER_LEFT: self._member_left,
            Kind.SETTLED: self._settle,
            Kind.BREACHED: self._breach,
            Kind.PENALTY_LIFTED: self._lift,
            Kind.DEPARTED: self._depart,
            Kind.HANDED_OUT: self._hand_out,
        }
        return [by_kind[kind] for kind in Kind]

    def run(self) -> None:
        """Replay everything."""
        for _ in self.steps():
            pass

    def steps(self, step: int = _STEP) -> Iterator[int]:
        """Replay, giving back after every few thousand lines how many were done."""
        total = len(self.history)
        for begin in range(0, total, step):
            self._some(begin, begin + step)
            yield min(begin + step, total)

    def _some(self, begin: int, end: int) -> None:
        handlers, floors, takeovers = self._handlers, self.floors, self._takeovers
        for at, kind, site, who, what, more in self.history.lines(begin, end):
            if at >= takeovers.next_at:
                self._take_over(at)
            floor = floors[site]
            floor.now = at
            if at >= floor.until:
                self._turn(floor, site, at)
            self.play = floor.play
            handlers[kind](at, site, who, what, more)

    def _turn(self, floor: Floor, site: int, at: int) -> None:
        if at >= floor.ends:
            floor.turn_to(at)
        coming = self._timelines[site]
        while coming and at >= coming[0][0]:
            self._put_in_force(floor, coming.pop(0)[1], site)

    def _take_over(self, until: int) -> None:
        for at, site, play in self._takeovers.begun(until):
            self.registers.switch(play, site, at)
            self.credits.switch(play, site, at)

    def look_ahead(self) -> None:
        """Count what runs on as the versions to come will have it, which is how it is kept."""
        self._take_over(NEVER)

    def _put_in_force(self, floor: Floor, play: Play, site: int) -> None:
        keys = self._keys.get(play)
        if keys is None:
            said_words = self.visits.said_words
            keys = self._keys[play] = [play.plain_key(said.words, OUTSIDE) for said in said_words]
        self.play = floor.play = play
        floor.plain_keys = keys
        coming = self._timelines[site]
        floor.superseded_at = coming[0][0] if coming else NEVER
        floor.until = min(floor.ends, floor.superseded_at)

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
        return () if party == NONE else (party,)

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

    def _register(self, at: int, site: int, _who: int, number: int, _more: int) -> None:
        visit = self._entry_visits[number]
        member = self.owner[visit]
        surveying = self._declared[self.visits.said[visit]]
        if self._survey:
            surveying = self._surveying(visit)
        if member == NOBODY:
            if not surveying:
                return
            member = self.receiver[visit]
        if member != NOBODY:
            same_day = self.visits.arrived_at[visit] >= self.floors[site].begins
            key = (self.play, number, at, same_day)
            self.registers.register(key, member, surveying)

    def _surveying(self, visit: int) -> bool:
        survey = self._survey.get(visit) if self._survey else None
        if survey is None:
            return self._declared[self.visits.said[visit]]
        return survey == _DECLARED

    def _register_call(self, at: int, _site: int, _who: int, number: int, _more: int) -> None:
        self.registers.register_call(self.play, number, at)

    def _correct(self, at: int, _site: int, _who: int, number: int, _more: int) -> None:
        visit = self.history.entries[number].visit
        surveying = visit != NONE and self._surveying(visit)
        self.registers.correct(self.play, number, at, surveying=surveying)

    def _follow_up(self, at: int, _site: int, _who: int, number: int, bits: int) -> None:
        self.registers.follow_up(self.play, number, at, bits)

    def _sign_in(self, at: int, site: int, member: int, _what: int, more: int) -> None:
        floor = self.floors[site]
        self.departures.seen[site, member] = floor.day
        floor.join(member, self.history.known_of(member, site, floor.day, at))
        if floor.waiting and not more:
            self._serve_waiting(at, site)

    def _sign_out(self, _at: int, site: int, member: int, _what: int, _more: int) -> None:
        floor = self.floors[site]
        self.departures.seen[site, member] = floor.day
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

    def _expose(self, _at: int, site: int, _who: int, visit: int, admitted: int) -> None:
        floor = self.floors[site]
        turn = self.turn[visit]
        today = floor.days.day(self.visits.arrived_at[visit]) == floor.day
        facts = {"admitted": bool(admitted), "turn_used": today and turn in floor.order}
        outcome = self.play.decide("expose", facts)
        self._survey[visit] = "DECLARED" if admitted == _ADMITTED else "UNDECLARED"
        if outcome.then["turn"] == "RESTORED" and turn != NOBODY:
            floor.to_head(turn)
            floor.count_turn(turn, -1)

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
        self.owner[visit] = self._members[handover.owner_id]
        self.words[visit] = self.play.words(
            "MEMBER", handover.mode, handover.obligation, outcome.rule_id, outcome.clause
        )
        if floor.waiting:
            self._serve_waiting(at, site)

    def _void(self, at: int, site: int, member: int, number: int, _more: int) -> None:
        finding = self.history.findings[number]
        scope = str(self.play.decide(_FALSIFICATION, {"names": finding.names}).then["scope"])
        void = self.registers.void(member, site, finding, scope)
        self.credits.fail(self.play, void, at)

    def _link(self, _at: int, _site: int, _who: int, _what: int, number: int) -> None:
        self.registers.link(self.history.relations[number])

    def _deal(self, at: int, _site: int, _who: int, number: int, _more: int) -> None:
        self.credits.sign(self.play, number, at)

    def _claim(self, at: int, _site: int, _who: int, number: int, _more: int) -> None:
        self.credits.claim(self.play, number, at)

    def _settle(self, _at: int, _site: int, _who: int, number: int, settlement: int) -> None:
        self.credits.settle(self.play, number, self.history.settlements[settlement])

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

    def _depart(self, at: int, site: int, member: int, number: int, _more: int) -> None:
        departed = self.history.departures[number]
        self.departures.pass_on(at_instant(self._company, at), member, departed, at)
        if departed.kind == _LEAVING:
            self._member_left(at, site, member, NONE, 0)

    def _hand_out(self, at: int, site: int, member: int, number: int, _more: int) -> None:
        handed = self.history.handed_out[number]
        visit = self.history.entries[handed.entry].visit
        if handed.released == NONE and visit != NONE and self.owner[visit] != NOBODY:
            # Here the visit was a member's: nobody had to hand its customer out.
            return
        self.departures.hand_out(self.play, (site, member), handed, at)

    def _member_left(self, _at: int, _site: int, member: int, _what: int, _more: int) -> None:
        self._gone.add(member)
        self.registers.member_left(member)
        for floor in self.floors:
            floor.leave(member)
