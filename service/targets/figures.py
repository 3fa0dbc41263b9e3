"""What is in force of a target: one text, whoever asks."""


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
