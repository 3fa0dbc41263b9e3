"""Where territories stand, written as a test needs it, without a command."""

from uuid import UUID

from service.territories import facts
from service.territories.tables import TerritoryPlace
from service.work import UnitOfWork


async def model_in_force(work: UnitOfWork) -> UUID:
    """Return the tenant's model in force now."""
    found = await facts.model_in_force(work)
    assert found is not None
    return found


def stand(work: UnitOfWork, model_id: UUID, territory_id: UUID, parent_id: UUID | None) -> None:
    """Let a territory stand in a model since there is the model."""
    work.add(
        TerritoryPlace(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            territory_model_id=model_id,
            territory_id=territory_id,
            parent_id=parent_id,
            created_at=work.now,
        )
    )
