"""What the house itself records counts toward the metrics that name it, once each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final
from uuid import UUID

from service.credits.events import MetricCredited, MetricCreditEntered
from service.credits.tables import CreditKind
from service.database.session import Row
from service.targets.tables import CountingEvent
from service.work import UnitOfWork

_INTO: Final = """
INSERT INTO app.metric_credit (tenant_id, metric_id, member_id, org_unit_id, territory_id, site_id,
    party_id, deal_id, product_code, kind, basis_points, amount, credited_on, recorded_at, source,
    source_key)
"""
_COUNTS: Final = """
m.counting_event = '%s' AND m.unit <> 'RATIO' AND m.retired_at IS NULL
AND ({}::uuid IS NULL OR m.id = {}::uuid)
AND (m.launch_first_day IS NULL OR %s >= m.launch_first_day)
AND (m.launch_last_day IS NULL OR %s <= m.launch_last_day)
"""
_ONCE: Final = " ON CONFLICT DO NOTHING"
# Of one source alone, or of all. Said as `one IS NULL OR …`, what is meant for one would be planned
# for all, or planned anew each time.
_ONE_OR_ALL: Final = "[%s = {}::uuid]"

# Existing business is that of whoever had signed a deal before that has not fallen through.
_BUSINESS: Final = """
AND (m.business <> 'EXISTING' OR %(before)s)
AND (m.business <> 'INCREMENTAL' OR NOT %(before)s)
"""
_BEFORE: Final = (
    "EXISTS (SELECT FROM app.deal former WHERE former.tenant_id = m.tenant_id"
    " AND former.party_id = %s AND former.signed_at < %s AND former.cancelled_at IS NULL)"
)
_OF_DEAL: Final = _BEFORE % ("d.party_id", "d.signed_at")
_OF_VISIT: Final = _BEFORE % ("v.party_id", "v.arrived_at")
# Whom somebody told of as a new customer is none any more, until that is taken back.
_NOT_COUNTED_AS_NEW: Final = """
AND (NOT (m.new_only OR m.counting_event = 'NEW_CUSTOMER') OR m.unit <> 'COUNT' OR NOT EXISTS (
    SELECT FROM app.metric_credit_party_month k WHERE k.tenant_id = m.tenant_id
    AND k.metric_id = m.id AND k.party_id = %s HAVING sum(k.amount) > 0))
"""
# Of a deal that is one piece the largest share has the piece (targets page 4.2).
_DEALS: Final = (
    _INTO
    + """
SELECT m.tenant_id, m.id, e.member_id, d.org_unit_id, d.territory_id, d.site_id, d.party_id, d.id,
    left(d.unit_code, 64), 'PRIMARY', e.basis_points,
    CASE m.unit WHEN 'MONEY' THEN e.amount_minor ELSE (row_number() OVER (
        PARTITION BY m.id, d.id ORDER BY e.basis_points DESC, e.id) = 1)::integer END,
    %(day)s, {}::timestamptz, 'DEAL', d.id::text
FROM app.metric m
JOIN app.credit_entry e ON e.tenant_id = m.tenant_id AND e.reverses_id IS NULL
    AND CASE m.unit WHEN 'MONEY' THEN e.metric = 'SALES_AMOUNT' AND e.currency = m.currency
        ELSE e.metric = 'DEALS' END
JOIN app.deal d ON d.tenant_id = m.tenant_id AND d.id = e.deal_id
WHERE m.tenant_id = {}::uuid AND %(counts)s
"""
    + _BUSINESS % {"before": _OF_DEAL}
    + f"""
AND {_ONE_OR_ALL % "e.deal_id"}
AND (cardinality(m.product_codes) = 0 OR d.unit_code = ANY(m.product_codes))
AND (NOT m.new_only OR NOT {_OF_DEAL})
AND %(only)s
"""
    + _NOT_COUNTED_AS_NEW % "d.party_id"
    + _ONCE
)
# Whoever tells of contracts himself goes on doing so: which of the deals he told of nobody knows.
# At most one row is looked for, in the order of the key: of millions the first answers.
_NOT_TOLD: Final = """
d.contracted_on IS NOT NULL AND (SELECT TRUE FROM app.metric_credit c
    WHERE c.tenant_id = m.tenant_id AND c.metric_id = m.id AND c.source = 'RECORDED'
    AND c.reverses_id IS NULL AND c.amount > 0 AND NOT EXISTS (SELECT FROM app.metric_credit r
        WHERE r.tenant_id = c.tenant_id AND r.reverses_id = c.id) LIMIT 1) IS NULL
"""


def _of_deals(event: CountingEvent, day: str, only: str) -> str:
    """Write the statement of an event of a deal that counts on a day, of certain deals only."""
    return _DEALS % {"day": day, "counts": _COUNTS % (event.value, day, day), "only": only}


# What a deal that fell through has counted is taken back on the day of the cancellation, or where
# it counted (4.4).
_REVERSALS: Final = """
INSERT INTO app.metric_credit (tenant_id, metric_id, member_id, org_unit_id, territory_id, site_id,
    party_id, deal_id, product_code, channel_code, kind, basis_points, amount, base, credited_on,
    recorded_at, source, source_key, reason, author_id, reverses_id)
SELECT c.tenant_id, c.metric_id, c.member_id, c.org_unit_id, c.territory_id, c.site_id, c.party_id,
    c.deal_id, c.product_code, c.channel_code, c.kind, c.basis_points, -c.amount, -c.base,
    CASE WHEN d.cancellation_restated THEN c.credited_on
         ELSE greatest(d.cancelled_on, c.credited_on) END,
    $2, c.source, c.source_key, left(d.cancellation_reason, 500), d.cancelled_by, c.id
FROM app.deal d JOIN app.metric_credit c ON c.tenant_id = $1 AND c.deal_id = d.id
WHERE d.tenant_id = $1 AND d.cancelled_at IS NOT NULL AND ($3::uuid IS NULL OR d.id = $3)
AND c.source = 'DEAL' AND c.reverses_id IS NULL AND NOT EXISTS (SELECT FROM app.metric_credit r
    WHERE r.tenant_id = $1 AND r.reverses_id = c.id)
ORDER BY c.id
ON CONFLICT DO NOTHING
RETURNING id, metric_id, member_id, kind, amount, credited_on
"""
_VISITS: Final = (
    _INTO
    + """
SELECT m.tenant_id, m.id, v.receiver_id, v.org_unit_id, v.territory_id, v.site_id, v.party_id,
    NULL, NULL, 'PRIMARY', 10000, 1, v.reception_day, {}::timestamptz, 'VISIT', v.id::text
FROM app.metric m JOIN app.visit v ON v.tenant_id = m.tenant_id
WHERE m.tenant_id = {}::uuid AND """
    + _COUNTS % ("VISIT", "v.reception_day", "v.reception_day")
    + _BUSINESS % {"before": _OF_VISIT}
    + """
AND v.receiver_id IS NOT NULL AND """
    + _ONE_OR_ALL % "v.id"
    + """
AND NOT EXISTS (SELECT FROM app.metric_credit c WHERE c.tenant_id = m.tenant_id
    AND c.metric_id = m.id AND c.source = 'VISIT' AND c.source_key = v.id::text)
"""
    + _ONCE
)
_CUSTOMER_DAY: Final = "(r.entered_at AT TIME ZONE s.time_zone)::date"
# Where he was received: the registration itself goes with its customer to another territory.
_REGISTERED_IN: Final = (
    "(SELECT o.territory_id FROM app.visit o WHERE o.tenant_id = r.tenant_id AND o.id = r.visit_id"
    " UNION ALL SELECT o.territory_id FROM app.call_record o WHERE o.tenant_id = r.tenant_id"
    " AND o.id = r.call_id)"
)
# The first registration of a customer is his who made it.
_CUSTOMERS: Final = (
    _INTO
    + f"""
SELECT m.tenant_id, m.id, r.member_id, r.org_unit_id, {_REGISTERED_IN}, r.site_id, r.party_id,
    NULL, NULL, 'PRIMARY', 10000, 1, {_CUSTOMER_DAY}, {{}}::timestamptz, 'CUSTOMER',
    r.party_id::text
FROM app.metric m JOIN app.registration r ON r.tenant_id = m.tenant_id
JOIN app.site s ON s.tenant_id = m.tenant_id AND s.id = r.site_id
WHERE m.tenant_id = {{}}::uuid AND """
    + _COUNTS % ("NEW_CUSTOMER", _CUSTOMER_DAY, _CUSTOMER_DAY)
    + f"""
AND {_ONE_OR_ALL % "r.id"}
AND r.result = 'VALID'
AND NOT EXISTS (SELECT FROM app.registration former WHERE former.tenant_id = m.tenant_id
    AND former.party_id = r.party_id AND former.result = 'VALID'
    AND (former.entered_at, former.id) < (r.entered_at, r.id))
AND NOT EXISTS (SELECT FROM app.metric_credit c WHERE c.tenant_id = m.tenant_id
    AND c.metric_id = m.id AND c.source = 'CUSTOMER' AND c.source_key = r.party_id::text)
"""
    + _NOT_COUNTED_AS_NEW % "r.party_id"
    + _ONCE
)


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted.

    Attributes:
        event: a word of the metrics' counting events.
        source_id: the deal, visit or registration alone; None is all that there are.
        metric_id: one metric alone; None is all that count such.
    """

    event: str
    source_id: UUID | None = None
    metric_id: UUID | None = None


_STATEMENTS: Final[Mapping[str, str]] = {
    CountingEvent.SUBSCRIPTION: _of_deals(CountingEvent.SUBSCRIPTION, "e.credited_on", "TRUE"),
    CountingEvent.CONTRACT: _of_deals(CountingEvent.CONTRACT, "d.contracted_on", _NOT_TOLD),
    CountingEvent.VISIT: _VISITS,
    CountingEvent.NEW_CUSTOMER: _CUSTOMERS,
}
_CUSTOMER_OF: Final[Mapping[str, str]] = {
    CountingEvent.SUBSCRIPTION: "deal",
    CountingEvent.CONTRACT: "deal",
    CountingEvent.NEW_CUSTOMER: "registration",
}
OF_DEALS: Final = (CountingEvent.SUBSCRIPTION, CountingEvent.CONTRACT)


@cache
def _of(event: str, *, one: bool) -> str:
    """Return the statement of an event: of one source, which is its last argument, or of all."""
    meant = r"\1" if one else "TRUE"
    return re.sub(r"\[([^\[\]]+ = \{\}::uuid)\]", meant, _STATEMENTS[event])


async def count(work: UnitOfWork, counting: Counting) -> None:
    """Enter what is not entered yet, and tell of each; again, it changes nothing.

    What a metric counts of before it was made is entered without a word. A contract counts where
    nobody tells of contracts himself (`record_metric_credit`): by one of the two, never by both. A
    customer who was told of as a new one counts as one no more.
    """
    if counting.event not in _STATEMENTS:
        return
    source, metric = counting.source_id, counting.metric_id
    of_deals = counting.event in OF_DEALS
    if of_deals and source is not None:
        await _lock_deal(work, source)
    if counting.event == CountingEvent.CONTRACT:
        await _lock_metrics(work, metric, source)
    if source is not None and counting.event in _CUSTOMER_OF:
        await _lock_customer(work, counting.event, source)
    statement = _of(counting.event, one=source is not None)
    only = (work.now, work.tenant_id, metric, metric)
    if source is None:
        work.write("metric_credit", statement, *only)
        if of_deals:
            await work.flush()
            await reverse_deals(work, None)
        return
    marks = (f"${place}" for place in range(1, len(only) + 2))
    entered = await work.fetch(
        f"{statement.format(*marks)} RETURNING id, metric_id, member_id", *only, source
    )
    work.emit(*(MetricCreditEntered(*row) for row in entered))
    if of_deals:
        await reverse_deals(work, source)


async def _lock_metrics(work: UnitOfWork, metric_id: UUID | None, deal_id: UUID | None) -> None:
    """Let the house and whoever tells of contracts himself see of each other who was first."""
    await work.fetch(
        "SELECT m.id FROM app.metric m WHERE m.tenant_id = $1 AND m.counting_event = 'CONTRACT'"
        " AND m.retired_at IS NULL AND ($2::uuid IS NULL OR m.id = $2)"
        " AND ($3::uuid IS NULL OR EXISTS (SELECT FROM app.deal d WHERE d.tenant_id = $1"
        " AND d.id = $3 AND d.contracted_on IS NOT NULL)) ORDER BY m.id FOR NO KEY UPDATE OF m",
        work.tenant_id,
        metric_id,
        deal_id,
    )


async def _lock_customer(work: UnitOfWork, event: str, source_id: UUID) -> None:
    """Let the house and whoever tells of a new customer himself see of each other who was first."""
    await work.fetch(
        f"SELECT p.id FROM app.{_CUSTOMER_OF[event]} o JOIN app.party p ON p.tenant_id = $1"
        " AND p.id = o.party_id WHERE o.tenant_id = $1 AND o.id = $2"
        " AND EXISTS (SELECT FROM app.metric m WHERE m.tenant_id = $1 AND m.counting_event = $3"
        " AND m.unit = 'COUNT' AND (m.new_only OR m.counting_event = 'NEW_CUSTOMER')"
        " AND m.retired_at IS NULL) FOR NO KEY UPDATE OF p",
        work.tenant_id,
        source_id,
        event,
    )


async def _lock_deal(work: UnitOfWork, deal_id: UUID) -> None:
    """Let what counts a deal and what cancels it go one after the other."""
    await work.fetch(
        "SELECT id FROM app.deal WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        work.tenant_id,
        deal_id,
    )


async def reverse_deals(work: UnitOfWork, deal_id: UUID | None) -> None:
    """Take back what a deal that fell through has counted, or all such; again, nothing changes."""
    made = await work.fetch(_REVERSALS, work.tenant_id, work.now, deal_id)
    of_metrics: dict[tuple[UUID, date], list[Row]] = {}
    for row in made:
        of_metrics.setdefault((row["metric_id"], row["credited_on"]), []).append(row)
    for (metric_id, day), rows in of_metrics.items():
        members = tuple(row["member_id"] for row in rows if row["member_id"] is not None)
        primary = sum(row["amount"] for row in rows if row["kind"] == CreditKind.PRIMARY)
        work.emit(MetricCredited(metric_id, members, day, primary))
    work.emit(*(MetricCreditEntered(r["id"], r["metric_id"], r["member_id"]) for r in made))
