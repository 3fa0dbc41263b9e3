"""Conditions as trees: what the grammar reads, the typing settles and every back end walks."""

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


Condition = Holds | Compares | Among | Not | All | Any
