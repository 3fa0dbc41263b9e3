"""Contacts with registered customers in a replay: what keeps them whose they are (TR-4, TR-5)."""

from typing import Final

from service.replay.entries import Entry
from service.replay.floor import Floor
from service.replay.history import CONNECTED, OF_HIS_OWN
from service.replay.play import LIVE, RECEPTION
from service.replay.registers import Registers

RECEIVED: Final = RECEPTION + OF_HIS_OWN + CONNECTED
"""A second reception by the registering rep acts like a follow-up (TR-5)."""


def contact(registers: Registers, at: int, floor: Floor, entry: Entry, case: int) -> None:
    """Record a contact with an entry's customer, by its bits (TR-4)."""
    until = entry.protected_until
    if not until or not entry.valid or entry.voided:
        # A contact with an entry that gives no right is kept, and gives it none.
        return
    if at < until:
        case += LIVE
    play = floor.play
    renewed = play.renewals[case]
    if renewed is None:
        renewed = play.renews(case)
    if renewed:
        closes = floor.tracked_until
        if play.most_days or entry.site != floor.site:
            closes = registers.closes(play, registers.days[entry.site], at, entry.received_at)
        if closes > until:
            entry.protected_until = closes
        entry.day_zero = at
