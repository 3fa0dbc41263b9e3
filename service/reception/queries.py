"""What a floor board shows beyond plain rows: who is next, by the rule that will decide it."""

from collections.abc import Iterable
from uuid import UUID

from service.reception.rules.queue import Order, Pick, Place, Queue, Standing, next_in_rotation

WrittenPlace = tuple[str, str, int, int]
"""Member, standing, visitors he is receiving, turns used today, as a statement gives them."""


def next_in_turn(places: Iterable[WrittenPlace], order: str) -> Pick:
    """Return who receives the next new visitor, and who is passed over before him.

    Args:
        places: the live order, head first.
        order: the rulebook's word for how the rotation is put in order.
    """
    queue = Queue(
        tuple(
            Place(UUID(member), Standing(standing), visitors, turns)
            for member, standing, visitors, turns in places
        ),
        Order(order),
    )
    return next_in_rotation(queue)
