"""Whether the sums by day, month, customer and line of business are those of the ledger."""

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
), by_month AS (
    SELECT e.metric_id, e.kind, date_trunc('month', e.credited_on::timestamp)::date AS month,
           e.territory_id, e.org_unit_id, e.member_id, sum(e.amount) AS amount, sum(e.base) AS base,
           sum(e.n) AS n
    FROM entries e GROUP BY 1, 2, 3, 4, 5, 6
), months AS (
    SELECT m.metric_id, m.kind, m.credited_on, m.territory_id, m.org_unit_id, m.member_id,
           m.amount, m.base, m.entry_count AS n
    FROM app.metric_credit_month m WHERE m.tenant_id = $1
), late_entries AS (
    SELECT c.metric_id, c.kind, c.credited_on,
           (c.recorded_at AT TIME ZONE t.time_zone)::date AS recorded_on, c.territory_id,
           c.org_unit_id, c.member_id, sum(c.amount) AS amount, coalesce(sum(c.base), 0) AS base,
           count(*) AS n
    FROM app.metric_credit c JOIN app.tenant t ON t.tenant_id = c.tenant_id
    WHERE c.tenant_id = $1 AND (c.recorded_at AT TIME ZONE t.time_zone)::date > c.credited_on
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), late AS (
    SELECT l.metric_id, l.kind, l.credited_on, l.recorded_on, l.territory_id, l.org_unit_id,
           l.member_id, l.amount, l.base, l.entry_count AS n
    FROM app.metric_credit_late l WHERE l.tenant_id = $1
), of_lines AS (
    SELECT c.metric_id, c.credited_on,
           (c.recorded_at AT TIME ZONE t.time_zone)::date AS recorded_on, c.kind,
           c.channel_code, c.product_code, c.territory_id, c.org_unit_id, c.member_id,
           sum(c.amount) AS amount, coalesce(sum(c.base), 0) AS base, count(*) AS n
    FROM app.metric_credit c JOIN app.tenant t ON t.tenant_id = c.tenant_id
    WHERE c.tenant_id = $1 AND (c.channel_code IS NOT NULL OR c.product_code IS NOT NULL)
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
), lines AS (
    SELECT l.metric_id, l.credited_on, l.recorded_on, l.kind, l.channel_code, l.product_code,
           l.territory_id, l.org_unit_id, l.member_id, l.amount, l.base, l.entry_count AS n
    FROM app.metric_credit_line_day l WHERE l.tenant_id = $1
), of_parties AS (
    SELECT c.metric_id, date_trunc('month', c.credited_on::timestamp)::date AS month, c.party_id,
           c.territory_id, c.product_code, sum(c.amount) AS amount
    FROM app.metric_credit c WHERE c.tenant_id = $1 AND c.kind = 'PRIMARY'
    GROUP BY 1, 2, 3, 4, 5
), parties AS (
    SELECT p.metric_id, p.credited_on AS month, p.party_id, p.territory_id, p.product_code, p.amount
    FROM app.metric_credit_party_month p WHERE p.tenant_id = $1
), wrong AS (
    SELECT o.metric_id, o.credited_on FROM different o
    UNION SELECT o.metric_id, o.month
    FROM (SELECT * FROM by_month EXCEPT SELECT * FROM months) o
    UNION SELECT o.metric_id, o.credited_on
    FROM (SELECT * FROM months EXCEPT SELECT * FROM by_month) o
    UNION SELECT o.metric_id, o.credited_on
    FROM (SELECT * FROM late_entries EXCEPT SELECT * FROM late) o
    UNION SELECT o.metric_id, o.credited_on
    FROM (SELECT * FROM late EXCEPT SELECT * FROM late_entries) o
    UNION SELECT o.metric_id, o.credited_on
    FROM (SELECT * FROM of_lines EXCEPT SELECT * FROM lines) o
    UNION SELECT o.metric_id, o.credited_on
    FROM (SELECT * FROM lines EXCEPT SELECT * FROM of_lines) o
    UNION SELECT o.metric_id, o.month
    FROM (SELECT * FROM of_parties EXCEPT SELECT * FROM parties) o
    UNION SELECT o.metric_id, o.month
    FROM (SELECT * FROM parties EXCEPT SELECT * FROM of_parties) o
)
SELECT w.metric_id, w.credited_on FROM wrong w ORDER BY 2, 1 LIMIT 1000
"""


@dataclass(frozen=True, slots=True)
class WrongDay:
    """A day of a metric whose sums are not those of its entries; of a month its first.

    So is one of which past boards leave out other entries than those that came late.
    """

    metric_id: UUID
    day: date


async def wrong_days(sight: Sight) -> Sequence[WrongDay]:
    """Return the days whose sums are wrong, earliest first; at most 1,000."""
    rows = await sight.fetch(_DIFFERENT, sight.tenant_id)
    return [WrongDay(row["metric_id"], row["credited_on"]) for row in rows]
