"""A fault is shown exactly where it stands: line, column and path, however the text is folded."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook_desk import DESK, a_rule, position_of, the_text

from service.policies.rulebooks.checks import check
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.problems import Problem, RulebookRefused
from service.policies.rulebooks.reading import Table, Text, read_text

LINE = "/decisions/greet/rules/0/when/0"


def the_problem(text: str) -> Problem:
    return next(one for one in check(parse(text), DESK) if one.code != "UNTESTED_RULE")


@pytest.mark.parametrize(
    "line",
    [
        "visitor is OLDD",
        "rep_free or\n            visitor is OLDD",
        "rep_free   or\n\n            not knows_rep or\n            visitor is OLDD",
        "'rep_free or\n            visitor is OLDD'",
        '"rep_free or\n            visitor is OLDD"',
        '"rep_free\\x20or \\\n            visitor is OLDD"',
        '"rep_free \\u006fr visitor is OLDD"',
        "|\n            rep_free or\n            visitor is OLDD",
        ">-\n            rep_free or\n            visitor is OLDD",
    ],
)
def test_a_word_in_a_folded_or_escaped_line_is_found_in_the_text(line: str) -> None:
    text = the_text(a_rule("R-1", line))

    problem = the_problem(text)

    assert (problem.code, problem.at.path) == ("UNKNOWN_NAME", LINE)
    assert (problem.at.line, problem.at.column) == position_of(text, "OLDD")


def test_line_ends_of_another_system_change_nothing() -> None:
    text = the_text(a_rule("R-1", "rep_free or\n            visitor is OLDD"))
    other = text.replace("\n", "\r\n")

    assert parse(other) == parse(text)
    assert the_problem(other).at == the_problem(text).at


def test_what_came_as_json_is_found_by_its_path_and_its_place_in_the_line() -> None:
    plain = parse(the_text(a_rule("R-1", "rep_free and visitor is OLDD"))).to_json()

    problem = next(one for one in check(from_json(plain), DESK) if one.code != "UNTESTED_RULE")

    assert problem.at.path == LINE
    assert (problem.at.line, problem.at.column) == (
        0,
        1 + "rep_free and visitor is OLDD".index("OLDD"),
    )


def test_a_json_text_has_lines_as_well() -> None:
    plain = parse(the_text(a_rule("R-1", "rep_free and visitor is OLDD"))).to_json()
    text = json.dumps(plain, ensure_ascii=False, indent="\t")

    problem = the_problem(text)

    assert problem.at.path == LINE
    assert (problem.at.line, problem.at.column) == position_of(text, "OLDD")


def test_a_path_is_a_json_pointer() -> None:
    with pytest.raises(RulebookRefused) as caught:
        parse(the_text(params="\n  a/b: {value: [[]], words: [x], source: 一}"))

    assert [one.at.path for one in caught.value.problems] == ["/params/a~1b/value/0"]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("industry: showroom\n", "", "/industry"),
        ("policy: desk", "policy: desk\npolicy: desk", "/policy"),
        ("principles: []", "principles: [a, {}]", "/principles/1"),
        ("zh-Hans: 前台", "zh-Han: 前台", "/title/zh-Han"),
    ],
)
def test_a_fault_of_shape_has_a_path(old: str, new: str, path: str) -> None:
    with pytest.raises(RulebookRefused) as caught:
        parse(the_text().replace(old, new, 1))

    assert path in {one.at.path for one in caught.value.problems}


@settings(max_examples=200)
@given(st.text("ab '\"\\\n\té中😀{}#:", max_size=60), st.sampled_from(["'", '"', "|", ">", ""]))
def test_every_character_that_is_found_stands_where_it_is_said_to_stand(
    value: str, style: str
) -> None:
    written = {
        "'": "'" + value.replace("'", "''") + "'",
        '"': '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"',
        "|": "|\n  " + value.replace("\n", "\n  "),
        ">": ">\n  " + value.replace("\n", "\n  "),
        "": value.replace("\n", "\n "),
    }[style]
    text = f"a: 中\nkey: {written}\n"
    try:
        read = read_text(text)
    except RulebookRefused:
        return
    if not isinstance(read, Table) or not isinstance(read.entries["key"][1], Text):
        return
    node = read.entries["key"][1]
    lines = text.split("\n")

    for offset, character in enumerate(node.raw):
        at = node.at.right(offset)
        if character not in " \n\t":
            shown = lines[at.line - 1][at.column - 1]
            assert shown in {character, "\\"}
