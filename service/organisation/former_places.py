"""Where members belonged at an instant: one text, whoever asks."""

from typing import Final

_SINCE: Final = (
    "FROM app.former_place p WHERE p.tenant_id = $1 AND p.member_id = t.id AND p.recorded_at > {at}"
)


def belonged(column: str, at: str | None) -> str:
    """Write the unit or territory where a member belongs, over `t`, a member.

    Args:
        column: `org_unit_id` or `territory_id`.
        at: SQL of the instant looked at; None is now.
    """
    if at is None:
        return f"t.{column}"
    since = _SINCE.format(at=at)
    return (
        f"CASE WHEN EXISTS (SELECT {since}) THEN"
        f" (SELECT p.{column} {since} ORDER BY p.recorded_at, p.id LIMIT 1) ELSE t.{column} END"
    )


def stayed(at: str) -> str:
    """Write the last instant at which a member was there until another, over `t`, a member.

    Of who left before that was kept it is when he was moved last, or else the other instant.

    Args:
        at: SQL of the other instant.
    """
    left = (
        "(SELECT max(p.recorded_at) FROM app.former_place p WHERE t.state = 'LEFT'"
        " AND p.tenant_id = $1 AND p.member_id = t.id)"
    )
    return f"least({at}, {left} - interval '1 millisecond')"


def moved_since(at: str) -> str:
    """Write whether a member was moved or left after an instant, over `t`, a member."""
    return f"EXISTS (SELECT {_SINCE.format(at=at)})"
