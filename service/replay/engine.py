"""The replay itself: every line of a history in its order, each handled as its command would."""

import gc
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from service.replay.awarding import Awards
from service.replay.contacts import contact
from service.replay.credits import Credits
from service.replay.departing import Departures
from service.replay.floor import Case, Floor
from service.replay.hall import Hall
from service.replay.history import NONE, History, Kind
from service.replay.places import NOBODY
from service.replay.play import OUTSIDE, Play
from service.replay.registering import Registering
from service.replay.succession import NEVER, Takeovers, Timeline, at_instant, in_order

_FALSIFICATION: Final = "falsification"
_LEAVING: Final = "LEAVING"
_STEP: Final = 4096
# As plain numbers, which are compared without asking their kind.
_ARRIVAL, _LEFT = Kind.ARRIVAL.value, Kind.LEFT.value
_REGISTERED, _FOLLOWED_UP = Kind.REGISTERED.value, Kind.FOLLOWED_UP.value

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


class Replay(Hall):
    """A history under the versions in force, one line after the other."""

    def __init__(
        self, history: History, versions: Sequence[Timeline], company: Timeline | None = None
    ) -> None:
        """Take the history and the versions in force.

        Args:
            history: what happened.
            versions: for each of its sites those in force there.
            company: those in force where no site is asked about; the first site's if left out.
        """
        super().__init__(history, [timeline[0][1] for timeline in versions])
        self.credits = Credits(self)
        self.departures = Departures(history, self.registers, self._gone, self.seen)
        self.awards = Awards(self.registers, self._gone)
        self._disputed_visits = history.visits.of_parties(one.party for one in history.awarded)
        self._handlers = self._handled()
        self._registering = Registering(self)
        self._keys: dict[tuple[Play, int], list[bytes]] = {}
        self._known_keys: dict[Play, dict[Case, bytes]] = {}
        self._timelines = [in_order(timeline) for timeline in versions]
        self._company = in_order(company or versions[0]) if versions else []
        self._takeovers = Takeovers(self._timelines)
        # When a day or a version ends next at any site, or one takes over what runs.
        self._until = 0
        for site, floor in enumerate(self.floors):
            self._put_in_force(floor, self._timelines[site].pop(0)[1], site)

    def _handled(self) -> list[Handler]:
        by_kind: dict[Kind, Handler] = {
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
            Kind.AWARDED: self._award,
            Kind.CANCELLED: self._cancel,
            Kind.ROSTER: self._replan,
        }
        return [by_kind.get(kind, _beside) for kind in Kind]

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
        instants, end = self.history.at, min(end, len(self.history))
        while begin < end:
            if instants[begin] >= self._until:
                self._turn(instants[begin])
            until = bisect_left(instants, self._until, begin, end)
            self._undivided(begin, until)
            begin = until

    def _undivided(self, begin: int, end: int) -> None:
        """Replay lines between which no day and no version ends anywhere."""
        handlers, floors = self._handlers, self.floors
        registering, registers = self._registering, self.registers
        history, line = self.history, begin
        for at, kind, site, what in history.lines(begin, end):
            floor = floors[site]
            # Nine lines of ten are of four kinds.
            if kind == _ARRIVAL:
                self._arrive(at, floor, what)
            elif kind == _LEFT:
                self._leave(at, floor, what)
            elif kind == _REGISTERED:
                registering.register(at, floor, what)
            elif kind == _FOLLOWED_UP:
                entry = registers.by_number[what]
                if entry is not None and not entry.superseded:
                    contact(registers, at, floor, entry, history.more[line])
            else:
                floor.now = at
                self.play = floor.play
                handlers[kind](at, site, history.who[line], what, history.more[line])
            line += 1

    def _turn(self, at: int) -> None:
        if at >= self._takeovers.next_at:
            self._take_over(at)
        for site, floor in enumerate(self.floors):
            if at >= floor.ends:
                floor.turn_to(at)
            coming = self._timelines[site]
            while coming and at >= coming[0][0]:
                self._put_in_force(floor, coming.pop(0)[1], site)
        ends = min(min(floor.ends, floor.superseded_at) for floor in self.floors)
        self._until = min(ends, self._takeovers.next_at)

    def _take_over(self, until: int) -> None:
        for at, site, play in self._takeovers.begun(until):
            self.registers.switch(play, site, at)
            self.credits.switch(play, site, at)

    def look_ahead(self) -> None:
        """Count what runs on as the versions to come will have it, which is how it is kept."""
        self._take_over(NEVER)

    def _put_in_force(self, floor: Floor, play: Play, site: int) -> None:
        self.play = floor.play = play
        self._set_keys(floor)
        floor.known_keys = self._known_keys.setdefault(play, {})
        floor.receptions = play.receptions if play.by_sign_in else {}
        coming = self._timelines[site]
        floor.superseded_at = coming[0][0] if coming else NEVER
        floor.settle()

    def _set_keys(self, floor: Floor) -> None:
        play, manager = floor.play, NOBODY if floor.manager == NOBODY else OUTSIDE
        keys = self._keys.get((play, manager))
        if keys is None:
            said_words = self.visits.said_words
            keys = [play.plain_key(said.words, manager) for said in said_words]
            self._keys[play, manager] = keys
        floor.plain_keys = keys

    def _register_call(self, at: int, _site: int, _who: int, number: int, _more: int) -> None:
        self.registers.register_call(self.play, number, at)

    def _correct(self, at: int, _site: int, _who: int, number: int, _more: int) -> None:
        visit = self.history.entries[number].visit
        surveying = visit != NONE and self.surveying(visit)
        self.registers.correct(self.play, number, at, surveying=surveying, sold=self.credits.sold)

    def _expose(self, at: int, site: int, _who: int, visit: int, admitted: int) -> None:
        void = self._exposed(site, visit, admitted)
        if void:
            self.credits.fail(self.play, void, at)

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

    def _cancel(self, _at: int, _site: int, _who: int, number: int, _more: int) -> None:
        self.credits.cancel(number)

    def _settle(self, _at: int, _site: int, _who: int, number: int, settlement: int) -> None:
        self.credits.settle(self.play, number, self.history.settlements[settlement])

    def _depart(self, at: int, site: int, member: int, number: int, _more: int) -> None:
        departed = self.history.departures[number]
        self.departures.pass_on(at_instant(self._company, at), member, departed, at)
        if departed.kind == _LEAVING:
            self._member_left(at, site, member, NONE, 0)

    def _hand_out(self, at: int, site: int, member: int, number: int, _more: int) -> None:
        handed = self.history.handed_out[number]
        made = self.history.entries[handed.entry]
        owned = made.visit != NONE and self.owner[made.visit] != NOBODY
        awarded = (made.party, site) in self.awards.pooled
        if handed.released == NONE and owned and not awarded:
            # Here the visit was a member's: nobody had to hand its customer out.
            return
        self.departures.hand_out(self.play, (site, member), handed, at)

    def _award(self, at: int, site: int, _who: int, number: int, _more: int) -> None:
        awarded = self.history.awarded[number]
        self.awards.award(self.play, site, awarded, at)
        sold = self.credits.sold
        winner = self.awards.owner(awarded)
        came = self._disputed_visits[awarded.party]
        for visit in self.registers.visitors.visits_of(came, awarded.party):
            words = self.words[visit]
            here = self.visits.site[visit] == site and self.owner[visit] in awarded.two
            if words is not None and here and visit not in sold:
                self.owner[visit] = winner
                kind = "COMPANY" if winner == NOBODY else "MEMBER"
                self.words[visit] = self.play.words(
                    kind, words.mode, words.obligation, words.rule, words.clause
                )
            if visit in self.floors[site].waiting:
                self._decide_again(at, site, visit)

    def _member_left(self, _at: int, _site: int, member: int, _what: int, _more: int) -> None:
        self._gone.add(member)
        self.registers.member_left(member)
        for floor in self.floors:
            floor.leave(member)
            if floor.manager == member:
                floor.manager = NOBODY
                self._set_keys(floor)


def _beside(_at: int, _site: int, _who: int, _what: int, _more: int) -> None:
    """Stand for the kinds that are called from places of their own."""
