"""A number that was taken down wrongly identifies its customer no more."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.customers import facts
from service.customers.events import PhoneRemoved
from service.customers.tables import ContactPoint, RemovedPhone
from service.errors import InvalidInput, NotFound
from service.work import UnitOfWork

CONTACT_POINT: Final = ("input", "contactPointId")
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class RemovePhone:
    """A number is not the customer's; the reason is kept."""

    contact_point_id: UUID
    reason: str


async def remove_phone(work: UnitOfWork, order: RemovePhone) -> UUID:
    """Take a number from a customer and return the party's id; it may identify another since.

    That he had it is kept, and what was decided by it stands. It may be his last: he is then known
    by his name or a document, and a visitor with that number is somebody else. Locks the party.

    Raises NotFound, Forbidden, or InvalidInput.
    """
    reason = order.reason.strip()
    if not 1 <= len(reason) <= _LONGEST_REASON:
        field = ("input", "reason")
        raise InvalidInput(field=field, expected="CHARACTERS", least=1, most=_LONGEST_REASON)
    party_id = await work.fetch_value(
        "SELECT party_id FROM app.contact_point WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        order.contact_point_id,
    )
    if party_id is None:
        raise NotFound(field=CONTACT_POINT)
    (party,) = await facts.parties(work, [(party_id, CONTACT_POINT)])
    work.authorise("party.edit", party.record)
    # Of two who remove it at once the second, behind the lock, finds it gone.
    point = await work.fetch_one(
        "SELECT phone, extension, created_at FROM app.contact_point"
        " WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        order.contact_point_id,
    )
    if point is None:
        raise NotFound(field=CONTACT_POINT)
    removed = RemovedPhone(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        party_id=party.id,
        phone=point["phone"],
        extension=point["extension"],
        added_at=point["created_at"],
        removed_at=work.now,
        removed_by=work.caller.member_id,
        reason=reason,
    )
    work.add(removed)
    work.remove(ContactPoint, [order.contact_point_id])
    work.concerns("party", party.id, removed_phone=removed.id, reason=reason)
    work.emit(PhoneRemoved(party.id, order.contact_point_id))
    return party.id
