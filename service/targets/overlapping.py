"""Which targets of different plans the boards add up, and nobody may have meant to.

Two published plans that give the same holder a target of the same metric for the same days are not
refused: nothing on the targets page forbids it, and a plan that is published stays (I3). Whoever
publishes the second is told, and so is everybody afterwards. A street target beside a commitment
and what stands beside the total (OVERLAY) are meant so, and so are other levels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.organisation.territory_tree import places_at
from service.organisation.unit_tree import units_at
from service.targets.figures import figure_on, in_force
from service.work import Sight


def one_above_all(column: str, tree: str) -> str:
    """Write the unit or territory that stands above all others: a target of it is the company's.

    Args:
        column: the node's column.
        tree: SQL of the tree.
    """
    return (
        f"(SELECT (array_agg(o.{column}))[1] FROM {tree} o WHERE o.parent_id IS NULL"
        " HAVING count(*) = 1)"
    )


# A tenant is no member, unit or territory: it stands for none, so that equals are found by hash.
_SAME: Final = " AND ".join(
    (
        "{a}.metric_id = {b}.metric_id AND {a}.kind = {b}.kind AND {a}.level = {b}.level",
        *(
            f"coalesce(nullif({{a}}.{place}, {{{top}}}), $1)"
            f" = coalesce(nullif({{b}}.{place}, {{{top}}}), $1)"
            for place, top in (("org_unit_id", "unit"), ("territory_id", "territory"))
        ),
        "coalesce({a}.member_id, $1) = coalesce({b}.member_id, $1)",
        *(
            f"coalesce({{a}}.{name}, '') = coalesce({{b}}.{name}, '')"
            for name in ("channel_code", "product_code", "seat")
        ),
        "{a}.first_day <= {b}.last_day AND {b}.first_day <= {a}.last_day",
        "{a}.kind <> 'OVERLAY' AND NOT {a}.is_unassigned AND NOT {b}.is_unassigned",
        "{a}.plan_id <> {b}.plan_id",
    )
)


def same_holder(one: str, other: str, at: str) -> str:
    """Write whether targets of different plans are of the same holder, metric and days.

    The company is itself, whether or not a target of it names what stands above all others. Over
    `$1`, the tenant.

    Args:
        one: the alias of a target.
        other: the alias of another.
        at: SQL of the instant at which units and territories stand so.
    """
    unit = one_above_all("org_unit_id", units_at(at))
    territory = one_above_all("territory_id", places_at(at))
    return _SAME.format(a=one, b=other, unit=unit, territory=territory)


# What has been adjusted to nothing is not added up any more.
_OVERLAPS: Final = f"""
SELECT p.code AS plan, o.code AS other_plan, m.code AS metric, count(*) AS targets,
       min(x.first_day) AS first_day, max(x.last_day) AS last_day,
       (array_agg(x.id ORDER BY x.position, x.id))[1] AS node_id
FROM (
    SELECT a.id, a.position, a.plan_id, a.metric_id, b.plan_id AS other_id,
           min(greatest(a.first_day, b.first_day)) AS first_day,
           max(least(a.last_day, b.last_day)) AS last_day
    FROM app.target_node a JOIN app.target_node b ON b.tenant_id = $1
      AND {same_holder("a", "b", "$3")}
    WHERE a.tenant_id = $1 AND ($2::uuid IS NULL OR a.plan_id = $2)
      AND b.plan_id IN (SELECT l.id FROM app.target_plan l WHERE l.tenant_id = $1
                        AND {in_force("l")} AND NOT EXISTS (
                            SELECT FROM app.target_plan r WHERE r.tenant_id = $1
                            AND r.id = a.plan_id AND r.revision_of_id = l.id))
      AND {figure_on("a")} <> 0 AND {figure_on("b")} <> 0
    GROUP BY 1, 2, 3, 4, 5) x
JOIN app.target_plan p ON p.tenant_id = $1 AND p.id = x.plan_id
JOIN app.target_plan o ON o.tenant_id = $1 AND o.id = x.other_id
JOIN app.metric m ON m.tenant_id = $1 AND m.id = x.metric_id
WHERE $2::uuid IS NOT NULL
   OR {in_force("p")} AND (p.published_at, p.id) > (o.published_at, o.id)
GROUP BY p.code, o.code, m.code ORDER BY 1, 2, 3 LIMIT 100
"""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Targets of a plan that are added to those of another.

    Attributes:
        plan, other_plan, metric: their codes; the other plan was published before.
        first_day, last_day: the first day and the last of those that both have.
        targets: how many targets of the plan it is.
        node_id: the highest of them.
    """

    plan: str
    other_plan: str
    metric: str
    first_day: date
    last_day: date
    targets: int
    node_id: UUID


async def overlaps(sight: Sight, plan_id: UUID | None = None) -> Sequence[Overlap]:
    """Return what is added up: of a plan with those published before, or of all published ones."""
    rows = await sight.fetch(_OVERLAPS, sight.tenant_id, plan_id, sight.now)
    return [
        Overlap(
            row["plan"],
            row["other_plan"],
            row["metric"],
            row["first_day"],
            row["last_day"],
            row["targets"],
            row["node_id"],
        )
        for row in rows
    ]
