"""Which targets a board finds, which it adds up, and what of them nobody is assigned yet."""

from dataclasses import replace
from typing import Final

from service.schema.planner.mapping import mapping_of
from service.schema.planner.statements import Statement
from service.targets.figures import figure_on

# Over `{0}`, a target: of all channels and products, of a channel, of a product, of both.
_LINE: Final = "({0}.channel_code IS NOT NULL)::int + 2 * ({0}.product_code IS NOT NULL)::int"
WHOSE: Final = "t.org_unit_id, t.territory_id, t.member_id, t.channel_code, t.product_code, t.seat"
"""Over `t`, a target: whose it is, and of what."""


def counted_on(chosen: str) -> str:
    """Write the SELECT of the chosen targets without street targets beside a commitment.

    What the level above counts on is what somebody is measured by, and not what was given out (Q09,
    Q35): a street target counts where its holder has no commitment of the same in these days.

    Args:
        chosen: SELECT of `id`, `subject`, `figure`, `days`, `kind` and whose each is.
    """
    return (
        "SELECT l.id, l.subject, l.figure, l.days FROM (SELECT t.*,"
        " bool_or(t.kind = 'COMMITMENT' AND t.figure <> 0)"
        f" OVER (PARTITION BY t.subject, {WHOSE}) AS committed FROM ({chosen}) t) l"
        " WHERE l.kind <> 'STREET' OR NOT l.committed"
    )


def or_of_longer(found: str, length: str) -> str:
    """Write the SELECT of the targets of the days, and of what else holds for days without one.

    A ratio has no parts: what a year aims at each of its months does that has no target of its own.
    Of several around the same days the shortest says it, and for as many days as have none.

    Args:
        found: SELECT of targets as `counted_on` takes them, and `longer`: around the days.
        length: SQL of the number of days.
    """
    columns = f"t.id, t.subject, t.figure, t.kind, {WHOSE}"
    return (
        f"WITH found AS ({found}) SELECT {columns}, t.days FROM found t WHERE NOT t.longer"
        f" UNION ALL SELECT {columns}, r.rest FROM (SELECT l.*,"
        " rank() OVER (PARTITION BY l.subject ORDER BY l.days) AS place FROM found l"
        f" WHERE l.longer) t CROSS JOIN LATERAL (SELECT ({length} - coalesce(sum(i.days), 0))"
        "::integer AS rest FROM found i WHERE NOT i.longer AND i.subject = t.subject) r"
        " WHERE t.place = 1 AND r.rest > 0"
    )


def highest(chosen: str) -> str:
    """Write the SELECT of those of the chosen targets that are the highest of their plans."""
    level = (
        "(WITH RECURSIVE up AS (SELECT n.parent_id, n.split FROM app.target_node n"
        " WHERE n.tenant_id = $1 AND n.id = c.id UNION ALL SELECT n.parent_id, n.split FROM up"
        " JOIN app.target_node n ON n.tenant_id = $1 AND n.id = up.parent_id)"
        " SELECT count(up.parent_id) FILTER (WHERE up.split = 'BREAKDOWN') FROM up)"
    )
    return (
        "SELECT r.id, r.subject, r.figure, r.days FROM (SELECT c.id, c.subject, c.figure, c.days,"
        f" rank() OVER (PARTITION BY n.plan_id ORDER BY {level}) AS place FROM ({chosen}) c"
        " JOIN app.target_node n ON n.tenant_id = $1 AND n.id = c.id) r WHERE r.place = 1"
    )


def of_everything(chosen: str) -> str:
    """Write the SELECT of the chosen targets without those that are in another of the same days.

    A tree whose top is of a channel or a product divides that alone, and what it says of somebody
    is in what a tree of everything says of him. Where there is none, the lines are summed: of a
    division by channels and one by products that by channels. Within one tree all are summed
    whatever line they are of, for parts have nothing in common.

    Args:
        chosen: SELECT of `id`, `subject`, `figure` and `days`.
    """
    top = (
        "(WITH RECURSIVE up AS (SELECT n.parent_id, n.channel_code, n.product_code UNION ALL"
        " SELECT a.parent_id, a.channel_code, a.product_code FROM up JOIN app.target_node a"
        " ON a.tenant_id = $1 AND a.id = up.parent_id)"
        f" SELECT {_LINE.format('up')} FROM up WHERE up.parent_id IS NULL)"
    )
    line = f"CASE {_LINE.format('n')} WHEN 0 THEN 0 ELSE {top} END"
    return (
        "WITH each_of AS (SELECT c.id, c.subject, c.figure, c.days, n.first_day, n.last_day,"
        f" {line} AS line FROM ({chosen}) c"
        " JOIN app.target_node n ON n.tenant_id = $1 AND n.id = c.id)"
        " SELECT r.id, r.subject, r.figure, r.days FROM each_of r WHERE r.line = 0"
        " OR NOT EXISTS (SELECT FROM each_of o WHERE o.subject = r.subject AND o.line < r.line"
        " AND o.figure <> 0 AND o.first_day <= r.last_day AND r.first_day <= o.last_day)"
    )


def set_for(subject: str, condition: str, days: tuple[str, str], metric: str, plan: str) -> str:
    """Write the SELECT of every `subject` that has a target within the days, seen or not.

    Args:
        subject: SQL over `t`, a node, of whose it is.
        condition: SQL over `t` for those of the board.
        days: SQL of the first day, and of the first after them.
        metric: SQL of the metric's id.
        plan: SQL over `p`, its plan: it counts.
    """
    first, until = days
    return (
        f"SELECT {subject} AS subject FROM app.target_node t JOIN app.target_plan p"
        f" ON p.tenant_id = $1 AND p.id = t.plan_id AND {plan}"
        f" WHERE t.tenant_id = $1 AND t.metric_id = {metric} AND t.level = 'TARGET'"
        f" AND t.kind <> 'OVERLAY' AND NOT t.is_unassigned AND t.first_day >= {first}"
        f" AND t.last_day < {until} AND {condition}"
    )


def summed_from_below(own: str, every: str) -> str:
    """Write the SELECT of the targets of places in a tree, also where there is none of its own.

    Such a one has what the nearest below it have that have one: each counts once on its way up, and
    never beyond one with a target of its own, which is in what that says. Where that is out of
    sight nothing is shown for it. Ratios do not add up. Over `kind` and `upward`, which has of each
    with a target (`id`) all above it and itself (`above`), each with how deep it stands (`depth`).

    Args:
        own: the CTE of their own targets, with `subject` and `figure`.
        every: SELECT of all targets whose `subject` has one, also out of sight.
    """
    return (
        "WITH nearest AS (SELECT u.id, max(u.depth) AS depth FROM upward u"
        f" JOIN {own} b ON b.subject = u.above WHERE u.above <> u.id GROUP BY 1)"
        f" SELECT o.subject, o.figure, FALSE AS is_summed FROM {own} o UNION ALL"
        f" SELECT u.above, sum(o.figure), TRUE FROM {own} o JOIN upward u ON u.id = o.subject"
        " LEFT JOIN nearest n ON n.id = u.id"
        " WHERE u.depth > coalesce(n.depth, -1) AND u.above <> u.id"
        f" AND u.above NOT IN (SELECT b.subject FROM ({every}) b WHERE b.subject IS NOT NULL)"
        " AND NOT (SELECT k.ratio FROM kind k) GROUP BY 1"
    )


def _broken_down(node: str) -> str:
    return (
        "EXISTS (SELECT FROM app.target_node b WHERE b.tenant_id = $1"
        f" AND b.parent_id = {node}.id AND b.split = 'BREAKDOWN' AND b.kind <> 'OVERLAY')"
    )


def held_of(chosen: str, day: str) -> str:
    """Write the SELECT of what nobody is assigned yet, by `subject`.

    Of a target that is broken down only in its periods, what these hold. Of a period of one that is
    broken down as a whole, what it would get if that was given out: by the season, half up.

    Args:
        chosen: the CTE of the targets, with `id` and `subject`.
        day: SQL of the day.
    """
    held, above, period = (figure_on(node, day) for node in ("t", "a", "n"))
    return (
        f"WITH RECURSIVE part AS (SELECT c.subject, c.id FROM {chosen} c UNION ALL"
        " SELECT p.subject, n.id FROM part p JOIN app.target_node n ON n.tenant_id = $1"
        f" AND n.parent_id = p.id AND n.split = 'PERIOD' AND NOT {_broken_down('p')}),"
        " up AS (SELECT c.subject, c.id AS period_id, n.id, n.parent_id"
        f" FROM {chosen} c JOIN app.target_node n ON n.tenant_id = $1 AND n.id = c.id"
        f" WHERE n.split = 'PERIOD' AND NOT {_broken_down('n')} UNION ALL"
        " SELECT u.subject, u.period_id, a.id, CASE WHEN a.split = 'PERIOD' THEN a.parent_id END"
        " FROM up u JOIN app.target_node a ON a.tenant_id = $1 AND a.id = u.parent_id"
        f" WHERE NOT {_broken_down('u')}),"
        f" each_of AS (SELECT p.subject, {held} AS held FROM part p"
        " JOIN app.target_node t ON t.tenant_id = $1 AND t.parent_id = p.id AND t.is_unassigned"
        f" UNION ALL SELECT u.subject, coalesce(round({held} * {period} / nullif({above}, 0)), 0)"
        " FROM up u JOIN app.target_node t ON t.tenant_id = $1 AND t.parent_id = u.id"
        " AND t.is_unassigned AND t.split = 'BREAKDOWN'"
        " JOIN app.target_node n ON n.tenant_id = $1 AND n.id = u.period_id"
        " JOIN app.target_node a ON a.tenant_id = $1 AND a.id = u.id WHERE u.id <> u.period_id)"
        " SELECT e.subject, sum(e.held) AS held FROM each_of e GROUP BY 1"
    )


def targets_in_sight(statement: Statement) -> str:
    """Write FROM and WHERE: the targets `t` that are held against what the caller sees counted.

    Who may see totals of targets alone, and not all that counts toward them, sees none of them
    there: he would read that nothing was reached.
    """
    mapping = mapping_of("TargetNode")
    if not statement.everywhere(mapping_of("MetricCreditDay")):
        mapping = replace(mapping, lent=())
    return statement.rows_of(mapping)


def whole_company_in_sight(statement: Statement) -> bool:
    """Tell whether the caller may see the company's target and all that counts toward it."""
    mapping = mapping_of("TargetNode")
    ways = (mapping, *(replace(mapping, action=one.action) for one in mapping.lent))
    counts = statement.everywhere(mapping_of("MetricCreditDay"))
    return counts and any(map(statement.everywhere, ways))
