"""Whose records an answer shows is taken out of its text before it is sent."""

import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from service.schema.planner.finishing import (
    EACH,
    OWNER,
    Tasks,
    Watched,
    taken_out,
    without_owners,
)

NAMES = st.sampled_from(["ann", "bob"])
OWNERS = st.none() | NAMES | st.lists(NAMES, max_size=3)
# Texts that look like an owner's mark, as far as a text of JSON can.
TEXTS = st.sampled_from(["", ",", '" owner0":null', '," owner1":"ann"', " owner0", "\\", "}", "ü"])
SHOWN = st.dictionaries(st.sampled_from("ab"), TEXTS | st.none(), max_size=2)
RECORDS = st.lists(st.tuples(SHOWN, st.lists(OWNERS, max_size=2)), max_size=4)


@given(records=RECORDS)
def test_owners_leave_the_answer_as_it_would_be_without_them(
    records: list[tuple[dict[str, Any], list[Any]]],
) -> None:
    marked = [
        shown | {f"{OWNER}{number}": owner for number, owner in enumerate(owners)}
        for shown, owners in records
    ]
    plain = [shown for shown, _ in records]
    mapping: Any = None
    watched = [Watched((EACH,), mapping) for _ in range(2)]
    text = json.dumps(marked, separators=(",", ":"), ensure_ascii=False).encode()

    assert orjson.loads(without_owners(text)) == plain

    found = [owners for _, owners in taken_out(marked, Tasks([], watched))]
    assert marked == plain
    assert found == [
        [owners[number] for _, owners in records if len(owners) > number] for number in range(2)
    ]
