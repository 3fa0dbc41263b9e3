"""A number by which a colleague tracks a customer is not his rival's to remove."""

from typing import Final
from uuid import UUID

from service.customers import commands as customers
from service.customers.commands import RemovePhone
from service.ownership.errors import PhoneTrackedByColleague
from service.policies.access import Record
from service.work import UnitOfWork

_TRACKED: Final = """
SELECT p.org_unit_id, p.territory_id FROM app.party p
WHERE p.tenant_id = $1 AND p.id = $2 AND EXISTS (
    SELECT FROM app.registration r
    WHERE r.tenant_id = $1 AND r.party_id = p.id AND r.member_id IS DISTINCT FROM $3::uuid
      AND r.result = 'VALID' AND r.superseded_at IS NULL AND r.voided_at IS NULL
      AND r.converted_at IS NULL AND r.protected_until > $4)
"""


async def remove_phone(work: UnitOfWork, order: RemovePhone) -> UUID:
    """Take a number from a customer as his own command does, and return the party's id.

    Whoever met him last could otherwise have him come back as a stranger, and a colleague's entry
    with nobody to protect. Whoever may edit the customers of others, a manager, may remove it.

    Raises PhoneTrackedByColleague, or what the customers' command raises.
    """
    party_id = await customers.remove_phone(work, order)
    place = await work.fetch_one(
        _TRACKED, work.tenant_id, party_id, work.caller.member_id, work.now
    )
    if place is not None and not work.by_product:
        whoevers = Record(None, place["org_unit_id"], place["territory_id"])
        if not work.policy.check(work.actor, "party.edit", whoevers).allowed:
            raise PhoneTrackedByColleague(field=("input", "contactPointId"))
    return party_id
