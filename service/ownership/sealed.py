"""Whether claims, deals, shares, verdicts and measures still say what was decided of them.

The decisions are sealed; the rows beside them, which lists read and money hangs on, go on moving
and are not. So each is held against its decisions, and every column that differs is named.
"""

from typing import Final

from service.database.session import Session
from service.journal.sealing import Found, Touch

# Of each: what was decided of the records of one kind, the last of it, and what the first said.
_DECIDED: Final = """
WITH n AS MATERIALIZED (
    SELECT n.id, n.subject_id, n.at, n.outcome FROM app.decision n
    WHERE n.tenant_id = $1 AND n.kind = '{kind}' AND n.subject_type = '{table}'
), every AS MATERIALIZED (
    SELECT subject_id, min(at) AS first_at, max(at) AS last_at,
        jsonb_agg(outcome->'{table}' ORDER BY at, id)
            FILTER (WHERE outcome ? '{table}')->0 AS said
    FROM n GROUP BY subject_id)
"""
_GONE: Final = """
UNION ALL
SELECT e.subject_id, e.first_at, NULL FROM every e
WHERE NOT EXISTS (SELECT FROM app.{table} t WHERE t.tenant_id = $1 AND t.id = e.subject_id)
"""
_CLAIMS: Final = f"""
{_DECIDED.format(kind="CLAIM", table="claim")}
SELECT t.id, t.filed_at AS at, x.field FROM app.claim t
LEFT JOIN every e ON e.subject_id = t.id
LEFT JOIN n ON n.id = t.decision_id AND n.subject_id = t.id
CROSS JOIN LATERAL (VALUES
    ('decision_id', n.at IS DISTINCT FROM e.last_at OR n.id IS NULL),
    ('filed_at', t.filed_at <> e.first_at),
    ('result', t.result <> n.outcome->>'answer'),
    ('reason', t.reason IS DISTINCT FROM nullif(n.outcome->>'reason', 'NONE') AND n.id IS NOT NULL),
    ('claimant_id', t.claimant_id::text <> n.outcome->'names'->>'claimant'),
    ('registration_id', n.outcome->'behind' ? 'registrations'
        AND t.registration_id::text IS DISTINCT FROM n.outcome->'behind'->'registrations'->>0),
    ('deal_id', t.deal_id::text <> e.said->>'deal_id'),
    ('stated_same_customer', t.stated_same_customer::text <> e.said->>'stated_same_customer')
) x (field, differs)
WHERE t.tenant_id = $1 AND x.differs
{_GONE.format(table="claim")}
"""
# What the ledger has of it is sealed too: that tells of deals from before their terms were.
_DEALS: Final = f"""
{_DECIDED.format(kind="CREDIT", table="deal")}, entered AS MATERIALIZED (
    SELECT c.deal_id, sum(c.amount_minor) AS amount_minor, min(c.currency) AS currency
    FROM app.credit_entry c
    WHERE c.tenant_id = $1 AND c.metric = 'SALES_AMOUNT' AND c.reverses_id IS NULL
    GROUP BY c.deal_id
), noted AS MATERIALIZED (
    SELECT a.subject_id, a.command, min(a.at) AS at FROM app.audit_event a
    WHERE a.tenant_id = $1 AND a.command IN ('cancel_deal', 'record_contract')
    GROUP BY a.subject_id, a.command)
SELECT t.id, t.signed_at AS at, x.field FROM app.deal t
LEFT JOIN every e ON e.subject_id = t.id
LEFT JOIN n ON n.id = t.credit_decision_id AND n.subject_id = t.id
LEFT JOIN entered c ON c.deal_id = t.id
LEFT JOIN noted fell ON fell.subject_id = t.id AND fell.command = 'cancel_deal'
LEFT JOIN noted bound ON bound.subject_id = t.id AND bound.command = 'record_contract'
CROSS JOIN LATERAL (VALUES
    ('credit_decision_id', n.at IS DISTINCT FROM e.last_at OR n.id IS NULL),
    ('signed_at', t.signed_at <> e.first_at),
    ('closer_id', t.closer_id::text <> n.outcome->'names'->>'receiver'),
    ('owner_id', t.owner_id::text IS DISTINCT FROM n.outcome->'names'->>'owner'
        AND n.id IS NOT NULL),
    ('amount_minor', t.amount_minor::text IS DISTINCT FROM e.said->>'amount_minor'
        AND e.said IS NOT NULL OR t.amount_minor IS DISTINCT FROM c.amount_minor
        AND c.deal_id IS NOT NULL),
    ('currency', t.currency IS DISTINCT FROM e.said->>'currency' AND e.said IS NOT NULL
        OR t.currency IS DISTINCT FROM c.currency AND c.deal_id IS NOT NULL),
    ('party_id', t.party_id::text <> e.said->>'party_id'),
    ('visit_id', t.visit_id::text <> e.said->>'visit_id'),
    ('unit_code', t.unit_code IS DISTINCT FROM e.said->>'unit_code' AND e.said IS NOT NULL),
    ('cancelled_at', t.cancelled_at IS DISTINCT FROM fell.at),
    ('contracted_at', t.contracted_at IS DISTINCT FROM bound.at)
) x (field, differs)
WHERE t.tenant_id = $1 AND x.differs
{_GONE.format(table="deal")}
"""
_SHARES: Final = """
WITH n AS MATERIALIZED (
    SELECT n.id, n.at, n.outcome->'shares' AS shares FROM app.decision n
    WHERE n.tenant_id = $1 AND n.kind = 'CREDIT' AND n.outcome ? 'shares'
), told AS MATERIALIZED (
    SELECT n.id AS decision_id, s->>0 AS holder, (s->>1)::uuid AS member_id,
        (s->>2)::int AS basis_points, (s->>3)::bigint AS amount_minor
    FROM n, jsonb_array_elements(n.shares) s
), stand AS MATERIALIZED (
    SELECT t.id, t.decision_id, t.holder, t.member_id, t.basis_points, t.amount_minor
    FROM app.credit_share t WHERE t.tenant_id = $1)
SELECT s.id, n.at, x.field FROM stand s
JOIN n ON n.id = s.decision_id
LEFT JOIN told t ON t.decision_id = s.decision_id AND t.holder = s.holder
    AND t.member_id IS NOT DISTINCT FROM s.member_id
CROSS JOIN LATERAL (VALUES
    ('member_id', t.decision_id IS NULL),
    ('basis_points', s.basis_points <> t.basis_points),
    ('amount_minor', s.amount_minor IS DISTINCT FROM t.amount_minor
        AND t.decision_id IS NOT NULL)
) x (field, differs)
WHERE x.differs
UNION ALL
SELECT n.id, n.at, 'shares' FROM n
LEFT JOIN (SELECT decision_id, count(*) AS standing FROM stand GROUP BY decision_id) s
    ON s.decision_id = n.id
WHERE jsonb_array_length(n.shares) <> coalesce(s.standing, 0)
"""
_DISPUTES: Final = f"""
{_DECIDED.format(kind="DISPUTE", table="dispute")}
SELECT t.id, t.opened_at AS at, x.field FROM app.dispute t
LEFT JOIN n opening ON opening.id = t.opening_id AND opening.subject_id = t.id
LEFT JOIN n ON n.id = t.outcome_id AND n.subject_id = t.id
CROSS JOIN LATERAL (VALUES
    ('opening_id', opening.id IS NULL),
    ('opened_at', t.opened_at <> opening.at),
    ('first_member_id', t.first_member_id::text <> opening.outcome->'names'->>'first'),
    ('second_member_id', t.second_member_id::text <> opening.outcome->'names'->>'second'),
    ('outcome_id', t.outcome_id IS NOT NULL AND n.id IS NULL
        OR t.outcome_id IS NULL AND num_nonnulls(t.settled_at, t.decided_at) > 0),
    ('decided_by', coalesce(t.appeal_decided_by, t.decided_by)::text
        <> n.outcome->'names'->>'manager'),
    ('decided_at', coalesce(t.appeal_decided_at, t.decided_at, t.settled_at) <> n.at),
    ('first_basis_points',
        t.first_basis_points::text IS DISTINCT FROM n.outcome->'dispute'->>'first_basis_points'
        AND n.outcome ? 'dispute'),
    ('second_basis_points',
        t.second_basis_points::text IS DISTINCT FROM n.outcome->'dispute'->>'second_basis_points'
        AND n.outcome ? 'dispute'),
    ('company_basis_points',
        t.company_basis_points::text IS DISTINCT FROM n.outcome->'dispute'->>'company_basis_points'
        AND n.outcome ? 'dispute'),
    ('aggravated', t.aggravated::text <> n.outcome->'dispute'->>'aggravated'),
    ('reason', t.reason IS DISTINCT FROM n.outcome->'dispute'->>'reason'
        AND n.outcome ? 'dispute')
) x (field, differs)
WHERE t.tenant_id = $1 AND x.differs
"""
_CASES: Final = """
WITH closed AS MATERIALIZED (
    SELECT a.subject_id, a.at, a.details->>'measure' AS measure FROM app.audit_event a
    WHERE a.tenant_id = $1 AND a.command = 'close_penalty_case' AND a.details ? 'measure')
SELECT t.id, t.found_at AS at, x.field FROM app.penalty_case t
LEFT JOIN closed c ON c.subject_id = t.id
CROSS JOIN LATERAL (VALUES
    ('measure', t.measure IS DISTINCT FROM c.measure),
    ('closed_at', t.closed_at IS DISTINCT FROM c.at)
) x (field, differs)
WHERE t.tenant_id = $1 AND x.differs
"""
_ASKED: Final = {
    "claim": _CLAIMS,
    "deal": _DEALS,
    "credit_share": _SHARES,
    "dispute": _DISPUTES,
    "penalty_case": _CASES,
}


async def disagreeing(session: Session) -> list[Found]:
    """Name each claim, deal, share and dispute that does not say what was decided, by column."""
    found: list[Found] = []
    for table, asked in _ASKED.items():
        for row in await session.fetch(asked, session.tenant_id):
            touch = Touch.REMOVED if row["field"] is None else Touch.DISAGREES
            found.append(Found(touch, table, row["id"], None, row["at"], row["field"]))
    return found
