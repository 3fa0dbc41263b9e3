"""A reception by the rep who registered the visitor acts like a follow-up (TR-5)."""

from collections.abc import Iterable

from service.ownership.commands import count_trackings, reception_renews
from service.ownership.rules import Known
from service.reception.facts.floor import Floor
from service.rulebooks.in_force import InForce
from service.work import UnitOfWork


async def renew_trackings(
    work: UnitOfWork, in_force: InForce, floor: Floor, own: Iterable[Known]
) -> None:
    """Let a reception now start the receiver's own registrations anew, where the rulebook does.

    Asks nothing of the database but where a version is known that will take them over.
    """
    renewed = [
        known.id
        for known in own
        if reception_renews(work, in_force, known, work.now, floor.site.zone)
    ]
    if renewed and floor.switch_to_come:
        await count_trackings(work, renewed)
