"""docs/rulebook-language.md is true: its examples are read, its lines typed, its codes exist."""

import re
from pathlib import Path

import pytest
import yaml
from shipped_rulebooks import SHIPPED

from service.policies.rulebooks.checks import MOST_LINES, MOST_PARAMETERS, MOST_TESTS, MOST_WORDS
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.drafts import check_document
from service.policies.rulebooks.messages import MESSAGES
from service.policies.rulebooks.reading import MOST_CHARACTERS, MOST_LEVELS

PAGE = (Path(__file__).parents[3] / "docs/rulebook-language.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SHOWROOM = parse(SHIPPED["showroom"]).to_json()
# Codes of messages that are no problems.
NO_PROBLEMS = {"SUGGESTION"}


def test_every_code_is_told_and_no_other() -> None:
    told = set(re.findall(r"^\| (`[A-Z_`, 0-9]+`) \|", PAGE, re.MULTILINE))
    codes = {code for row in told for code in re.findall(r"`([A-Z_0-9]+)`", row)}

    assert codes == set(MESSAGES) - NO_PROBLEMS


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_stand_in_the_shipped_showroom(example: str) -> None:
    parts = yaml.load(example, Loader=yaml.CSafeLoader)
    if isinstance(parts, list):
        # A rule of the reception, as it is shipped.
        rules = SHOWROOM["decisions"]["reception"]["rules"]
        assert [one for one in rules if one["id"] == parts[0]["id"]] == parts
        return
    plain = dict(SHOWROOM)
    for key, part in parts.items():
        whole = isinstance(part, dict) and isinstance(plain[key], dict)
        plain[key] = {**plain[key], **part} if whole else part
    plain = {**plain, "effective": {"from": "2026-01-01"}}

    found = {problem.code for problem in check_document(from_json(plain)).errors}

    assert found <= {"UNTESTED_RULE"}


ROWS = re.findall(r"^\| (?:a flag|a word|one of|a number) ?[^|]*\|(.*)\|$", PAGE, re.MULTILINE)
LINES = [line for row in ROWS for line in re.findall(r"`([^`]+)`", row)]
# The table takes its facts from these decisions; else from the reception.
DECISIONS = {"days": "first_follow_up", "relation": "merge", "assigned": "naming"}


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_table_is_a_condition(line: str) -> None:
    name = next((one for fact, one in DECISIONS.items() if fact in line), "reception")
    decision = dict(SHOWROOM["decisions"][name])
    first, *others = decision["rules"]
    decision["rules"] = [{**first, "when": [line]}, *others]
    plain = {**SHOWROOM, "decisions": {**SHOWROOM["decisions"], name: decision}}

    found = check_document(from_json(plain)).errors

    unreadable = {"CONDITION_UNREADABLE", "UNKNOWN_NAME", "WRONG_TYPE"}
    assert [problem.message("en") for problem in found if problem.code in unreadable] == []


def test_the_limits_are_those_of_the_page() -> None:
    for number in (
        MOST_CHARACTERS,
        MOST_LEVELS,
        MOST_LINES,
        MOST_PARAMETERS,
        MOST_WORDS,
        MOST_TESTS,
    ):
        assert f"{number:,}" in PAGE
