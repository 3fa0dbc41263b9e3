"""A text becomes a document, or is refused at its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rulebook_desk import SAYS, SHOWROOM_TEXT, a_rule, position_of, the_desk, the_text

from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.problems import Problem, RulebookRefused
from service.policies.rulebooks.reading import MOST_CHARACTERS


def refused(text: str) -> Problem:
    with pytest.raises(RulebookRefused) as caught:
        parse(text)
    return caught.value.problems[0]


def place(problem: Problem) -> tuple[int, int]:
    return problem.at.line, problem.at.column


def test_a_document_knows_where_each_line_stands() -> None:
    text = the_text(a_rule("R-1", "rep_free", "visitor is OLD"))

    line = parse(text).decisions["greet"].rules[0].when[1]

    assert line.raw == "visitor is OLD"
    assert (line.at.line, line.at.column) == position_of(text, "visitor is OLD")


def test_a_quoted_line_begins_after_its_quotation_mark() -> None:
    text = the_text(a_rule("R-1", '"visitor in (OLD, VIP)"'))

    line = parse(text).decisions["greet"].rules[0].when[0]

    assert (line.at.line, line.at.column) == position_of(text, "visitor in")


@pytest.mark.parametrize("text", [SHOWROOM_TEXT, the_text(a_rule("R-1", "rep_free"))])
def test_a_document_survives_its_way_through_json(text: str) -> None:
    document = parse(text)

    assert from_json(document.to_json()) == document


def test_json_keeps_numbers_and_truth_as_such() -> None:
    plain = the_desk(a_rule("R-1", then="who: REP, minutes: 5")).to_json()

    assert plain["params"]["patience"]["value"] == 10
    assert plain["params"]["strict"]["value"] is False
    assert plain["params"]["guests"]["value"] == ["OLD"]
    assert plain["decisions"]["greet"]["rules"][0]["then"] == {"who": "REP", "minutes": 5}


def test_a_published_version_carries_its_number() -> None:
    document = parse("version: 7\n" + the_text())

    assert document.version is not None
    assert document.to_json()["version"] == 7
    assert from_json(document.to_json()) == document


def test_tests_with_parameters_survive_json() -> None:
    trial = "\n  - {decision: greet, params: {guests: [VIP]}, given: {}, expect: {rule: OTHER}}"

    document = the_desk(tests=trial)

    assert from_json(document.to_json()) == document


def test_a_decision_without_otherwise_is_still_readable() -> None:
    plain = the_desk().to_json()
    del plain["decisions"]["greet"]["otherwise"]

    document = from_json(plain)

    assert document.decisions["greet"].otherwise is None
    assert document.decisions["greet"].all_rules == ()
    assert document.to_json() == plain


@pytest.mark.parametrize(
    ("bad", "code", "at"),
    [
        ("title: &t {}", "ALIAS_REFUSED", "&t"),
        ("title: *t", "ALIAS_REFUSED", "*t"),
        ("title: !!python/name:os.system {}", "TAG_REFUSED", "!!python"),
        ("title: a\ntitle: b", "DUPLICATE_KEY", "title: b"),
        ("title: a\n? [x]\n: b", "KEY_NOT_TEXT", "[x]"),
        ("title: [", "NOT_YAML", ""),
        ("title: {a: 'open", "NOT_YAML", ""),
        ("title: a\n---\ntitle: b", "SEVERAL_DOCUMENTS", "---"),
        ("title: \x07", "NOT_YAML", "\x07"),
        ("title: " + "[" * 40, "TOO_DEEP", ""),
    ],
)
def test_what_a_rulebook_does_not_need_of_yaml_is_refused_at_its_place(
    bad: str, code: str, at: str
) -> None:
    problem = refused(bad)

    assert problem.code == code
    assert problem.at.line > 0
    if at:
        assert place(problem) == position_of(bad, at)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [b, c", "缺少“,”或“]”"),
        ("a:\n\tb: c", "缩进须用空格"),
        ("a: b: c", "不可开始新的项目"),
        ("a: @b", "除非加引号"),
        ('a: "b', "引号未结束"),
        ('a: "\\q"', "转义无效"),
        ("a: b\n c: d\n e", "不可开始新的项目"),
        ("a: 1\nb", "缺少“:”"),
    ],
)
def test_what_cannot_be_read_is_told_in_words_for_people(text: str, said: str) -> None:
    assert said in refused(text).message("zh-Hans")


def test_an_empty_text_is_no_document() -> None:
    assert refused("").code == "WRONG_SHAPE"
    assert refused("# nothing").code == "WRONG_SHAPE"


def test_a_text_that_is_too_long_is_not_even_read() -> None:
    assert refused("a" * (MOST_CHARACTERS + 1)).code == "TOO_LARGE"


def test_json_that_is_too_deep_is_refused() -> None:
    deep: object = "x"
    for _ in range(40):
        deep = [deep]

    with pytest.raises(RulebookRefused) as caught:
        from_json({"title": deep})

    assert caught.value.problems[0].code == "TOO_DEEP"


def test_json_without_a_shape_is_refused() -> None:
    with pytest.raises(RulebookRefused):
        from_json(None)


@pytest.mark.parametrize(
    ("old", "new", "code", "values"),
    [
        ("industry:", "industri:", "UNKNOWN_KEY", {"key": "industri"}),
        ("industry: showroom\n", "", "MISSING_KEY", {"key": "industry", "what": "the document"}),
        ("industry: showroom", "industry: [a]", "WRONG_SHAPE", {"expected": "text"}),
        ("applies_to: [desk]", "applies_to: desk", "WRONG_SHAPE", {"expected": "a list"}),
        ("effective: {from: 2026-01-01}", "effective: x", "WRONG_SHAPE", {"expected": "a table"}),
        ("policy: desk\n", "", "MISSING_KEY", {"key": "policy", "what": "the document"}),
        ("decisions:\n  greet:", "decisions:\n  greet: x\n  other:", "WRONG_SHAPE", {}),
        ("value: 10, ", "", "MISSING_KEY", {"key": "value", "what": "patience"}),
        ("title: {en: Desk, ", "title: {", "MISSING_KEY", {"key": "en", "what": "title"}),
    ],
)
def test_every_fault_of_shape_is_named(
    old: str, new: str, code: str, values: dict[str, str]
) -> None:
    text = the_text()
    assert old in text

    with pytest.raises(RulebookRefused) as caught:
        parse(text.replace(old, new, 1))

    codes = {problem.code: problem.values for problem in caught.value.problems}
    assert code in codes
    assert values.items() <= codes[code].items()


def test_a_missing_title_is_named_once() -> None:
    text = the_text().replace("title: {en: Desk, zh-Hant: 前臺, zh-Hans: 前台}\n", "")

    with pytest.raises(RulebookRefused) as caught:
        parse(text)

    assert [problem.code for problem in caught.value.problems] == ["MISSING_KEY"]


def test_an_unknown_key_suggests_the_one_meant() -> None:
    with pytest.raises(RulebookRefused) as caught:
        parse(the_text().replace("industry:", "industri:"))

    problem = next(p for p in caught.value.problems if p.code == "UNKNOWN_KEY")
    assert problem.suggestion == "industry"
    assert problem.message("en") == "industri is not known here. Did you mean industry?"
    assert "industry" in problem.message("zh-Hant")


def test_otherwise_has_no_conditions() -> None:
    bad = the_text().replace("then: {who: MANAGER}}", "when: [rep_free], then: {who: MANAGER}}")

    assert refused(bad).code == "UNKNOWN_KEY"
    assert SAYS in bad


@given(st.text(max_size=400) | st.text("&*!{}[]:-,'\"\n a?|>#%@", max_size=200))
def test_any_text_is_answered_with_a_place(text: str) -> None:
    with pytest.raises(RulebookRefused) as caught:
        parse(text)

    assert all(problem.at.line > 0 for problem in caught.value.problems)
