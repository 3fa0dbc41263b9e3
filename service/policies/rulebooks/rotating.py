"""Settles the `rotation` of a document: how turns come, and on which terms reps take part in it.

A term is a number, true or false, or a parameter (`params.…`). One that may differ from rep to rep
is written once for everybody and again for some: `weight: 1`, `weight.senior: 2`, by staff code or
by the code of a role.
"""

from collections.abc import Mapping

from service.policies.rulebooks.parameters import INTEGER, Parameters, describe
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import Problem, nearest
from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.settling import PREFIX
from service.policies.rulebooks.vocabulary.kinds import (
    Flag,
    Number,
    ParameterKind,
    ParameterValue,
    Vocabulary,
)

_KEYS = ("order", "skip")
_FLAGS = {"true": True, "false": False}


def settle_order(
    document: Document, vocabulary: Vocabulary, parameters: Parameters, problems: list[Problem]
) -> str:
    """Settle how the rotation is ordered: a word, or the parameter that holds it."""
    for key in _KEYS:
        if key not in document.rotation:
            at = document.at.within("rotation").within(key)
            problems.append(Problem("MISSING_KEY", at, {"key": key, "what": "rotation"}))
            return ""
    skip, order = document.rotation["skip"], document.rotation["order"]
    if skip.raw not in vocabulary.decisions:
        near = nearest(skip.raw, vocabulary.decisions)
        problems.append(Problem("UNKNOWN_DECISION", skip.at, {"name": skip.raw}, near))
    word = order.raw
    if word.startswith(PREFIX):
        word = str(parameters.values.get(word.removeprefix(PREFIX), word))
    if word not in vocabulary.orders:
        near = nearest(word, vocabulary.orders)
        problems.append(Problem("UNKNOWN_ORDER", order.at, {"order": word}, near))
    return word


def settle_terms(
    document: Document, vocabulary: Vocabulary, parameters: Parameters, problems: list[Problem]
) -> Mapping[str, ParameterValue]:
    """Settle the terms by which reps take part; one that is left out is not there."""
    terms: dict[str, ParameterValue] = {}
    for key, text in document.rotation.items():
        if key in _KEYS:
            continue
        name, _, whose = key.partition(".")
        kind = vocabulary.rotation.get(name)
        if kind is None or (whose and name not in vocabulary.per_rep):
            near = nearest(name, (*_KEYS, *vocabulary.rotation))
            problems.append(Problem("UNKNOWN_KEY", text.at, {"key": key}, near))
            continue
        value = _value(kind, text, parameters)
        if value is None or not kind.admits(value):
            values = {"found": text.raw, "expected": describe(kind)}
            problems.append(Problem("WRONG_TYPE", text.at, values))
        else:
            terms[key] = value
    return terms


def _value(kind: ParameterKind, text: Text, parameters: Parameters) -> ParameterValue | None:
    if text.raw.startswith(PREFIX):
        return parameters.values.get(text.raw.removeprefix(PREFIX))
    if isinstance(kind, Flag):
        return _FLAGS.get(text.raw)
    return int(text.raw) if isinstance(kind, Number) and INTEGER.fullmatch(text.raw) else None
