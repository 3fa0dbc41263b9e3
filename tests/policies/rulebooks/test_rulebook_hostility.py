"""Whatever is sent is answered with a document or with problems at their places, never otherwise.

What each of the hostile documents costs is printed by `make bench`.
"""

import contextlib
import json
from typing import Any

import pytest
from hostile_rulebooks import TEXTS, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook_desk import DESK, PARAMS, a_rule, position_of, the_desk, the_text
from rulebook_strategies import DOCUMENTS
from shipped_rulebooks import SHIPPED

from service.policies.rulebooks import diagrams
from service.policies.rulebooks.checks import check
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.drafts import (
    Checked,
    check_bytes,
    check_json,
    check_text,
)
from service.policies.rulebooks.meaning import meaning_of
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import LONGEST_VALUE, Problem, RulebookRefused
from service.policies.rulebooks.proposing import propose
from service.policies.rulebooks.reading import MOST_CHARACTERS
from service.policies.rulebooks.vocabulary.kinds import LOCALES
from service.policies.rulebooks.warnings import warnings


def problems_of(text: str) -> list[Problem]:
    try:
        return check(parse(text), DESK)
    except RulebookRefused as refused:
        return list(refused.problems)


def sound(checked: Checked, *, written: bool = True) -> None:
    """Every problem of a text has a place, and all can be told in three languages."""
    assert checked.document is not None or checked.problems
    for problem in checked.problems:
        assert problem.at.line > 0 or not written
        for locale in LOCALES:
            assert 0 < len(problem.message(locale)) < 10 * LONGEST_VALUE


def with_line(line: str) -> str:
    return the_text(a_rule("R-1", line))


def spelt(words: str, otherwise: str) -> str:
    assert words in the_text()
    return the_text().replace(words, otherwise)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_a_hostile_text_is_answered_with_a_code_and_a_place(name: str) -> None:
    text = text_of(name)

    first = problems_of(text)[0]

    lines = text.split("\n")
    assert first.code == TEXTS[name][1]
    assert 0 < first.at.line <= len(lines)
    assert 0 < first.at.column <= len(lines[first.at.line - 1]) + 1
    assert all(len(first.message(locale)) < 10 * LONGEST_VALUE for locale in LOCALES)


@pytest.mark.parametrize(
    ("text", "at", "code", "suggestion"),
    [
        (with_line("rep_fr\u0435e"), "\u0435e", "NAME_CHARACTER", "rep_free"),
        (with_line("visitor is \u041eLD"), "\u041eLD", "NAME_CHARACTER", "OLD"),
        (with_line("waited > params.gr\u03b1ce"), "\u03b1ce", "NAME_CHARACTER", "params.grace"),
        (with_line("\uff52ep_free"), "\uff52", "NAME_CHARACTER", "rep_free"),
        (with_line("rep\u200d_free"), "\u200d", "HIDDEN_CHARACTER", None),
        (spelt("{id: OTHER", "{id: O\u2011R"), "\u2011", "NAME_CHARACTER", None),
        (spelt("running", "runn\u0131ng"), "\u0131ng", "NAME_CHARACTER", "running"),
        (spelt("policy: desk", "policy: d\u0435sk"), "\u0435sk", "NAME_CHARACTER", "desk"),
        (spelt("  grace", "  gr\u00e1ce"), "\u00e1ce", "NAME_CHARACTER", "grace"),
    ],
)
def test_a_letter_that_is_not_what_it_seems_is_shown_with_the_name_that_is_meant(
    text: str, at: str, code: str, suggestion: str | None
) -> None:
    first = problems_of(text)[0]

    assert (first.code, first.suggestion) == (code, suggestion)
    assert (first.at.line, first.at.column) == position_of(text, at)
    assert "U+" in first.message("en")
    assert "U+" in first.message("zh-Hans")


def test_names_may_be_chinese() -> None:
    document = the_desk(a_rule("规则-1", "rep_free"))

    assert document.decisions["greet"].rules[0].id.raw == "规则-1"


def test_a_mark_of_byte_order_before_the_text_is_no_fault() -> None:
    assert parse("\ufeff" + the_text()) == the_desk()


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"policy: desk\ntitle: \xff", "NOT_UTF8", (2, 8)),
        ("标题: ".encode() + b"\xc3", "NOT_UTF8", (1, 5)),
        ("标题".encode("utf-16"), "NOT_UTF8", (1, 1)),
        (b"x" * 20_000_000, "TOO_LARGE", (1, 1)),
        (b"", "WRONG_SHAPE", (1, 1)),
        (b"\x00" * 1_000, "NOT_YAML", (1, 1)),
    ],
)
def test_a_file_that_is_no_text_is_refused_at_its_byte(
    content: bytes, code: str, place: tuple[int, int]
) -> None:
    first = check_bytes(content).problems[0]

    assert first.code == code
    assert (first.at.line, first.at.column) == place


def deep(levels: int) -> Any:
    nested: Any = "x"
    for _ in range(levels):
        nested = {"a": nested}
    return nested


@pytest.mark.parametrize(
    ("plain", "code", "path"),
    [
        (deep(900), "TOO_DEEP", "/a" * 12),
        ({"title": "x" * (MOST_CHARACTERS + 1)}, "TOO_LARGE", "/title"),
        ({"title": ["x"] * 5_000}, "TOO_MANY_PARTS", "/title"),
        ({f"k{n}": 1 for n in range(5_000)}, "TOO_MANY_PARTS", ""),
        ({"policy": 10**4_000}, "NUMBER_TOO_LARGE", "/policy"),
        ({"policy": -(10**20)}, "NUMBER_TOO_LARGE", "/policy"),
        ({"policy": "de\x00sk"}, "NOT_YAML", "/policy"),
        ({"policy": "de\ud800sk"}, "NOT_YAML", "/policy"),
        ({"policy": "de\u200bsk"}, "HIDDEN_CHARACTER", "/policy"),
        ({"p\u043elicy": "desk"}, "NAME_CHARACTER", "/p\u043elicy"),
        ({1: "desk"}, "KEY_NOT_TEXT", ""),
        (float("nan"), "WRONG_SHAPE", ""),
        (None, "WRONG_SHAPE", ""),
    ],
)
def test_hostile_values_are_refused_at_their_path(plain: Any, code: str, path: str) -> None:
    found = check_json(plain).problems

    assert code in {problem.code for problem in found}
    if code != "WRONG_SHAPE":
        assert [(problem.code, problem.at.path) for problem in found] == [(code, path)]


def test_what_is_the_same_text_many_times_over_is_read_once_more_than_allowed() -> None:
    shared = ["x" * 1_000] * 900

    first = check_json({"a": shared, "b": shared}).problems[0]

    assert first.code == "TOO_LARGE"


def test_a_message_never_repeats_a_whole_document() -> None:
    text = the_text(params=PARAMS.replace("value: REP", f"value: {'RE P ' * 20_000}", 1))

    first = problems_of(text)[0]

    assert first.code == "PARAMETER_WRONG_TYPE"
    assert len(first.message("zh-Hant")) < 3 * LONGEST_VALUE


def test_messages_are_worded_whole_in_each_language() -> None:
    text = the_text(a_rule("R-1", "(" * 99), a_rule("R-2", "waited"), a_rule("R-3", "rep_free and"))

    messages = [problem.message("zh-Hans") for problem in problems_of(text)]

    assert not [
        one for one in messages if "the line" in one or "condition" in one or "end of" in one
    ]


@settings(max_examples=150)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-16")))
def test_any_bytes_are_answered(content: bytes) -> None:
    sound(check_bytes(content))


KEYS = st.sampled_from(["policy", "title", "en", "rules", "a"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["policy", "title", "en", "rules", "a"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150)
@given(VALUES)
def test_any_values_are_answered(plain: Any) -> None:
    sound(check_json(plain), written=False)


@st.composite
def spoilt(draw: st.DrawFn) -> str:
    """A text of the desk or of a shipped rulebook's head with a few characters changed."""
    text = draw(st.sampled_from([the_text(a_rule("R-1", "rep_free", "waited > 5")), HEAD]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(start + draw(st.integers(0, 12)), len(text))
        put = draw(st.text(max_size=3) | st.text("&*!{}[]:-,'\"\n \t?|>#%@()<", max_size=6))
        text = text[:start] + put + text[end:]
    return text


HEAD = SHIPPED["showroom"][:3_000]


@settings(max_examples=200, deadline=None)
@given(spoilt())
def test_any_change_of_a_document_is_answered(text: str) -> None:
    sound(check_text(text))
    with contextlib.suppress(RulebookRefused):
        check(parse(text), DESK)


def spoilt_values(plain: Any, draw: Any) -> Any:
    """Return a copy in which one part, somewhere, is something else."""
    copy = json.loads(json.dumps(plain))
    parent, key = None, None
    node: Any = copy
    while isinstance(node, dict | list) and node and draw(st.integers(0, 4)):
        parent = node
        key = draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        node = node[key]
    if parent is None:
        return draw(VALUES)
    parent[key] = draw(VALUES)
    return copy


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_change_of_a_documents_values_is_answered(data: st.DataObject) -> None:
    plain = the_desk(a_rule("R-1", "rep_free", "waited > 5")).to_json()
    spoilt_plain = spoilt_values(plain, data.draw)

    sound(check_json(spoilt_plain), written=False)
    with contextlib.suppress(RulebookRefused):
        check(from_json(spoilt_plain), DESK)


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.integers(2, 150), st.integers(0, 150))
def test_rules_that_cost_more_than_they_may_are_too_complex_wherever_that_is_noticed(
    document: Document, nodes: int, steps: int
) -> None:
    """Small budgets stand for large documents: each look at the diagrams may be the last one."""
    whole = check(document, DESK)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diagrams, "MOST_NODES", nodes)
        patch.setattr(diagrams, "MOST_STEPS", steps)
        found = check(document, DESK)
        meaning, problems = meaning_of(document, DESK)
        assert problems == []
        warnings(meaning)
        propose(meaning)

    too_complex = [one for one in found if one.code == "TOO_COMPLEX"]
    assert found == whole or [one.at for one in too_complex] == [document.decisions["greet"].at]
