"""What a plan leaves out of the one whose place it takes: boards show nothing for it any more.

A plan that takes the place of another does so whole. Fewer metrics or days may be meant, so that it
is not refused; whoever approves or publishes it is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.targets.figures import figure_on, published
from service.work import Sight

# What nobody is assigned is a part of what stands above it, and what was lowered to 0 is nobody's.
_DAYS: Final = (
    "SELECT n.plan_id, n.metric_id, range_agg(daterange(n.first_day, n.last_day, '[]')) AS days"
    " FROM app.target_node n WHERE n.tenant_id = $1 AND NOT n.is_unassigned"
    f" AND {figure_on('n')} <> 0 GROUP BY 1, 2"
)
_LEFT_OUT: Final = f"""
WITH aimed AS ({_DAYS} HAVING n.plan_id IN (
    SELECT unnest(ARRAY[r.id, r.revision_of_id]) FROM app.target_plan r
    WHERE r.tenant_id = $1 AND r.id = $2))
SELECT p.code AS plan, o.code AS other_plan, m.code AS metric, lower(d.gap) AS first_day,
       upper(d.gap) - 1 AS last_day
FROM app.target_plan p
JOIN app.target_plan o ON o.tenant_id = $1 AND o.id = p.revision_of_id AND {published("o")}
JOIN aimed was ON was.plan_id = o.id
JOIN app.metric m ON m.tenant_id = $1 AND m.id = was.metric_id
LEFT JOIN aimed now ON now.plan_id = p.id AND now.metric_id = was.metric_id
CROSS JOIN LATERAL unnest(was.days - coalesce(now.days, '{{}}'::datemultirange)) d (gap)
WHERE p.tenant_id = $1 AND p.id = $2
ORDER BY 3, 4 LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Days for which a plan has no target of a metric, and the one whose place it takes has.

    Attributes:
        plan, other_plan, metric: their codes; the other plan is the one whose place it takes.
        first_day, last_day: the first day and the last of them.
    """

    plan: str
    other_plan: str
    metric: str
    first_day: date
    last_day: date


async def left_out(sight: Sight, plan_id: UUID) -> Sequence[LeftOut]:
    """Return what a plan leaves out of the published one whose place it takes, by metric."""
    rows = await sight.fetch(_LEFT_OUT, sight.tenant_id, plan_id)
    return [
        LeftOut(row["plan"], row["other_plan"], row["metric"], row["first_day"], row["last_day"])
        for row in rows
    ]
