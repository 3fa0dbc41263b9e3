"""A document with other values of its parameters, whose own tests still say what they said."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.policies.rulebooks.document import from_json
from service.policies.rulebooks.drafts import check_document

_FAILS = "TEST_FAILS"
_TESTS = "/tests/"


def with_values(stored: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as stored with values written into its parameters; unknown ones are left.

    A test that was right under the old values and fails under the new ones has the old ones
    written beside it: it tests the rule, which has not changed, and not the number.
    """
    known = {name: value for name, value in values.items() if name in stored["params"]}
    params = {
        name: {**part, "value": known[name]} if name in known else part
        for name, part in stored["params"].items()
    }
    written = {**stored, "params": params}
    old = {name: stored["params"][name]["value"] for name in known}
    failing = _failing(written)
    if not old or not failing:
        return written
    tests = [
        {**test, "params": {**old, **test.get("params", {})}} if place in failing else test
        for place, test in enumerate(stored["tests"])
    ]
    return {**written, "tests": tests}


def _failing(written: Mapping[str, Any]) -> frozenset[int]:
    problems = check_document(from_json(written)).errors
    return frozenset(_places(one.at.path for one in problems if one.code == _FAILS))


def _places(paths: Iterable[str]) -> Iterable[int]:
    for path in paths:
        place = path.removeprefix(_TESTS).partition("/")[0]
        if path.startswith(_TESTS) and place.isdecimal():
            yield int(place)
