"""Leads under way and in the pool go with their customer to another territory; the rest stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from service.work import UnitOfWork

# Where each stood is kept: the boards of past days have it there.
_FOLLOWS: Final = """
WITH gone AS (
    SELECT r.id, r.territory_id, p.territory_id AS there
    FROM app.registration r JOIN app.party p ON p.tenant_id = $1 AND p.id = r.party_id
    WHERE r.tenant_id = $1 AND r.party_id = ANY($2::uuid[])
      AND r.result = 'VALID' AND r.voided_at IS NULL AND r.superseded_at IS NULL
      AND r.converted_at IS NULL AND r.protected_until > $3
      AND r.territory_id IS DISTINCT FROM p.territory_id
    ORDER BY r.id FOR NO KEY UPDATE OF r
), kept AS (
    INSERT INTO app.registration_move (tenant_id, registration_id, former_territory_id, recorded_at)
    SELECT $1, g.id, g.territory_id, $3 FROM gone g
)
UPDATE app.registration r SET territory_id = g.there, version = r.version + 1
FROM gone g WHERE r.tenant_id = $1 AND r.id = g.id
RETURNING r.id
"""
_POOLED: Final = """
UPDATE app.pool_entry e SET territory_id = p.territory_id, version = e.version + 1
FROM app.party p
WHERE e.tenant_id = $1 AND p.tenant_id = $1 AND p.id = e.party_id AND p.id = ANY($2::uuid[])
  AND e.taken_at IS NULL AND e.territory_id IS DISTINCT FROM p.territory_id
"""

_ELSEWHERE: Final = """
SELECT DISTINCT l.party_id FROM (
    SELECT r.party_id, r.territory_id FROM app.registration r
    WHERE r.tenant_id = $1 AND r.entered_at >= $2
    UNION ALL SELECT e.party_id, e.territory_id FROM app.pool_entry e
    WHERE e.tenant_id = $1 AND e.entered_at >= $2) l
JOIN app.party p ON p.tenant_id = $1 AND p.id = l.party_id
WHERE l.territory_id IS DISTINCT FROM p.territory_id
"""


async def entered_elsewhere(work: UnitOfWork, since: datetime) -> list[UUID]:
    """Return the customers who were entered since an instant where they do not belong."""
    rows = await work.fetch(_ELSEWHERE, work.tenant_id, since)
    return [row["party_id"] for row in rows]


async def follow_customers(work: UnitOfWork, party_ids: Sequence[UUID]) -> int:
    """Let the registrations that protect somebody stand where their customers do now.

    So do those whom the company pool has: they are handed out there from now on.

    Whose they are, until when, and what was decided on them stays; so do those that became a deal,
    lapsed or fell.

    Returns:
        How many registrations followed.
    """
    await work.fetch(_POOLED, work.tenant_id, list(party_ids))
    rows = await work.fetch(_FOLLOWS, work.tenant_id, list(party_ids), work.now)
    return len(rows)
