"""What the database's refusals mean: each constraint a user can break has its coded answer.

A feature registers its constraints beside its refusals. A constraint registered as a lost race is
answered by running the command again: it then meets the winner's row.
"""

import re
from collections.abc import Callable

from service.errors import InvalidInput, Refusal

Answer = Callable[[str], Refusal]

_ANSWERS: dict[str, Answer] = {}
_LOST_RACES: set[str] = set()


def answers(constraint: str, answer: Answer) -> None:
    """Register the refusal of a constraint; `answer` gets the refused value as text."""
    _ANSWERS[constraint] = answer


def lost_race(constraint: str) -> None:
    """Register a constraint that only a simultaneous command can break: run again."""
    _LOST_RACES.add(constraint)


def registered() -> frozenset[str]:
    """Return every constraint that has an answer."""
    return frozenset(_ANSWERS) | frozenset(_LOST_RACES)


def _plain(constraint: str) -> str:
    # Citus names the shard's constraint: `hold_live_103345`.
    return re.sub(r"_[0-9]+$", "", constraint)


def is_lost_race(constraint: str | None) -> bool:
    """Tell whether running the command again is the answer."""
    return constraint is not None and _plain(constraint) in _LOST_RACES


def refusal_of(constraint: str | None, detail: str | None) -> Refusal | None:
    """Return the refusal of a broken constraint, or None when it is a fault of ours."""
    if constraint is None:
        return None
    answer = _ANSWERS.get(_plain(constraint))
    if answer is None:
        # Nobody registers every length: a text that is too long is never a fault of ours.
        return (
            InvalidInput(expected="FITTING")
            if _plain(constraint).endswith("_length_check")
            else None
        )
    # "Key (tenant_id, code)=(0199…, north) already exists." -> "north"
    found = re.search(r"=\((?:[0-9a-f-]{36}, )?(.*?)\)", detail or "")
    return answer(found.group(1) if found else "")
