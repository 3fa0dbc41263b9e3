"""What a manager is told of targets: behind pace, idle people, no owner, open sums, twice set.

One text, whoever asks: the worker looks at all targets, a reader at those in his sight.
Thresholds are the company's own (`settings.alerts`).
"""

from typing import Final

from service.organisation.territory_tree import places_at
from service.targets.elapsed import over
from service.targets.figures import (
    DAYS,
    MONTHS,
    behind,
    figure_on,
    goes_on,
    is_ratio,
    pace_index,
)
from service.targets.overlapping import one_above_all

PACE_BASIS_POINTS: Final = 8_000
PACE_DAYS: Final = 3
IDLE_DAYS: Final = 2
_THRESHOLD: Final = "coalesce((t.settings->'alerts'->>'{}')::integer, {})"
PACE_BASIS_POINTS_SET: Final = _THRESHOLD.format("pace_basis_points", PACE_BASIS_POINTS)
PACE_DAYS_SET: Final = _THRESHOLD.format("pace_days", PACE_DAYS)
IDLE_DAYS_SET: Final = _THRESHOLD.format("idle_days", IDLE_DAYS)
"""SQL over `t`, the tenant."""

_BEGUN: Final = f"""
house AS (
    SELECT {PACE_BASIS_POINTS_SET} AS pace, {PACE_DAYS_SET} AS pace_days,
           {IDLE_DAYS_SET} AS idle_days, t.time_zone, t.settings
    FROM app.tenant t WHERE t.tenant_id = $1),
nodes AS (
    SELECT t.id, t.parent_id, t.metric_id, t.org_unit_id, t.territory_id, t.member_id, t.first_day,
           t.last_day, t.kind, t.level, t.split, t.amount, t.is_unassigned, t.is_vacancy,
           t.product_code, t.channel_code, t.over_assignment_basis_points AS over, t.seat,
           t.plan_id, t.position,
           {figure_on("t", "{today}")} AS figure,
           (SELECT (p.published_at AT TIME ZONE h.time_zone)::date
            FROM app.target_plan p, house h WHERE p.tenant_id = $1 AND p.id = t.plan_id) AS since
    {{nodes}} AND {{today}} BETWEEN t.first_day AND t.last_day
    AND EXISTS (SELECT FROM app.target_plan p WHERE p.tenant_id = $1 AND p.id = t.plan_id
                AND {goes_on("p")})),
days AS (
    SELECT d.day, d.worked
    FROM (SELECT g.day, coalesce(c.worked, NOT EXISTS (
              SELECT FROM house, jsonb_array_elements_text(house.settings->'calendar'->'weekend') w
              WHERE w.value::integer = extract(isodow FROM g.day)::integer - 1)) AS worked
          FROM (SELECT {{today}} - n AS day FROM generate_series(1, 60) n) g
          LEFT JOIN app.calendar_day c ON c.tenant_id = $1 AND c.day = g.day) d),
recent AS (
    SELECT day, row_number() OVER (ORDER BY day DESC) AS back
    FROM days WHERE worked),
below AS (
    SELECT p.territory_id AS top, p.territory_id AS id FROM places p
    UNION ALL
    SELECT b.top, p.territory_id FROM below b JOIN places p ON p.parent_id = b.id),
units AS (
    SELECT u.id AS top, u.id FROM app.org_unit u WHERE u.tenant_id = $1
    UNION ALL
    SELECT b.top, u.id FROM units b JOIN app.org_unit u ON u.tenant_id = $1 AND u.parent_id = b.id)
"""
_PACE: Final = ("number", "per", "due", "share_whole")
_WINDOW: Final = "metric_id, first_day, last_day"
_NO_TARGET: Final = "NULL::uuid, NULL::boolean, NULL::numeric, NULL::numeric"


def _read(ledger: str, *, whole: bool) -> str:
    """Write the SELECT of what counted in the pieces, of days or of whole months."""
    return (
        "SELECT p.metric_id, p.first_day, p.last_day, p.back, l.* FROM pieces p CROSS JOIN LATERAL"
        f" (SELECT t.member_id, t.territory_id, t.org_unit_id, t.amount, t.base {ledger}"
        " AND t.metric_id = p.metric_id AND t.kind = 'PRIMARY'"
        " AND t.credited_on >= p.since AND t.credited_on < p.before) l"
        f" WHERE {'' if whole else 'NOT '}p.whole"
    )


# Whose a target is and of what: a tenant stands for no place, so that equals are found by hash.
_WHOSE: Final = (
    "{0}.metric_id, {0}.level, coalesce({0}.org_unit_id, $1), coalesce({0}.territory_id, $1),"
    " coalesce({0}.member_id, $1), coalesce({0}.channel_code, ''), coalesce({0}.product_code, ''),"
    " coalesce({0}.seat, '')"
)
# Whoever has a commitment is judged by it, and not by a street target beside it, as on the boards.
# Of a target and the parts of its time the part counts, and of several days each must be low: on
# none before his plan was in force was anybody behind. The ledger is read once for all targets of
# the same days: up to the first of those several, whole months by their sums as boards do, and then
# what each further day adds. What counted stands beside the targets of its holder in one sorted
# list: to join each with each would take a plan of 100,000 for ever, were it so planned.
_LOW: Final = f"""
ends AS (
    SELECT r.back, r.day, lag(r.day) OVER (ORDER BY r.back DESC) AS before
    FROM recent r JOIN house h ON r.back <= h.pace_days),
held AS (
    SELECT n.id, n.metric_id, n.first_day, n.last_day, n.amount, m.unit = 'RATIO' AS ratio,
           n.member_id, CASE WHEN n.member_id IS NULL OR n.elsewhere THEN n.territory_id END
               AS territory_id,
           CASE WHEN num_nonnulls(n.member_id, n.territory_id) = 0 THEN n.org_unit_id END
               AS org_unit_id
    FROM (SELECT *, min(territory_id::text) OVER his < max(territory_id::text) OVER his AS elsewhere
          FROM nodes WINDOW his AS (PARTITION BY member_id, metric_id)) n CROSS JOIN house h
    JOIN ends e ON e.back = h.pace_days AND e.day >= n.first_day AND e.day >= n.since
    JOIN app.metric m ON m.tenant_id = $1 AND m.id = n.metric_id AND m.direction = 'HIGHER'
    WHERE NOT n.is_unassigned AND NOT n.is_vacancy AND n.kind <> 'OVERLAY'
    AND (n.kind <> 'STREET' OR ({_WHOSE.format("n")}) NOT IN (
        SELECT {_WHOSE.format("k")} FROM nodes k
        WHERE k.kind = 'COMMITMENT' AND k.figure <> 0 AND NOT k.is_unassigned))
    AND n.level = 'TARGET' AND n.product_code IS NULL AND n.channel_code IS NULL
    AND num_nonnulls(n.member_id, n.territory_id, n.org_unit_id) > 0
    AND n.id NOT IN (SELECT k.parent_id FROM nodes k
                     WHERE k.split = 'PERIOD' AND k.parent_id IS NOT NULL)),
windows AS (SELECT DISTINCT {_WINDOW} FROM held),
spanned AS MATERIALIZED (
    SELECT w.*, e.back, e.day, o.share_whole, o.share_done
    FROM windows w CROSS JOIN ends e
    CROSS JOIN LATERAL (
        WITH {over("w.metric_id", "w.first_day", "(w.last_day + 1)", "(e.day + 1)")}
        SELECT * FROM span) o),
pieces AS (
    SELECT w.*, e.back, v.whole, v.since, v.before
    FROM windows w CROSS JOIN ends e
    CROSS JOIN LATERAL (
        SELECT coalesce(e.before + 1, w.first_day) AS since, e.day + 1 AS before) d
    CROSS JOIN LATERAL (
        SELECT date_trunc('month', d.since::timestamp + interval '1 month - 1 day')::date AS since,
               date_trunc('month', e.day::timestamp)::date AS before) m
    CROSS JOIN LATERAL (VALUES
        (FALSE, d.since, least(m.since, d.before)), (TRUE, m.since, m.before),
        (FALSE, greatest(m.since, m.before), d.before)) v (whole, since, before)
    WHERE v.since < v.before),
counted AS (
    SELECT {_WINDOW}, back, member_id, territory_id, org_unit_id,
           sum(amount) AS amount, sum(base) AS base
    FROM ({{days}} UNION ALL {{months}}) GROUP BY 1, 2, 3, 4, 5, 6, 7),
reached AS (
    SELECT id, back, ratio, share_whole, due, sum(amount) OVER til AS amount,
           sum(base) OVER til AS base
    FROM (
        SELECT {_WINDOW}, s.back, n.member_id, n.territory_id, n.org_unit_id, 0 AS amount,
               0 AS base, n.id, n.ratio, s.share_whole, {figure_on("n", "s.day")}
               * CASE WHEN n.ratio THEN s.share_whole ELSE s.share_done END AS due
        FROM held n JOIN spanned s USING ({_WINDOW})
        UNION ALL SELECT *, {_NO_TARGET} FROM (
            SELECT {_WINDOW}, back, member_id, NULL::uuid, NULL::uuid, amount, base FROM counted
            WHERE member_id IS NOT NULL
            UNION ALL
            SELECT {_WINDOW}, c.back, CASE WHEN v.his THEN c.member_id END, b.top, NULL, c.amount,
                   c.base
            FROM counted c JOIN below b ON b.id = c.territory_id
            CROSS JOIN (VALUES (FALSE), (TRUE)) v (his)
            WHERE NOT v.his OR c.member_id IS NOT NULL AND EXISTS (
                SELECT FROM held WHERE num_nonnulls(member_id, territory_id) = 2)
            UNION ALL
            SELECT {_WINDOW}, c.back, NULL, NULL, u.top, c.amount, c.base
            FROM counted c JOIN units u ON u.id = c.org_unit_id))
    WINDOW til AS (PARTITION BY {_WINDOW}, member_id, territory_id, org_unit_id
                   ORDER BY back DESC)),
paced AS (
    SELECT r.id, r.back, h.pace, h.pace_days, r.share_whole, r.due,
           r.amount * CASE WHEN r.ratio THEN 10000 ELSE 1 END AS number,
           CASE WHEN r.ratio THEN r.base ELSE 1 END AS per
    FROM reached r CROSS JOIN house h WHERE r.id IS NOT NULL),
low AS (
    SELECT id, max({pace_index(*_PACE)}) FILTER (WHERE back = 1) AS pace
    FROM paced WHERE due > 0 AND per > 0
    GROUP BY id, pace_days
    HAVING count(*) = pace_days AND bool_and({behind(*_PACE, below="paced.pace")}))
"""


def _done(table: str, who: str, at: str) -> str:
    return (
        f"NOT EXISTS (SELECT FROM app.{table} a WHERE a.tenant_id = $1 AND a.{who} = m.id"
        f" AND a.{at} >= w.{'since' if at == 'credited_on' else 'since_at'})"
    )


_IDLE: Final = f"""
idle AS (
    SELECT DISTINCT ON (m.id) n.id, m.id AS member_id
    FROM nodes n JOIN app.member m ON m.tenant_id = $1 AND m.id = n.member_id
        AND m.state = 'ACTIVE'
    CROSS JOIN (
        SELECT min(r.day) AS since, min(r.day)::timestamp AT TIME ZONE h.time_zone AS since_at
        FROM house h JOIN recent r ON r.back <= h.idle_days GROUP BY h.time_zone) w
    WHERE m.created_at < w.since_at AND n.kind <> 'OVERLAY'
    AND NOT EXISTS (SELECT FROM app.leave l WHERE l.tenant_id = $1 AND l.member_id = m.id
                    AND l.last_day >= w.since AND l.first_day <= {{today}}
                    AND l.cancelled_at IS NULL)
    AND {_done("follow_up", "member_id", "at")}
    AND {_done("registration", "member_id", "entered_at")}
    AND {_done("visit", "receiver_id", "arrived_at")}
    AND {_done("call_record", "taker_id", "called_at")}
    AND {_done("deal", "closer_id", "signed_at")}
    AND {_done("metric_credit", "member_id", "credited_on")}
    ORDER BY m.id, n.id)
"""
# Children that are parts of the same place have its owner.
_ALONE: Final = """
alone AS (
    SELECT n.id FROM nodes n
    WHERE n.figure <> 0 AND NOT n.is_unassigned AND NOT n.is_vacancy AND n.kind <> 'OVERLAY'
    AND CASE WHEN n.member_id IS NOT NULL THEN NOT EXISTS (
            SELECT FROM app.member m WHERE m.tenant_id = $1 AND m.id = n.member_id
            AND m.state = 'ACTIVE')
        ELSE n.territory_id IS NOT NULL AND (coalesce(n.parent_id, $1), n.territory_id) NOT IN (
            SELECT u.id, u.territory_id FROM nodes u
            WHERE u.territory_id IS NOT NULL AND u.member_id IS NULL)
        AND NOT EXISTS (
            SELECT FROM app.territory_assignment a WHERE a.tenant_id = $1
            AND a.territory_id = n.territory_id AND a.member_id IS NOT NULL AND a.role <> 'OVERLAY'
            AND a.valid_from <= {today} AND (a.valid_until IS NULL OR a.valid_until > {today}))
        END)
"""
_OPEN: Final = f"""
sums AS MATERIALIZED (
    SELECT n.id, b.split, sum({figure_on("b", "{today}")}) AS found,
           CASE WHEN b.split = 'PERIOD' THEN n.figure
                ELSE round(n.figure * (10000 + n.over) / 10000) END AS wanted
    FROM nodes n JOIN app.target_node b ON b.tenant_id = $1 AND b.parent_id = n.id
        AND b.kind <> 'OVERLAY'
    WHERE NOT {is_ratio("n")}
    GROUP BY n.id, b.split, n.figure, n.over),
open AS (SELECT DISTINCT ON (id) * FROM sums WHERE found <> wanted ORDER BY id, split)
"""
# One of a plan and metric, the highest: its parts are added up with it. All of them are of today,
# and sorted: to join each with each would take a plan of 100,000 for ever, were it so planned.
_UNIT: Final = one_above_all(
    "id", "(SELECT u.id, u.parent_id FROM app.org_unit u WHERE u.tenant_id = $1)"
)
_TERRITORY: Final = one_above_all("territory_id", "places")
_DOUBLE: Final = f"""
double AS (
    SELECT DISTINCT ON (k.plan_id, k.metric_id) k.id, k.first_id AS plan_id
    FROM (
        SELECT n.id, n.plan_id, n.metric_id, n.position, first_value(n.plan_id) OVER (
                   PARTITION BY n.metric_id, n.kind, n.level, nullif(n.org_unit_id, {_UNIT}),
                       nullif(n.territory_id, {_TERRITORY}),
                       n.member_id, n.channel_code, n.product_code, n.seat
                   ORDER BY p.published_at, p.id) AS first_id
        FROM nodes n JOIN app.target_plan p ON p.tenant_id = $1 AND p.id = n.plan_id
        WHERE n.kind <> 'OVERLAY' AND NOT n.is_unassigned AND n.figure <> 0) k
    WHERE k.first_id <> k.plan_id
    ORDER BY k.plan_id, k.metric_id, k.position, k.id)
"""
_ALL: Final = """
SELECT a.kind, a.node_id AS target, coalesce(a.member_id, n.member_id) AS member,
       a.pace AS pace_basis_points, a.wanted::bigint AS wanted, a.found::bigint AS found,
       a.other_plan_id AS other_plan,
       (SELECT p.code FROM app.target_plan p WHERE p.tenant_id = $1 AND p.id = n.plan_id) AS code,
       (SELECT p.code FROM app.target_plan p WHERE p.tenant_id = $1 AND p.id = a.other_plan_id)
           AS other_code,
       coalesce(n.org_unit_id, m.org_unit_id) AS org_unit_id,
       coalesce(n.territory_id, m.territory_id) AS territory_id
FROM (
    SELECT 'PACE_LOW' AS kind, id AS node_id, NULL::uuid AS member_id, pace,
           NULL::numeric AS wanted, NULL::numeric AS found, NULL::uuid AS other_plan_id FROM low
    UNION ALL SELECT 'REP_IDLE', id, member_id, NULL, NULL, NULL, NULL FROM idle
    UNION ALL SELECT 'WITHOUT_OWNER', id, NULL, NULL, NULL, NULL, NULL FROM alone
    UNION ALL SELECT 'SUM_BROKEN', id, NULL, NULL, wanted, found, NULL FROM open
    UNION ALL SELECT 'PLANS_ADD_UP', id, NULL, NULL, NULL, NULL, plan_id FROM double) a
JOIN nodes n ON n.id = a.node_id
LEFT JOIN app.member m ON m.tenant_id = $1 AND m.id = coalesce(a.member_id, n.member_id)
"""


def alerts(nodes: str, ledger: str, today: str, now: str) -> str:
    """Write the statement of what is wrong now; over `$1`, the tenant.

    Args:
        nodes: FROM and WHERE of the targets looked at, as `t`.
        ledger: FROM and WHERE of the days of what counted, as `t`.
        today: SQL of the company's day.
        now: SQL of the instant.
    """
    places = f"places AS (SELECT * FROM {places_at(now)} p)"
    parts = ",".join((_BEGUN, _LOW, _IDLE, _ALONE, _OPEN, _DOUBLE))  # noqa: FLY002 - each begins a line
    days, months = _read(ledger, whole=False), _read(ledger.replace(DAYS, MONTHS), whole=True)
    text = f"WITH RECURSIVE {places}, {parts} {_ALL}".replace("{days}", days)
    text = text.replace("{months}", months).replace("{nodes}", nodes)
    return text.replace("{today}", today)
