"""How customers who lost their representative are dealt out: evenly, and the same every time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

_SEEN_WITHIN: Final = timedelta(days=30)


def seen_since(now: datetime) -> date:
    """Return the first day on which somebody must have been seen at a site to be dealt any."""
    return (now - _SEEN_WITHIN).date()


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody who could take customers, and how many he has already."""

    member_id: UUID
    held: int


def dealt_out(hands: Sequence[Hand], size: int) -> list[UUID]:
    """Return who gets each of several customers, one after another.

    Whoever holds fewest gets the next; equals in the order given. Nobody gets any where nobody
    can take them.
    """
    held = {hand.member_id: hand.held for hand in hands}
    taken: list[UUID] = []
    for _ in range(size if held else 0):
        next_one = min(held, key=lambda member_id: held[member_id])
        held[next_one] += 1
        taken.append(next_one)
    return taken
