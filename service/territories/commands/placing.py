"""Where territories stand in a draft."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.errors import InvalidInput, NotFound
from service.organisation import facts as of_organisation
from service.organisation import rules
from service.organisation.errors import StillInUse, TreeWouldCircle
from service.policies.access import Record
from service.territories import facts
from service.territories.tables import TerritoryModel, TerritoryPlace
from service.work import UnitOfWork

TERRITORY: Final = ("input", "territoryId")
PARENT: Final = ("input", "parentId")
_MOST_POSITION: Final = 100_000


@dataclass(frozen=True, slots=True)
class PlaceTerritory:
    """Put a territory somewhere in a draft, with all that stands below it there.

    Attributes:
        parent_id: the territory above it; None puts it at the top.
        position: its turn among its siblings, the lowest first.
    """

    territory_model_id: UUID
    territory_id: UUID
    parent_id: UUID | None = None
    position: int = 0


async def place_territory(work: UnitOfWork, order: PlaceTerritory) -> UUID:
    """Place a territory and return the draft's id; locks the draft, then the territories.

    Raises:
        Forbidden (here, or at the new place), NotFound (also a parent that has no place itself),
        TerritoryModelPublished, TerritoryModelArchived, TreeWouldCircle, InvalidInput.
    """
    draft = await facts.draft(work, order.territory_model_id)
    work.authorise("territory_model.edit", facts.record_of(draft))
    await of_organisation.in_force(work, "territory", order.territory_id, TERRITORY)
    if not 0 <= order.position <= _MOST_POSITION:
        raise InvalidInput(
            field=("input", "position"), expected="FROM_TO", least=0, most=_MOST_POSITION
        )
    parents = await facts.parents(work, order.territory_model_id)
    authorise_place(work, order.territory_id, order.parent_id)
    if order.parent_id is not None:
        if order.parent_id not in parents and order.parent_id != order.territory_id:
            raise NotFound(field=PARENT)
        if rules.circles(parents, order.territory_id, order.parent_id):
            raise TreeWouldCircle(field=PARENT)
    await _put(work, order)
    work.change(TerritoryModel, order.territory_model_id, {})
    work.concerns(
        "territory_model",
        order.territory_model_id,
        territory=order.territory_id,
        parent=order.parent_id,
    )
    return order.territory_model_id


def authorise_place(work: UnitOfWork, territory_id: UUID, parent_id: UUID | None) -> None:
    """Let the duties decide about what is moved and where to, by the tree in force.

    A territory that stands in no tree yet is nobody's: whoever may place something there may.

    Raises:
        Forbidden.
    """
    if territory_id in work.policy.territories.spans:
        work.authorise("territory_model.place", Record(territory_id=territory_id))
    if parent_id is None or parent_id in work.policy.territories.spans:
        work.authorise("territory_model.place", Record(territory_id=parent_id))


async def _put(work: UnitOfWork, order: PlaceTerritory) -> None:
    """Write a place in a draft: a new one, or over the old one."""
    place = await facts.place(work, order.territory_model_id, order.territory_id)
    values = {"parent_id": order.parent_id, "position": order.position}
    if place is not None:
        work.change(TerritoryPlace, place["id"], values)
        return
    work.add(
        TerritoryPlace(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            territory_model_id=order.territory_model_id,
            territory_id=order.territory_id,
            created_at=work.now,
            created_by=work.caller.member_id,
            **values,
        )
    )


@dataclass(frozen=True, slots=True)
class DisplaceTerritory:
    """Take a territory out of a draft; the territory itself stays."""

    territory_model_id: UUID
    territory_id: UUID


async def displace_territory(work: UnitOfWork, order: DisplaceTerritory) -> UUID:
    """Take a territory out and return the draft's id; locks the draft.

    Raises:
        Forbidden, NotFound, TerritoryModelPublished, TerritoryModelArchived, or StillInUse: others
        stand below it in the draft.
    """
    draft = await facts.draft(work, order.territory_model_id)
    work.authorise("territory_model.edit", facts.record_of(draft))
    parents = await facts.parents(work, order.territory_model_id)
    place = await facts.place(work, order.territory_model_id, order.territory_id)
    if place is None:
        raise NotFound(field=TERRITORY)
    authorise_place(work, order.territory_id, parents[order.territory_id])
    below = sum(parent == order.territory_id for parent in parents.values())
    if below:
        raise StillInUse(field=TERRITORY, uses=below)
    work.remove(TerritoryPlace, [place["id"]])
    work.change(TerritoryModel, order.territory_model_id, {})
    work.concerns("territory_model", order.territory_model_id, territory=order.territory_id)
    return order.territory_model_id
