"""Whether members worked on a day: SQL over `t`, a member."""


def worked(day: str) -> str:
    """Write whether a member was with the company at the end of a day, or is there yet."""
    return f"(t.state = 'ACTIVE' OR t.left_on > {day})"
