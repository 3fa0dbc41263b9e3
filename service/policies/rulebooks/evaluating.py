"""The plain reading of a condition: what the compilers must agree with."""

import operator
from collections.abc import Callable, Mapping
from typing import cast

from service.policies.rulebooks.conditions import (
    All,
    Among,
    Compares,
    Condition,
    FactTerm,
    Holds,
    Not,
    ParameterTerm,
    Sum,
    Term,
    Word,
)
from service.policies.rulebooks.vocabulary.kinds import ParameterValue, Value

_RELATIONS: Mapping[str, Callable[..., bool]] = {
    "is": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Facts = Mapping[str, Value]
Values = Mapping[str, ParameterValue]


def holds(condition: Condition, facts: Facts, values: Values) -> bool:
    """Say whether a condition holds for all facts of its decision and the parameters' values."""
    # Types asked one by one, the frequent first: `match` costs a trace twice its time.
    if isinstance(condition, Compares):
        left, right = term_value(condition.left, facts, values), condition.right
        if isinstance(right, Word):
            return left == right.text
        return compare(left, condition.relation, term_value(right, facts, values))
    if isinstance(condition, Holds):
        return bool(term_value(condition.flag, facts, values))
    if isinstance(condition, Among):
        words = listed_words(condition.listed, values)
        return term_value(condition.left, facts, values) in words
    if isinstance(condition, Not):
        return not holds(condition.part, facts, values)
    held = (holds(part, facts, values) for part in condition.parts)
    return all(held) if isinstance(condition, All) else any(held)


def compare(left: ParameterValue, relation: str, right: ParameterValue) -> bool:
    """Compare two values of one type as a relation says; words know only `is`."""
    return _RELATIONS[relation](left, right)


def term_value(term: Term, facts: Facts, values: Values) -> ParameterValue:
    """Return what a term stands for."""
    if isinstance(term, FactTerm):
        return facts[term.name]
    if isinstance(term, Word):
        return term.text
    if isinstance(term, ParameterTerm):
        return values[term.name]
    return sum_value(term, values)


def sum_value(total: Sum, values: Values) -> int:
    """Return the number a sum of integers and number parameters comes to."""
    added = sum(cast("int", values[name]) for name in total.added)
    taken = sum(cast("int", values[name]) for name in total.taken_away)
    return total.constant + added - taken


def listed_words(listed: tuple[str, ...] | ParameterTerm, values: Values) -> tuple[str, ...]:
    """Return the words a membership asks for."""
    if isinstance(listed, ParameterTerm):
        return cast("tuple[str, ...]", values[listed.name])
    return listed
