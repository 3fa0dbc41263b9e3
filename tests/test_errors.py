"""Refusals carry a code and values; the catalogue turns them into a sentence."""

from pathlib import Path

import pytest

from service.errors import (
    LOCALES,
    AlreadyTaken,
    CatalogueBroken,
    CatalogueEntry,
    Forbidden,
    NotFound,
    Refusal,
    Refusals,
    VersionConflict,
    catalogue,
    sentence,
)
from service.errors import _entry as read_entry
from service.identity.errors import TooManySignIns

GOOD = {
    "category": "CONFLICT",
    "means": "Taken.",
    "en": "{unit} is taken.",
    "zh-Hant": "{unit} 已被佔用。",
    "zh-Hans": "{unit} 已被占用。",
}


def test_a_refusal_is_said_in_the_callers_language_with_its_values() -> None:
    refusal = AlreadyTaken(value="3-1201", field=("input", "code"))

    assert sentence(refusal, "en") == "“3-1201” is already in use."
    assert sentence(refusal, "zh-Hant") == "「3-1201」已被使用。"
    assert sentence(refusal, "zh-Hans") == "“3-1201”已被使用。"


def test_values_are_text_and_leave_out_where_and_why() -> None:
    refusal = VersionConflict(current_version=7, field=("input",), clause="三3")

    assert refusal.values() == {"current_version": "7"}


def test_braces_in_a_value_are_only_text() -> None:
    refusal = Forbidden(action="visit.record", reason="{action} {0} {reason!r}")

    assert sentence(refusal, "en") == "You may not do this. {action} {0} {reason!r}"


def test_two_refusals_are_never_equal_by_chance() -> None:
    assert NotFound() != NotFound()


def test_a_refusal_names_its_code_in_a_log() -> None:
    assert str(AlreadyTaken(value="north")) == "ALREADY_TAKEN {'value': 'north'}"


def test_several_faults_are_kept_in_their_order() -> None:
    both = Refusals([NotFound(), AlreadyTaken(value="x")])

    assert [refusal.code for refusal in both.refusals] == ["NOT_FOUND", "ALREADY_TAKEN"]
    assert str(both) == "NOT_FOUND, ALREADY_TAKEN"


def test_the_catalogue_is_read_once() -> None:
    assert catalogue() is catalogue()


@pytest.mark.parametrize("missing", ["category", "means", *LOCALES])
def test_an_entry_must_be_complete(missing: str) -> None:
    raw = {name: value for name, value in GOOD.items() if name != missing}

    with pytest.raises(CatalogueBroken, match="UNIT_TAKEN"):
        read_entry("UNIT_TAKEN", raw, Path("errors.yaml"))


def test_an_entry_knows_what_its_sentences_fill_in() -> None:
    entry = read_entry("UNIT_TAKEN", GOOD, Path("errors.yaml"))

    assert isinstance(entry, CatalogueEntry)
    assert entry.placeholders() == {"unit"}


@pytest.mark.parametrize(
    ("seconds", "told"), [(1, "wait 1 second."), (2, "wait 2 seconds."), (0, "wait 0 seconds.")]
)
def test_a_word_goes_with_its_number(seconds: int, told: str) -> None:
    refusal = TooManySignIns(seconds=seconds)

    assert sentence(refusal, "en").endswith(told)
    assert sentence(refusal, "zh-Hans").endswith(f"等待 {seconds} 秒。")


def test_a_category_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="ODD"):
        read_entry("UNIT_TAKEN", GOOD | {"category": "ODD"}, Path("errors.yaml"))


def test_refusals_are_exceptions_of_their_own_kind() -> None:
    assert issubclass(NotFound, Refusal)
    assert not issubclass(Refusals, Refusal)
