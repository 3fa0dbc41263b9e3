"""Who may be given visitors: a member whose own duties let him receive at the site."""

from collections.abc import Collection
from uuid import UUID

from service.errors import FieldPath
from service.organisation.queries import lacking, lacking_by
from service.ownership.errors import NotAReceiver
from service.reception.facts.arrivals import ArrivalFacts
from service.reception.facts.floor import Floor
from service.work import UnitOfWork

_RECEIVE = "visit.take"


async def require_receivers(
    work: UnitOfWork, here: Floor, member_ids: Collection[UUID], field: FieldPath
) -> None:
    """Refuse to queue, or to give a visitor to, somebody who does not receive here (Q1).

    Whoever takes a turn owns the customer, so a desk could otherwise hand customers to anybody.

    Raises:
        NotAReceiver: names the first who holds no such duty.
    """
    for member_id in await lacking(work, member_ids, _RECEIVE, here.site.record()):
        raise NotAReceiver(member=here.members[member_id][2], field=field)


def require_taker(work: UnitOfWork, found: ArrivalFacts, member_id: UUID, field: FieldPath) -> None:
    """Refuse a taker who does not receive here, by what the arrival's facts say of him.

    Raises:
        NotAReceiver: he holds no such duty.
    """
    place = found.floor.site.record()
    if lacking_by(work, found.taker_offices, [member_id], _RECEIVE, place):
        raise NotAReceiver(member=found.floor.members[member_id][2], field=field)
