"""Files and functions stay short enough to be read in one go, and say what they are for."""

import ast
from pathlib import Path

from source_tree import functions, name_of, parsed, python_files

LONGEST_FILE, LONGEST_FUNCTION = 500, 60

# "file" or "file:function" -> why it may be longer. A line here needs a better reason than haste.
_ONE_TABLE = "a table is made by one statement; its columns and constraints are a list, not logic"
_VERSIONS = "service/database/migrations/versions"
LONGER: dict[str, str] = {
    f"{_VERSIONS}/0010_reception.py:_visit": _ONE_TABLE,
    f"{_VERSIONS}/0011_ownership.py": _ONE_TABLE,
    f"{_VERSIONS}/0011_ownership.py:_deal": _ONE_TABLE,
    f"{_VERSIONS}/0011_ownership.py:_follow_up": _ONE_TABLE,
    f"{_VERSIONS}/0011_ownership.py:_registration": _ONE_TABLE,
    f"{_VERSIONS}/0024_disputes.py:_dispute": _ONE_TABLE,
    f"{_VERSIONS}/0025_findings.py:_penalty_case": _ONE_TABLE,
    f"{_VERSIONS}/0026_departures.py:_departure": _ONE_TABLE,
    f"{_VERSIONS}/0026_departures.py:_pool_entry": _ONE_TABLE,
    f"{_VERSIONS}/0029_inspections.py:_inspection": _ONE_TABLE,
    f"{_VERSIONS}/0029_inspections.py:_inspection_finding": _ONE_TABLE,
    f"{_VERSIONS}/0050_targets.py:_target_allocation": _ONE_TABLE,
    f"{_VERSIONS}/0050_targets.py:_target_change": _ONE_TABLE,
    f"{_VERSIONS}/0050_targets.py:_target_node": _ONE_TABLE,
    f"{_VERSIONS}/0058_target_guards.py:_target_response": _ONE_TABLE,
    f"{_VERSIONS}/0070_opportunities.py:_opportunity": _ONE_TABLE,
    f"{_VERSIONS}/0070_opportunities.py:_opportunity_standing": _ONE_TABLE,
    f"{_VERSIONS}/0074_scorecards.py:_scorecard": _ONE_TABLE,
    f"{_VERSIONS}/0069_work_items.py:_work_item": _ONE_TABLE,
    f"{_VERSIONS}/0090_campaigns.py:_campaign": _ONE_TABLE,
    f"{_VERSIONS}/0065_metric_credits.py:_metric_credit": _ONE_TABLE,
    f"{_VERSIONS}/0065_metric_credits.py:_metric_credit_day": _ONE_TABLE,
}

FILES = list(python_files("service", "tests"))


def test_no_file_has_more_than_five_hundred_lines() -> None:
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in FILES}

    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE and name not in LONGER} == {}


def test_no_function_has_more_than_sixty_lines() -> None:
    lengths = {
        f"{name_of(path)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in FILES
        for node in functions(path)
    }

    found = {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION and name not in LONGER}
    assert found == {}


def test_every_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path in python_files("service") if not says(path)]

    assert silent == []


def says(path: Path) -> bool:
    return bool(ast.get_docstring(parsed(path)))


def test_what_may_be_longer_still_exists() -> None:
    names = {name_of(path) for path in FILES}

    assert {name for name in LONGER if name.partition(":")[0] not in names} == set()
