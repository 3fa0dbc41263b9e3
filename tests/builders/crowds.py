"""Two thousand rows of each of many tables, by one statement each: `$1` is the tenant.

An empty table is read by whatever index comes first, so what is explained needs rows whose columns
have many values.
"""

DRAFTS = """
INSERT INTO app.rulebook_draft (tenant_id, id, created_at, policy, name, text, author_ids, state,
    changed_at, site_id)
SELECT $1, uuidv7(), now(), 'showroom', 'draft ' || n, 'policy: showroom', '{}',
    CASE WHEN n % 50 = 0 THEN 'DRAFT' ELSE 'DISCARDED' END, now(),
    CASE WHEN n % 50 = 0 THEN $2::uuid END
FROM generate_series(1, 2000) n
"""
SIMULATIONS = """
INSERT INTO app.rulebook_simulation (tenant_id, id, created_at, policy, text_hash, document,
    overrides, kind, state, first_day, last_day, site_ids, done_count, attempts, rulebook_draft_id)
SELECT $1, uuidv7(), now(), 'showroom', '', '{}', '{}', 'STATEFUL',
    CASE WHEN n % 50 = 0 THEN 'FAILED' ELSE 'CANCELLED' END, '2026-01-01', '2026-01-31', '[]', 0, 1,
    CASE WHEN n % 50 <> 0 THEN uuidv7() END
FROM generate_series(1, 2000) n
"""
CASES = """
INSERT INTO app.simulation_case (tenant_id, id, rulebook_simulation_id, position, subject, site_id,
    happened_at, receiver_changed, owner_changed, credit_changed, rule_before, rule_after,
    receiver_before_id, receiver_after_id, credit_before, credit_after)
SELECT $1, uuidv7(), uuidv7(), n, 'VISIT', uuidv7(), now(), true, false, false, '', '',
    CASE WHEN n % 50 <> 0 THEN uuidv7() END, CASE WHEN n % 50 <> 0 THEN uuidv7() END, '[]', '[]'
FROM generate_series(1, 2000) n
"""
METRICS = """
INSERT INTO app.metric (tenant_id, id, created_at, code, names, unit, direction, counting_event,
    business, product_codes, new_only)
SELECT $1, uuidv7(), now(), 'M' || n, '{}', 'COUNT', 'HIGHER', 'OTHER', 'ALL', '{}', FALSE
FROM generate_series(1, 2000) n
"""
PLANS = """
INSERT INTO app.target_plan (tenant_id, id, created_at, code, names, first_day, last_day, state,
    currency, revision)
SELECT $1, uuidv7(), now(), 'p' || n, '{}', '2000-01-01'::date + n, '2030-01-01',
    CASE WHEN n % 50 = 0 THEN 'DRAFT' ELSE 'CLOSED' END, 'CNY', 0
FROM generate_series(1, 2000) n
"""
# Whose they are matters as little as that their plan is none: each column has many values.
TARGETS = """
INSERT INTO app.target_node (tenant_id, id, created_at, plan_id, parent_id, metric_id, org_unit_id,
    territory_id, member_id, first_day, last_day, kind, level, split, amount, pinned, is_unassigned,
    is_vacancy, over_assignment_basis_points, position)
SELECT $1, uuidv7(), now(), uuidv7(), CASE WHEN n % 50 <> 0 THEN uuidv7() END, uuidv7(), uuidv7(),
    uuidv7(), CASE WHEN n % 50 <> 0 THEN uuidv7() END, '2026-02-20'::date + n,
    '2040-01-01', CASE WHEN n % 50 = 0 THEN 'OVERLAY' ELSE 'STREET' END,
    CASE WHEN n % 50 = 0 THEN 'TARGET' ELSE 'STRETCH' END,
    CASE WHEN n % 50 = 0 THEN 'BREAKDOWN' ELSE 'PERIOD' END, n, FALSE, FALSE, FALSE, 0, n
FROM generate_series(1, 2000) n
"""
CHANGES = """
INSERT INTO app.target_change (tenant_id, id, plan_id, node_id, metric_id, org_unit_id,
    territory_id, member_id, effective_on, delta, hands_over, kind, reason, recorded_at)
SELECT $1, uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(),
    CASE WHEN n % 50 <> 0 THEN uuidv7() END, '2020-01-01'::date + n, n, FALSE,
    CASE WHEN n % 50 = 0 THEN 'RAMP' ELSE 'RELIEF' END, 'leave', now() - n * interval '1 hour'
FROM generate_series(1, 2000) n
"""
RESPONSES = """
INSERT INTO app.target_response (tenant_id, id, plan_id, node_id, org_unit_id, territory_id,
    member_id, plan_version, kind, recorded_at)
SELECT $1, uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), n,
    CASE WHEN n % 50 = 0 THEN 'RETURN' ELSE 'APPROVAL' END, now() - n * interval '1 hour'
FROM generate_series(1, 2000) n
"""
SEATS = """
INSERT INTO app.territory_assignment (tenant_id, id, created_at, territory_id, seat_id, role,
    member_id, valid_from)
SELECT $1, uuidv7(), now(), uuidv7(), uuidv7(), CASE WHEN n % 50 = 0 THEN 'OWNER' ELSE 'REP' END,
    CASE WHEN n % 50 <> 0 THEN uuidv7() END, '2010-01-01'::date + n
FROM generate_series(1, 2000) n
"""
MOVES = """
INSERT INTO app.territory_move (tenant_id, id, created_at, created_by, territory_model_id, party_id,
    from_territory_id, to_territory_id, owner_id, reason, registration_count, deal_count)
SELECT $1, uuidv7(), now(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(),
    CASE WHEN n % 50 <> 0 THEN uuidv7() END, CASE WHEN n % 50 = 0 THEN 'LISTED' ELSE 'RULE' END,
    0, 0
FROM generate_series(1, 2000) n
"""
CREDITS = """
INSERT INTO app.metric_credit (tenant_id, id, metric_id, member_id, org_unit_id, territory_id,
    deal_id, kind, basis_points, amount, credited_on, recorded_at, source, source_key)
SELECT $1, uuidv7(), uuidv7(), CASE WHEN n % 50 <> 0 THEN uuidv7() END, uuidv7(), uuidv7(),
    CASE WHEN n % 50 <> 0 THEN uuidv7() END, 'PRIMARY', 10000, n, '2020-01-01'::date + n, now(),
    'RECORDED', 's' || n
FROM generate_series(1, 2000) n
"""
CREDIT_DAYS = """
INSERT INTO app.metric_credit_day (tenant_id, id, metric_id, member_id, org_unit_id, territory_id,
    kind, credited_on, amount, base, entry_count)
SELECT $1, uuidv7(), uuidv7(), CASE WHEN n % 50 <> 0 THEN uuidv7() END, uuidv7(), uuidv7(),
    'PRIMARY', '2020-01-01'::date + n, n, 0, 1
FROM generate_series(1, 2000) n
"""
STAGES = """
INSERT INTO app.opportunity_stage (tenant_id, id, created_at, code, names, position,
    probability_basis_points, category)
SELECT $1, uuidv7(), now(), 'stage-' || n, '{}', n, 0, 'BEST' FROM generate_series(1, 2000) n
"""
OPPORTUNITIES = """
INSERT INTO app.opportunity (tenant_id, id, created_at, name, party_id, member_id, org_unit_id,
    territory_id, metric_id, stage_id, category, probability_basis_points, amount, expected_on,
    state, closed_on)
SELECT $1, uuidv7(), now(), 'x', uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(),
    CASE WHEN n % 50 = 0 THEN 'COMMIT' ELSE 'BEST' END, 0, n, '2020-01-01'::date + n,
    CASE WHEN n % 50 = 0 THEN 'WON' ELSE 'OPEN' END,
    CASE WHEN n % 50 = 0 THEN '2026-01-01'::date END
FROM generate_series(1, 2000) n
"""
STANDINGS = """
INSERT INTO app.opportunity_standing (tenant_id, id, opportunity_id, member_id, org_unit_id,
    territory_id, metric_id, stage_id, category, probability_basis_points, amount, expected_on,
    state, first_day, last_day)
SELECT $1, uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), uuidv7(), 'BEST', 0, n,
    '2020-01-01'::date + n, 'OPEN', '2020-01-01'::date + n, 'infinity'
FROM generate_series(1, 2000) n
"""
CARDS = """
INSERT INTO app.scorecard (tenant_id, id, created_at, code, names, role_id, member_id, first_day)
SELECT $1, uuidv7(), now(), 'card-' || n, '{}', CASE WHEN n % 2 = 0 THEN uuidv7() END,
    CASE WHEN n % 2 <> 0 THEN uuidv7() END, '2020-01-01'::date + n
FROM generate_series(1, 2000) n
"""
SCHEMES = """
INSERT INTO app.bonus_scheme (tenant_id, id, created_at, code, names, metric_id, currency,
    retroactive, first_day)
SELECT $1, uuidv7(), now(), 'scheme-' || n, '{}', uuidv7(), 'CNY', TRUE, '2020-01-01'::date + n
FROM generate_series(1, 2000) n
"""
WORK_ITEMS = """
INSERT INTO app.work_item (tenant_id, id, created_at, node_id, kind, org_unit_id, territory_id,
    owner_id, title, due_on, planned, currency)
SELECT $1, uuidv7(), now(), uuidv7(), 'ACTION', uuidv7(), uuidv7(), uuidv7(), 'x',
    '2026-01-01'::date + n, n, 'CNY'
FROM generate_series(1, 2000) n
"""
CAMPAIGNS = """
INSERT INTO app.campaign (tenant_id, id, created_at, code, names, kind, first_on, last_on, owner_id,
    org_unit_id, territory_id, within_territory_id, currency, cancelled_on, reason)
SELECT $1, uuidv7(), now(), 'campaign-' || n, '{}',
    CASE WHEN n % 50 = 0 THEN 'EVENT' ELSE 'ONLINE' END, '2020-01-01'::date + n,
    '2020-02-01'::date + n, uuidv7(), uuidv7(), uuidv7(), uuidv7(), 'CNY',
    CASE WHEN n % 50 <> 0 THEN '2020-01-01'::date + n END, CASE WHEN n % 50 <> 0 THEN 'rain' END
FROM generate_series(1, 2000) n
"""
LINES = """
WITH m AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM app.campaign WHERE tenant_id = $1),
budgets AS (INSERT INTO app.campaign_budget (tenant_id, id, campaign_id, amount_minor, currency,
    counted_on, recorded_at) SELECT $1, uuidv7(), id, n, 'CNY', '2020-01-01'::date + n::int, now()
    FROM m),
costs AS (INSERT INTO app.campaign_cost (tenant_id, id, campaign_id, amount_minor, currency,
    spent_on, purpose, counted_on, recorded_at) SELECT $1, uuidv7(), id, n, 'CNY',
    '2020-01-01'::date + n::int, 'x', '2020-01-01'::date + n::int, now() FROM m)
INSERT INTO app.campaign_touch (tenant_id, id, campaign_id, visit_id, call_id, party_id, sign,
    touched_at, touched_on, counted_on, recorded_at) SELECT $1, uuidv7(), id,
    CASE WHEN n % 2 = 0 THEN uuidv7() END, CASE WHEN n % 2 <> 0 THEN uuidv7() END, uuidv7(), 1,
    now(), '2020-01-01', '2020-01-01'::date + n::int, now() FROM m
"""

CROWDS = (
    SIMULATIONS,
    CASES,
    METRICS,
    PLANS,
    TARGETS,
    CHANGES,
    RESPONSES,
    WORK_ITEMS,
    STAGES,
    OPPORTUNITIES,
    STANDINGS,
    CARDS,
    SCHEMES,
    CREDITS,
    CREDIT_DAYS,
    SEATS,
    MOVES,
    CAMPAIGNS,
    LINES,
)
"""Each with the tenant alone; drafts have a site besides."""
