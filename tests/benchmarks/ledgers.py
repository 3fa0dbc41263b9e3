"""The statements that give tenants a ledger of what counts, its sums by day and month, and targets.

An entry's day, person, metric and customer hang on its number alone; one of five is of no customer.
The sums are made as the trigger makes
them, `bailiwick targets check` and the tests hold one against the other.
"""

ENTRIES_OF_A_LEAD = 1_000
DAYS = 365
METRICS = 3
SEATS = 80
# As good as by chance, and the same on every machine.
_STREWN = "(hashint8extended(n, {}) & 1073741823)"

# People of a site count there; the three oldest metrics by code stand for what is counted.
_SEATED = """
    CREATE TABLE benchmark.seated AS
    SELECT m.tenant_id, m.id AS member_id, m.org_unit_id, m.territory_id,
           row_number() OVER (PARTITION BY m.tenant_id ORDER BY m.staff_code) - 1 AS seat
    FROM app.member m WHERE m.staff_code ~ '^[RS][0-9]'
"""
_COUNTED = f"""
    CREATE TABLE benchmark.counted AS
    SELECT tenant_id, id AS metric_id, number FROM (
        SELECT m.*, row_number() OVER (PARTITION BY m.tenant_id ORDER BY m.code) - 1 AS number
        FROM app.metric m WHERE m.unit <> 'RATIO') numbered
    WHERE number < {METRICS}
"""
# Who buys from somebody is a customer of his territory.
_BOUGHT = """
    CREATE TABLE benchmark.bought AS
    SELECT tenant_id, territory_id, party_id,
           row_number() OVER (PARTITION BY tenant_id, territory_id ORDER BY n) - 1 AS turn,
           count(*) OVER (PARTITION BY tenant_id, territory_id) AS number_there
    FROM benchmark.lead
"""
# A ledger is written day after day, and lies so.
ENTRIES = f"""
    INSERT INTO app.metric_credit (tenant_id, id, metric_id, member_id, org_unit_id, territory_id,
        kind, basis_points, amount, credited_on, recorded_at, source, source_key, party_id)
    SELECT t.tenant_id, benchmark.made('credit', t.number, n, at.day), c.metric_id, s.member_id,
           s.org_unit_id, s.territory_id, 'PRIMARY', 10000, 1 + n % 97, at.day::date, at.day,
           'RECORDED', n::text, CASE WHEN n % 5 > 0 THEN l.party_id END
    FROM benchmark.tenant t
    CROSS JOIN LATERAL generate_series(1, t.leads * {ENTRIES_OF_A_LEAD}) n
    CROSS JOIN LATERAL (SELECT t.ended - (1 + {_STREWN.format(1)} % {DAYS}) * interval '1 day'
                        AS day) at
    JOIN benchmark.counted c ON c.tenant_id = t.tenant_id AND c.number = n % {METRICS}
    JOIN benchmark.seated s ON s.tenant_id = t.tenant_id AND s.seat = {_STREWN.format(2)} % {SEATS}
    JOIN benchmark.bought l ON l.tenant_id = t.tenant_id AND l.territory_id = s.territory_id
        AND l.turn = {_STREWN.format(3)} % l.number_there
    ORDER BY at.day
"""
SUMS = """
    INSERT INTO app.metric_credit_day (tenant_id, id, metric_id, kind, credited_on, territory_id,
        org_unit_id, member_id, amount, base, entry_count)
    SELECT tenant_id, uuidv7(), metric_id, kind, credited_on, territory_id, org_unit_id, member_id,
           sum(amount), 0, count(*)
    FROM app.metric_credit GROUP BY 1, 3, 4, 5, 6, 7, 8
"""
MONTHS = """
    INSERT INTO app.metric_credit_month (tenant_id, id, metric_id, kind, credited_on, territory_id,
        org_unit_id, member_id, amount, base, entry_count)
    SELECT tenant_id, uuidv7(), metric_id, kind, date_trunc('month', credited_on::timestamp)::date,
           territory_id, org_unit_id, member_id, sum(amount), 0, sum(entry_count)
    FROM app.metric_credit_day GROUP BY 1, 3, 4, 5, 6, 7, 8
"""
HISTORIES = """
    INSERT INTO app.metric_credit_party_month (tenant_id, id, metric_id, credited_on, party_id,
        territory_id, product_code, amount)
    SELECT tenant_id, uuidv7(), metric_id, date_trunc('month', credited_on::timestamp)::date,
           party_id, territory_id, product_code, sum(amount)
    FROM app.metric_credit GROUP BY 1, 3, 4, 5, 6, 7
"""
_PLANS = """
    INSERT INTO app.target_plan (tenant_id, id, created_at, code, names, first_day, last_day, state,
        currency, revision, published_at)
    SELECT t.tenant_id, benchmark.made('plan', t.number, 0, t.began), t.began, 'year',
           '{"en": "Year", "zh-Hant": "年", "zh-Hans": "年"}', '2026-01-01', '2026-12-31',
           'PUBLISHED', 'CNY', 0, t.began
    FROM benchmark.tenant t
"""
_TARGETS = """
    INSERT INTO app.target_node (tenant_id, id, created_at, plan_id, metric_id, territory_id,
        first_day, last_day, kind, level, split, amount, pinned, is_unassigned, is_vacancy,
        over_assignment_basis_points, position)
    SELECT t.tenant_id, uuidv7(), t.began, benchmark.made('plan', t.number, 0, t.began),
           c.metric_id, y.id, span.first_day, span.last_day, 'COMMITMENT', 'TARGET', 'BREAKDOWN',
           100000, FALSE, FALSE, FALSE, 0, 0
    FROM benchmark.tenant t
    JOIN benchmark.counted c ON c.tenant_id = t.tenant_id
    JOIN app.territory y ON y.tenant_id = t.tenant_id
    CROSS JOIN (VALUES ('2026-01-01'::date, '2026-12-31'::date), ('2026-01-01', '2026-01-31'))
        span (first_day, last_day)
"""
PREPARED = (_SEATED, _COUNTED, _BOUGHT, _PLANS, _TARGETS)
ROWS = {
    "metric_credit": ENTRIES,
    "metric_credit_day": SUMS,
    "metric_credit_month": MONTHS,
    "metric_credit_party_month": HISTORIES,
}
