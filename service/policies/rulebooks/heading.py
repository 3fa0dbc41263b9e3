"""What the head of a document says of time: its days, and what becomes of running terms.

A day is one of the site's calendar; `until` is the first day on which the document no longer holds.
"""

from collections.abc import Iterator
from datetime import date

from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import Problem, nearest

# Whether a tracking, hold or protection that has begun goes on as it was, or under the new terms.
RUNNING = ("keep", "switch")
EFFECTIVE = ("from", "until")


def head_problems(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with `running` and `effective`."""
    running = document.running
    if running.raw not in RUNNING:
        values = {"found": running.raw, "expected": ", ".join(RUNNING)}
        yield Problem("WRONG_TYPE", running.at, values, nearest(running.raw, RUNNING))
    days = {}
    for key, text in document.effective.items():
        if key not in EFFECTIVE:
            yield Problem("UNKNOWN_KEY", text.at, {"key": key}, nearest(key, EFFECTIVE))
            continue
        days[key] = _day(text.raw)
        if days[key] is None:
            values = {"found": text.raw, "expected": "a day such as 2026-01-31"}
            yield Problem("WRONG_TYPE", text.at, values)
    first, last = days.get("from"), days.get("until")
    if first is not None and last is not None and last <= first:
        at = document.effective["until"].at
        yield Problem("WRONG_TYPE", at, {"found": str(last), "expected": "a day after `from`"})


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written) if len(written) == len("2026-01-31") else None
    except ValueError:
        return None
