"""A document with other values of its parameters, whose own tests still say what they said."""

from collections.abc import Iterable, Mapping
from typing import Any

from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.drafts import write
from service.rulebooks.looked_over import checked

_FAILS = "TEST_FAILS"
_TESTS = "/tests/"


def text_with(stored: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Return a document as stored, as YAML, with values written into its parameters.

    Values of parameters it does not have are left. A test that was right under the old values and
    fails under the new ones has the old ones written beside it: it tests the rule, which has not
    changed, and not the number.
    """
    known = {name: value for name, value in values.items() if name in stored["params"]}
    params = {
        name: {**part, "value": known[name]} if name in known else part
        for name, part in stored["params"].items()
    }
    old = {name: stored["params"][name]["value"] for name in known}
    text = write(from_json({**stored, "params": params}))
    failing = frozenset(_failing(text)) if old else frozenset()
    if not failing:
        return text
    tests = [
        {**test, "params": {**old, **test.get("params", {})}} if place in failing else test
        for place, test in enumerate(stored["tests"])
    ]
    return write(from_json({**stored, "params": params, "tests": tests}))


def is_same_text(
    draft: Mapping[str, Any], stored: Mapping[str, Any], overrides: Mapping[str, Any]
) -> bool:
    """Tell whether a draft says what a version says already, with its parameters written in.

    Where the version is silent about what the product has learnt to ask since, a draft is not: each
    rule of its own is tested, and by its tests it differs.
    """
    return parse(text_with(stored, overrides)).to_json() == draft


def _failing(text: str) -> Iterable[int]:
    for problem in checked(text).errors:
        place = problem.at.path.removeprefix(_TESTS).partition("/")[0]
        if problem.code == _FAILS and problem.at.path.startswith(_TESTS) and place.isdecimal():
            yield int(place)
