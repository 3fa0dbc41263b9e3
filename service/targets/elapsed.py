"""How much of a period is over: by its working days, and by the season of its plan.

Written in SQL, one text for boards and alerts; `tests/schema/test_board_forecasts.py` holds it
against `service.targets.rules.seasons`.
"""

from typing import Final

from service.targets.figures import in_force

# The least number that every count of days in a step divides: each day's weight is a whole number,
# and the sums are exact. It is taken out again.
_DIVIDED: Final = 718766754945489455304472257065075294400


def over(metric: str, first: str, until: str, over_by: str, *, known_at: str | None = None) -> str:
    """Write the CTEs up to `span`.

    Its columns are working days (`whole`, `elapsed`, of a usual `week`), and what they weigh
    (`share_whole`, `share_done`), which is the same where no season is set.

    What is given may be of a row around it that is called `s` or `w`: where it stands, no table
    read here has such a name.

    Args:
        metric: SQL of the metric's id.
        first: SQL of the period's first day.
        until: SQL of the first day after it.
        over_by: SQL of the first day that is not over.
        known_at: SQL of an instant: plans and the calendar are taken as they stood then.
    """
    return (
        "weekend AS (SELECT w.day::integer AS off FROM app.tenant e,"
        " jsonb_array_elements_text(e.settings->'calendar'->'weekend') w (day)"
        " WHERE e.tenant_id = $1),"
        " season AS (SELECT season_step.plan_id, season_step.metric_id"
        f"{_season(metric, first, until, known_at)}),"
        " step AS (SELECT season_step.first_day, season_step.last_day, season_step.weight"
        " FROM app.season_step JOIN season o ON season_step.plan_id = o.plan_id"
        " AND season_step.metric_id IS NOT DISTINCT FROM o.metric_id"
        " WHERE season_step.tenant_id = $1"
        f" AND season_step.first_day < {until} AND season_step.last_day >= {first}),"
        " day AS (SELECT d.day, coalesce(c.worked, (extract(isodow FROM d.day)::integer - 1)"
        f" NOT IN (SELECT off FROM weekend)) AS worked, d.day >= {first} AND d.day < {until}"
        f" AS inside, d.day < {over_by} AS over"
        f" FROM (SELECT b.first_day + n AS day FROM (SELECT least({first}, min(first_day))"
        f" AS first_day, greatest({until} - 1, max(last_day)) AS last_day FROM step) b,"
        " generate_series(0, b.last_day - b.first_day) n) d"
        f" LEFT JOIN {_calendar(known_at)} c ON c.day = d.day),"
        f" {_weighed()},"
        " span AS (SELECT t.whole, t.elapsed, 7 - (SELECT count(*) FROM weekend) AS week,"
        " CASE WHEN w.whole > 0 THEN div(w.whole, gcd(w.whole, w.done)) ELSE t.whole END"
        " AS share_whole,"
        " CASE WHEN w.whole > 0 THEN div(w.done, gcd(w.whole, w.done)) ELSE t.elapsed END"
        " AS share_done FROM (SELECT count(*)::numeric AS whole,"
        " count(*) FILTER (WHERE over)::numeric AS elapsed FROM day WHERE worked AND inside) t"
        " CROSS JOIN (SELECT coalesce(sum(weight), 0) AS whole,"
        " coalesce(sum(weight) FILTER (WHERE over), 0) AS done FROM weighed WHERE inside) w)"
    )


def _calendar(known_at: str | None) -> str:
    """Write the FROM item of the days that differ from the usual week, with `day` and `worked`."""
    days = "SELECT e.day, e.worked FROM app.calendar_day e WHERE e.tenant_id = $1"
    if not known_at:
        return f"({days})"
    later = f"FROM app.calendar_day_change x WHERE x.tenant_id = $1 AND x.recorded_at > {known_at}"
    return (
        f"({days} AND NOT EXISTS (SELECT {later} AND x.day = e.day)"
        f" UNION ALL (SELECT DISTINCT ON (x.day) x.day, x.former {later}"
        " ORDER BY x.day, x.recorded_at, x.id))"
    )


def _season(metric: str, first: str, until: str, known_at: str | None) -> str:
    """Write FROM and WHERE of the season that holds: of the plan in force that was last published.

    Only a plan that has the whole period, and a season of the metric's own before a general one.
    """
    return (
        " FROM app.season_step JOIN app.target_plan p ON p.tenant_id = $1"
        " AND p.id = season_step.plan_id"
        f" WHERE season_step.tenant_id = $1 AND {in_force('p', known_at)}"
        f" AND p.first_day <= {first} AND p.last_day >= {until} - 1"
        f" AND (season_step.metric_id = {metric} OR season_step.metric_id IS NULL"
        " AND EXISTS (SELECT FROM app.target_node n WHERE n.tenant_id = $1"
        f" AND n.plan_id = p.id AND n.metric_id = {metric}))"
        " ORDER BY p.published_at DESC, p.id DESC, season_step.metric_id NULLS LAST LIMIT 1"
    )


def _weighed() -> str:
    """Write the CTE of the days of each step with their weights: its working days, or else all."""
    return (
        "weighed AS (SELECT n.inside, n.over, CASE WHEN n.working = 0"
        f" THEN div(n.weight::numeric * {_DIVIDED}, n.days) WHEN n.worked"
        f" THEN div(n.weight::numeric * {_DIVIDED}, n.working) ELSE 0 END AS weight"
        " FROM (SELECT d.worked, d.inside, d.over, s.weight,"
        " count(*) FILTER (WHERE d.worked) OVER (PARTITION BY s.first_day) AS working,"
        " count(*) OVER (PARTITION BY s.first_day) AS days"
        " FROM step s JOIN day d ON d.day BETWEEN s.first_day AND s.last_day) n)"
    )
