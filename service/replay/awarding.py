"""Disputes about customers in a replay: what people made of them, in the registers as they are."""

from collections.abc import Sequence

from service.replay.entries import Entry
from service.replay.history import NONE, Awarded
from service.replay.places import NOBODY
from service.replay.play import Play
from service.replay.registers import Registers


class Awards:
    """Whose customers become by a settlement or a verdict.

    Attributes:
        pooled: customers at sites whom the company got so, and nobody had tracked.
    """

    def __init__(self, registers: Registers, gone: set[int]) -> None:
        self._registers = registers
        self._gone = gone
        self.pooled: set[tuple[int, int]] = set()

    def owner(self, awarded: Awarded) -> int:
        """Return whose the customer is; NOBODY for the company, as of one who has left."""
        return NOBODY if awarded.winner in {NONE, *self._gone} else awarded.winner

    def award(self, play: Play, site: int, awarded: Awarded, at: int) -> None:
        """Let the registers of a site say what a dispute has come to, as its command does."""
        registers = self._registers
        entries = sorted(
            (
                entry
                for entry in registers.entries_of(awarded.party)
                if entry.site == site
                and entry.member in awarded.two
                and entry.valid
                and not entry.voided
            ),
            key=lambda entry: (entry.entered_at, entry.id),
        )
        winner = self.owner(awarded)
        if winner == NOBODY:
            self._to_the_company(entries)
            if not entries:
                self.pooled.add((awarded.party, site))
            return
        made = dict(awarded.made)
        self._to_one(play, (winner, site), entries, made, at)
        registers.leave_pool(awarded.party, site)
        for old, new in made.items():
            if old != NONE:
                registers.stand_for(new, old)

    def _to_the_company(self, entries: Sequence[Entry]) -> None:
        last = max(entries, key=lambda entry: (entry.made_at, entry.id), default=None)
        for entry in entries:
            if entry is last:
                self._registers.release(entry)
            else:
                self._registers.supersede(entry)

    def _to_one(
        self,
        play: Play,
        where: tuple[int, int],
        entries: Sequence[Entry],
        made: dict[int, int],
        at: int,
    ) -> None:
        winner, _ = where
        registers = self._registers
        own = [entry for entry in entries if entry.member == winner]
        lost = [entry for entry in entries if entry.member != winner]
        tracked = [entry for entry in entries if entry.live_at(at)]
        visits = {entry.visit for entry in own if entry.visit != NONE}
        for entry in lost:
            if entry in tracked and entry.visit not in visits:
                number = made.pop(entry.number, entry.number)
                registers.pass_on(play, entry, winner, (number, at))
            else:
                registers.supersede(entry)
        if tracked:
            return
        old = own[-1] if own else (lost[-1] if lost else None)
        if own:
            registers.supersede(own[-1])
        known = NONE if old is None else old.number
        number = made.pop(known, known)
        if number != NONE:
            registers.hand_out(play, where, number, at)
