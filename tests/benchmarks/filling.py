"""The statements that fill a data set: whole tables at once, and the same rows on every machine.

`benchmark.tenant` names the tenants; everything else is worked out from it. Nothing is left to
chance: an id is made of its row's instant and a digest of what the row is, so that ids grow with
time as the product's own do, and a later run finds the same ones.
"""

SITES = 40
"""Sites of a tenant, each with a unit and a territory of its own: the leaves of both trees."""
CITIES = 16
REGIONS = 4
TERRITORIES = 2 + (REGIONS - 1) + CITIES + SITES
"""The template brings the first two."""
FOLLOW_UPS = 3
"""Of each lead."""

PREPARED = (
    "CREATE SCHEMA IF NOT EXISTS benchmark",
    """
    CREATE OR REPLACE FUNCTION benchmark.made(kind text, tenant bigint, n bigint, at timestamptz)
    RETURNS uuid IMMUTABLE PARALLEL SAFE LANGUAGE sql RETURN (
        lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7'
        || substr(md5(kind || '/' || tenant || '/' || n), 1, 3) || '8'
        || substr(md5(kind || '/' || tenant || '/' || n), 4, 15))::uuid
    """,
    """
    CREATE TABLE benchmark.tenant (
        number bigint PRIMARY KEY, tenant_id uuid NOT NULL, leads bigint NOT NULL,
        began timestamptz NOT NULL, ended timestamptz NOT NULL, version_id uuid NOT NULL,
        roles jsonb NOT NULL, units jsonb NOT NULL, territories jsonb NOT NULL)
    """,
)

# A node of either tree: its code, the code above, and its number among its like.
_NODES = f"""
    SELECT format('%s-%s', level, n) AS code, above, level, n FROM (
        SELECT 'region' AS level, n, 'top' AS above FROM generate_series(2, {REGIONS}) n
        UNION ALL
        SELECT 'town', n, format('region-%s', 1 + n % {REGIONS})
        FROM generate_series(1, {CITIES}) n
        UNION ALL
        SELECT 'site', n, format('town-%s', 1 + n % {CITIES}) FROM generate_series(1, {SITES}) n
    ) nodes
"""
_NAMES = "jsonb_build_object('en', {0}, 'zh-Hant', {0}, 'zh-Hans', {0})"


def _tree(table: str, known: str, top: str, columns: str, values: str) -> str:
    names = _NAMES.format("initcap(replace(node.code, '-', ' '))")
    return f"""
    INSERT INTO app.{table} (tenant_id, id, created_at, code, names, parent_id, {columns})
    SELECT t.tenant_id, benchmark.made('{table}/' || node.code, t.number, 0, t.began), t.began,
           node.code, {names},
           coalesce(
               (t.{known} ->> CASE node.above WHEN 'top' THEN '{top}' ELSE node.above END)::uuid,
               benchmark.made('{table}/' || node.above, t.number, 0, t.began)),
           {values}
    FROM benchmark.tenant t CROSS JOIN ({_NODES}) node
    """


# A staff member's place: one of a site's four people, or one of the few above them.
_SEATS = f"""
    SELECT format('%s%s', word, lpad(n::text, 2, '0')) AS staff_code, role,
           format('site-%s', n) AS place
    FROM generate_series(1, {SITES}) n,
         (VALUES ('M', 'sales-manager'), ('D', 'desk-clerk'), ('R', 'sales-representative'),
                 ('S', 'sales-representative')) people (word, role)
    UNION ALL
    SELECT format('G%s', n), 'regional-manager', format('region-%s', n)
    FROM generate_series(1, {REGIONS}) n
    UNION ALL
    SELECT 'L1', 'regional-manager', 'site-4'
    UNION ALL
    SELECT 'C1', 'director', 'top'
"""


def _place(table: str, known: str, top: str) -> str:
    return f"""coalesce(
        (t.{known} ->> CASE seat.place WHEN 'top' THEN '{top}' ELSE seat.place END)::uuid,
        benchmark.made('{table}/' || seat.place, t.number, 0, t.began))"""


_UNIT = _place("org_unit", "units", "group")
_TERRITORY = _place("territory", "territories", "all")
_GIVEN = "志远文静浩然晓彤俊杰佳怡天宇立新雨桐子涵思远嘉欣文博"
_NAME = f"""
    substr('安薄褚戴易孟石陆方江白龚贺金康柳苗秦韦尹', (1 + {{n}} % 20)::int, 1)
    || substr('{_GIVEN}', (1 + {{n}} / 20 % 13 * 2)::int, 2)
"""

PEOPLE = (
    _tree("org_unit", "units", "group", "kind, valid_from", "node.level, t.began::date"),
    _tree("territory", "territories", "all", "dimension", "'area'"),
    """
    INSERT INTO app.territory_place (tenant_id, id, created_at, territory_model_id, territory_id,
                                     parent_id)
    SELECT t.tenant_id, benchmark.made('place/' || y.code, t.number, 0, t.began), t.began,
           a.territory_model_id, y.id, y.parent_id
    FROM benchmark.tenant t
    JOIN app.territory y ON y.tenant_id = t.tenant_id
    JOIN app.territory_activation a ON a.tenant_id = t.tenant_id
    WHERE NOT EXISTS (SELECT FROM app.territory_place p
                      WHERE p.tenant_id = t.tenant_id AND p.territory_id = y.id)
    """,
    f"""
    INSERT INTO app.member (tenant_id, id, created_at, staff_code, name, state, org_unit_id,
                            territory_id)
    SELECT t.tenant_id, benchmark.made('member/' || seat.staff_code, t.number, 0, t.began),
           t.began, seat.staff_code, {_NAME.format(n="abs(hashtext(seat.staff_code))")},
           'ACTIVE', {_UNIT}, {_TERRITORY}
    FROM benchmark.tenant t CROSS JOIN ({_SEATS}) seat
    """,
    f"""
    INSERT INTO app.assignment (tenant_id, id, created_at, member_id, role_id, org_unit_id,
                                territory_id, valid_from)
    SELECT t.tenant_id, benchmark.made('assignment/' || seat.staff_code, t.number, 0, t.began),
           t.began, benchmark.made('member/' || seat.staff_code, t.number, 0, t.began),
           (t.roles ->> seat.role)::uuid, {_UNIT}, {_TERRITORY}, t.began
    FROM benchmark.tenant t CROSS JOIN ({_SEATS}) seat
    """,
    f"""
    CREATE TABLE benchmark.seat AS
    SELECT t.tenant_id, t.number, n AS site_number,
           benchmark.made('site', t.number, n, t.began) AS site_id,
           benchmark.made('org_unit/site-' || n, t.number, 0, t.began) AS org_unit_id,
           benchmark.made('territory/site-' || n, t.number, 0, t.began) AS territory_id,
           benchmark.made('member/M' || lpad(n::text, 2, '0'), t.number, 0, t.began) AS manager_id,
           benchmark.made('member/D' || lpad(n::text, 2, '0'), t.number, 0, t.began) AS desk_id,
           benchmark.made('member/R' || lpad(n::text, 2, '0'), t.number, 0, t.began) AS rep_id,
           benchmark.made('member/S' || lpad(n::text, 2, '0'), t.number, 0, t.began) AS second_id
    FROM benchmark.tenant t CROSS JOIN generate_series(1, {SITES}) n
    """,
    f"""
    INSERT INTO app.site (tenant_id, id, created_at, code, kind, names, time_zone, phone_region,
                          org_unit_id, territory_id, manager_id, opens_at, closes_at)
    SELECT s.tenant_id, s.site_id, t.began, format('site-%s', s.site_number), 'SHOWROOM',
           {_NAMES.format("format('Site %s', s.site_number)")}, 'Asia/Shanghai', 'CN',
           s.org_unit_id, s.territory_id, s.manager_id, '00:00', '23:59:59'
    FROM benchmark.seat s JOIN benchmark.tenant t USING (number)
    """,
    """
    INSERT INTO app.rotation_queue (tenant_id, id, site_id, day, member_ids, last_sequence)
    SELECT s.tenant_id, benchmark.made('queue', s.number, s.site_number, t.began), s.site_id,
           t.began::date, '{}', 0
    FROM benchmark.seat s JOIN benchmark.tenant t USING (number)
    """,
    """
    INSERT INTO app.register_book (tenant_id, id, created_at, member_id, site_id, entry_count,
                                   head_hash)
    SELECT s.tenant_id, benchmark.made('book/' || which, s.number, s.site_number, t.began), t.began,
           CASE which WHEN 'R' THEN s.rep_id ELSE s.second_id END, s.site_id, t.leads, ''
    FROM benchmark.seat s JOIN benchmark.tenant t USING (number), (VALUES ('R'), ('S')) w (which)
    """,
    """
    INSERT INTO app.shift (tenant_id, id, created_at, site_id, member_id, day, starts_at, ends_at)
    SELECT s.tenant_id,
           benchmark.made('shift/' || which, s.number, s.site_number * 1000 + d, t.began),
           t.began, s.site_id, CASE which WHEN 'R' THEN s.rep_id ELSE s.second_id END,
           t.ended::date - d, '09:00', '18:00'
    FROM benchmark.seat s JOIN benchmark.tenant t USING (number),
         (VALUES ('R'), ('S')) w (which), generate_series(0, 29) d
    """,
    """
    INSERT INTO app.leave (tenant_id, id, created_at, member_id, kind, first_day, last_day)
    SELECT s.tenant_id,
           benchmark.made('leave/' || which, s.number, s.site_number * 1000 + d, t.began),
           t.began, CASE which WHEN 'R' THEN s.rep_id ELSE s.second_id END, 'ANNUAL',
           t.ended::date - 30 * d, t.ended::date - 30 * d + 2
    FROM benchmark.seat s JOIN benchmark.tenant t USING (number),
         (VALUES ('R'), ('S')) w (which), generate_series(0, 9) d
    """,
)

# Two of three leads are the first rep's: he has the longer list.
LEADS = f"""
    CREATE UNLOGGED TABLE benchmark.lead AS
    SELECT l.*, benchmark.made('party', number, n, at) AS party_id,
           benchmark.made('visit', number, n, at) AS visit_id,
           benchmark.made('registration', number, n, at + interval '10 minutes') AS registration_id,
           benchmark.made('reception', number, n, at) AS reception_id,
           benchmark.made('entry', number, n, at + interval '10 minutes') AS entry_id,
           benchmark.made('book/' || which, number, site_number, began) AS book_id
    FROM (
        SELECT s.tenant_id, s.number, n, s.site_number, s.site_id, s.org_unit_id, s.territory_id,
               s.desk_id, t.version_id, t.began,
               CASE WHEN (n / {SITES}) % 3 < 2 THEN 'R' ELSE 'S' END AS which,
               CASE WHEN (n / {SITES}) % 3 < 2 THEN s.rep_id ELSE s.second_id END AS member_id,
               date_trunc('milliseconds', t.ended
                   - make_interval(secs => (t.leads - n)::float8 * 31536000 / t.leads)) AS at
        FROM benchmark.tenant t CROSS JOIN LATERAL generate_series(1, t.leads) n
        JOIN benchmark.seat s ON s.number = t.number AND s.site_number = 1 + n % {SITES}
    ) l
"""

ROWS = {
    "party": f"""
    INSERT INTO app.party (tenant_id, id, created_at, created_by, kind, full_name, owner_id,
                           org_unit_id, territory_id)
    SELECT tenant_id, party_id, at, desk_id, 'PERSON',
           CASE WHEN n % 20 > 0 THEN {_NAME.format(n="n")} || n END, member_id, org_unit_id,
           territory_id
    FROM benchmark.lead
    """,
    "contact_point": """
    INSERT INTO app.contact_point (tenant_id, id, created_at, created_by, party_id, phone)
    SELECT tenant_id, benchmark.made('phone', number, n, at), at, desk_id, party_id,
           '+86139' || lpad(n::text, 8, '0')
    FROM benchmark.lead
    """,
    "visit": """
    INSERT INTO app.visit (tenant_id, id, created_at, created_by, site_id, org_unit_id,
        territory_id, number, reception_day, arrived_at, left_at, state, party_id, phones, way,
        said_before, survey, receiver_id, owner_kind, owner_id, mode, obligation, turn_member_id,
        decision_id, rule, clause)
    SELECT tenant_id, visit_id, at, desk_id, site_id, org_unit_id, territory_id, n,
           (at AT TIME ZONE 'Asia/Shanghai')::date, at, at + interval '40 minutes', 'CLOSED',
           party_id, ARRAY['+86139' || lpad(n::text, 8, '0')], 'WALK_IN', FALSE, 'NONE', member_id,
           'MEMBER', member_id, CASE WHEN n % 3 > 0 THEN 'TURN' ELSE 'OWN_RETURN' END, 'NONE',
           member_id, reception_id, 'RR-13a', '五(二)'
    FROM benchmark.lead
    """,
    "decision": """
    INSERT INTO app.decision (tenant_id, id, kind, at, subject_type, subject_id,
        rulebook_version_id, rule, clause, facts, outcome, passed_over, owner_id, org_unit_id,
        territory_id)
    SELECT l.tenant_id, CASE which.kind WHEN 'RECEPTION' THEN reception_id ELSE entry_id END,
           which.kind, CASE which.kind WHEN 'RECEPTION' THEN at ELSE at + interval '10 minutes' END,
           CASE which.kind WHEN 'RECEPTION' THEN 'visit' ELSE 'registration' END,
           CASE which.kind WHEN 'RECEPTION' THEN visit_id ELSE registration_id END,
           version_id, which.rule, '五(二)',
           jsonb_build_object('owner_state', 'NONE', 'said_before', FALSE, 'way', 'WALK_IN',
               'survey', 'NONE', 'free_count', n % 7, 'busy_count', n % 3),
           jsonb_build_object('mode', 'TURN', 'receiver_id', member_id, 'owner_id', member_id,
               'names', jsonb_build_object('receiver', member_id)),
           '[]', member_id, org_unit_id, territory_id
    FROM benchmark.lead l, (VALUES ('RECEPTION', 'RR-13a'), ('REGISTRATION', 'RR-13p'))
        which (kind, rule)
    """,
    "decision_member": """
    INSERT INTO app.decision_member (tenant_id, decision_id, member_id, at)
    SELECT tenant_id, reception_id, desk_id, at FROM benchmark.lead WHERE n % 10 = 3
    """,
    "registration": """
    INSERT INTO app.registration (tenant_id, id, created_at, created_by, register_book_id,
        member_id, party_id, visit_id, site_id, org_unit_id, territory_id, entered_at, ranks_from,
        received_at, reception_day, result, decision_id, protected_until, first_follow_up_due_at,
        first_followed_up_at, entry_number, entry_hash)
    SELECT tenant_id, registration_id, at + interval '10 minutes', member_id, book_id, member_id,
           party_id, visit_id, site_id, org_unit_id, territory_id, at + interval '10 minutes',
           at + interval '10 minutes', at, (at AT TIME ZONE 'Asia/Shanghai')::date,
           CASE WHEN n % 25 > 0 THEN 'VALID' ELSE 'INVALID_LATE' END, entry_id,
           CASE WHEN n % 25 > 0 THEN at + make_interval(days => (15 + n % 400)::int) END,
           CASE WHEN n % 25 > 0 THEN at + interval '3 days' END,
           CASE WHEN n % 25 > 0 THEN at + interval '1 day' END, n,
           md5('entry' || n) || md5('e' || n)
    FROM benchmark.lead
    """,
    "follow_up": f"""
    INSERT INTO app.follow_up (tenant_id, id, registration_id, member_id, org_unit_id,
        territory_id, at, channel, content, connected, renewed, rule, entry_number, entry_hash)
    SELECT tenant_id, benchmark.made('follow-up', number, n * 10 + f, made_at), registration_id,
           member_id, org_unit_id, territory_id, made_at,
           (ARRAY['PHONE', 'WECHAT', 'SMS', 'VISIT'])[1 + (n + f) % 4],
           '客户对户型满意，周末再来看样板间，顾问会先发平面图与价目表。', (n + f) % 7 > 0, TRUE,
           'RN-1', f, md5('f' || n || f) || md5('u' || n || f)
    FROM (SELECT l.*, f, date_trunc('milliseconds', at + make_interval(days => (2 * f - 1)::int,
                secs => (n % 9000)::int)) AS made_at
          FROM benchmark.lead l, generate_series(1, {FOLLOW_UPS}) f) made
    """,
    "deal": """
    INSERT INTO app.deal (tenant_id, id, created_at, created_by, party_id, site_id, visit_id,
        visit_arrived_at, closer_id, owner_kind, owner_id, mode, obligation, org_unit_id,
        territory_id, unit_code, amount_minor, currency, signed_at, counted_from, claims_close_at,
        credit_decision_id)
    SELECT tenant_id, benchmark.made('deal', number, n, at + interval '30 minutes'),
           at + interval '30 minutes', member_id, party_id, site_id, visit_id, at, member_id,
           'MEMBER', member_id, 'OWN_RETURN', 'NONE', org_unit_id, territory_id,
           format('%s-%s', 1 + n % 12, 100 + n % 900), 118000000 + n % 1000 * 100000, 'CNY',
           at + interval '30 minutes', at, at + interval '30 days', reception_id
    FROM benchmark.lead WHERE n % 10 = 3
    """,
    "credit_share": """
    INSERT INTO app.credit_share (tenant_id, id, deal_id, decision_id, holder, member_id,
        basis_points, amount_minor, currency)
    SELECT tenant_id, benchmark.made('share', number, n, at),
           benchmark.made('deal', number, n, at + interval '30 minutes'), reception_id, 'MEMBER',
           member_id, 10000, 118000000 + n % 1000 * 100000, 'CNY'
    FROM benchmark.lead WHERE n % 10 = 3
    """,
    "deal_member": """
    INSERT INTO app.deal_member (tenant_id, deal_id, member_id, signed_at)
    SELECT tenant_id, benchmark.made('deal', number, n, at + interval '30 minutes'), part.member_id,
           at + interval '30 minutes'
    FROM benchmark.lead l
    CROSS JOIN LATERAL (SELECT l.member_id UNION SELECT l.desk_id WHERE n % 40 = 3)
        part (member_id)
    WHERE n % 10 = 3
    """,
    "claim": """
    INSERT INTO app.claim (tenant_id, id, created_at, created_by, deal_id, claimant_id,
        registration_id, filed_at, stated_same_customer, result, decision_id, org_unit_id,
        territory_id)
    SELECT tenant_id, benchmark.made('claim', number, n, at), at + interval '2 days', member_id,
           benchmark.made('deal', number, n, at + interval '30 minutes'), member_id,
           registration_id, at + interval '2 days', TRUE,
           CASE WHEN n % 3 = 0 THEN 'ADMITTED' ELSE 'REJECTED' END, reception_id, org_unit_id,
           territory_id
    FROM benchmark.lead WHERE n % 20 = 3
    """,
    "dispute": """
    INSERT INTO app.dispute (tenant_id, id, created_at, created_by, deal_id, party_id, site_id,
        org_unit_id, territory_id, first_member_id, second_member_id, ground, opened_at,
        private_until, ended_at, aggravated, opening_id)
    SELECT tenant_id, benchmark.made('dispute', number, n, at), at + interval '1 hour', member_id,
           benchmark.made('deal', number, n, at + interval '30 minutes'), party_id, site_id,
           org_unit_id, territory_id, member_id, desk_id, '我先接待', at + interval '1 hour',
           at + interval '9 hours', CASE WHEN n % 3 > 0 THEN at + interval '1 day' END, FALSE,
           reception_id
    FROM benchmark.lead WHERE n % 40 = 3
    """,
    "penalty_case": """
    INSERT INTO app.penalty_case (tenant_id, id, created_at, created_by, member_id, site_id,
        org_unit_id, territory_id, register_book_id, found_at, found_by, scope, reason,
        registration_ids, decision_id)
    SELECT tenant_id, benchmark.made('case', number, n, at), at, desk_id, member_id, site_id,
           org_unit_id, territory_id, book_id, at, desk_id, 'ENTRY', '塗改',
           ARRAY[registration_id], reception_id
    FROM benchmark.lead WHERE n % 40 = 7
    """,
    "departure": """
    INSERT INTO app.departure (tenant_id, id, created_at, created_by, member_id, org_unit_id,
        territory_id, kind, state, first_day, takes_effect_at, reason, registration_count,
        dispute_count, task_count)
    SELECT tenant_id, benchmark.made('departure', number, n, at), at, desk_id, member_id,
           org_unit_id, territory_id, 'LEAVING', 'DONE', at::date, at, '離職', 0, 0, 0
    FROM benchmark.lead WHERE n % 40 = 9
    """,
    "pool_entry": """
    INSERT INTO app.pool_entry (tenant_id, id, created_at, created_by, party_id, site_id,
        org_unit_id, territory_id, registration_id, from_member_id, departure_id, entered_at,
        taken_at, taken_by, by_rotation)
    SELECT tenant_id, benchmark.made('pool', number, n, at), at, desk_id, party_id, site_id,
           org_unit_id, territory_id, registration_id, member_id,
           benchmark.made('departure', number, n, at), at,
           CASE WHEN n % 3 > 0 THEN at + interval '1 day' END,
           CASE WHEN n % 3 > 0 THEN desk_id END, FALSE
    FROM benchmark.lead WHERE n % 40 = 9
    """,
    "inspection": """
    INSERT INTO app.inspection (tenant_id, id, created_at, created_by, member_id, inspector_id,
        site_id, org_unit_id, territory_id, inspected_at)
    SELECT tenant_id, benchmark.made('inspection', number, n, at), at, desk_id, member_id, desk_id,
           site_id, org_unit_id, territory_id, at
    FROM benchmark.lead WHERE n % 40 = 11
    """,
    "inspection_finding": """
    INSERT INTO app.inspection_finding (tenant_id, id, inspection_id, item_id, member_id, site_id,
        org_unit_id, territory_id, at, met)
    SELECT tenant_id, benchmark.made('finding', number, n, at),
           benchmark.made('inspection', number, n, at), registration_id, member_id, site_id,
           org_unit_id, territory_id, at, n % 3 > 0
    FROM benchmark.lead WHERE n % 40 = 11
    """,
    "call_record": """
    INSERT INTO app.call_record (tenant_id, id, created_at, created_by, site_id, org_unit_id,
        territory_id, called_at, taker_id, phone, need, source, rings, duration_seconds)
    SELECT tenant_id, benchmark.made('call', number, n, at), at, member_id, site_id, org_unit_id,
           territory_id, at - interval '1 day', member_id, '+86139' || lpad(n::text, 8, '0'),
           '三居室', '路牌', 1 + n % 3, 40 + n % 170
    FROM benchmark.lead WHERE n % 4 = 1
    """,
    "task": """
    INSERT INTO app.task (tenant_id, id, created_at, member_id, kind, subject_type, subject_id,
        arguments, org_unit_id, due_at, state, done_at)
    SELECT tenant_id, benchmark.made('task', number, n, at), at, member_id, 'first_follow_up',
           'registration', registration_id, jsonb_build_object('party_id', party_id), org_unit_id,
           at + interval '3 days', CASE WHEN n % 8 = 1 THEN 'OPEN' ELSE 'DONE' END,
           CASE WHEN n % 8 <> 1 THEN at + interval '1 day' END
    FROM benchmark.lead WHERE n % 2 = 1
    """,
    "notification": """
    INSERT INTO app.notification (tenant_id, id, member_id, at, kind, event_key, subject_type,
        subject_id, arguments)
    SELECT tenant_id, benchmark.made('notice', number, n, at), member_id, at, 'reception_assigned',
           'reception/' || n, 'visit', visit_id, jsonb_build_object('party_id', party_id)
    FROM benchmark.lead WHERE n % 4 = 2
    """,
    "audit_event": """
    INSERT INTO app.audit_event (tenant_id, id, at, actor_id, command, duty, subject_type,
        subject_id, details, request_id)
    SELECT tenant_id, benchmark.made('audit', number, n, at), at, desk_id, 'record_arrival',
           'd:reception-desk', 'visit', visit_id, '{}', 'benchmark-' || n
    FROM benchmark.lead
    """,
}
"""What a lead leaves behind, by table."""
