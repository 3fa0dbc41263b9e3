"""Conditions with the parameters put in: what is left asks about facts only.

Every back end starts here, so that a rule which a parameter switches off costs none of them
anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from service.policies.rulebooks.conditions import (
    All,
    Among,
    Compares,
    Condition,
    FactTerm,
    Holds,
    Not,
    Relation,
)
from service.policies.rulebooks.evaluating import Values, compare, listed_words, term_value
from service.policies.rulebooks.meaning import MeantRule


@dataclass(frozen=True, slots=True)
class Holding:
    """A flag among the facts that holds."""

    fact: str


@dataclass(frozen=True, slots=True)
class Comparing:
    """A fact and the number or word it is compared with."""

    fact: str
    relation: Relation
    constant: int | str


@dataclass(frozen=True, slots=True)
class Listed:
    """A fact that is one of some words, of which there is at least one."""

    fact: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failing:
    """A question whose answer is no."""

    part: "Question"


@dataclass(frozen=True, slots=True)
class Every:
    """Questions that must all hold; none: always."""

    parts: tuple["Question", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """Questions of which one must hold; none: never."""

    parts: tuple["Question", ...]


Question = Holding | Comparing | Listed | Failing | Every | Some

# One of each: no other question is without parts, so both may be asked for with `is`.
ALWAYS, NEVER = Every(()), Some(())


def question_of(rule: MeantRule, values: Values) -> Question:
    """Return what a rule asks of the facts; ALWAYS or NEVER where the parameters alone decide."""
    return _every(_resolved(line, values) for line in rule.when)


def _resolved(condition: Condition, values: Values) -> Question:
    if isinstance(condition, Holds | Compares | Among):
        return _leaf(condition, values)
    if isinstance(condition, Not):
        part = _resolved(condition.part, values)
        return _known(part is NEVER) if part is ALWAYS or part is NEVER else Failing(part)
    parts = (_resolved(part, values) for part in condition.parts)
    return _every(parts) if isinstance(condition, All) else _some(parts)


def _leaf(leaf: Holds | Compares | Among, values: Values) -> Question:
    left = leaf.flag if isinstance(leaf, Holds) else leaf.left
    if isinstance(left, FactTerm):
        return _asked(left.name, leaf, values)
    held = term_value(left, {}, values)
    if isinstance(leaf, Compares):
        held = compare(held, leaf.relation, term_value(leaf.right, {}, values))
    elif isinstance(leaf, Among):
        held = held in listed_words(leaf.listed, values)
    return _known(bool(held))


def _asked(fact: str, leaf: Holds | Compares | Among, values: Values) -> Question:
    if isinstance(leaf, Holds):
        return Holding(fact)
    if isinstance(leaf, Among):
        words = listed_words(leaf.listed, values)
        return Listed(fact, words) if words else NEVER
    constant = term_value(leaf.right, {}, values)
    return Comparing(fact, leaf.relation, constant if isinstance(constant, int) else str(constant))


def _known(held: bool) -> Question:
    return ALWAYS if held else NEVER


def _every(parts: Iterable[Question]) -> Question:
    kept = []
    for part in parts:
        if part is NEVER:
            return NEVER
        if part is not ALWAYS:
            kept.append(part)
    if len(kept) > 1:
        return Every(tuple(kept))
    return kept[0] if kept else ALWAYS


def _some(parts: Iterable[Question]) -> Question:
    kept = []
    for part in parts:
        if part is ALWAYS:
            return ALWAYS
        if part is not NEVER:
            kept.append(part)
    if len(kept) > 1:
        return Some(tuple(kept))
    return kept[0] if kept else NEVER
