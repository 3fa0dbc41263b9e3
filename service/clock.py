"""Where time and identifiers enter the product: handed in, never fetched by a rule."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from service.identifiers import identifier_of

_MILLISECONDS_BITS = 48
_CHANCE_BYTES = 10
_CHANCES = 64
_NANOSECONDS = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def cut_to_milliseconds(instant: datetime) -> datetime:
    """Drop what is below a millisecond, so that 23:59:59.9996 never becomes tomorrow."""
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


class Clock(Protocol):
    """The instant a command is received; commands and timers read no other time."""

    def now(self) -> datetime:
        """Return the instant in UTC, whole milliseconds."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock, for servers."""

    def now(self) -> datetime:
        """Return the machine's instant in UTC, cut to milliseconds.

        Made of whole milliseconds: to take the rest out of an instant costs three times as much,
        and every read asks twice.
        """
        return _EPOCH + _MILLISECOND * (time.time_ns() // _NANOSECONDS)


@dataclass(slots=True)
class ManualClock:
    """A clock that stands still until told to move: rehearsals, demo history, tests."""

    at: datetime

    def now(self) -> datetime:
        """Return the instant last set."""
        return self.at

    def set(self, at: datetime) -> None:
        """Move to an instant; any zone is taken, UTC is kept."""
        self.at = cut_to_milliseconds(at.astimezone(UTC))

    def advance(self, by: timedelta) -> None:
        """Move by a span of elapsed time."""
        self.set(self.at + by)


# Seconds for measuring durations; never a time of day. Each read asks eight times, so it is no
# function of ours around the system's.
monotonic_seconds: Final[Callable[[], float]] = time.monotonic


_chances: list[int] = []
# Two processes must never draw from what one of them had left.
os.register_at_fork(after_in_child=_chances.clear)


def _drawn() -> int:
    """Draw for many identifiers at once, since each draw is a call of the system; return one."""
    drawn = os.urandom(_CHANCE_BYTES * _CHANCES)
    starts = range(_CHANCE_BYTES, len(drawn), _CHANCE_BYTES)
    _chances.extend([int.from_bytes(drawn[at : at + _CHANCE_BYTES]) for at in starts])
    return int.from_bytes(drawn[:_CHANCE_BYTES])


def new_id(at: datetime | None = None) -> UUID:
    """Make a UUIDv7 (RFC 9562): ordered by time of making, so that indexes grow at one end.

    Args:
        at: the instant the identifier should carry; the machine's own when left out.
    """
    seconds = time.time() if at is None else at.timestamp()
    milliseconds = int(seconds * 1000) & ((1 << _MILLISECONDS_BITS) - 1)
    try:
        chance = _chances.pop()
    except IndexError:
        chance = _drawn()
    value = milliseconds << 80 | 0x7 << 76 | (chance >> 64 & 0xFFF) << 64
    value |= 0b10 << 62 | chance & ((1 << 62) - 1)
    return identifier_of(value.to_bytes(16))
