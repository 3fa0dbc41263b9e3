"""What is in force of a target, and how far behind it one is: one text, whoever asks."""

from typing import Final

# Every quotient is rounded once, half up away from zero, as numeric rounds: dividing alone keeps
# sixteen digits, which of large amounts would be another rounding before it.
EXACT: Final = "1.00000000000000000000"
GREEN: Final = "10000"
AMBER: Final = "9000"
"""Basis points of what is expected, from which on a pace is shown as such."""
DAYS: Final = "app.metric_credit_day "
MONTHS: Final = "app.metric_credit_month "
"""What counted, summed by day and by month: whoever may see the one may see the other."""


def figure_on(node: str, day: str | None = None) -> str:
    """Write what is in force of a target, a numeric: what was set, and what changed it by a day.

    Over `$1`, the tenant.

    Args:
        node: the alias of `app.target_node`.
        day: SQL of the day; None is after the last change there is.
    """
    by_then = f" AND c.effective_on <= {day}" if day else ""
    return (
        f"({node}.amount + coalesce((SELECT sum(c.delta) FROM app.target_change c"
        f" WHERE c.tenant_id = $1 AND c.node_id = {node}.id{by_then}), 0))"
    )


def version_of(node: str) -> str:
    """Write how often a target was set and changed, a bigint: of what is in force, too.

    Over `$1`, the tenant.

    Args:
        node: the alias of `app.target_node`.
    """
    return (
        f"({node}.version + (SELECT count(*) FROM app.target_change c"
        f" WHERE c.tenant_id = $1 AND c.node_id = {node}.id))"
    )


def in_force(plan: str, known_at: str | None = None) -> str:
    """Write whether a plan has been published, and none that takes its place.

    Over `$1`, the tenant.

    Args:
        plan: the alias of `app.target_plan`.
        known_at: SQL of an instant: by then; None is by now.
    """
    return (
        f"{published(plan, known_at)} AND NOT EXISTS (SELECT FROM app.target_plan successor"
        f" WHERE successor.tenant_id = $1 AND successor.revision_of_id = {plan}.id"
        f" AND {published('successor', known_at)})"
    )


def goes_on(plan: str) -> str:
    """Write whether a plan is in force now and not closed, so that its targets may still change.

    Over `$1`, the tenant.

    Args:
        plan: the alias of `app.target_plan`.
    """
    return f"{plan}.state <> 'CLOSED' AND {in_force(plan)}"


def published(plan: str, known_at: str | None = None) -> str:
    """Write whether a plan has been published, whether or not another has taken its place.

    Args:
        plan: the alias of `app.target_plan`.
        known_at: SQL of an instant: by then; None is by now.
    """
    told = f"{plan}.state IN ('PUBLISHED', 'REVISED', 'CLOSED')"
    return f"{told} AND {plan}.published_at <= {known_at}" if known_at else told


def pace_index(number: str, per: str, due: str, whole: str) -> str:
    """Write the pace index in basis points, half up; null where nothing is expected yet.

    Args:
        number: SQL of what is credited, by `per`.
        per: SQL of what it is divided by.
        due: SQL of what is expected, by `whole`.
        whole: SQL of what that is divided by.
    """
    return f"round({number} * {whole} * 10000 * {EXACT} / nullif({per} * {due}, 0))::bigint"


def behind(number: str, per: str, due: str, whole: str, *, below: str) -> str:
    """Write whether a pace is below a share of what is expected: exactly, nothing is rounded.

    Args:
        number: SQL of what is credited, by `per`.
        per: SQL of what it is divided by.
        due: SQL of what is expected, by `whole`.
        whole: SQL of what that is divided by.
        below: SQL of the share, in basis points.
    """
    return f"({number} * {whole} * 10000 < {per} * {due} * {below})"


def is_ratio(node: str) -> str:
    """Write whether a target is one of a ratio: parts of it have goals of their own, and no sum.

    Over `$1`, the tenant.

    Args:
        node: the alias of `app.target_node`.
    """
    return (
        "EXISTS (SELECT FROM app.metric m WHERE m.tenant_id = $1"
        f" AND m.id = {node}.metric_id AND m.unit = 'RATIO')"
    )
