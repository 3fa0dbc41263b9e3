"""Whether the invariants of a tenant's plans hold, day by day (targets page, I1 to I3).

The database guards the sums as they will be once every change is effective; this looks at every
day on which a figure changes, and at what the guards cannot see.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.targets.figures import figure_on, is_ratio
from service.work import Sight

_SUMS: Final = f"""
WITH nodes AS (
    SELECT n.id, n.plan_id, n.parent_id, n.split, n.kind, n.amount,
           n.over_assignment_basis_points AS over
    FROM app.target_node n WHERE n.tenant_id = $1 AND ($2::uuid IS NULL OR n.plan_id = $2)
      AND NOT {is_ratio("n")}
), days AS (
    SELECT DISTINCT coalesce(n.parent_id, n.id) AS node_id, c.effective_on AS day
    FROM app.target_change c JOIN nodes n ON n.id = c.node_id WHERE c.tenant_id = $1
    UNION SELECT c.node_id, c.effective_on FROM app.target_change c
    WHERE c.tenant_id = $1
    UNION SELECT n.id, NULL::date FROM nodes n
), sums AS (
    SELECT p.id, p.plan_id, d.day, b.split, p.over,
           {figure_on("p", "d.day")} AS figure, sum({figure_on("b", "d.day")}) AS total
    FROM days d JOIN nodes p ON p.id = d.node_id
    JOIN nodes b ON b.parent_id = p.id AND b.kind <> 'OVERLAY'
    GROUP BY p.id, p.plan_id, d.day, b.split, p.over, p.amount
), compared AS (
    SELECT s.*, CASE WHEN s.split = 'PERIOD' THEN s.figure
                     ELSE round(s.figure * (10000 + s.over) / 10000) END AS wanted
    FROM sums s
)
SELECT CASE WHEN w.split = 'PERIOD' THEN 'I2' ELSE 'I1' END AS invariant, w.id AS node_id,
       l.code AS plan, coalesce(w.day, l.first_day) AS day,
       w.wanted::bigint AS wanted, w.total::bigint AS found
FROM compared w JOIN app.target_plan l ON l.tenant_id = $1 AND l.id = w.plan_id
WHERE w.total <> w.wanted AND l.state NOT IN ('DRAFT', 'TOP_DOWN_SET')
ORDER BY 3, 4, 2 LIMIT 1000
"""
# A change of a plan that was not in force, of another plan's target or of one in another currency
# was made past the commands.
_CHANGES: Final = """
SELECT 'I3' AS invariant, c.node_id, l.code AS plan, c.effective_on AS day,
       NULL::bigint AS wanted, c.delta AS found
FROM app.target_change c
JOIN app.target_plan l ON l.tenant_id = $1 AND l.id = c.plan_id
JOIN app.target_node n ON n.tenant_id = $1 AND n.id = c.node_id
WHERE c.tenant_id = $1 AND ($2::uuid IS NULL OR c.plan_id = $2)
  AND (l.published_at IS NULL OR c.recorded_at < l.published_at OR n.plan_id <> c.plan_id
       OR n.currency IS DISTINCT FROM (SELECT m.currency FROM app.metric m
                                       WHERE m.tenant_id = $1 AND m.id = c.metric_id))
ORDER BY 3, 4, 2 LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold.

    Attributes:
        invariant: I1 parts of a target, I2 its periods, I3 a change that no command makes.
        plan: its code.
        day: the day on which it does not; a date of the plan in ISO form.
        wanted, found: what there should be, where a figure says it, and what there is.
    """

    invariant: str
    plan: str
    node_id: UUID
    day: str
    wanted: int | None
    found: int


async def broken_invariants(sight: Sight, plan_id: UUID | None = None) -> Sequence[Broken]:
    """Return what does not hold in a plan, or in all of the tenant's; at most 1,000 of a kind."""
    found: list[Broken] = []
    for statement in (_SUMS, _CHANGES):
        found += [
            Broken(
                row["invariant"],
                row["plan"],
                row["node_id"],
                row["day"].isoformat(),
                row["wanted"],
                row["found"],
            )
            for row in await sight.fetch(statement, sight.tenant_id, plan_id)
        ]
    return found
