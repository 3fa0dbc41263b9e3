"""Whether the parts of every node sum to what it has to give out (I1, I2)."""

from typing import Final
from uuid import UUID

from service.targets.errors import SumsDoNotHold
from service.work import Sight

# What a node has to give out: with its over-assignment, half up away from zero; its periods get
# exactly what it has. Overlay targets stand beside and are in no sum.
BROKEN: Final = """
WITH figures AS (
    SELECT n.id, n.parent_id, n.split, n.kind, n.over_assignment_basis_points AS over,
           n.amount + coalesce((SELECT sum(c.delta) FROM app.target_change c
                                WHERE c.tenant_id = n.tenant_id AND c.node_id = n.id), 0) AS figure
    FROM app.target_node n WHERE n.tenant_id = $1 AND n.plan_id = $2
), sums AS (
    SELECT f.parent_id, f.split, sum(f.figure) AS total
    FROM figures f WHERE f.parent_id IS NOT NULL AND f.kind <> 'OVERLAY' GROUP BY 1, 2
)
SELECT p.id AS node_id, s.split, s.total::bigint AS total,
       (CASE WHEN s.split = 'PERIOD' THEN p.figure
             ELSE round(p.figure * (10000 + p.over) / 10000) END)::bigint AS wanted
FROM sums s JOIN figures p ON p.id = s.parent_id
WHERE s.total <> CASE WHEN s.split = 'PERIOD' THEN p.figure
                      ELSE round(p.figure * (10000 + p.over) / 10000) END
ORDER BY p.id, s.split LIMIT 1000
"""


async def refuse_broken_sums(work: Sight, plan_id: UUID) -> None:
    """Refuse a plan in which the parts of a node are not what it has to give out.

    Raises:
        SumsDoNotHold.
    """
    broken = await work.fetch(BROKEN, work.tenant_id, plan_id)
    if broken:
        raise SumsDoNotHold(
            nodes=len(broken),
            wanted=broken[0]["wanted"],
            total=broken[0]["total"],
            field=("input", "planId"),
        )
