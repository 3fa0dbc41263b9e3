"""What enters customers in registers in a replay: the most of what it does with them."""

from collections.abc import Iterable

from service.replay.entries import Entry, new_entry
from service.replay.floor import Floor
from service.replay.hall import Hall
from service.replay.places import NOBODY
from service.replay.play import A_DAY, A_MINUTE, SURVEYING, Worth, givens_of
from service.replay.registers import MINUTE, Registers


class Registering:
    """Enters visits' customers in the registers of a hall: what half a million entries take."""

    def __init__(self, hall: Hall) -> None:
        """Take the hall; of what was entered there it reads columns."""
        made = hall.registers.history.entries
        self._hall, self._registers = hall, hall.registers
        self._arrivals, self._departures = hall.arrived_at, hall.left_at
        self._visits, self._parties = [e.visit for e in made], [e.party for e in made]
        self._ids, self._givens = [e.id for e in made], givens_of(made)
        self._met_later = hall.visits.met_later

    def register(self, at: int, floor: Floor, number: int) -> None:
        """Enter a visit's customer, unless that is refused (TR-1)."""
        hall, registers = self._hall, self._registers
        visit, party = self._visits[number], self._parties[number]
        if hall.unmet:
            hall.unmet.discard(visit)
        member, surveying = hall.owner[visit], hall.surveying(visit)
        if member == NOBODY and surveying:
            member = hall.receiver[visit]
        entries = registers.by_party[party]
        standing = _standing(entries, visit, member) if entries else None
        if member == NOBODY or (standing is not None and standing.valid):
            return
        play, arrived_at = floor.play, self._arrivals[visit]
        minutes = (at - arrived_at) // MINUTE
        asked = self._givens[number]
        if minutes > 0:
            asked += A_MINUTE * minutes
        if surveying:
            asked += SURVEYING
        if arrived_at < floor.begins:
            asked += A_DAY * (floor.day - floor.days.day(arrived_at))
        worth = play.worths.get(asked)
        if worth is None:
            worth = play.worth(asked)
        if worth.kept:
            entry = self._enter(at, floor, number, member, worth)
            if standing is not None or registers.pool or party != hall.party_of[visit]:
                _take_place(registers, entry, standing)

    def _enter(self, at: int, floor: Floor, number: int, member: int, worth: Worth) -> Entry:
        """Make an entry of a number, in whose register, of what worth."""
        registers, met_later = self._registers, self._met_later
        visit, party = self._visits[number], self._parties[number]
        entry = new_entry(number, self._ids[number], (member, party, floor.site, visit), at)
        arrived_at, left_at = self._arrivals[visit], self._departures[visit]
        received_at = arrived_at if left_at > at or left_at <= arrived_at else left_at
        entry.received_at = entry.day_zero = received_at
        if met_later:
            entry.named_at = met_later.get(visit, 0)
        if worth.valid:
            entry.valid, entry.survey_too = True, worth.survey_too
            entry.protected_until = floor.entered_until
            if received_at < floor.begins:
                play, days = floor.play, floor.days
                entry.protected_until = registers.closes(play, days, received_at, received_at)
            met = visit in met_later and party in registers.buyers()
            if floor.play.by_reception and not met:
                entry.entered_at = arrived_at
        registers.keep(entry)
        return entry


def _take_place(registers: Registers, entry: Entry, standing: Entry | None) -> None:
    """Let an entry be in the place of one of the same visit, or of nobody's in the pool."""
    if standing is None:
        entry.named_at = registers.visitors.named_at(
            entry.visit, entry.party, entry.made_at, corrected=False
        )
    else:
        registers.supersede(standing)
        entry.named_at = standing.named_at
    if entry.valid:
        # Who comes back is whose register he stands in now.
        registers.leave_pool(entry.party, entry.site)


def _standing(entries: Iterable[Entry], visit: int, member: int) -> Entry | None:
    found = [
        entry
        for entry in entries
        if entry.visit == visit and entry.member == member and not entry.voided
    ]
    return next((entry for entry in found if entry.valid), found[-1] if found else None)
