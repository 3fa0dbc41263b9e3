"""What a rulebook may speak of, in the reader's language."""

from enum import Enum
from typing import Any

import strawberry

from service.policies.rulebooks.vocabulary.kinds import (
    DecisionWords,
    Fact,
    Field,
    Flag,
    Number,
    ParameterKind,
    WordSet,
)
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM


@strawberry.enum(description="What a value of a rulebook can be. Values are added.")
class RulebookValueKind(Enum):
    FLAG = strawberry.enum_value("FLAG", description="True or false.")
    NUMBER = strawberry.enum_value("NUMBER", description="A whole number between two bounds.")
    WORD = strawberry.enum_value("WORD", description="One word of a list.")
    WORDS = strawberry.enum_value("WORDS", description="Any number of words of a list.")


@strawberry.type(description="A word of a list.")
class RulebookWord:
    word: str = strawberry.field(description="As a document writes it, like `NEXT_IN_ROTATION`.")
    label: str = strawberry.field(description="As people read it, in the caller's language.")


@strawberry.type(description="One thing a decision may ask about.")
class RulebookFact:
    name: str = strawberry.field(description="As a condition writes it, like `owner_state`.")
    kind: RulebookValueKind = strawberry.field(description="What its value can be.")
    words: list[RulebookWord] = strawberry.field(description="The words it can be; else empty.")
    min: int | None = strawberry.field(description="The least it can be, if it is a number.")
    max: int | None = strawberry.field(description="The most it can be, if it is a number.")
    absent: str = strawberry.field(description="The value it has where nothing is known.")
    label: str = strawberry.field(description="What it means, in the caller's language.")


@strawberry.type(description="One part of what a decision comes to.")
class RulebookOutcomeWords:
    name: str = strawberry.field(description="As a rule writes it in `then`, like `receiver`.")
    kind: RulebookValueKind = strawberry.field(description="What its value can be.")
    words: list[RulebookWord] = strawberry.field(description="The words it can be; else empty.")
    min: int | None = strawberry.field(description="The least it can be, if it is a number.")
    max: int | None = strawberry.field(description="The most it can be, if it is a number.")
    default: str | None = strawberry.field(
        description="What holds where a rule does not say; null: every rule must say."
    )
    label: str = strawberry.field(description="What it means, in the caller's language.")


@strawberry.type(description="One question the rulebook answers.")
class RulebookDecision:
    name: str = strawberry.field(description="As a document writes it, like `reception`.")
    label: str = strawberry.field(description="The question, in the caller's language.")
    facts: list[RulebookFact] = strawberry.field(description="What it may ask about.")
    outcomes: list[RulebookOutcomeWords] = strawberry.field(description="What it comes to.")
    names: list[str] = strawberry.field(
        description="Who and what a rule's sentence may name between braces, like `rep`."
    )


@strawberry.type(description="Everything a rulebook may speak of.")
class RulebookVocabulary:
    policy: str = strawberry.field(description="Which rulebook, like `showroom`.")
    decisions: list[RulebookDecision] = strawberry.field(
        description="The decisions; a document has all of them."
    )
    needed_parameters: list[str] = strawberry.field(
        description="The parameters every document must have; it may have more."
    )
    orders: list[str] = strawberry.field(description="The ways a rotation can be ordered.")


def kind_of(kind: ParameterKind | None) -> RulebookValueKind:
    """Return what a value of a kind is called here."""
    if isinstance(kind, Flag):
        return RulebookValueKind.FLAG
    if isinstance(kind, Number):
        return RulebookValueKind.NUMBER
    return RulebookValueKind.WORDS if isinstance(kind, WordSet) else RulebookValueKind.WORD


def vocabulary(locale: Any) -> RulebookVocabulary:  # noqa: ANN401 - one of the three locales
    """Word the showroom's vocabulary in a language."""
    return RulebookVocabulary(
        policy=SHOWROOM.policy,
        decisions=[_decision(one, locale) for one in SHOWROOM.decisions.values()],
        needed_parameters=sorted(SHOWROOM.parameters),
        orders=list(SHOWROOM.orders),
    )


def _decision(one: DecisionWords, locale: Any) -> RulebookDecision:  # noqa: ANN401 - as above
    return RulebookDecision(
        name=one.name,
        label=one.label.text(locale),
        facts=[
            RulebookFact(absent=_written(fact.absent), **_worded(fact, locale))
            for fact in one.facts
        ],
        outcomes=[
            RulebookOutcomeWords(
                default=None if field.default is None else _written(field.default),
                **_worded(field, locale),
            )
            for field in one.fields
        ],
        names=list(one.names),
    )


def _worded(part: Fact | Field, locale: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    kind = part.kind
    number = kind if isinstance(kind, Number) else None
    return {
        "name": part.name,
        "kind": kind_of(kind),
        "words": [
            RulebookWord(word=word, label=SHOWROOM.words[word].text(locale))
            for word in getattr(kind, "words", ())
        ],
        "min": None if number is None else number.least,
        "max": None if number is None else number.most,
        "label": part.label.text(locale),
    }


def _written(value: bool | int | str) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
