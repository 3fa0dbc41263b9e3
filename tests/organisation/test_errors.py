"""Every refusal of these features can be said in three languages."""

import dataclasses

import pytest

from service import errors
from service.errors import LOCALES, Refusal, catalogue, phrases, sentence
from service.organisation import errors as organisation
from service.rulebooks import errors as rulebooks


def declared() -> list[type[Refusal]]:
    return [
        value
        for module in (organisation, rulebooks)
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Refusal)
        and value.__module__ == module.__name__
    ]


@pytest.mark.parametrize("refusal", declared(), ids=lambda refusal: refusal.code)
def test_a_refusal_has_its_sentence_with_all_its_values(refusal: type[Refusal]) -> None:
    values = {
        field.name: f"<{field.name}>"
        for field in dataclasses.fields(refusal)
        if field.name not in {"field", "clause"}
    }

    # A value that is a code, like the state of a draft, is told in words.
    codes = {
        name: next(code for code in phrases() if code.startswith(f"{kind}_"))
        for name, kind in refusal.coded.items()
    }
    given = {name: codes[name].removeprefix(f"{refusal.coded[name]}_") for name in codes}

    for locale in LOCALES:
        said = sentence(refusal(**values | given), locale)
        words = {name: phrases()[code][locale] for name, code in codes.items()}
        assert all(value in said for value in (values | words).values()), said
    assert catalogue()[refusal.code].category in errors.Category
