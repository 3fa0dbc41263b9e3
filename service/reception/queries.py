"""What a floor board shows beyond plain rows: who is next, by the rule that will decide it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from service.policies.rulebooks.rulebook import Rulebook
from service.reception.facts.floor import new_visitor
from service.reception.rules.arrival import ReceptionOutcome, Visitor, decide_reception
from service.reception.rules.queue import Place, Queue, Standing
from service.reception.rules.rotation import TermsWritten, rotation_of

NEW_VISITOR: Final = f"({new_visitor('t')})"
"""That a visit, as `t`, is of a visitor whom no live registration brought to his receiver."""

Foreseen: TypeAlias = ReceptionOutcome
"""What the rulebook would decide for a plain new visitor as things stand."""

WrittenPlace = tuple[str, str, int, int, TermsWritten, str, str]
"""Member, standing, visitors he is receiving, turns used today, what else is kept of him, his staff
code, and the site's own time now, as a statement gives them."""


def next_in_turn(
    rulebook: Rulebook, places: Iterable[WrittenPlace], manager_id: UUID | None
) -> Foreseen:
    """Return what the rulebook would decide of a new visitor who walked in now.

    Args:
        rulebook: the one in force.
        places: the live order, head first.
        manager_id: the site's manager, who receives where the rulebook says so.
    """
    rotation = rotation_of(rulebook)
    queue = Queue(
        tuple(
            Place(
                UUID(member),
                Standing(standing),
                visitors,
                turns,
                rotation.weight.of(staff_code, kept),
                rotation.hold_of(turns, staff_code, kept, datetime.fromisoformat(local)),
            )
            for member, standing, visitors, turns, kept, staff_code, local in places
        ),
        rotation.order,
    )
    return decide_reception(rulebook, Visitor(manager_id=manager_id), queue)
