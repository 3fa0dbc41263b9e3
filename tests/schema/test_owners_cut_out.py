"""Whose records an answer shows is taken out of its text, and written down."""

import json
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.schema.planner.finishing import OWNER, Finishing, Tasks, Watched, finished

ME = "me"
NAMES = st.sampled_from(["ann", "bob", ME])
OWNERS = st.none() | NAMES | st.lists(NAMES, max_size=3)
# Texts that look like an owner's mark, as far as a text of JSON can.
TEXTS = st.sampled_from(["", ",", '" owner0":null', '," owner1":"ann"', " owner0", "\\", "}", "ü"])
SHOWN = st.dictionaries(st.sampled_from("ab"), TEXTS | st.none(), max_size=2)
RECORDS = st.lists(st.tuples(SHOWN, st.lists(OWNERS, max_size=2)), max_size=4)


class Noted:
    """Takes what is written down."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, set[str], int]] = []

    def note_reading(self, command: str, owners: set[str], _verdict: object, *, rows: int) -> None:
        self.lines.append((command, owners, rows))

    async def noting(self, step: Any) -> None:
        step(self)


def at_once(steps: Coroutine[Any, Any, bytes]) -> bytes:
    """Run what waits for nothing."""
    try:
        steps.send(None)
    except StopIteration as end:
        made: bytes = end.value
        return made
    raise AssertionError("it waited")


def expected(number: int, records: list[tuple[dict[str, Any], list[Any]]]) -> list[Any]:
    found = [owners[number] for _, owners in records if len(owners) > number]
    named = {one for owner in found for one in (owner if isinstance(owner, list) else [owner])}
    others = named - {ME, None}
    return [(f"read {number}", others, len(found))] if others else []


@given(records=RECORDS)
def test_owners_leave_the_answer_as_it_would_be_without_them(
    records: list[tuple[dict[str, Any], list[Any]]],
) -> None:
    marked = [
        shown | {f"{OWNER}{number}": owner for number, owner in enumerate(owners)}
        for shown, owners in records
    ]
    noted = Noted()
    policy = SimpleNamespace(check=lambda *_: None)
    sight: Any = SimpleNamespace(actor=SimpleNamespace(member_id=ME), policy=policy)
    mapping: Any = [SimpleNamespace(audited=f"read {n}", action="see") for n in range(2)]
    tasks = Tasks([], [Watched((), one) for one in mapping])
    reading: Any = noted
    text = json.dumps(marked, separators=(",", ":"), ensure_ascii=False).encode()
    made = at_once(finished(text, None, tasks, [], Finishing(sight, "en", reading)))
    assert json.loads(made) == [shown for shown, _ in records]
    assert noted.lines == expected(0, records) + expected(1, records)
