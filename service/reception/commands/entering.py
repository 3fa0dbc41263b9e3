"""Until when a visitor's entry is owed: as long as the rulebook would find it in time (TR-1)."""

from uuid import UUID

from service.errors import NotFound
from service.ownership.rules import late_from
from service.reception.facts.visits import visit
from service.rulebooks.in_force import version
from service.tasks.commands import SAME_DAY_ENTRY, move_due
from service.work import UnitOfWork


async def time_entry(work: UnitOfWork, visit_id: UUID) -> None:
    """Let the entry of a visit be due when the rulebook would call it late; again, nothing changes.

    Where the rulebook never does, the duty's own end of the day stands. Locks the visit.
    """
    try:
        known = await visit(work, visit_id)
    except NotFound:
        return
    rulebook = (await version(work, known.version_id)).rulebook
    due = late_from(rulebook, known.arrived_at, known.zone)
    if due is not None:
        # It may have been made in this very transaction.
        await work.flush()
        move_due(work, SAME_DAY_ENTRY, [(visit_id, due)])
