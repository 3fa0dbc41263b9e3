"""What enters customers in registers in a replay: the most of what it does with them.

Functions with all they read at hand, as half a million entries pass through them.
"""

from collections.abc import Callable, Iterable

from service.replay.entries import Entry
from service.replay.floor import Floor
from service.replay.hall import Hall
from service.replay.places import NOBODY
from service.replay.play import A_DAY, A_MINUTE, SURVEYING, Worth, givens_of
from service.replay.registers import MINUTE, Registers


def registering(hall: Hall) -> Callable[[int, Floor, int], None]:
    """Return what enters a visit's customer in a register, unless that is refused (TR-1).

    It takes the instant, the floor and the entry's number.
    """
    registers, unmet, survey = hall.registers, hall.unmet, hall.survey
    owner, receiver, said, declared = hall.owner, hall.receiver, hall.said, hall.declared
    by_party, arrivals, party_of = registers.by_party, hall.arrived_at, hall.party_of
    made = registers.history.entries
    visits_of, parties, givens = [e.visit for e in made], [e.party for e in made], givens_of(made)
    enter = _entering(hall, visits_of, parties)

    def register(at: int, floor: Floor, number: int) -> None:
        visit, party = visits_of[number], parties[number]
        if unmet:
            unmet.discard(visit)
        member = owner[visit]
        surveying = hall.surveying(visit) if survey else declared[said[visit]]
        if member == NOBODY and surveying:
            member = receiver[visit]
        entries = by_party[party]
        standing = _standing(entries, visit, member) if entries else None
        if member == NOBODY or (standing is not None and standing.valid):
            return
        play, arrived_at = floor.play, arrivals[visit]
        minutes = (at - arrived_at) // MINUTE
        asked = givens[number] + A_MINUTE * minutes if minutes > 0 else givens[number]
        if surveying:
            asked += SURVEYING
        if arrived_at < floor.begins:
            asked += A_DAY * (floor.day - floor.days.day(arrived_at))
        worth = play.worths.get(asked) or play.worth(asked)
        if worth.kept:
            entry = enter(at, floor, number, member, worth)
            if standing is not None or registers.pool or party != party_of[visit]:
                _take_place(registers, entry, standing)

    return register


def _entering(
    hall: Hall, visits_of: list[int], parties: list[int]
) -> Callable[[int, Floor, int, int, Worth], Entry]:
    """Return what makes an entry of a number, in whose register, of what worth."""
    registers, new = hall.registers, object.__new__
    arrivals, departures = hall.arrived_at, hall.left_at
    ids, met_later = [made.id for made in registers.history.entries], registers.visits.met_later
    by_party, by_number, departed = registers.by_party, registers.by_number, registers.departed

    def enter(at: int, floor: Floor, number: int, member: int, worth: Worth) -> Entry:
        # As `new_entry` has it, and nothing of it set twice.
        entry = new(Entry)
        visit, party = visits_of[number], parties[number]
        entry.number, entry.id, entry.visit = number, ids[number], visit
        entry.member, entry.party, entry.site = member, party, floor.site
        entry.made_at = entry.entered_at = at
        arrived_at, left_at = arrivals[visit], departures[visit]
        received_at = arrived_at if left_at > at or left_at <= arrived_at else left_at
        entry.received_at = entry.day_zero = received_at
        entry.voided = entry.superseded = entry.of_call = False
        entry.converted = 0
        entry.member_active = member not in departed
        entry.named_at = met_later.get(visit, 0) if met_later else 0
        valid = entry.valid = worth.valid
        entry.survey_too = valid and worth.survey_too
        play = floor.play
        if not valid:
            entry.protected_until = 0
        elif received_at >= floor.begins:
            entry.protected_until = floor.entered_until
        else:
            entry.protected_until = registers.closes(play, floor.days, received_at, received_at)
        if play.by_reception and valid and not (visit in met_later and party in registers.buyers()):
            entry.entered_at = arrived_at
        by_number[number] = entry
        entries = by_party[party]
        if entries is None:
            by_party[party] = [entry]
        else:
            entries.append(entry)
        return entry

    return enter


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
