"""Queues of sites, locked before all else: who arrives at once is decided before or after.

What a reception is decided by, such as whose a customer is, changes behind these locks.
"""

from uuid import UUID

from service.work import UnitOfWork


async def lock_floor(work: UnitOfWork, site_id: UUID) -> None:
    """Lock a site's queue."""
    await _lock(work, "q.site_id = $2", site_id)


async def lock_floor_of(work: UnitOfWork, registration_id: UUID) -> None:
    """Lock the queue of a registration's site."""
    registrations = "SELECT r.site_id FROM app.registration r WHERE r.tenant_id = $1 AND r.id = $2"
    await _lock(work, f"q.site_id = ({registrations})", registration_id)


async def lock_floor_of_dispute(work: UnitOfWork, dispute_id: UUID) -> None:
    """Lock the queue of the site where a customer is disputed; none where a deal is."""
    disputes = (
        "SELECT x.site_id FROM app.dispute x"
        " WHERE x.tenant_id = $1 AND x.id = $2 AND x.subject = 'CUSTOMER'"
    )
    await _lock(work, f"q.site_id = ({disputes})", dispute_id)


async def lock_floors_of(work: UnitOfWork, member_id: UUID) -> None:
    """Lock the queues a member stands in, and those of sites where customers are his."""
    books = (
        "SELECT b.site_id FROM app.register_book b"
        " WHERE b.tenant_id = $1 AND b.member_id = $2 AND b.voided_at IS NULL"
    )
    await _lock(work, f"($2 = ANY(q.member_ids) OR q.site_id IN ({books}))", member_id)


async def _lock(work: UnitOfWork, which: str, row_id: UUID) -> None:
    await work.lock(
        f"SELECT q.id FROM app.rotation_queue q WHERE q.tenant_id = $1 AND {which}"
        " ORDER BY q.site_id FOR NO KEY UPDATE",
        work.tenant_id,
        row_id,
    )
