"""One look-up decides the language of every answer."""

import pytest

from service.languages import known_locale, shown_locale, wanted_locale


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        ("zh-HK", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("ZH_hant", "zh-Hant"),
        ("zh-Hans-HK", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("en-GB", "en"),
        ("fr", None),
    ],
)
def test_a_tag_is_one_of_the_products_languages_or_none(tag: str, locale: str | None) -> None:
    assert known_locale(tag) == locale


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("en;q=0.5, zh-HK;q=0.8", "zh-Hant"),
        ("fr, zh;q=0.1", "zh-Hans"),
        ("zh-TW;q=0, en;q=0.1", "en"),
        ("zh-TW;q=7, en;q=0.1", "en"),
        ("zh-TW;q=nan, en;q=0.1", "en"),
        ("zh-CN, zh-TW", "zh-Hans"),
        ("*", None),
        (";;,,q=", None),
        (None, None),
    ],
)
def test_the_heaviest_known_language_of_a_header_wins(
    header: str | None, locale: str | None
) -> None:
    assert wanted_locale(header) == locale


def test_what_nobody_has_stated_is_english() -> None:
    assert shown_locale(None, "", "fr") == "en"
    assert shown_locale(None, "fr", "zh-MO", "en") == "zh-Hant"
