"""Whose deals somebody may ask about: where customers are a showroom's own, his showroom's."""

from uuid import UUID

from service.errors import FieldPath, NotFound
from service.ownership import facts
from service.rulebooks.in_force import InForce
from service.work import UnitOfWork


async def refuse_stranger(
    work: UnitOfWork, rulebook: InForce, deal: facts.DealFacts, member_id: UUID, field: FieldPath
) -> None:
    """Answer a deal of another showroom like a missing one, where its customers are its own.

    Who works in the deal's unit, has an entry at its site or has a part in it is no stranger.

    Raises:
        NotFound.
    """
    apart = rulebook.rulebook.decide("identity", {"same_site": False}).then["customer"] != "ONE"
    if not apart or deal.org_unit_id is None:
        return
    tree = work.policy.org_units
    places = await facts.places_of(work, member_id, work.now)
    if any(
        tree.contains(place, deal.org_unit_id) or tree.contains(deal.org_unit_id, place)
        for place in places
    ):
        return
    if not await facts.has_part(work, member_id, deal):
        raise NotFound(field=field)
