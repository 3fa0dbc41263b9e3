"""Places of a live queue as bytes, and which of them can decide a reception."""

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


_UNLOADED: Final = bytes(byte % LOAD for byte in range(256))
# Above every place without its load: of whom the case is about, who may be left out.
_ABOUT: Final = 4
# How a whole queue begins, which no length of one does.
_WHOLE: Final = b"\xff"


def telling(places: bytearray, seats: Sequence[int] = ()) -> bytes | bytearray:
    """Return as little of the places as decides the case, and where it is, as `deciding` has it.

    Equal answers, for the same seats, are of queues in which the same seats are picked: they have
    the same people up to the first free one who is none of those the case is about, the same last
    free one, and are of the same length.

    Args:
        places: the places, first in turn first.
        seats: of the people the case is about.
    """
    shown = places.translate(_UNLOADED)
    length = len(shown)
    about = bytearray()
    for seat in seats:
        if 0 <= seat < length:
            place = shown[seat]
            about.append(place)
            if place < _ABOUT:
                shown[seat] = place + _ABOUT
    if length and shown[0] < _ABOUT:
        shown[0] += _ABOUT
    first = shown.find(FREE)
    if first < 0:
        return _WHOLE + places
    about += bytes((length, shown.rfind(FREE)))
    return shown[: first + 1] + about


# What stands for a place that the case is about while the others are looked through.
_UNSEEN: Final = 255


def deciding(places: bytearray, seats: Sequence[int] = ()) -> tuple[Sequence[int], bytes]:
    """Return the seats of those who can decide a case under the plain terms, and what they do.

    When somebody is picked, one at most is left out, the one received for: one of those the case
    is about, or the head. So with a free rep who is none of them nobody's visitors are counted;
    whoever is picked is one of them, or of the others the first free, the last free, or the first
    present; and who stands before the first free is passed over in turn. The rest might as well
    not be there.

    Args:
        places: the places, first in turn first.
        seats: of the people the case is about; what they do may decide as well.
    """
    standings = places.translate(_UNLOADED)
    others, shown = bytearray(standings), {0, *seats}
    for seat in tuple(shown):
        if 0 <= seat < len(others):
            others[seat] = _UNSEEN
        else:
            shown.remove(seat)
    first = others.find(FREE)
    if first < 0:
        return range(len(places)), _ranked(places)
    shown.update(range(min(standings.find(FREE), first)), (first, others.rfind(FREE)))
    present = others.find(BUSY, 0, first)
    if present >= 0:
        shown.add(present)
    in_order = sorted(shown)
    return in_order, bytes(map(standings.__getitem__, in_order))


def _ranked(places: bytearray) -> bytes:
    """Return the places with the ranks of the busy ones' loads for the loads."""
    loads = sorted({byte // LOAD for byte in bytes(places) if byte % LOAD == BUSY})
    return bytes(
        BUSY + LOAD * (1 + loads.index(byte // LOAD)) if byte % LOAD == BUSY else byte % LOAD
        for byte in bytes(places)
    )
