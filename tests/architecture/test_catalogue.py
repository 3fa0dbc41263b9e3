"""Every refusal has its words in three languages, and every words their refusal."""

from collections.abc import Iterator
from string import Formatter

from source_tree import all_modules

from service.errors import LOCALES, Category, Refusal, catalogue


def refusals() -> Iterator[type[Refusal]]:
    all_modules()
    waiting = [Refusal]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            # Bases of several refusals have no code of their own.
            if "code" in vars(kind) and kind.__module__.startswith("service."):
                yield kind


def attributes(kind: type[Refusal]) -> set[str]:
    names = {name for name, item in kind.__dataclass_fields__.items() if item.init}
    return names - {"field", "clause"}


def test_every_refusal_has_an_entry_and_every_entry_a_refusal() -> None:
    codes = [kind.code for kind in refusals()]

    assert set(codes) == set(catalogue())
    assert len(codes) == len(set(codes)), "two refusals share a code"


def test_a_code_is_its_class_in_capitals() -> None:
    shouting = {kind.code for kind in refusals() if kind.code != kind.code.upper()}

    assert shouting == set()


def test_the_words_fill_in_what_the_refusal_knows() -> None:
    wrong = {
        kind.code: catalogue()[kind.code].placeholders() ^ attributes(kind)
        for kind in refusals()
        if not catalogue()[kind.code].placeholders() <= attributes(kind)
    }

    assert wrong == {}


def test_the_three_languages_say_the_same_things() -> None:
    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    differing = [
        code
        for code, entry in catalogue().items()
        if len({frozenset(names(entry.sentences[locale])) for locale in LOCALES}) != 1
    ]

    assert differing == []


def test_every_sentence_ends_and_every_category_is_known() -> None:
    for code, entry in catalogue().items():
        assert isinstance(entry.category, Category), code
        assert entry.means.endswith("."), code
        for locale in LOCALES:
            assert entry.sentences[locale].endswith((".", "。", "}", "?", "？", ")", "）")), (
                code,
                locale,
            )
