"""Whom a case is about, as seats: that is all of people a decision remembers."""

from collections.abc import Container, Mapping

from service.replay.floor import Floor
from service.replay.places import NOBODY


class People:
    """Seats for whom a case is about: places of the queue first, then one for everybody else."""

    __slots__ = ("_order", "others")

    def __init__(self, floor: Floor) -> None:
        self._order = floor.order
        self.others: list[int] = []

    def seat(self, member: int) -> int:
        """Return a member's seat; the same member has the same one."""
        if member == NOBODY:
            return NOBODY
        order, others = self._order, self.others
        if member in order:
            return order.index(member)
        if member not in others:
            others.append(member)
        return len(order) + others.index(member)


def buddies_of(people: People, buddies: Mapping[int, int], near: Container[int]) -> dict[int, int]:
    """Return the seats of the stand-ins who count: of who is there, is named or greets him."""
    return {
        people.seat(absent): people.seat(buddy)
        for absent, buddy in buddies.items()
        if buddy in near
    }
