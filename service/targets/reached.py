"""What counted toward a target by a day, for a command that goes by it: read where it decides."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.organisation.territory_tree import places_at
from service.organisation.unit_tree import units_at
from service.targets.figures import in_force
from service.targets.rules.balancing import Days
from service.targets.tables import TargetKind
from service.work import Sight

# Whoever has targets in two territories has in each what counts there (Q40); whoever has them in
# one has all of his there. What stands above all others has everything, also what is of no place.
_PLACE: Final = f"""
SELECT CASE WHEN n.member_id IS NOT NULL THEN n.territory_id IS NOT NULL AND EXISTS (
           SELECT FROM app.target_node o JOIN app.target_plan p ON p.tenant_id = $1
               AND p.id = o.plan_id AND {in_force("p")}
           WHERE o.tenant_id = $1 AND o.member_id = n.member_id AND o.metric_id = n.metric_id
               AND o.territory_id <> n.territory_id AND NOT o.is_unassigned
               AND (o.kind = 'OVERLAY') = (n.kind = 'OVERLAY')
               AND o.first_day <= n.last_day AND o.last_day >= n.first_day)
       ELSE n.territory_id IS NOT NULL AND EXISTS (SELECT FROM {places_at("$3")} o
           WHERE o.parent_id IS NULL AND o.territory_id <> n.territory_id
           OR o.territory_id = n.territory_id AND o.parent_id IS NOT NULL) END AS by_territory,
       n.member_id IS NULL AND n.territory_id IS NULL AND EXISTS (SELECT FROM {units_at("$3")} o
           WHERE o.parent_id IS NULL AND o.org_unit_id <> n.org_unit_id
           OR o.org_unit_id = n.org_unit_id AND o.parent_id IS NOT NULL) AS by_unit
FROM app.target_node n WHERE n.tenant_id = $1 AND n.id = $2
"""
_COUNTED: Final = f"""
WITH RECURSIVE there (id) AS (
    SELECT $7::uuid
    UNION SELECT p.territory_id FROM there a JOIN {places_at("$6")} p ON p.parent_id = a.id),
units (id) AS (
    SELECT $8::uuid
    UNION SELECT u.org_unit_id FROM units a JOIN {units_at("$6")} u ON u.parent_id = a.id)
SELECT coalesce(sum(d.amount), 0)::bigint FROM app.{{ledger}} d
WHERE d.tenant_id = $1 AND d.metric_id = $2 AND d.kind = $3
AND EXISTS (SELECT FROM unnest($4::date[], $5::date[]) s (first_day, last_day)
            WHERE d.credited_on BETWEEN s.first_day AND s.last_day)
AND ($7::uuid IS NULL OR d.territory_id IN (SELECT id FROM there))
AND ($8::uuid IS NULL OR d.org_unit_id IN (SELECT id FROM units))
AND ($9::uuid IS NULL OR d.member_id = $9)
"""
# Sums by line have only what names a channel or a product.
_OF_EVERYTHING: Final = (
    _COUNTED.format(ledger="metric_credit_day") + "AND $10::text IS NULL AND $11::text IS NULL"
)
_OF_LINE: Final = (
    _COUNTED.format(ledger="metric_credit_line_day")
    + "AND ($10::text IS NULL OR d.channel_code = $10)"
    " AND ($11::text IS NULL OR d.product_code = $11)"
)


async def reached(work: Sight, node: Row, spans: Sequence[Days]) -> int:
    """Return what counted toward a target on certain days, by all that is recorded by now.

    Primary parts alone, as on the boards; of a target beside the total its holder's parts beside
    it. Ratios are no amounts: nobody asks for them.

    Args:
        work: the transaction.
        node: the target: what counts is its holder's, of its territory or unit with all below it
            as they stand now, of its channel and its product.
        spans: first and last days.
    """
    if not spans:
        return 0
    (place,) = await work.fetch(_PLACE, work.tenant_id, node["id"], work.now)
    of_line = node["channel_code"] is not None or node["product_code"] is not None
    firsts: list[date] = [first for first, _ in spans]
    lasts: list[date] = [last for _, last in spans]
    territory: UUID | None = node["territory_id"] if place["by_territory"] else None
    found: int = await work.fetch_value(
        _OF_LINE if of_line else _OF_EVERYTHING,
        work.tenant_id,
        node["metric_id"],
        "OVERLAY" if node["kind"] == TargetKind.OVERLAY else "PRIMARY",
        firsts,
        lasts,
        work.now,
        territory,
        node["org_unit_id"] if place["by_unit"] else None,
        node["member_id"],
        node["channel_code"],
        node["product_code"],
    )
    return found
