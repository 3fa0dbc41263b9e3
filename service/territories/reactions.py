"""What the territories do when one of their deadlines has passed."""

from uuid import UUID

from service.organisation.events import MemberLeft
from service.territories.commands.activating import announce_model
from service.territories.commands.assignments import vacate_seats
from service.work import UnitOfWork


async def on_territory_model_due(work: UnitOfWork, activation_id: UUID) -> None:
    """A model that was announced has come into force."""
    await announce_model(work, activation_id)


async def on_member_left(work: UnitOfWork, event: MemberLeft) -> None:
    """Whoever has left answers for no territory: his seats are empty."""
    await vacate_seats(work, event.member_id)
