"""A step as told: when, what, whom, and with what; read again, from the format's own page."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

YEAR = 2026
Answers = dict[str, str]


class Line(NamedTuple):
    """One step as told."""

    at: datetime
    verb: str
    words: Sequence[str]
    options: Mapping[str, str]


def read_line(text: str) -> Line:
    head, _, _ = text.partition("->")
    day, clock, verb, *rest = head.split()
    at = datetime.fromisoformat(f"{YEAR}-{day} {clock}")
    options = dict(part.split("=", 1) for part in rest if "=" in part)
    return Line(at, verb, [part for part in rest if "=" not in part], options)


def phones_of(line: Line) -> list[str]:
    return [one for one in line.options.get("tel", "").split(",") if one not in {"", "-"}]


def yes(flag: bool) -> str:
    return "yes" if flag else "no"
