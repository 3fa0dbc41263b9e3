"""The company pool: customers whom the rulebook gives to nobody but the company (RR-15)."""

from dataclasses import dataclass
from uuid import UUID

from service.ownership.events import CustomerPooled
from service.ownership.facts import departing
from service.ownership.tables import PoolEntry
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class CompanyVisit:
    """A visit that the rulebook gave to the company, and its customer."""

    visit_id: UUID
    party_id: UUID
    site_id: UUID
    org_unit_id: UUID | None
    territory_id: UUID | None


async def enter_pool(work: UnitOfWork, visit: CompanyVisit) -> UUID:
    """Give a visit's customer to the company pool and return the entry's id.

    Who is there already stays as he is. The caller has authorised, and holds the lock of the
    site's queue or of the visit.
    """
    known = await departing.pooled(work, visit.party_id, visit.site_id)
    if known is not None:
        return known
    entry = PoolEntry(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        party_id=visit.party_id,
        site_id=visit.site_id,
        org_unit_id=visit.org_unit_id,
        territory_id=visit.territory_id,
        visit_id=visit.visit_id,
        entered_at=work.now,
    )
    work.add(entry)
    work.emit(CustomerPooled(entry.id, visit.party_id, visit.site_id))
    return entry.id


def leave_pool(
    work: UnitOfWork,
    party_id: UUID,
    site_id: UUID,
    member_id: UUID,
    registration_id: UUID | None = None,
) -> None:
    """Take a customer out of a site's pool: he is a member's now, without being handed out."""
    work.write(
        "pool_entry",
        "UPDATE app.pool_entry SET taken_at = {}::timestamptz, taken_by = {}::uuid,"
        " assigned_id = {}::uuid, version = version + 1"
        " WHERE tenant_id = {}::uuid AND party_id = {}::uuid AND site_id = {}::uuid"
        " AND taken_at IS NULL",
        work.now,
        member_id,
        registration_id,
        work.tenant_id,
        party_id,
        site_id,
    )
