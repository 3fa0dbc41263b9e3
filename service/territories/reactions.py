"""What the territories do when one of their deadlines has passed."""

from uuid import UUID

from service.territories.commands.activating import announce_model
from service.work import UnitOfWork


async def on_territory_model_due(work: UnitOfWork, activation_id: UUID) -> None:
    """A model that was announced has come into force."""
    await announce_model(work, activation_id)
