"""Conditions as trees: what the grammar reads, the typing settles and every back end walks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Relation = Literal["is", "<", "<=", ">", ">="]


@dataclass(frozen=True, slots=True)
class FactTerm:
    """The value of a fact."""

    name: str


@dataclass(frozen=True, slots=True)
class ParameterTerm:
    """The value of a parameter of the document."""

    name: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a closed list."""

    text: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Whole numbers and number parameters, added and subtracted; nothing else is arithmetic."""

    constant: int
    added: tuple[str, ...] = ()
    taken_away: tuple[str, ...] = ()


Term = FactTerm | ParameterTerm | Word | Sum


@dataclass(frozen=True, slots=True)
class Holds:
    """A flag that holds."""

    flag: FactTerm | ParameterTerm


@dataclass(frozen=True, slots=True)
class Compares:
    """Two terms of one type; at most one of them is a fact, and then it stands left."""

    left: Term
    relation: Relation
    right: Term


@dataclass(frozen=True, slots=True)
class Among:
    """A word that is one of a list, or of a parameter that holds a set of words."""

    left: FactTerm | ParameterTerm
    listed: tuple[str, ...] | ParameterTerm


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds; without parts, always."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one part holds; without parts, never."""

    parts: tuple["Condition", ...]


Leaf = Holds | Compares | Among
Condition = Leaf | Not | All | Any


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield the comparisons, memberships and flags of a condition, from left to right."""
    if isinstance(condition, Not):
        yield from leaves(condition.part)
    elif isinstance(condition, All | Any):
        for part in condition.parts:
            yield from leaves(part)
    else:
        yield condition


def terms(leaf: Leaf) -> tuple[Term, ...]:
    """Return the terms of a leaf; the words of a list written out are none."""
    if isinstance(leaf, Holds):
        return (leaf.flag,)
    if isinstance(leaf, Compares):
        return (leaf.left, leaf.right)
    return (leaf.left, leaf.listed) if isinstance(leaf.listed, ParameterTerm) else (leaf.left,)


def facts_in(condition: Condition) -> Iterator[str]:
    """Yield the names of the facts a condition asks about."""
    for leaf in leaves(condition):
        yield from (term.name for term in terms(leaf) if isinstance(term, FactTerm))


def parameters_in(condition: Condition) -> Iterator[str]:
    """Yield the names of the parameters a condition asks about."""
    for leaf in leaves(condition):
        for term in terms(leaf):
            yield from named_in(term)


def named_in(term: Term) -> tuple[str, ...]:
    """Return the names of the parameters in a term."""
    if isinstance(term, ParameterTerm):
        return (term.name,)
    return (*term.added, *term.taken_away) if isinstance(term, Sum) else ()
