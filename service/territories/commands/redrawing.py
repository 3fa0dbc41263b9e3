"""Which seats a model would move, held or empty: those of territories that it hangs elsewhere."""

from collections.abc import Collection
from typing import Final, TypeAlias
from uuid import UUID

from service.database.session import Row
from service.territories.belonging import places_of
from service.territories.facts import model_in_force
from service.territories.rules.membership import Place, tree_of
from service.territories.rules.redrawing import Rehung, rehung
from service.territories.tables import TerritoryMoveSeat
from service.work import UnitOfWork

Reach: TypeAlias = frozenset[UUID | None] | None
_SEATS: Final = """
SELECT s.id, s.territory_id, s.role, s.member_id FROM app.territory_assignment s
WHERE s.tenant_id = $1 AND s.valid_from <= $2 AND (s.valid_until IS NULL OR s.valid_until > $2)
"""


async def keep_moved_seats(
    work: UnitOfWork, model_id: UUID, places: Collection[Place], reach: Reach
) -> None:
    """Write which seats a model would move, for the caller alone, in place of what he was shown.

    Args:
        work: the unit of work.
        model_id: the model.
        places: where the territories stand in it.
        reach: the territories the caller may place; None is all.
    """
    work.write(
        "territory_move_seat",
        "DELETE FROM app.territory_move_seat WHERE tenant_id = {}::uuid"
        " AND territory_model_id = {}::uuid AND created_by = {}::uuid",
        work.tenant_id,
        model_id,
        work.caller.member_id,
    )
    now_id = await model_in_force(work)
    before = {} if now_id is None else tree_of(await places_of(work, now_id, work.now))
    after = tree_of(places)
    today = work.today
    await work.flush()
    for seat in await work.fetch(_SEATS, work.tenant_id, today):
        moved = rehung(seat["territory_id"], before, after)
        if moved is not None and _told(moved, reach):
            work.add(_kept(work, model_id, seat, moved))


def _told(moved: Rehung, reach: Reach) -> bool:
    return reach is None or not reach.isdisjoint({moved.territory_id, moved.from_id, moved.to_id})


def _kept(work: UnitOfWork, model_id: UUID, seat: Row, moved: Rehung) -> TerritoryMoveSeat:
    return TerritoryMoveSeat(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        territory_model_id=model_id,
        territory_assignment_id=seat["id"],
        territory_id=seat["territory_id"],
        role=seat["role"],
        member_id=seat["member_id"],
        moved_territory_id=moved.territory_id,
        from_parent_id=moved.from_id,
        to_parent_id=moved.to_id,
        reason=moved.reason.value,
    )
