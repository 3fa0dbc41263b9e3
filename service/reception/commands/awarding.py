"""A dispute about a customer has ended: visits of his that may yet be sold are whose he is.

If he waits in the showroom, he is decided on anew.
"""

from collections.abc import Mapping
from uuid import UUID

from service.ownership import commands, facts
from service.reception.commands.reassessing import decide_again_who_waits
from service.work import UnitOfWork

# Before registers, as everywhere; a visit that was sold keeps the owner its deal was decided on.
_LOCK = """
SELECT v.id FROM app.visit v JOIN app.dispute x ON x.tenant_id = $1 AND x.id = $2
    AND x.subject = 'CUSTOMER'
WHERE v.tenant_id = $1 AND v.party_id = x.party_id AND v.site_id = x.site_id
    AND v.owner_id IN (x.first_member_id, x.second_member_id)
ORDER BY v.id FOR NO KEY UPDATE OF v
"""
_GIVE = """
UPDATE app.visit v SET owner_kind = {}::text, owner_id = {}::uuid, version = v.version + 1
WHERE v.tenant_id = {}::uuid AND v.party_id = {}::uuid AND v.site_id = {}::uuid
    AND v.owner_id = ANY({}::uuid[]) AND v.owner_id IS DISTINCT FROM {}::uuid
    AND NOT EXISTS (SELECT FROM app.deal d WHERE d.tenant_id = v.tenant_id AND d.visit_id = v.id
        AND d.cancelled_at IS NULL)
"""


async def agree_on_dispute(work: UnitOfWork, order: commands.AgreeOnDispute) -> UUID:
    """Agree as ownership's command does; a customer's visits follow.

    Locks the site's queue and his visits first.
    """
    await _lock(work, order.dispute_id)
    dispute_id = await commands.agree_on_dispute(work, order)
    await _follow(work, dispute_id)
    return dispute_id


async def decide_dispute(work: UnitOfWork, order: commands.DecideDispute) -> UUID:
    """Decide as ownership's command does; a customer's visits follow.

    Locks the site's queue and his visits first.
    """
    await _lock(work, order.dispute_id)
    dispute_id = await commands.decide_dispute(work, order)
    await _follow(work, dispute_id)
    return dispute_id


async def _lock(work: UnitOfWork, dispute_id: UUID) -> None:
    await facts.lock_floor_of_dispute(work, dispute_id)
    await work.lock(_LOCK, work.tenant_id, dispute_id)


async def _follow(work: UnitOfWork, dispute_id: UUID) -> None:
    await work.flush()
    awarded = await facts.awarded(work, dispute_id, work.now)
    if awarded is not None:
        _give(work, awarded)
        await decide_again_who_waits(work, awarded["site_id"], awarded["party_id"])


def _give(work: UnitOfWork, awarded: Mapping[str, UUID]) -> None:
    owner_id = awarded.get("owner_id")
    work.write(
        "visit",
        _GIVE,
        "COMPANY" if owner_id is None else "MEMBER",
        owner_id,
        work.tenant_id,
        awarded["party_id"],
        awarded["site_id"],
        [awarded["first_id"], awarded["second_id"]],
        owner_id,
    )
