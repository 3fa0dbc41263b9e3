"""What ownership does when one of its deadlines has passed, or somebody has left."""

from uuid import UUID

from service.organisation.events import MemberLeft
from service.ownership.commands import (
    announce_handover,
    departure_due,
    finalise_credit,
    release_left,
)
from service.ownership.commands.deadlines import announce_ending, announce_lapse, announce_overdue
from service.ownership.commands.running import follow_the_rulebook
from service.rulebooks.events import PolicyCancelled, PolicyEnded, PolicyPublished
from service.work import UnitOfWork


async def on_tracking_ending_due(work: UnitOfWork, registration_id: UUID) -> None:
    """The last day of a window has begun: tell whom it will cost."""
    await announce_ending(work, registration_id)


async def on_tracking_lapsed_due(work: UnitOfWork, registration_id: UUID) -> None:
    """A window has passed: make the lapse visible."""
    await announce_lapse(work, registration_id)


async def on_first_follow_up_due(work: UnitOfWork, registration_id: UUID) -> None:
    """The term of a first follow-up has passed: make a breach visible."""
    await announce_overdue(work, registration_id)


async def on_credit_final_due(work: UnitOfWork, deal_id: UUID) -> None:
    """A deal's claims have closed: its credit enters the ledger."""
    await finalise_credit(work, deal_id)


async def on_dispute_private_ended_due(work: UnitOfWork, dispute_id: UUID) -> None:
    """Two members have not settled their dispute in time: the manager is told."""
    await announce_handover(work, dispute_id)


async def on_departure_due(work: UnitOfWork, departure_id: UUID) -> None:
    """The day has begun on which a member is gone."""
    await departure_due(work, departure_id)


async def on_member_left(work: UnitOfWork, event: MemberLeft) -> None:
    """Whoever has left keeps no customer, no task and no dispute among two."""
    await release_left(work, event.member_id)


async def on_policy_changed(
    work: UnitOfWork, _event: PolicyPublished | PolicyCancelled | PolicyEnded
) -> None:
    """What was opened in the very instant of the change follows the versions too."""
    await follow_the_rulebook(work)
