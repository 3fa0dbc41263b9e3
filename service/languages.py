"""Which of the product's languages answers (RFC 9110 header, RFC 4647 look-up). Pure."""

import re
from functools import lru_cache

from service.errors import LOCALES

_TRADITIONAL = {"hant", "hk", "tw", "mo"}
_LONGEST_KEPT = 200
_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


@lru_cache(256)
def known_locale(tag: str) -> str | None:
    """Return the product's locale for a language tag, or None when it has none."""
    language, *rest = tag.strip().lower().replace("_", "-").split("-")
    if language == "zh":
        return "zh-Hant" if _TRADITIONAL & set(rest) and "hans" not in rest else "zh-Hans"
    return "en" if language == "en" else None


def wanted_locale(accept_language: str | None) -> str | None:
    """Return the first known locale of the header by weight; None leaves it to the settings."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate((accept_language or "").split(",")):
        tag, _, parameters = part.partition(";")
        locale = known_locale(tag) if tag.strip() else None
        weight = _weight(parameters)
        if locale is not None and weight > 0:
            weighted.append((-weight, position, locale))
    return min(weighted)[2] if weighted else None


def locale_of_field(accept_language: bytes) -> str | None:
    """Return the locale of the header field's bytes; what clients send often is kept."""
    if not accept_language:
        return None
    if len(accept_language) > _LONGEST_KEPT:
        return wanted_locale(accept_language.decode("latin-1"))
    return _locale_of_field(accept_language)


@lru_cache(256)
def _locale_of_field(accept_language: bytes) -> str | None:
    return wanted_locale(accept_language.decode("latin-1"))


def shown_locale(*tags: str | None) -> str:
    """Return the first tag's locale that the product has; English when none is known."""
    for tag in tags:
        found = known_locale(tag) if tag else None
        if found is not None:
            return found
    return LOCALES[0]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    return float(value) if _WEIGHT.fullmatch(value.strip()) else 0.0
