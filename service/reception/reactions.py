"""What reception does when somebody has gone."""

from service.organisation.events import MemberLeft
from service.ownership.events import DepartureDone
from service.reception.commands import sign_out_gone, time_entry
from service.reception.events import (
    ReceptionAssigned,
    ReceptionReassigned,
    SurveyExposed,
    VisitClosed,
)
from service.work import UnitOfWork


async def on_member_gone(work: UnitOfWork, event: MemberLeft | DepartureDone) -> None:
    """Nobody who left or was moved away keeps a place in a queue."""
    await sign_out_gone(work, event.member_id)


async def on_entry_owed(
    work: UnitOfWork,
    event: ReceptionAssigned | ReceptionReassigned | SurveyExposed | VisitClosed,
) -> None:
    """Whatever makes somebody owe an entry, it is due when the rulebook would call it late."""
    await time_entry(work, event.visit_id)
