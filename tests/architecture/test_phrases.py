"""What a value should have been is a code with words in three languages, never a free text."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest
from source_tree import SERVICE, name_of, parsed, python_files

from service import errors
from service.campaigns.errors import CampaignIsOver
from service.campaigns.tables import CampaignState
from service.errors import (
    LOCALES,
    CatalogueBroken,
    Expected,
    InvalidInput,
    Refusal,
    catalogue,
    phrases,
    sentence,
)
from service.opportunities.errors import OpportunityIsClosed
from service.opportunities.tables import OpportunityState
from service.rulebooks.errors import DraftNotInState
from service.rulebooks.tables import DraftState
from service.targets.errors import TargetPlanNotOpen, TargetPlanStateWrong
from service.targets.tables import TargetPlanState
from service.tasks.errors import TaskNotOpen
from service.tasks.tables import TaskState

VALUES = {"least", "most", "choices"}


def uses() -> Iterator[tuple[str, dict[str, ast.expr]]]:
    for path in python_files("service"):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and called(node).endswith("InvalidInput"):
                given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
                yield f"{name_of(path)}:{node.lineno}", given


def called(call: ast.Call) -> str:
    """Return the last name of what is called; none of what is called by its place."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


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


STATES = {
    "CAMPAIGN": CampaignState,
    "OPPORTUNITY": OpportunityState,
    "RULEBOOK_DRAFT": DraftState,
    "TARGET_PLAN": TargetPlanState,
    "TASK": TaskState,
}


@pytest.mark.parametrize(
    "refusal",
    [TargetPlanNotOpen, OpportunityIsClosed, CampaignIsOver, TaskNotOpen, DraftNotInState],
)
def test_a_state_is_told_in_words_and_kept_as_a_code_for_programs(refusal: type[Any]) -> None:
    kind = refusal.coded["state"]
    for state in STATES[kind]:
        told = refusal(state=state.value)
        assert told.values()["state"] == state.value
        for locale in LOCALES:
            assert phrases()[f"{kind}_{state}"][locale] in sentence(told, locale)
            assert state.value not in sentence(told, locale)


def test_every_state_that_a_sentence_tells_has_words() -> None:
    told = {
        (code, name)
        for code, entry in catalogue().items()
        for name in ("state", "wanted")
        if f"{{{name}}}" in entry.sentences["en"]
    }
    worded = {(kind.code, name) for kind in all_refusals() for name in kind.coded}

    assert told >= worded
    assert {one for one in told if one[1] == "state"} <= worded
    assert sentence(TargetPlanStateWrong(state="CLOSED", wanted="APPROVED"), "zh-Hans") == (
        "状态为“已结束”的计划不能变为“已批准”。"
    )


def all_refusals(base: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for kind in base.__subclasses__():
        if hasattr(kind, "code"):
            yield kind
        yield from all_refusals(kind)


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
