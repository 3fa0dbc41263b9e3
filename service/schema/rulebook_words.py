"""What a rulebook may speak of, in the reader's language."""

from enum import Enum
from typing import Any, Final

import strawberry

from service.policies.rulebooks.vocabulary.kinds import (
    DecisionWords,
    Fact,
    Field,
    Flag,
    Label,
    Number,
    ParameterKind,
    Vocabulary,
    WordSet,
    written,
)
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
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


@strawberry.type(description="A parameter the product reads, or that is well known.")
class RulebookKnownParameter:
    name: str = strawberry.field(description="Like `tracking.days`.")
    needed: bool = strawberry.field(
        description="Whether every document must have it; else it is merely well known."
    )
    kind: RulebookValueKind | None = strawberry.field(
        description="What its value can be; null where the document says."
    )
    min: int | None = strawberry.field(description="The least it may be, if it is a number.")
    max: int | None = strawberry.field(description="The most it may be, if it is a number.")
    words: list[RulebookWord] = strawberry.field(description="The words it can be; else empty.")
    label: str | None = strawberry.field(
        description="What it sets, in the caller's language; null where nobody says."
    )


@strawberry.type(description="A term by which reps take part in a rotation.")
class RulebookRotationTerm:
    name: str = strawberry.field(description="As `rotation` writes it, like `weight`.")
    kind: RulebookValueKind = strawberry.field(description="What its value can be.")
    min: int | None = strawberry.field(description="The least it may be, if it is a number.")
    max: int | None = strawberry.field(description="The most it may be, if it is a number.")
    per_rep: bool = strawberry.field(
        description="Whether it may be given for some reps besides, like `weight.senior`."
    )


@strawberry.type(description="A word of the conditions' own language.")
class RulebookOperator:
    sign: str = strawberry.field(description="As a condition writes it, like `in`.")
    example: str = strawberry.field(description="A condition with it.")
    label: str = strawberry.field(description="What it asks, in the caller's language.")


@strawberry.type(description="Everything a rulebook may speak of.")
class RulebookVocabulary:
    policy: str = strawberry.field(description="Which rulebook, like `showroom`.")
    decisions: list[RulebookDecision] = strawberry.field(
        description="The decisions; a document has all of them."
    )
    needed_parameters: list[str] = strawberry.field(
        description="The parameters every document must have; it may have more."
    )
    orders: list[str] = strawberry.field(
        description="The ways a rotation can be ordered; none where there is nothing to rotate."
    )
    rotation_terms: list[RulebookRotationTerm] = strawberry.field(
        description="The terms of its rotation, by name."
    )
    parameters: list[RulebookKnownParameter] = strawberry.field(
        description="The parameters the product reads and those that are well known, by name."
    )
    operators: list[RulebookOperator] = strawberry.field(
        description="What conditions are made of besides facts, parameters and words."
    )


_OPERATORS: Final = (
    ("is", "owner_state is FREE", Label("is this word or number", "等於此詞或數", "等于此词或数")),
    ("is not", "queue is not EMPTY", Label("is another", "不等於", "不等于")),
    ("in", "owner_state in (AWAY, OFF)", Label("is one of these", "為其中之一", "为其中之一")),
    ("<", "days < params.tracking.days", Label("is less", "小於", "小于")),
    ("<=", "days <= 7", Label("is less or equal", "不大於", "不大于")),
    (">", "days > 7", Label("is more", "大於", "大于")),
    (">=", "days >= 7", Label("is more or equal", "不小於", "不小于")),
    ("and", "said_before and named_is_next", Label("both hold", "兩者均成立", "两者均成立")),
    ("or", "said_before or named_is_next", Label("one of them holds", "任一成立", "任一成立")),
    ("not", "not said_before", Label("it does not hold", "不成立", "不成立")),
    ("+", "params.tracking.days + 1", Label("added to a parameter", "參數加", "参数加")),
    ("-", "params.tracking.days - 1", Label("taken from a parameter", "參數減", "参数减")),
)


def kind_of(kind: ParameterKind | None) -> RulebookValueKind:
    """Return what a value of a kind is called here."""
    if isinstance(kind, Flag):
        return RulebookValueKind.FLAG
    if isinstance(kind, Number):
        return RulebookValueKind.NUMBER
    return RulebookValueKind.WORDS if isinstance(kind, WordSet) else RulebookValueKind.WORD


def vocabulary(locale: Any, policy: str = SHOWROOM.policy) -> RulebookVocabulary:  # noqa: ANN401 - one of the three locales
    """Word a policy's vocabulary in a language; KeyError names one the product does not have."""
    known = VOCABULARIES[policy]
    return RulebookVocabulary(
        policy=known.policy,
        decisions=[_decision(one, known, locale) for one in known.decisions.values()],
        needed_parameters=sorted(known.parameters),
        orders=list(known.orders),
        rotation_terms=[
            RulebookRotationTerm(
                name=name, per_rep=name in known.per_rep, kind=kind_of(kind), **_bounds(kind)
            )
            for name, kind in sorted(known.rotation.items())
        ],
        parameters=[
            _parameter(name, known, locale)
            for name in sorted({*known.parameters, *known.explained})
        ],
        operators=[
            RulebookOperator(sign=sign, example=example, label=label.text(locale))
            for sign, example, label in _OPERATORS
        ],
    )


def vocabularies(locale: Any) -> list[RulebookVocabulary]:  # noqa: ANN401 - as above
    """Word the vocabulary of every policy there is, by its name."""
    return [vocabulary(locale, policy) for policy in sorted(VOCABULARIES)]


def _parameter(name: str, known: Vocabulary, locale: Any) -> RulebookKnownParameter:  # noqa: ANN401 - as above
    kind, says = known.parameters.get(name), known.explained.get(name)
    return RulebookKnownParameter(
        name=name,
        needed=name in known.parameters,
        kind=None if kind is None else kind_of(kind),
        words=_words(kind, known, locale),
        label=None if says is None else says.text(locale),
        **_bounds(kind),
    )


def _bounds(kind: ParameterKind | None) -> dict[str, int | None]:
    number = kind if isinstance(kind, Number) else None
    return {
        "min": None if number is None else number.least,
        "max": None if number is None else number.most,
    }


def _words(kind: ParameterKind | None, known: Vocabulary, locale: Any) -> list[RulebookWord]:  # noqa: ANN401 - as above
    return [
        RulebookWord(
            word=word, label=known.words[word].text(locale) if word in known.words else word
        )
        for word in getattr(kind, "words", ())
    ]


def _decision(one: DecisionWords, known: Vocabulary, locale: Any) -> RulebookDecision:  # noqa: ANN401 - as above
    return RulebookDecision(
        name=one.name,
        label=one.label.text(locale),
        facts=[
            RulebookFact(absent=written(fact.absent), **_worded(fact, known, locale))
            for fact in one.facts
        ],
        outcomes=[
            RulebookOutcomeWords(
                default=None if field.default is None else written(field.default),
                **_worded(field, known, locale),
            )
            for field in one.fields
        ],
        names=list(one.names),
    )


def _worded(part: Fact | Field, known: Vocabulary, locale: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {
        "name": part.name,
        "kind": kind_of(part.kind),
        "words": _words(part.kind, known, locale),
        "label": part.label.text(locale),
        **_bounds(part.kind),
    }
