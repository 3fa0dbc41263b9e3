"""Places of a live queue as bytes, and what of them can decide a reception."""

from collections.abc import Sequence
from typing import Final

from service.reception.rules.queue import Standing

NOBODY: Final = -1
FREE, BUSY, AWAY_BUSINESS, AWAY_PRIVATE = range(4)
STANDINGS: Final = (
    Standing.FREE,
    Standing.BUSY,
    Standing.AWAY_BUSINESS,
    Standing.AWAY_PRIVATE,
)
# A place is one byte: what its rep is doing, and four times how many visitors he is with.
LOAD: Final = 4
MOST_LOAD: Final = 63


def place_of(standing: int, load: int) -> int:
    """Return the byte of a place; who is on site is busy with a visitor and free without one."""
    if standing < AWAY_BUSINESS:
        standing = BUSY if load else FREE
    return standing + LOAD * load


# What a place becomes with one visitor more, and with one less.
TAKEN: Final = tuple(
    place_of(byte % LOAD, min(byte // LOAD + 1, MOST_LOAD)) for byte in range(LOAD * 64)
)
LEFT: Final = tuple(place_of(byte % LOAD, max(byte // LOAD - 1, 0)) for byte in range(LOAD * 64))


# What stands in a pattern for a place that decides nothing.
_UNSEEN: Final = 255


def pattern_of(places: bytearray, seats: Sequence[int] = ()) -> bytes:
    """Return what of the places can decide under the plain terms; all else reads alike.

    When somebody is picked, one at most is left out, the one received for: one of those the case
    is about, or the head. So with a free rep who is none of them nobody's visitors are counted;
    whoever is picked is one of them, or of the others the first free, the last free, or the first
    present; and who stands before the first free is passed over in turn.

    Args:
        places: the places, first in turn first.
        seats: of the people the case is about; what they do may decide as well.
    """
    length = len(places)
    others = places.translate(_UNLOADED)
    about = {seat: others[seat] for seat in (0, *seats) if 0 <= seat < length}
    for seat in about:
        others[seat] = _UNSEEN
    first = others.find(FREE)
    if first < 0:
        return _ranked(places)
    begin = min(places.find(FREE), first)
    seen = bytearray(_UNSEEN for _ in range(length))
    seen[:begin] = others[:begin]
    seen[first] = seen[others.rfind(FREE)] = FREE
    present = others.find(BUSY, 0, first)
    if present >= 0:
        seen[present] = BUSY
    for seat, standing in about.items():
        seen[seat] = standing
    return bytes(seen)


def _ranked(places: bytearray) -> bytes:
    """Return the places with the ranks of the busy ones' loads for the loads."""
    loads = sorted({byte // LOAD for byte in places if byte % LOAD == BUSY})
    return bytes(
        BUSY + LOAD * (1 + loads.index(byte // LOAD)) if byte % LOAD == BUSY else byte % LOAD
        for byte in places
    )


_UNLOADED: Final = bytes(byte % LOAD for byte in range(256))
