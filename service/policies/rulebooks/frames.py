"""A decision over whole columns: a Polars expression, for simulations.

Import it only in a process of its own: Polars is large (the extra `simulation`).
"""

import operator
from collections.abc import Callable, Mapping
from functools import reduce

import polars as pl

from service.policies.rulebooks.evaluating import Values
from service.policies.rulebooks.meaning import MeantDecision
from service.policies.rulebooks.resolving import (
    ALWAYS,
    NEVER,
    Comparing,
    Every,
    Failing,
    Holding,
    Listed,
    Question,
    Some,
    question_of,
)
from service.policies.rulebooks.vocabulary.kinds import DecisionWords, Flag, Number

_RELATIONS: Mapping[str, Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
    "is": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def schema_of(words: DecisionWords) -> dict[str, pl.DataType]:
    """Return the columns a frame of facts must have; words are Enums, for text compares slowly."""
    types: dict[str, pl.DataType] = {}
    for fact in words.facts:
        if isinstance(fact.kind, Flag):
            types[fact.name] = pl.Boolean()
        elif isinstance(fact.kind, Number):
            types[fact.name] = pl.Int64()
        else:
            types[fact.name] = pl.Enum(fact.kind.words)
    return types


def to_polars(decision: MeantDecision, values: Values) -> pl.Expr:
    """Return the index of the deciding rule as an expression over columns of `schema_of`.

    Facts must not be null: who reads them puts the absent value in.
    """
    words = {fact.name: frozenset(getattr(fact.kind, "words", ())) for fact in decision.words.facts}
    answer = pl.lit(len(decision.rules) - 1, pl.UInt8)
    for index in range(len(decision.rules) - 1, -1, -1):
        asked = question_of(decision.rules[index], values)
        if asked == ALWAYS:
            answer = pl.lit(index, pl.UInt8)
        elif asked != NEVER:
            when = _expression(asked, words)
            answer = pl.when(when).then(pl.lit(index, pl.UInt8)).otherwise(answer)
    return answer


def _expression(question: Question, words: Mapping[str, frozenset[str]]) -> pl.Expr:
    if isinstance(question, Failing):
        return ~_expression(question.part, words)
    if isinstance(question, Every | Some):
        joined = operator.and_ if isinstance(question, Every) else operator.or_
        return reduce(joined, (_expression(part, words) for part in question.parts))
    column = pl.col(question.fact)
    if isinstance(question, Holding):
        return column
    if isinstance(question, Listed):
        # An Enum refuses words it does not have; a set of a parameter's may hold some.
        return column.is_in([word for word in question.words if word in words[question.fact]])
    return _compared(question, column, words[question.fact])


def _compared(question: Comparing, column: pl.Expr, words: frozenset[str]) -> pl.Expr:
    constant = question.constant
    if isinstance(constant, str) and constant not in words:
        return pl.lit(value=False)
    return _RELATIONS[question.relation](column, pl.lit(constant))
