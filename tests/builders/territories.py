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


# Many rows of what a preview shows to follow, of one tenant: each column has many values.
FOLLOWING = (
    """
INSERT INTO app.territory_move_target (tenant_id, id, created_at, created_by, territory_model_id,
    territory_move_id, plan_id, metric_id, from_node_id, from_territory_id, to_territory_id,
    owner_id, kind, level, amount)
SELECT $1, uuidv7(), now(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(),
    uuidv7(), CASE WHEN n % 50 <> 0 THEN uuidv7() END,
    CASE WHEN n % 50 = 0 THEN 'OVERLAY' ELSE 'STREET' END,
    CASE WHEN n % 50 = 0 THEN 'TARGET' ELSE 'STRETCH' END, n
FROM generate_series(1, 2000) n""",
    """
INSERT INTO app.territory_move_seat (tenant_id, id, created_at, created_by, territory_model_id,
    territory_assignment_id, territory_id, role, member_id, moved_territory_id, from_parent_id,
    to_parent_id, reason)
SELECT $1, uuidv7(), now(), uuidv7(), uuidv7(), uuidv7(), uuidv7(),
    CASE WHEN n % 50 = 0 THEN 'OWNER' ELSE 'REP' END, CASE WHEN n % 50 <> 0 THEN uuidv7() END,
    uuidv7(), uuidv7(), uuidv7(), CASE WHEN n % 50 = 0 THEN 'LEFT_OUT' ELSE 'REHUNG' END
FROM generate_series(1, 2000) n""",
)
