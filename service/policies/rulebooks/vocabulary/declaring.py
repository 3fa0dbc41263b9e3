"""How the shipped vocabularies declare their facts and outcomes: one call, one name."""

from service.policies.rulebooks.vocabulary.kinds import Fact, Field, Flag, Label, Number, Words


def flag(name: str, en: str, zh_hant: str, zh_hans: str) -> Fact:
    """Declare a fact that holds or does not; absent means it does not."""
    return Fact(name, Flag(), False, Label(en, zh_hant, zh_hans))


def one_of(name: str, words: str, en: str, zh_hant: str, zh_hans: str) -> Fact:
    """Declare a fact with a closed list of words; the first of them means absent."""
    listed = tuple(words.split())
    return Fact(name, Words(listed), listed[0], Label(en, zh_hant, zh_hans))


def count(name: str, most: int, en: str, zh_hant: str, zh_hans: str) -> Fact:
    """Declare a fact that is counted from 0; absent means 0."""
    return Fact(name, Number(0, most), 0, Label(en, zh_hant, zh_hans))


def outcome(name: str, words: str, en: str, zh_hant: str, zh_hans: str) -> Field:
    """Declare a part of an outcome that every rule must say."""
    return Field(name, Words(tuple(words.split())), Label(en, zh_hant, zh_hans))


def unless_said(name: str, words: str, en: str, zh_hant: str, zh_hans: str) -> Field:
    """Declare a part of an outcome whose first word holds where a rule says nothing."""
    listed = tuple(words.split())
    return Field(name, Words(listed), Label(en, zh_hant, zh_hans), listed[0])
