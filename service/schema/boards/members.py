"""Whether members worked on a day: SQL over `t`, a member."""

from service.organisation.former_places import moved_since


def worked(day: str, known_at: str | None) -> str:
    """Write whether a member was with the company at the end of a day, or is there yet.

    Args:
        day: SQL of the day.
        known_at: SQL of the instant by which his leaving must have been known; None is now.
    """
    # Who has left is not moved any more: what was kept of him since is from before he had left.
    not_known = f" OR {moved_since(known_at)}" if known_at else ""
    return f"(t.state = 'ACTIVE' OR t.left_on > {day}{not_known})"
