"""Members who go in a replay: who gets their customers, and whom the company pool keeps."""

from collections.abc import Mapping, Sequence
from typing import Final

from service.ownership.rules import Hand, dealt_out, seen_since
from service.replay.days import instant_of
from service.replay.entries import Entry
from service.replay.history import NONE, Departed, HandedOut, History
from service.replay.play import Play
from service.replay.registers import Registers

_DEPARTURE: Final = "departure"
_KEPT, _SUCCESSOR, _ROTATION = "KEPT", "SUCCESSOR", "ROTATION"


class Departures:
    """Who takes over from whom.

    Attributes:
        seen: by site and member: the last day, as its ordinal, on which he was noted there.
    """

    def __init__(
        self,
        history: History,
        registers: Registers,
        gone: set[int],
        seen: dict[tuple[int, int], int],
    ) -> None:
        self._history = history
        self._registers = registers
        self._gone = gone
        self._members = {member: number for number, member in enumerate(history.members)}
        self.seen = seen

    def pass_on(self, play: Play, member: int, departed: Departed, at: int) -> None:
        """Give a member's live entries to whom the rulebook says (decision `departure`).

        What somebody did later with an entry that was made for its new representative then, is
        done with the one that stands for it here.
        """
        facts = {"kind": departed.kind, "wish": departed.wish}
        went = str(play.decide(_DEPARTURE, facts).then["registrations"])
        made = dict(departed.passed_on)
        live = [] if went == _KEPT else self._registers.live_of(member, at)
        takers = self._takers(went, (member, departed), live, at)
        for entry in live:
            taker = takers.get(entry, NONE)
            if taker == NONE:
                self._registers.release(entry)
            else:
                number = made.pop(entry.number, entry.number)
                self._registers.pass_on(play, entry, taker, (number, at))
        for old, new in made.items():
            self._registers.stand_for(new, old)

    def _takers(
        self, went: str, going: tuple[int, Departed], live: Sequence[Entry], at: int
    ) -> Mapping[Entry, int]:
        member, departed = going
        if went == _SUCCESSOR:
            if not self._works(departed.successor, at):
                return {}
            taken = (entry for entry in live if entry.site not in departed.unreceived)
            return dict.fromkeys(taken, departed.successor)
        if went != _ROTATION:
            return {}
        takers: dict[Entry, int] = {}
        for site in sorted({entry.site for entry in live}):
            of_site = [entry for entry in live if entry.site == site]
            dealt = self._dealt(site, member, len(of_site), at)
            takers.update(zip(of_site, dealt, strict=False))
        return takers

    def hand_out(self, play: Play, where: tuple[int, int], handed: HandedOut, at: int) -> None:
        """Enter a customer of the pool for the member who got him, or whose turn it is."""
        site, member = where
        registers, old = self._registers, None
        if handed.released != NONE:
            old = registers.by_number[handed.released]
            if old is None or old not in registers.pool:
                registers.stand_for(handed.entry, handed.released)
                return
        takers = self._dealt(site, handed.former, 1, at) if handed.by_rotation else [member]
        if takers:
            if old is not None:
                registers.pool.remove(old)
            registers.hand_out(play, (takers[0], site), handed.entry, at)

    def _dealt(self, site: int, without: int, size: int, at: int) -> list[int]:
        since = seen_since(instant_of(at)).toordinal()
        present = [
            member
            for (seen_at, member), day in self.seen.items()
            if seen_at == site
            and day >= since
            and member != without
            and member not in self._gone
            and not self._leaves(member, at)
        ]
        codes, members = self._history.staff_codes, self._history.members
        present.sort(key=lambda member: codes[member])
        held = self._registers.held_at(site, at)
        hands = [Hand(members[member], held[member]) for member in present]
        return [self._members[taker] for taker in dealt_out(hands, size)]

    def _works(self, member: int, at: int) -> bool:
        """Tell whether somebody has not left, nor was to leave by now."""
        if member == NONE or member in self._gone:
            return False
        return all(due > at for due in self._history.going.get(member, ()))

    def _leaves(self, member: int, at: int) -> bool:
        spans = self._history.leaving.get(member, ())
        return any(begins <= at < ends for begins, ends in spans)
