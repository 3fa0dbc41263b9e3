"""What a value should have been is a code with words in three languages, never a free text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from source_tree import SERVICE, name_of, python_files

from service import errors
from service.errors import (
    LOCALES,
    CatalogueBroken,
    Expected,
    InvalidInput,
    catalogue,
    phrases,
    sentence,
)

VALUES = {"least", "most", "choices"}


def uses() -> Iterator[tuple[str, dict[str, ast.expr]]]:
    for path in python_files("service"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("InvalidInput"):
                given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
                yield f"{name_of(path)}:{node.lineno}", given


def needs(code: str, locale: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(phrases()[code][locale]) if name}


def test_every_expectation_has_its_phrase_and_every_phrase_three_languages_alike() -> None:
    assert set(get_args(Expected)) <= set(phrases())
    for code in get_args(Expected):
        assert needs(code, "en") == needs(code, "zh-Hant") == needs(code, "zh-Hans") <= VALUES


def test_no_invalid_input_expects_what_the_catalogue_cannot_say() -> None:
    found = list(uses())
    free = [
        place
        for place, given in found
        if (
            isinstance(given["expected"], ast.Constant) and given["expected"].value not in phrases()
        )
        or isinstance(given["expected"], ast.JoinedStr | ast.BinOp)
    ]
    lacking = [
        place
        for place, given in found
        if isinstance(given["expected"], ast.Constant)
        and needs(given["expected"].value, "en") - set(given)
    ]

    assert len(found) > 50
    assert (free, lacking) == ([], [])
    assert (SERVICE / "phrases.yaml").is_file()


def test_an_invalid_input_is_worded_in_the_callers_language_and_coded_for_programs() -> None:
    refusal = InvalidInput(expected="ONE_OF", choices=("EN_ROUTE", "MEAL"))

    assert refusal.values() == {"expected": "ONE_OF", "choices": "EN_ROUTE, MEAL"}
    assert [sentence(refusal, locale) for locale in LOCALES] == [
        "This value is not accepted; expected: one of EN_ROUTE, MEAL.",
        "此值不符合要求，應為：EN_ROUTE、MEAL 之一。",
        "此值不符合要求，应为：EN_ROUTE、MEAL 之一。",
    ]


FOREIGN = {"zh-Hant": ("“", "”", "文檔"), "zh-Hans": ("「", "」")}
HALF = re.compile(
    r"[\u4e00-\u9fff」”}][,;!?(]|[\u4e00-\u9fff」”]:|[,;:!?)][\u4e00-\u9fff]|」。」|”。”"
)


def test_chinese_sentences_keep_their_own_punctuation() -> None:
    told = [
        (code, locale, text)
        for code, words in [
            *((code, entry.sentences) for code, entry in catalogue().items()),
            *phrases().items(),
        ]
        for locale, text in words.items()
        if locale != "en"
    ]
    half = [one for one in told if HALF.search(one[2])]
    foreign = [one for one in told if any(mark in one[2] for mark in FOREIGN[one[1]])]

    assert (half, foreign) == ([], [])


def test_bounds_are_values_of_their_own() -> None:
    refusal = InvalidInput(expected="CHARACTERS", least=1, most=500)

    assert refusal.values() == {"expected": "CHARACTERS", "least": "1", "most": "500"}
    assert "1 至 500 個字元" in sentence(refusal, "zh-Hant")


def test_a_phrase_without_a_language_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "phrases.yaml").write_text("ODD: {en: odd}\n")
    monkeypatch.setattr(errors, "__file__", str(tmp_path / "errors.py"))

    with pytest.raises(CatalogueBroken, match="ODD"):
        phrases.__wrapped__()


def test_shipped_duties_and_templates_keep_chinese_punctuation() -> None:
    half = [
        f"{path.name}:{number}"
        for folder in ("access", "templates")
        for path in sorted((SERVICE.parent / "policies" / folder).glob("*.yaml"))
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1)
        if re.match(r"\s*zh-Han[ts]: ", line) and re.search(r"[一-龥][,;:][一-龥]", line)
    ]

    assert half == []
