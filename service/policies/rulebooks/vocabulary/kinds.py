"""The types of facts, outcomes and parameters, and what a vocabulary is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Locale = Literal["en", "zh-Hant", "zh-Hans"]
LOCALES: tuple[Locale, ...] = ("en", "zh-Hant", "zh-Hans")

Value = bool | int | str
ParameterValue = bool | int | str | tuple[str, ...]


def written(value: Value) -> str:
    """Return a fact's value as a condition would write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, slots=True)
class Label:
    """What people read for a name, in the three languages of the product."""

    en: str
    zh_hant: str
    zh_hans: str

    def text(self, locale: Locale) -> str:
        """Return the wording in one language."""
        return {"en": self.en, "zh-Hant": self.zh_hant, "zh-Hans": self.zh_hans}[locale]


@dataclass(frozen=True, slots=True)
class Flag:
    """Something that holds or does not."""

    def admits(self, value: object) -> bool:
        """Say whether the value belongs to the type."""
        return isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number between two bounds, both included."""

    least: int
    most: int

    def admits(self, value: object) -> bool:
        """Say whether the value belongs to the type; True is no number here."""
        return type(value) is int and self.least <= value <= self.most


@dataclass(frozen=True, slots=True)
class Words:
    """One of a closed list of words."""

    words: tuple[str, ...]

    def admits(self, value: object) -> bool:
        """Say whether the value belongs to the type."""
        return isinstance(value, str) and value in self.words


@dataclass(frozen=True, slots=True)
class WordSet:
    """Any number of words of a closed list; parameters only."""

    words: tuple[str, ...]

    def admits(self, value: object) -> bool:
        """Say whether the value belongs to the type: each word once at most."""
        return (
            isinstance(value, tuple)
            and set(value) <= set(self.words)
            and len(set(value)) == len(value)
        )


Kind = Flag | Number | Words
FieldKind = Number | Words
ParameterKind = Flag | Number | Words | WordSet


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a decision may ask about; never unknown, since `absent` stands in."""

    name: str
    kind: Kind
    absent: Value
    label: Label


@dataclass(frozen=True, slots=True)
class Field:
    """One typed part of an outcome; a rule that does not say takes the default, if there is one."""

    name: str
    kind: FieldKind
    label: Label
    default: int | str | None = None


@dataclass(frozen=True, slots=True)
class DecisionWords:
    """The vocabulary of one decision.

    `axioms` are conditions over its facts that always hold, as a rule would write them; only the
    checker uses them, to know which facts cannot come together.
    `names` are the people and things a sentence (`says`) may mention between braces.
    `required` is whether a document without it is refused; else it decides nothing there.
    """

    name: str
    label: Label
    facts: tuple[Fact, ...]
    fields: tuple[Field, ...]
    axioms: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    required: bool = True

    def fact(self, name: str) -> Fact | None:
        """Return the fact of that name, if the decision has one."""
        return next((fact for fact in self.facts if fact.name == name), None)

    def field(self, name: str) -> Field | None:
        """Return the outcome field of that name, if the decision has one."""
        return next((field for field in self.fields if field.name == name), None)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything one kind of rulebook may speak of.

    `words` labels every word of every list; `parameters` are those which the product itself reads,
    so that a document without them is refused; `orders` are the ways it can order a rotation, none
    where there is nothing to rotate; `rotation` are the terms by which reps take part in it, of
    which those `per_rep` may be given for some of them besides. `explained` tells people what a
    well-known parameter sets; one of the tenant's own making says so itself, in the document.
    `optional` are parameters the product reads where a document has them. `decides` is whether a
    feature of the product decides by such a rulebook already.
    """

    policy: str
    decisions: Mapping[str, DecisionWords]
    words: Mapping[str, Label]
    parameters: Mapping[str, ParameterKind]
    orders: tuple[str, ...]
    rotation: Mapping[str, ParameterKind] = field(default_factory=dict)
    per_rep: frozenset[str] = frozenset()
    explained: Mapping[str, Label] = field(default_factory=dict)
    optional: Mapping[str, ParameterKind] = field(default_factory=dict)
    decides: bool = True
