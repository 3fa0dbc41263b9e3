"""Condition lines: what they mean, and where they are wrong."""

import pytest
from rulebook_desk import DESK, PARAMS, a_rule, position_of, the_desk, the_text

from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.grammar import MOST_NESTING, MOST_TOKENS
from service.policies.rulebooks.problems import Problem, RulebookRefused


def matches(line: str, **facts: bool | int | str) -> bool:
    rulebook = compile_rulebook(the_desk(a_rule("R-1", f"'{line}'")), DESK)
    outcome = rulebook.decide("greet", facts)
    assert rulebook.trace("greet", facts).outcome == outcome
    return outcome.rule_id == "R-1"


def problem_of(line: str) -> Problem:
    with pytest.raises(RulebookRefused) as caught:
        compile_rulebook(the_desk(a_rule("R-1", f"'{line}'")), DESK)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("line", "holding", "failing"),
    [
        ("rep_free", {"rep_free": True}, {}),
        ("not rep_free", {}, {"rep_free": True}),
        ("visitor is OLD", {"visitor": "OLD"}, {"visitor": "VIP"}),
        ("OLD is visitor", {"visitor": "OLD"}, {"visitor": "VIP"}),
        ("visitor is not OLD", {"visitor": "VIP"}, {"visitor": "OLD"}),
        ("visitor in (OLD, VIP)", {"visitor": "VIP"}, {}),
        ("visitor not in (OLD, VIP)", {}, {"visitor": "VIP"}),
        ("visitor in OLD", {"visitor": "OLD"}, {"visitor": "VIP"}),
        ("visitor in params.guests", {"visitor": "OLD"}, {"visitor": "VIP"}),
        ("waited < 10", {"waited": 9}, {"waited": 10}),
        ("waited <= 10", {"waited": 10}, {"waited": 11}),
        ("waited > params.patience", {"waited": 11}, {"waited": 10}),
        ("waited >= params.patience", {"waited": 10}, {"waited": 9}),
        ("waited is 7", {"waited": 7}, {"waited": 8}),
        ("waited is not 7", {"waited": 8}, {"waited": 7}),
        ("params.patience < waited", {"waited": 11}, {"waited": 10}),
        ("10 >= waited", {"waited": 10}, {"waited": 11}),
        ("waited > params.patience + params.grace - 1", {"waited": 15}, {"waited": 14}),
        ("waited > 20 - (params.grace - 1)", {"waited": 17}, {"waited": 16}),
        ("rep_free and knows_rep or waited > 5", {"waited": 6}, {"rep_free": True}),
        ("rep_free and (knows_rep or waited > 5)", {"rep_free": True, "waited": 6}, {"waited": 6}),
        ("rep_free or not params.strict", {}, None),
        ("params.strict or rep_free", {"rep_free": True}, {}),
        ("not params.strict", {}, None),
        ("params.host is REP", {}, None),
        ("REP is params.host and rep_free", {"rep_free": True}, {}),
        ("params.host in (REP, MANAGER)", {}, None),
        ("params.patience > 5", {}, None),
        ("5 < params.patience and rep_free", {"rep_free": True}, {}),
        ("params.patience is 10", {}, None),
    ],
)
def test_a_line_holds_exactly_when_it_reads_so(
    line: str, holding: dict[str, bool | int | str], failing: dict[str, bool | int | str] | None
) -> None:
    assert matches(line, **holding)
    if failing is not None:
        assert not matches(line, **failing)


@pytest.mark.parametrize("line", ["params.strict", "params.host is MANAGER", "params.patience < 5"])
def test_a_line_that_parameters_forbid_never_holds(line: str) -> None:
    assert not matches(line)


@pytest.mark.parametrize(
    ("line", "code", "at", "suggestion"),
    [
        ("visitr is OLD", "UNKNOWN_NAME", "visitr", "visitor"),
        ("rep_fre", "UNKNOWN_NAME", "rep_fre", "rep_free"),
        ("not rep_fre", "UNKNOWN_NAME", "rep_fre", "rep_free"),
        ("visitor is OLDD", "UNKNOWN_NAME", "OLDD", "OLD"),
        ("visitor in (OLD, VIPP)", "UNKNOWN_NAME", "VIPP", "VIP"),
        ("visitor in params.gusts", "UNKNOWN_NAME", "params.gusts", "params.guests"),
        ("waited > params.patiense", "UNKNOWN_NAME", "params.patiense", "params.patience"),
        ("params.zzzzzz", "UNKNOWN_NAME", "params.zzzzzz", None),
        ("waitd > 3", "UNKNOWN_NAME", "waitd", "waited"),
        ("waited > patience", "UNKNOWN_NAME", "patience", "params.patience"),
        ("visitr in (OLD, VIP)", "UNKNOWN_NAME", "visitr", "visitor"),
        ("OLD is VIP", "UNKNOWN_NAME", "OLD", None),
        ("visitor", "WRONG_TYPE", "visitor", None),
        ("params.patience", "WRONG_TYPE", "params.patience", None),
        ("7", "WRONG_TYPE", "7", None),
        ("waited + 1", "WRONG_TYPE", "waited + 1", None),
        ("waited + 1 > 3", "WRONG_TYPE", "waited", None),
        ("visitor is waited", "WRONG_TYPE", "visitor is", None),
        ("waited > waited", "WRONG_TYPE", "waited > waited", None),
        ("visitor > 3", "WRONG_TYPE", "visitor", None),
        ("waited > params.host", "WRONG_TYPE", "params.host", None),
        ("rep_free is knows_rep", "WRONG_TYPE", "rep_free is", None),
        ("rep_free is params.strict", "WRONG_TYPE", "rep_free", None),
        ("visitor is 3", "WRONG_TYPE", "3", None),
        ("3 is visitor", "WRONG_TYPE", "3", None),
        ("3 is params.host", "WRONG_TYPE", "params.host", None),
        ("visitor is params.host", "WRONG_TYPE", "params.host", None),
        ("visitor is params.strict", "WRONG_TYPE", "params.strict", None),
        ("visitor in params.host", "WRONG_TYPE", "params.host", None),
        ("3 in (OLD)", "WRONG_TYPE", "3", None),
        ("waited in (OLD)", "WRONG_TYPE", "waited", None),
        ("(rep_free and knows_rep) is OLD", "WRONG_TYPE", "rep_free", None),
        ("waited > (rep_free is OLD)", "WRONG_TYPE", "is OLD", None),
        ("waited is OLD", "UNKNOWN_NAME", "OLD", None),
    ],
)
def test_a_wrong_line_is_refused_at_the_word_that_is_wrong(
    line: str, code: str, at: str, suggestion: str | None
) -> None:
    problem = problem_of(line)

    assert problem.code == code
    text = the_text(a_rule("R-1", f"'{line}'"))
    row, column = position_of(text, f"'{line}'")
    assert (problem.at.line, problem.at.column) == (row, column + 1 + line.index(at))
    assert problem.suggestion == suggestion
    assert problem.message("en")
    assert problem.message("zh-Hant")
    assert problem.message("zh-Hans")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("rep_free and", 12),
        ("", 0),
        ("rep_free knows_rep", 9),
        ("(rep_free", 9),
        ("rep_free)", 8),
        ("visitor in ()", 12),
        ("visitor in (OLD VIP)", 16),
        ("visitor in (OLD,)", 16),
        ("visitor in 3", 11),
        ("visitor not OLD", 12),
        ("waited > > 3", 9),
        ("3 < waited < 5", 11),
        ("waited == 3", 7),
        ("waited > 3x", 9),
        ("visitor is `OLD`", 11),
        ("waited > 1.5", 9),
        ("and", 0),
        ("waited > 9999999999999999", 9),
        ("rep_free;", 8),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_where_reading_ended(line: str, column: int) -> None:
    text = the_text(a_rule("R-1", f"'{line}'"))

    problem = problem_of(line)

    row, start = position_of(text, f"'{line}'\n        then")
    assert problem.code == "CONDITION_UNREADABLE"
    assert (problem.at.line, problem.at.column) == (row, start + 1 + column)


@pytest.mark.parametrize(
    "line",
    [
        "not " * (MOST_NESTING + 1) + "rep_free",
        "(" * (MOST_NESTING + 1) + "rep_free" + ")" * (MOST_NESTING + 1),
        " or ".join(["rep_free"] * MOST_TOKENS),
    ],
)
def test_a_line_beyond_measure_is_too_complex(line: str) -> None:
    assert problem_of(line).code == "TOO_COMPLEX"


def test_all_lines_must_hold() -> None:
    rulebook = compile_rulebook(the_desk(a_rule("R-1", "rep_free", "visitor is OLD")), DESK)

    assert rulebook.decide("greet", {"rep_free": True, "visitor": "OLD"}).rule_id == "R-1"
    assert rulebook.decide("greet", {"rep_free": True}).rule_id == "OTHER"


def test_a_word_may_be_compared_with_a_parameter_of_the_same_words() -> None:
    params = PARAMS + "\n  favourite: {value: VIP, words: [OLD, VIP], source: 一}\n"
    document = parse(the_text(a_rule("R-1", "visitor is params.favourite"), params=params))

    rulebook = compile_rulebook(document, DESK)

    assert rulebook.decide("greet", {"visitor": "VIP"}).rule_id == "R-1"
    assert rulebook.decide("greet", {"visitor": "OLD"}).rule_id == "OTHER"
