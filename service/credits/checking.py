"""Whether the sums by day are what the ledger of credits says, entry by entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.work import Sight

# Both sides whole: a day without an entry is as wrong as an entry without a day.
_DIFFERENT: Final = """
WITH entries AS (
    SELECT c.metric_id, c.kind, c.credited_on, c.territory_id, c.org_unit_id, c.member_id,
           sum(c.amount) AS amount, coalesce(sum(c.base), 0) AS base, count(*) AS n
    FROM app.metric_credit c WHERE c.tenant_id = $1 GROUP BY 1, 2, 3, 4, 5, 6
), days AS (
    SELECT d.metric_id, d.kind, d.credited_on, d.territory_id, d.org_unit_id, d.member_id,
           d.amount, d.base, d.entry_count AS n
    FROM app.metric_credit_day d WHERE d.tenant_id = $1
), different AS (
    (SELECT * FROM entries EXCEPT SELECT * FROM days)
    UNION (SELECT * FROM days EXCEPT SELECT * FROM entries)
)
SELECT DISTINCT o.metric_id, o.credited_on FROM different o ORDER BY 2, 1 LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class WrongDay:
    """A day of a metric whose sums are not those of its entries."""

    metric_id: UUID
    day: date


async def wrong_days(sight: Sight) -> Sequence[WrongDay]:
    """Return the days whose sums are wrong, earliest first; at most 1,000."""
    rows = await sight.fetch(_DIFFERENT, sight.tenant_id)
    return [WrongDay(row["metric_id"], row["credited_on"]) for row in rows]
