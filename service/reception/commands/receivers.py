"""Who may be given visitors: a member whose own duties let him receive at the site."""

from collections.abc import Collection
from uuid import UUID

from service.errors import FieldPath
from service.organisation.queries import lacking
from service.reception.errors import NotAReceiver
from service.reception.facts.floor import Floor
from service.work import UnitOfWork


async def require_receivers(
    work: UnitOfWork, here: Floor, member_ids: Collection[UUID], field: FieldPath
) -> None:
    """Refuse to queue, or to give a visitor to, somebody who does not receive here (Q1).

    Whoever takes a turn owns the customer, so a desk could otherwise hand customers to anybody.

    Raises:
        NotAReceiver: names the first who holds no such duty.
    """
    for member_id in await lacking(work, member_ids, "visit.take", here.site.record()):
        raise NotAReceiver(member=here.members[member_id][2], field=field)
