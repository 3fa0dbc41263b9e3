"""Where else members are signed in today."""

from collections.abc import Sequence
from uuid import UUID

from service.work import UnitOfWork

# A day is the other site's own: it may be tomorrow there already.
_ELSEWHERE = """
SELECT p.member_id, s.code FROM app.presence p
JOIN app.site s ON s.tenant_id = $1 AND s.id = p.site_id
WHERE p.tenant_id = $1 AND p.member_id = ANY($2::uuid[]) AND p.site_id <> $3
  AND p.day = ($4::timestamptz AT TIME ZONE s.time_zone)::date
  AND p.state IN ('IN', 'AWAY_BUSINESS', 'AWAY_PRIVATE')
ORDER BY p.member_id
"""


async def elsewhere(work: UnitOfWork, site_id: UUID, member_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the code of the other site at which each member is signed in, if any."""
    rows = await work.fetch(_ELSEWHERE, work.tenant_id, list(member_ids), site_id, work.now)
    return {row["member_id"]: row["code"] for row in rows}
