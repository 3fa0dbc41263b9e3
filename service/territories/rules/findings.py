"""What to look at among the conditions of a model: gaps, overlaps, what never holds. Pure.

Exact over every possible customer: the conditions become diagrams, as those of a rulebook do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations
from typing import Final
from uuid import UUID

from service.policies.rulebooks.conditions import Condition, FactTerm, leaves, terms
from service.policies.rulebooks.diagrams import ALWAYS, NEVER, TooComplex
from service.policies.rulebooks.parameters import Parameters
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.reachability import Space
from service.policies.rulebooks.vocabulary.kinds import DecisionWords, Value
from service.territories.rules.membership import (
    NONE,
    Member,
    Place,
    children,
    condition,
    decision_of,
)

_NO_PARAMETERS: Final = Parameters({}, {})


class FindingKind(StrEnum):
    """What is to be looked at among the conditions of a model."""

    UNREADABLE = "UNREADABLE"
    NEVER_MATCHES = "NEVER_MATCHES"
    OVERLAP = "OVERLAP"
    GAP = "GAP"
    TOO_COMPLEX = "TOO_COMPLEX"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be looked at, with a customer who shows it.

    Attributes:
        territory_id: the territory whose condition it is; of a gap the one above, None at the top.
        other_id: of an overlap, the sibling that comes later and would not get him.
        witness: facts of a customer, those that are not stated left out.
        message: what is wrong with a condition that cannot be read, in English.
    """

    kind: FindingKind
    territory_id: UUID | None
    other_id: UUID | None = None
    witness: Mapping[str, Value] = field(default_factory=dict)
    message: str | None = None


def findings(places: Sequence[Place], words: DecisionWords) -> tuple[Finding, ...]:
    """Look for conditions that never hold, for customers two siblings want, and whom none wants."""
    unread = tuple(_unreadable(places, words))
    if unread:
        return unread
    below = children(places)
    return tuple(_found(below, None, (), words))


def _unreadable(places: Sequence[Place], words: DecisionWords) -> Iterator[Finding]:
    for place in places:
        if place.rule is None:
            continue
        try:
            condition(place.rule, words)
        except RulebookRefused as refused:
            message = refused.problems[0].message("en")
            yield Finding(FindingKind.UNREADABLE, place.territory_id, message=message)


def _found(
    below: Mapping[UUID | None, list[Place]],
    above: UUID | None,
    when: tuple[Condition, ...],
    words: DecisionWords,
) -> Iterator[Finding]:
    children = below.get(above, [])
    ruled = [one for one in children if one.rule is not None]
    if ruled:
        try:
            yield from _among(ruled, above, when, words)
        except TooComplex:
            yield Finding(FindingKind.TOO_COMPLEX, above)
    for place in children:
        own = () if place.rule is None else (condition(place.rule, words),)
        yield from _found(below, place.territory_id, (*when, *own), words)


def _among(
    ruled: Sequence[Place],
    above: UUID | None,
    when: tuple[Condition, ...],
    words: DecisionWords,
) -> Iterator[Finding]:
    """Compare the conditions of siblings, for customers who come as far as to them."""
    asked = [
        Member(one.territory_id, one.code, (*when, condition(str(one.rule), words)))
        for one in ruled
    ]
    decision = decision_of(asked, words)
    space = Space([decision], _NO_PARAMETERS)
    reach = space.reach(decision)
    for member, own in zip(asked, reach.own[:-1], strict=True):
        if own == NEVER:
            yield Finding(FindingKind.NEVER_MATCHES, member.territory_id)
    for first, second in combinations(range(len(asked)), 2):
        both = space.diagrams.both(reach.own[first], reach.own[second])
        if both != NEVER:
            yield Finding(
                FindingKind.OVERLAP,
                asked[first].territory_id,
                asked[second].territory_id,
                _witness(space, both, words),
            )
    left = space.diagrams.both(space.lines(when), reach.reached[-1])
    if left != NEVER:
        # Of whom nothing is known he falls through most trees: a hole among others is told first.
        known = space.diagrams.both(left, _known(space, asked, words))
        shown = left if known == NEVER else known
        yield Finding(FindingKind.GAP, above, witness=_witness(space, shown, words))


def _known(space: Space, asked: Sequence[Member], words: DecisionWords) -> int:
    """Return the diagram of all being stated that the conditions ask for in words."""
    terms_of = (terms(leaf) for one in asked for line in one.when for leaf in leaves(line))
    names = {term.name for each in terms_of for term in each if isinstance(term, FactTerm)}
    known = ALWAYS
    for fact in words.facts:
        if fact.name in names and fact.absent == NONE:
            unstated = space.among(fact.name, fact.absent)
            known = space.diagrams.both(known, space.diagrams.negated(unstated))
    return known


def _witness(space: Space, node: int, words: DecisionWords) -> dict[str, Value]:
    facts, _ = space.example(node)
    absent = {fact.name: fact.absent for fact in words.facts}
    return {name: value for name, value in facts.items() if value != absent[name]}
